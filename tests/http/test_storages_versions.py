"""Who controls a resource reads and restores its versions and brings back what was removed; nobody else learns of any."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from pod_server.authentication.authenticate import PresentedCredentials
from pod_server.storages import versions
from tests.support.asgi import (
    APP,
    BOB,
    BOBS_ISSUER,
    Answer,
    Home,
    acl_for,
    authenticate,
    identifier,
    make_home,
    make_parts,
    who,
)
from tests.support.vaults import ISSUER_URL, TestClock
from vault.admission import Asking
from vault.errors import NoSuchResource
from vault.history.versions import open_version
from vault.model.limits import VaultLimits
from vault.model.modes import ALL_MODES, AccessMode
from vault.model.moments import Moment
from vault.model.requester import SERVICES, AppLimit, Caller, Credentials, Declared

SERVICE = versions.PATH
LD_JSON = {"Content-Type": "application/ld+json"}
PLAN = "plannen/rust"
VCARD = "http://www.w3.org/2006/vcard/ns#"


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def home(tmp_path: Path, clock: TestClock) -> Home:
    return make_home(tmp_path, clock, services={SERVICE: versions.handle})


def versions_of(home: Home, path: str, **headers: str) -> list[dict[str, Any]]:
    """The versions of a path as the owner, or who the headers say, gets them."""
    answer = home.as_owner("GET", f"{SERVICE}?resource={quote(home.url + path)}", headers)
    assert answer.status == 200, answer.text
    return list(json.loads(answer.text)["items"])


def removed(home: Home, container: str | None = None) -> list[dict[str, Any]]:
    """What was removed, as the owner gets it."""
    query = "" if container is None else f"?container={quote(home.url + container)}"
    answer = home.as_owner("GET", SERVICE + query)
    assert answer.status == 200, answer.text
    return list(json.loads(answer.text)["items"])


def post(home: Home, body: dict[str, Any], by: str = "owner") -> Answer:
    """Ask for something back."""
    ask = home.as_owner if by == "owner" else home.as_bob
    return ask("POST", SERVICE, LD_JSON, json.dumps(body).encode())


def restore(home: Home, path: str, version: str, by: str = "owner", **more: str) -> Answer:
    """Restore a version."""
    return post(home, {"resource": home.url + path, "version": version, **more}, by)


def write(home: Home, clock: TestClock, path: str, *texts: str) -> None:
    """Write a document several times, a second apart."""
    for text in texts:
        home.put(path, text, "text/plain")
        clock.forward(1)


def remove(home: Home, path: str) -> None:
    """Remove a resource."""
    assert home.as_owner("DELETE", path).status == 204


def test_versions_are_listed_newest_first_and_read_as_they_were(home: Home, clock: TestClock) -> None:
    write(home, clock, PLAN, "one", "twelve")
    items = versions_of(home, PLAN)
    assert [(item["size"], item["isCurrent"], item["mediaType"]) for item in items] == [
        (6, True, "text/plain"),
        (3, False, "text/plain"),
    ]
    assert items[0]["agent"] == home.owner
    old = home.as_owner("GET", items[1]["id"].removeprefix(home.url))
    assert (old.status, old.text) == (200, "one")
    assert old.headers["content-type"] == "text/plain"
    assert old.headers["content-security-policy"] == "sandbox"
    assert old.headers["x-content-type-options"] == "nosniff"
    assert old.headers["content-length"] == "3"


def test_head_of_a_version_tells_its_size_without_its_bytes(home: Home, clock: TestClock) -> None:
    write(home, clock, PLAN, "one", "twelve")
    answer = home.as_owner("HEAD", versions_of(home, PLAN)[1]["id"].removeprefix(home.url))
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "3")


def test_a_restored_version_is_a_new_current_one_and_nothing_is_rewritten(
    home: Home, clock: TestClock
) -> None:
    write(home, clock, PLAN, "one", "two")
    first = versions_of(home, PLAN)[1]["version"]
    answer = restore(home, PLAN, first)
    assert (answer.status, answer.headers["location"]) == (200, home.url + PLAN)
    assert home.as_owner("GET", PLAN).text == "one"
    items = versions_of(home, PLAN)
    assert [item["isCurrent"] for item in items] == [True, False, False]
    assert items[2]["version"] == first
    assert json.loads(answer.text)["version"] == items[0]["version"]


def test_many_versions_come_in_pages(home: Home, clock: TestClock) -> None:
    write(home, clock, PLAN, *(str(number) for number in range(103)))
    first = json.loads(home.as_owner("GET", f"{SERVICE}?resource={quote(home.url + PLAN)}").text)
    assert len(first["items"]) == 100
    second = json.loads(home.as_owner("GET", first["next"].removeprefix(home.url)).text)
    assert [item["size"] for item in second["items"]] == [1, 1, 1]
    assert "next" not in second


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"version": "x", "resource": "PLAN"}, 404),
        ({"version": "x", "resource": "https://elsewhere.example/"}, 404),
        ({"version": "x", "resource": "https://vault.example/zzzzzzzzzzzzzzzz/a"}, 404),
        ({"version": "CURRENT", "resource": "PLAN"}, 409),
        ({"version": "CURRENT", "resource": "PLAN", "audience": "everyone"}, 422),
        ({"version": "x"}, 422),
        ({"removed": 7}, 422),
        ({"removed": "x"}, 404),
        ({}, 422),
    ],
)
def test_a_wish_that_cannot_be_met_is_answered_in_words(
    home: Home, clock: TestClock, body: dict[str, Any], status: int
) -> None:
    write(home, clock, PLAN, "one")
    names = {"PLAN": home.url + PLAN, "CURRENT": versions_of(home, PLAN)[0]["version"]}
    answer = post(home, {name: names.get(value, value) for name, value in body.items()})
    assert answer.status == status, answer.text
    assert json.loads(answer.text)["detail"]


@pytest.mark.parametrize("query", ["?x=1", "?resource=a&container=b", "?container=x&before=y", "?before=-1"])
def test_a_question_that_is_none_is_refused(home: Home, query: str) -> None:
    query = query.replace("=x", f"={quote(home.url)}")
    assert home.as_owner("GET", SERVICE + query).status == 422


def test_a_version_of_another_resource_is_not_found(home: Home, clock: TestClock) -> None:
    write(home, clock, PLAN, "one", "two")
    write(home, clock, "plannen/other", "three")
    other = versions_of(home, "plannen/other")[0]["version"]
    assert restore(home, PLAN, other).status == 404
    path = f"{SERVICE}{other}?resource={quote(home.url + PLAN)}"
    assert home.as_owner("GET", path).status == 404


def test_without_control_it_answers_as_if_nothing_were_there(home: Home, clock: TestClock) -> None:
    write(home, clock, PLAN, "one", "two")
    home.let("plannen/", "Read", "Write", "Append")
    version = versions_of(home, PLAN)[1]["version"]

    def asked(path: str) -> list[tuple[int, dict[str, str], str]]:
        url = quote(home.url + path)
        body = json.dumps({"resource": home.url + path, "version": version}).encode()
        return [
            home.as_bob("GET", f"{SERVICE}?resource={url}").without_trace(),
            home.as_bob("GET", f"{SERVICE}{version}?resource={url}").without_trace(),
            home.as_bob("GET", f"{SERVICE}?container={url}").without_trace(),
            home.as_bob("POST", SERVICE, LD_JSON, body).without_trace(),
        ]

    assert [status for status, _, _ in asked(PLAN)] == [404] * 4
    assert asked(PLAN) == asked("plannen/absent") == asked("geld/absent")
    assert home.as_bob("GET", SERVICE).status == 404


def test_who_is_not_signed_in_must_sign_in_whatever_is_there(home: Home) -> None:
    for path in (PLAN, "absent"):
        assert home.ask("GET", f"{SERVICE}?resource={quote(home.url + path)}").status == 401
    assert home.ask("GET", SERVICE).status == 401
    assert home.ask("POST", SERVICE, LD_JSON, b"{}").status == 401


def test_somebody_with_control_looks_back_and_restores(home: Home, clock: TestClock) -> None:
    home.let("plannen/", "Read", "Control")
    clock.forward(1)
    write(home, clock, PLAN, "one", "two")
    answer = home.as_bob("GET", f"{SERVICE}?resource={quote(home.url + PLAN)}")
    items = json.loads(answer.text)["items"]
    assert restore(home, PLAN, items[1]["version"], by="bob").status == 200
    assert versions_of(home, PLAN)[0]["agent"] == BOB


SMALL = "https://small.example/id"


def recognise(presented: PresentedCredentials, now: Moment) -> Credentials:
    """As the other tests do, but one app gets only what its user gave it."""
    found = authenticate(presented, now)
    return replace(found, is_trusted_client=found.is_trusted_client and found.client != SMALL)


@pytest.mark.parametrize(
    ("limit", "reading", "restoring"),
    [
        (None, 403, 403),
        (AppLimit(ALL_MODES, None, SERVICES - {"VersionService"}), 403, 403),
        (AppLimit(ALL_MODES - {AccessMode.CONTROL}, None, SERVICES), 403, 403),
        (AppLimit(ALL_MODES - {AccessMode.WRITE}, None, SERVICES), 200, 403),
        (AppLimit(ALL_MODES - {AccessMode.READ}, None, SERVICES), 403, 200),
        (AppLimit(ALL_MODES, ("geld/",), SERVICES), 403, 403),
        (AppLimit(ALL_MODES, ("plannen/",), SERVICES), 200, 200),
    ],
)
def test_an_app_looks_back_and_restores_within_its_limit(
    tmp_path: Path, clock: TestClock, limit: AppLimit | None, reading: int, restoring: int
) -> None:
    home = make_home(tmp_path, clock, services={SERVICE: versions.handle}, authenticate=recognise)
    write(home, clock, PLAN, "one", "two")
    write(home, clock, "plannen/gone", "three")
    remove(home, "plannen/gone")
    version, key = versions_of(home, PLAN)[1]["version"], removed(home)[0]["removed"]
    home.context.catalogue.write(lambda tx: tx.put_app_limit(home.owner, SMALL, limit))
    small = who(home.owner, SMALL, ISSUER_URL)

    def ask(body: dict[str, str]) -> int:
        return home.ask("POST", SERVICE, small | LD_JSON, json.dumps(body).encode()).status

    url = quote(home.url + PLAN)
    assert home.ask("GET", f"{SERVICE}?resource={url}", small).status == reading
    assert home.ask("GET", f"{SERVICE}{version}?resource={url}", small).status == reading
    assert ask({"resource": home.url + PLAN, "version": version}) == restoring
    if limit is not None and limit.containers:
        assert ask({"removed": key, "resource": f"{home.url}elders"}) == 403
    assert ask({"removed": key}) == (201 if restoring == 200 else 403)


def test_the_list_of_what_was_removed_keeps_to_the_limit_of_the_app(tmp_path: Path, clock: TestClock) -> None:
    home = make_home(tmp_path, clock, services={SERVICE: versions.handle}, authenticate=recognise)
    for path in ("plannen/gone", "geld/gone"):
        write(home, clock, path, "three")
        remove(home, path)
    limit = AppLimit(ALL_MODES, ("plannen/",), SERVICES)
    home.context.catalogue.write(lambda tx: tx.put_app_limit(home.owner, SMALL, limit))
    answer = home.ask("GET", SERVICE, who(home.owner, SMALL, ISSUER_URL))
    assert [item["resource"] for item in json.loads(answer.text)["items"]] == [f"{home.url}plannen/gone"]


def test_a_limit_recorded_before_does_not_gain_this_service(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    before = AppLimit(ALL_MODES, None, SERVICES - {"VersionService"})
    home.context.catalogue.write(lambda tx: tx.put_app_limit(home.owner, SMALL, before))
    with home.context.catalogue.view() as view:
        assert view.app_limit(home.owner, SMALL) == before


def test_the_card_keeps_what_only_the_account_page_may_change(home: Home, clock: TestClock) -> None:
    clock.forward(1)
    card = home.as_owner("GET", "profiel/card", {"Accept": "text/turtle"}).text
    home.put("profiel/card", card + f'\n<{home.owner}> <http://xmlns.com/foaf/0.1/nick> "Sam" .')
    clock.forward(1)
    first = versions_of(home, "profiel/card")[1]["version"]
    assert restore(home, "profiel/card", first).status == 200
    assert "Sam" not in home.as_owner("GET", "profiel/card").text


def test_a_version_that_somebody_new_could_not_see_then_comes_back_for_the_owner_only(
    home: Home, clock: TestClock
) -> None:
    write(home, clock, PLAN, "secret", "clean")
    home.let(PLAN, "Read")
    clock.forward(1)
    assert home.as_bob("GET", PLAN).text == "clean"
    secret = versions_of(home, PLAN)[1]["version"]
    refused = restore(home, PLAN, secret)
    assert (refused.status, "audience" in refused.text) == (409, True)
    assert home.as_bob("GET", PLAN).text == "clean"
    assert restore(home, PLAN, secret, audience="owner").status == 200
    assert home.as_owner("GET", PLAN).text == "secret"
    assert home.as_bob("GET", PLAN).status in {403, 404}


def test_who_could_see_a_version_and_may_see_the_resource_now_sees_it_again(
    home: Home, clock: TestClock
) -> None:
    home.let("plannen/", "Read")
    clock.forward(1)
    write(home, clock, PLAN, "one", "two")
    assert restore(home, PLAN, versions_of(home, PLAN)[1]["version"]).status == 200
    assert home.as_bob("GET", PLAN).text == "one"


def test_old_access_rules_come_back_only_when_they_are_narrower(home: Home, clock: TestClock) -> None:
    write(home, clock, PLAN, "one")
    home.let(PLAN, "Read", "Write")
    clock.forward(1)
    home.let(PLAN, "Read")
    clock.forward(1)
    home.let(PLAN)
    clock.forward(1)
    nobody, reading, writing = [item["version"] for item in versions_of(home, f"{PLAN}.acl")]
    assert restore(home, f"{PLAN}.acl", reading).status == 409
    home.let(PLAN, "Read")
    assert restore(home, f"{PLAN}.acl", writing).status == 409
    assert restore(home, f"{PLAN}.acl", nobody).status == 200
    assert home.as_bob("GET", PLAN).status in {403, 404}


def test_a_container_gets_its_own_triples_back_and_keeps_its_members(home: Home, clock: TestClock) -> None:
    for title in ("Old", "New"):
        clock.forward(1)
        home.put("plannen/", f'<> <http://purl.org/dc/terms/title> "{title}" .')
    write(home, clock, PLAN, "one")
    old = versions_of(home, "plannen/")[1]["version"]
    assert restore(home, "plannen/", old, audience="owner").status == 409
    assert restore(home, "plannen/", old).status == 200
    text = home.as_owner("GET", "plannen/").text
    assert ("Old" in text, "New" in text, "rust" in text) == (True, False, True)
    empty = versions_of(home, "plannen/")[-1]["version"]
    assert home.as_owner("GET", f"{SERVICE}{empty}?resource={quote(home.url + 'plannen/')}").body == b""
    assert restore(home, "plannen/", empty).status == 200


def test_what_was_removed_is_listed_with_who_did_it_and_until_when(home: Home, clock: TestClock) -> None:
    write(home, clock, PLAN, "one")
    remove(home, PLAN)
    answer = json.loads(home.as_owner("GET", SERVICE).text)
    (item,) = answer["items"]
    assert (item["resource"], item["removedBy"], item["size"]) == (home.url + PLAN, home.owner, 3)
    assert item["keptUntil"] > item["removedAt"]
    assert answer["usage"]["quota"] == home.context.limits.quota_bytes
    assert answer["usage"]["bytes"] > 3
    assert [one["resource"] for one in removed(home, "plannen/")] == [home.url + PLAN]
    assert removed(home, "geld/") == []
    for path in ("absent/", "profiel/card"):
        assert home.as_owner("GET", f"{SERVICE}?container={quote(home.url + path)}").status == 404


def test_what_comes_back_is_whole_and_for_the_owner_only(home: Home, clock: TestClock) -> None:
    home.let("plannen/", "Read")
    write(home, clock, PLAN, "one", "two")
    assert home.as_bob("GET", PLAN).text == "two"
    remove(home, PLAN)
    answer = post(home, {"removed": removed(home)[0]["removed"]})
    assert (answer.status, answer.headers["location"]) == (201, home.url + PLAN)
    assert home.as_owner("GET", PLAN).text == "two"
    assert [item["size"] for item in versions_of(home, PLAN)] == [3, 3, 3]
    assert home.as_bob("GET", PLAN).status in {403, 404}
    assert "rust" not in home.as_bob("GET", "plannen/").text
    assert removed(home) == []


def test_nothing_comes_back_a_second_time(home: Home, clock: TestClock) -> None:
    write(home, clock, PLAN, "one")
    remove(home, PLAN)
    key = removed(home)[0]["removed"]
    assert post(home, {"removed": key}).status == 201
    assert post(home, {"removed": key, "resource": f"{home.url}plannen/copy"}).status == 404


def test_where_the_place_is_taken_another_may_be_named(home: Home, clock: TestClock) -> None:
    write(home, clock, PLAN, "one")
    remove(home, PLAN)
    write(home, clock, PLAN, "another")
    key = removed(home)[0]["removed"]
    taken = post(home, {"removed": key})
    assert (taken.status, "another place" in taken.text) == (409, True)
    for place, status in (
        (f"{PLAN}/deeper", 409),
        ("toegang/x", 400),
        ("plannen/a.acl", 400),
        ("plannen/123456782", 422),
        ("plannen/map/", 422),
    ):
        answer = post(home, {"removed": key, "resource": home.url + place})
        assert answer.status == status, (place, answer.text)
    assert post(home, {"removed": key, "resource": f"{home.url}plannen/nieuw/rust"}).status == 201
    assert home.as_owner("GET", "plannen/nieuw/rust").text == "one"
    assert home.as_owner("GET", PLAN).text == "another"


def test_a_container_made_on_the_way_back_is_for_the_owner_only_too(home: Home, clock: TestClock) -> None:
    home.let("plannen/", "Read")
    write(home, clock, "plannen/map/rust", "one")
    remove(home, "plannen/map/rust")
    remove(home, "plannen/map/")
    document = next(one for one in removed(home) if one["resource"].endswith("rust"))
    assert post(home, {"removed": document["removed"]}).status == 201
    assert home.as_owner("GET", "plannen/map/rust").text == "one"
    for path in ("plannen/map/", "plannen/map/rust"):
        assert home.as_bob("GET", path).status in {403, 404}
    assert "map" not in home.as_bob("GET", "plannen/").text


META = "<> <http://purl.org/dc/terms/title> 'Wat dit is' ."


def test_a_description_comes_back_with_what_it_describes(home: Home, clock: TestClock) -> None:
    write(home, clock, PLAN, "one")
    home.put(f"{PLAN}.meta", META)
    home.let(PLAN, "Read")
    remove(home, PLAN)
    (item,) = removed(home)
    place = f"{home.url}plannen/elders"
    assert post(home, {"removed": item["removed"], "resource": place}).status == 201
    assert "Wat dit is" in home.as_owner("GET", "plannen/elders.meta").text
    assert home.as_bob("GET", "plannen/elders.meta").status in {403, 404}
    assert home.as_owner("GET", f"{PLAN}.meta").status == 404


def test_a_description_removed_before_stays_away(home: Home, clock: TestClock) -> None:
    write(home, clock, PLAN, "one")
    home.put(f"{PLAN}.meta", META)
    remove(home, f"{PLAN}.meta")
    clock.forward(1)
    remove(home, PLAN)
    (item,) = removed(home)
    assert post(home, {"removed": item["removed"]}).status == 201
    assert home.as_owner("GET", f"{PLAN}.meta").status == 404


def test_an_old_version_of_a_description_is_restored_as_any_other(home: Home, clock: TestClock) -> None:
    write(home, clock, PLAN, "one")
    for text in (META, META.replace("Wat", "Wie")):
        home.put(f"{PLAN}.meta", text)
        clock.forward(1)
    old = versions_of(home, f"{PLAN}.meta")[1]["version"]
    assert restore(home, f"{PLAN}.meta", old, audience="owner").status == 409
    assert restore(home, f"{PLAN}.meta", old).status == 200
    assert "Wat dit is" in home.as_owner("GET", f"{PLAN}.meta").text
    home.let(PLAN, "Read")
    clock.forward(1)
    newest = versions_of(home, f"{PLAN}.meta")[1]["version"]
    assert restore(home, f"{PLAN}.meta", newest).status == 409


def test_an_empty_container_comes_back_as_one(home: Home, clock: TestClock) -> None:
    home.put("plannen/map/", "")
    clock.forward(1)
    remove(home, "plannen/map/")
    assert post(home, {"removed": removed(home)[0]["removed"]}).status == 201
    assert home.as_owner("GET", "plannen/map/").status == 200


def test_who_controls_the_container_then_and_now_may_bring_back(home: Home, clock: TestClock) -> None:
    home.let("plannen/", "Read", "Write", "Control")
    clock.forward(1)
    write(home, clock, PLAN, "one")
    remove(home, PLAN)
    listed = home.as_bob("GET", f"{SERVICE}?container={quote(home.url + 'plannen/')}")
    items = json.loads(listed.text)["items"]
    assert [item["resource"] for item in items] == [home.url + PLAN]
    assert "usage" not in json.loads(listed.text)
    assert post(home, {"removed": items[0]["removed"]}, by="bob").status == 201
    assert home.as_bob("GET", PLAN).status in {403, 404}


def test_who_did_not_control_it_then_does_not_learn_of_it(home: Home, clock: TestClock) -> None:
    write(home, clock, PLAN, "one")
    remove(home, PLAN)
    clock.forward(1)
    write(home, clock, "plannen/hidden", "two")
    home.let("plannen/", "Read", "Write", "Control")
    home.let("plannen/hidden")
    clock.forward(1)
    remove(home, "plannen/hidden")
    listed = home.as_bob("GET", f"{SERVICE}?container={quote(home.url + 'plannen/')}")
    assert json.loads(listed.text)["items"] == []
    for item in removed(home):
        assert post(home, {"removed": item["removed"]}, by="bob").status == 404
    assert post(home, {"removed": "x"}, by="bob").status == 404


def test_what_lay_in_a_container_that_is_gone_is_for_the_owner_to_bring_back(
    home: Home, clock: TestClock
) -> None:
    home.let("plannen/", "Read", "Write", "Control")
    clock.forward(1)
    write(home, clock, "plannen/map/rust", "one")
    remove(home, "plannen/map/rust")
    clock.forward(1)
    remove(home, "plannen/map/")
    document = next(one for one in removed(home) if one["resource"].endswith("rust"))
    assert post(home, {"removed": document["removed"]}, by="bob").status == 404


def test_every_call_is_one_line_that_names_the_resource(home: Home, clock: TestClock) -> None:
    write(home, clock, PLAN, "one", "two")
    before = len(home.lines)
    old = versions_of(home, PLAN)[1]
    home.as_owner("GET", old["id"].removeprefix(home.url))
    restore(home, PLAN, old["version"])
    remove(home, PLAN)
    post(home, {"removed": removed(home)[0]["removed"]})
    restore(home, PLAN, "absent")
    assert len(home.lines) == before + 7
    found = {(line.activity, line.resource, line.failed) for line in home.lines}
    assert found >= {
        ("look-back", home.url + PLAN, False),
        ("put-back", home.url + PLAN, False),
        ("list-removed", home.url, False),
        ("bring-back", home.url + PLAN, False),
        ("put-back", home.url + SERVICE, True),
    }


def test_a_refused_call_is_a_line_too(home: Home, clock: TestClock) -> None:
    write(home, clock, PLAN, "one")
    home.as_bob("GET", f"{SERVICE}?resource={quote(home.url + PLAN)}")
    line = home.lines[-1]
    assert (line.activity, line.agent, line.refusal is not None) == ("look-back", BOB, True)
    assert line.resource == home.url + SERVICE


def test_a_full_storage_takes_no_version_back(tmp_path: Path, clock: TestClock) -> None:
    roomy = make_home(tmp_path, clock)
    context = replace(roomy.context, limits=VaultLimits(quota_bytes=100_000))
    home = Home(context, roomy.storage, make_parts(context, services={SERVICE: versions.handle}))
    write(home, clock, PLAN, "x" * 60_000, "small")
    remove(home, PLAN)
    key = removed(home)[0]["removed"]
    assert post(home, {"removed": key}).status == 201
    big = versions_of(home, PLAN)[2]["version"]
    assert restore(home, PLAN, big).status == 507
    assert home.as_owner("GET", PLAN).text == "small"


def test_a_version_is_not_passed_on_once_control_was_taken_away(home: Home, clock: TestClock) -> None:
    home.let("plannen/", "Read", "Control")
    clock.forward(1)
    write(home, clock, PLAN, "x" * 3_000_000, "small")
    target = identifier(home, PLAN)
    bob = Caller(Credentials(BOB, APP, BOBS_ISSUER), Declared(), "t" * 32)
    asking = Asking(home.storage, bob)
    opened = open_version(home.context, asking, target, versions_of(home, PLAN)[1]["version"])
    got = [next(opened.chunks)]
    home.let("plannen/", "Read")
    with pytest.raises(NoSuchResource):
        got.extend(opened.chunks)
    assert sum(map(len, got)) <= 1_200_000


def group_of(*members: str) -> str:
    """A group document."""
    lines = [f"<#us> a <{VCARD}Group> .", *(f"<#us> <{VCARD}hasMember> <{one}> ." for one in members)]
    return "\n".join(lines)


def let_group(home: Home, path: str) -> None:
    """Let the group read something."""
    acl = acl_for(home.url + path, home.owner, "GROUP", ("Read",)).replace(
        "acl:agent <GROUP>", f"acl:agentGroup <{home.url}groepen/wij#us>"
    )
    answer = home.as_owner("PUT", f"{path}.acl", {"Content-Type": "text/turtle"}, acl.encode())
    assert answer.status in {201, 204}, answer.text


def test_who_was_taken_out_of_a_group_does_not_get_back_in_with_an_old_version(
    home: Home, clock: TestClock
) -> None:
    write(home, clock, PLAN, "one")
    home.put("groepen/wij", group_of(BOB))
    let_group(home, PLAN)
    assert home.as_bob("GET", PLAN).status == 200
    clock.forward(1)
    home.put("groepen/wij", group_of())
    clock.forward(1)
    assert home.as_bob("GET", PLAN).status != 200
    old = versions_of(home, "groepen/wij")[1]["version"]
    for more in ({}, {"audience": "owner"}):
        assert restore(home, "groepen/wij", old, **more).status == 409
    home.put("groepen/wij", group_of(BOB))
    clock.forward(1)
    remove(home, "groepen/wij")
    key = next(one["removed"] for one in removed(home) if one["resource"].endswith("wij"))
    assert post(home, {"removed": key}).status == 409
    assert home.as_bob("GET", PLAN).status != 200
    elsewhere = f"{home.url}groepen/oud"
    assert post(home, {"removed": key, "resource": elsewhere}).status == 201


def test_a_group_that_nobody_named_comes_back_with_its_members(home: Home, clock: TestClock) -> None:
    write(home, clock, PLAN, "one")
    for text in (group_of(BOB), group_of()):
        home.put("groepen/wij", text)
        clock.forward(1)
    assert restore(home, "groepen/wij", versions_of(home, "groepen/wij")[1]["version"]).status == 200
    let_group(home, PLAN)
    assert home.as_bob("GET", PLAN).status == 200


def test_a_group_that_one_writer_named_does_not_count_for_another(home: Home, clock: TestClock) -> None:
    write(home, clock, PLAN, "one")
    home.put("groepen/wij", group_of(BOB))
    home.let(PLAN, "Read", "Control")
    clock.forward(1)
    acl = acl_for(home.url + PLAN, home.owner, "GROUP", ("Read",)).replace(
        "acl:agent <GROUP>", f"acl:agentGroup <{home.url}groepen/wij#us>"
    )
    turtle = {"Content-Type": "text/turtle"}
    let_group(home, PLAN)
    clock.forward(1)
    home.let(PLAN, "Read", "Control")
    both = (
        acl
        + f"<#c> a acl:Authorization ; acl:agent <{BOB}> ; acl:accessTo <{home.url}{PLAN}> ; acl:mode acl:Control ."
    )
    answer = home.as_bob("PUT", f"{PLAN}.acl", turtle, both.encode())
    assert answer.status == 204, answer.text
    clock.forward(1)
    old = versions_of(home, f"{PLAN}.acl")[2]["version"]
    assert restore(home, f"{PLAN}.acl", old).status == 409
