"""What is sent is looked at in its form, by the shapes, and once more by the vault itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.support.grants import STORAGE, make_grant, policy
from vault.errors import MalformedContent, TooLarge, UnacceptableContent
from vault.grants import documents
from vault.grants.documents import Place, check_grant, complete, read_sent_grant, read_sent_request
from vault.grants.forms import check_grant_form, check_request_form, read_json
from vault.grants.written import (
    dump_grant,
    dump_request,
    load_grant,
    load_request,
    read_grant,
    read_request,
    write_grant,
    write_request,
)
from vault.model.grant import Action

EXAMPLES = Path(__file__).parent / "examples"
NOW = 1_790_000_000
BASE = "https://kluis.example/"
PLACE = Place(BASE, f"{BASE}ncsv6x3mmnsnut6x/", NOW)
BAD = (
    *("%6Dijn/", "%6dijn/", "./", "../", "plannen/../mijn/", "plannen/./", "%2e%2e/other/", ".acl", ".meta"),
    *(
        ".well-known/solid",
        "plannen/.acl",
        "plannen/x/.acl",
        "plannen/x/.meta",
        "plannen/x.acl",
        "plannen/x.ACL",
    ),
    *(
        "plannen//",
        "/",
        "plannen/?x",
        "plannen/#x",
        "?x",
        "#x",
        "plannen%2F",
        "plannen;x/",
        "plannen/é/",
        "profiel/",
    ),
    *(
        "profiel/card",
        "mijn/",
        "toegang/",
        "verzoeken/",
        "logboek/",
        "Mijn/",
        "mijn",
        "plannen",
        "geheim/",
        "",
    ),
)
BAD_REQUESTS = (
    *("plannen/ba2a2u57ux7qc6ht/", "plannen/ba2a2u57ux7qc6ht/plan", "brieven/ba2a2u57ux7qc6ht"),
    *(
        "leefgebieden/ba2a2u57ux7qc6ht/",
        "leefgebieden/geld",
        "leefgebieden/geld/ba2a2u57ux7qc6ht",
        "plannen/geld/",
    ),
)


def example(name: str) -> dict[str, Any]:
    """A document of the domain."""
    found: dict[str, Any] = json.loads((EXAMPLES / name).read_text(encoding="utf-8"))
    return found


def with_target(name: str, *paths: str, **changes: Any) -> dict[str, Any]:
    """The example with other targets."""
    document = deepcopy(example(name))
    values = [PLACE.storage_url + path for path in paths]
    document["access"][0] |= {"target": {"type": "StorageResource", "value": values}, **changes}
    return document


def test_the_examples_are_read_and_written_as_they_are() -> None:
    grant, request = example("toegang.jsonld"), example("verzoek.jsonld")
    check_grant_form(grant)
    check_request_form(request)
    assert write_grant(read_sent_grant(grant, PLACE)) == {k: v for k, v in grant.items() if k != "status"}
    assert write_request(read_sent_request(request, PLACE)) == request


def test_what_is_kept_is_read_back_whole() -> None:
    grant = read_grant(example("toegang.jsonld"))
    known = make_grant("a", policy("plannen/"), exceptions=(f"{STORAGE}plannen/x",), giver_name="Samira")
    for one in (grant, known):
        assert load_grant(dump_grant(one)) == one
    request = read_request(example("verzoek.jsonld"))
    assert load_request(dump_request(request)) == request


def test_several_apps_stand_in_one_constraint() -> None:
    grant = make_grant("a", policy("plannen/"), clients=("https://a.example/", "https://b.example/"))
    assert load_grant(dump_grant(grant)).terms.clients == grant.terms.clients


@pytest.mark.parametrize("path", BAD)
def test_no_bad_address_is_a_target_of_a_grant(path: str) -> None:
    with pytest.raises((UnacceptableContent, MalformedContent)):
        read_sent_grant(with_target("toegang.jsonld", path, action=["read"]), PLACE)


@pytest.mark.parametrize("path", [path for path in BAD if not path.endswith(".ACL")])
def test_no_bad_address_is_a_target_even_when_the_shapes_say_nothing(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "violations", lambda *_: ())
    with pytest.raises((UnacceptableContent, MalformedContent)):
        read_sent_grant(with_target("toegang.jsonld", path, action=["read"]), PLACE)


@pytest.mark.parametrize("path", [*BAD, *BAD_REQUESTS])
def test_no_bad_address_and_no_document_is_a_target_of_a_request(path: str) -> None:
    with pytest.raises((UnacceptableContent, MalformedContent)):
        read_sent_request(with_target("verzoek.jsonld", path, action=["read"]), PLACE)


@pytest.mark.parametrize("action", ["create", "append", "modify", "delete"])
def test_others_can_only_read_her_own_view(action: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = with_target("toegang.jsonld", "mijn-kijk/", action=["read", action])
    with pytest.raises(UnacceptableContent) as error:
        read_sent_grant(sent, PLACE)
    assert "In de map Mijn kijk kan een ander alleen lezen." in {v.sentence for v in error.value.violations}
    monkeypatch.setattr(documents, "violations", lambda *_: ())
    with pytest.raises(UnacceptableContent):
        read_sent_grant(sent, PLACE)


def test_another_storage_is_refused_even_when_the_shapes_say_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "violations", lambda *_: ())
    elsewhere = Place(BASE, f"{BASE}sabcdefghjkmnpqr/", NOW)
    with pytest.raises(UnacceptableContent):
        read_sent_grant(example("toegang.jsonld"), elsewhere)


def test_a_target_named_twice_is_refused() -> None:
    with pytest.raises(UnacceptableContent):
        read_sent_grant(with_target("toegang.jsonld", "plannen/", "plannen/"), PLACE)


def test_a_purpose_that_is_no_web_address_is_refused() -> None:
    sent = example("toegang.jsonld")
    sent["access"][0]["constraint"][0]["rightOperand"] = "geen webadres"
    with pytest.raises(UnacceptableContent) as error:
        read_sent_grant(sent, PLACE)
    assert {violation.field for violation in error.value.violations} == {"access/constraint"}


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p | {"assignee": "https://elsewhere.example/#me"},
        lambda p: p["constraint"][0].update(rightOperand="https://kluis.example/ns/wijk#doel-jeugdhulp") or p,
        lambda p: p["constraint"][3].update(rightOperand="2027-06-30T23:59:59+02:00") or p,
        lambda p: p["constraint"].pop(2) and p,
    ],
)
def test_one_grant_has_the_same_receiver_and_conditions_everywhere(
    change: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    sent = example("toegang.jsonld")
    second = change(deepcopy(sent["access"][0]))
    with pytest.raises(UnacceptableContent) as error:
        read_sent_grant(sent | {"access": [*sent["access"], second]}, PLACE)
    wanted = "Eén toegang heeft overal dezelfde ontvanger en dezelfde voorwaarden. Maak er anders twee."
    assert wanted in {violation.sentence for violation in error.value.violations}


def test_a_grant_of_the_server_itself_is_checked_as_any_other() -> None:
    place = Place("https://vault.example/", STORAGE, NOW)
    check_grant(make_grant("yqusbu8jeu3kbz9y", policy("plannen/")), place)
    with pytest.raises(UnacceptableContent):
        check_grant(make_grant("yqusbu8jeu3kbz9y", policy("mijn/")), place)
    with pytest.raises(UnacceptableContent):
        check_grant(make_grant("yqusbu8jeu3kbz9y", policy("plannen/p", actions=[Action.CREATE])), place)


def test_what_the_server_says_is_added_and_may_be_repeated_but_not_contradicted() -> None:
    said = {"givenBy": "x:me", "stoppedAt": None, "issuer": ["x:a", "x:b"]}
    assert complete({"reason": "r", "issuer": ["x:b", "x:a"]}, said, ()) == {
        "reason": "r",
        "givenBy": "x:me",
        "issuer": ["x:a", "x:b"],
    }
    for sent in ({"givenBy": "x:other"}, {"stoppedAt": "2026-01-01T00:00:00Z"}, {"issuer": "x:a"}):
        with pytest.raises(UnacceptableContent):
            complete(sent, said, ())


def test_apps_are_added_to_every_policy_in_place_of_the_same_ones() -> None:
    sent = {
        "access": [{"constraint": [{"leftOperand": "client", "operator": "eq", "rightOperand": "x:a"}]}, {}]
    }
    wanted = [{"leftOperand": "client", "operator": "eq", "rightOperand": "x:a"}]
    found = complete(sent, {}, ["x:a"])["access"]
    assert [policy_["constraint"] for policy_ in found] == [wanted, wanted]
    assert complete({}, {}, ["x:a"]) == {}


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"a": "\xff"}', b'"text"'])
def test_what_is_no_json_object_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedContent):
        read_json(body)


def test_deep_json_is_too_large() -> None:
    with pytest.raises(TooLarge):
        read_json(b'{"a":' * 100 + b"1" + b"}" * 100)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda d: d | {"wat": 1}, "document"),
        (lambda d: d | {"access": [1]}, "access/0"),
        (lambda d: d | {"access": [d["access"][0] | {"duty": []}]}, "access/0"),
        (lambda d: d | {"legalBasis": ["x:a", 1]}, "legalBasis/1"),
        (lambda d: d | {"reason": 1}, "reason"),
        (lambda d: d | {"type": ["AccessGrant", 1]}, "type"),
        (lambda d: d | {"strict": "true"}, "strict"),
        (lambda d: d | {"assigneeKind": ["Worker"]}, "assigneeKind"),
        (lambda d: d | {"@context": "https://www.w3.org/ns/lws/v1"}, "@context"),
        (lambda d: d | {"legalBasis": ["x:999990007"]}, "legalBasis/0"),
        (lambda d: d | {"access": [d["access"][0] | {"constraint": {}}]}, "access/0/constraint"),
        (lambda d: d | {"access": [d["access"][0] | {"constraint": [1]}]}, "access/0/constraint/0"),
        (
            lambda d: d | {"access": [d["access"][0] | {"constraint": [{"leftOperand": "dateTime"}]}]},
            "access/0/constraint/0/rightOperand",
        ),
    ],
)
def test_another_form_is_refused_with_the_field(
    change: Callable[[dict[str, Any]], dict[str, Any]], field: str
) -> None:
    with pytest.raises(UnacceptableContent) as error:
        check_grant_form(change(example("toegang.jsonld")))
    assert field in {violation.field for violation in error.value.violations}


def test_the_name_of_an_unknown_member_is_not_repeated() -> None:
    with pytest.raises(UnacceptableContent) as error:
        check_grant_form(example("toegang.jsonld") | {"999990007": 1})
    assert "999990007" not in f"{error.value} {error.value.violations}"


def test_members_of_grants_are_unknown_in_requests() -> None:
    with pytest.raises(UnacceptableContent):
        check_request_form(example("verzoek.jsonld") | {"givenBy": "x:me"})
