"""What is hidden equals what is absent: one storage answers the same before and after something is hidden in it."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from pod_server.storages import grants, invitations, journal, previews, relocation, requests, versions
from pod_server.storages.endpoints import ENDPOINTS
from tests.support.asgi import BOB, Answer, Home, make_home, make_parts, who
from tests.support.grants import CLIENT, ISSUER
from tests.support.groups import acl_text, group_text, to_group
from tests.support.people import COLLEAGUE, make_people

TURTLE = {"Content-Type": "text/turtle"}
# None of these changes anything: what is sent is malformed, or a condition does not hold.
METHODS = ("GET", "HEAD", "OPTIONS", "DELETE", "POST", "PUT", "PATCH", "TRACE", "PROPFIND")
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"Accept": "application/ld+json"},
    {"Accept": "image/png"},
    {"Range": "bytes=0-3"},
    {"If-None-Match": "*"},
    {"If-Match": '"x.t"'},
    {"If-Modified-Since": "Wed, 01 Jan 2020 00:00:00 GMT"},
    {"If-Unmodified-Since": "Wed, 01 Jan 2020 00:00:00 GMT"},
    {"Slug": "dicht"},
    {"Link": '<http://www.w3.org/ns/ldp#BasicContainer>; rel="type"'},
    {"Origin": "https://app.example"},
    {"Purpose-Of-Use": "https://kluis.example/ns/wijk#doel-ondersteuning-geven"},
)
PATHS = (
    "brieven/",
    "brieven/dicht",
    "brieven/dicht/",
    "brieven/dicht.acl",
    "brieven/dicht.meta",
    "brieven/doos/",
    "brieven/doos/in/diep",
    "brieven/doos/.acl",
    ".well-known/solid",
)
PROFILE = ("brieven/", "brieven/dicht", "brieven/doos/in")


def ask(home: Home, method: str, path: str, headers: dict[str, str], *, signed_in: bool) -> Answer:
    """Ask as Bob or as nobody, with a body that is no linked data where the method takes one."""
    body = b"geen turtle" if method in {"PUT", "POST", "PATCH"} else None
    sent = {**headers, **(TURTLE if body is not None else {})}
    return (home.as_bob if signed_in else home.ask)(method, path, sent, body)


Asked = tuple[str, str, dict[str, str], Answer]


def everything(home: Home, *, signed_in: bool) -> list[Asked]:
    """Every method on every path, and every header on some."""
    asked = [*product(METHODS, PATHS, ({},)), *product(METHODS[:6], PROFILE, HEADERS[1:])]
    return [
        (method, path, headers, ask(home, method, path, headers, signed_in=signed_in))
        for method, path, headers in asked
    ]


def whole(asked: Asked) -> tuple[object, ...]:
    """What was asked, with the whole answer but trace and date."""
    *question, answer = asked
    return *question, answer.without_trace()


def hide(home: Home) -> None:
    """Add documents, containers, ACLs and a group of which only the owner may know."""
    home.put("brieven/dicht", "<> a <#Geheim> .")
    home.let("brieven/dicht")
    home.put("brieven/doos/in/diep")
    home.let("brieven/doos/")
    home.put("brieven/doos/team", group_text(BOB))
    secret = acl_text(f"{home.url}brieven/doos/in/", home.owner, to_group("https://groups.example/#g"))
    assert home.as_owner("PUT", "brieven/doos/in/.acl", TURTLE, secret.encode()).status == 201


@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize("modes", [("Read",), ("Append",), ("Read", "Append", "Control"), ()])
def test_nothing_tells_that_something_was_hidden(
    tmp_path: Path, modes: tuple[str, ...], signed_in: bool
) -> None:
    home = make_home(tmp_path)
    home.put("brieven/open")
    home.let("brieven/", *modes, agent=BOB if signed_in else "everyone")
    before = everything(home, signed_in=signed_in)
    hide(home)
    after = everything(home, signed_in=signed_in)
    for was, now in zip(before, after, strict=True):
        assert whole(was) == whole(now)
    statuses = {answer.status for _, _, _, answer in before}
    assert statuses >= ({405, 403} if signed_in else {405, 401})
    hidden = next(answer for method, path, _, answer in before if (method, path) == ("GET", "brieven/dicht"))
    assert (hidden.status == 404) == ("Read" in modes)


def test_the_entity_tag_of_a_container_is_that_of_what_one_may_see(home: Home) -> None:
    home.let("brieven/", "Read")
    before = home.as_bob("GET", "brieven/")
    hide(home)
    again = home.as_bob("GET", "brieven/", {"If-None-Match": before.headers["etag"]})
    assert again.status == 304
    home.put("brieven/open")
    assert home.as_bob("GET", "brieven/", {"If-None-Match": before.headers["etag"]}).status == 200


def test_the_comparison_sees_what_is_not_hidden(home: Home) -> None:
    home.let("brieven/", "Read")
    before = [whole(asked) for asked in everything(home, signed_in=True)]
    home.put("brieven/dicht")
    assert before != [whole(asked) for asked in everything(home, signed_in=True)]


@pytest.mark.parametrize("asker", ["a colleague", "nobody"])
def test_the_services_tell_nobody_else_what_was_given_hidden_or_looked_at(tmp_path: Path, asker: str) -> None:
    people = make_people(tmp_path)
    people.meet()
    handlers = {
        "AccessRequestService": requests.handle,
        "AccessGrantService": grants.handle,
        "PreviewService": previews.handle,
        "InvitationService": invitations.handle,
        "RelocationService": relocation.handle,
        "VersionService": versions.handle,
        "JournalService": journal.handle,
    }
    services = {path: handlers[endpoint.type] for path, endpoint in ENDPOINTS.items()}
    parts = make_parts(people.context, services=services)
    home = Home(people.context, people.storage.storage, parts)
    identity = who(COLLEAGUE, CLIENT, ISSUER) if asker == "a colleague" else {}

    def answers() -> list[Asked]:
        methods = ("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE")
        asked = product(methods, services, ("", "abc"))
        return [
            (method, path + rest, identity, home.ask(method, path + rest, identity))
            for method, path, rest in asked
        ]

    before = answers()
    people.give(people.add("plannen/rust/plan"))
    assert [whole(asked) for asked in before] == [whole(asked) for asked in answers()]
    assert {answer.status for *_, answer in before} & {401, 403, 404}
