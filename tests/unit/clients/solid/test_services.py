"""The services of a storage as the SDK calls and reads them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from clients.solid import grants, journal, meetings, previews, relocation, requests
from clients.solid.description import Storage
from clients.solid.errors import (
    Absent,
    Changed,
    Clash,
    MalformedAnswer,
    Problem,
    TooOften,
    Unacceptable,
    Unreachable,
)
from clients.solid.grants import NewGrant, read_grant
from clients.solid.relocation import Announcement, Choice, NewTeam
from clients.solid.requests import read_request
from tests.unit.clients.fake_vault import (
    BASE,
    ORGANISATION,
    PARTIES,
    PLAN,
    SERVICES,
    STORAGE,
    WORKER,
    access,
    grant_document,
    request_document,
    samira,
)
from tests.unit.clients.solid.sessions import session_of
from vocab.namespaces import ACL

HERE = Storage(STORAGE, SERVICES)
GRANT = f"{STORAGE}toegang/yqusbu8jeu3kbz9y"
MOVES = SERVICES["RelocationService"]


def test_a_grant_is_read_with_its_terms() -> None:
    grant = read_grant(grant_document())
    assert (grant.ref, grant.status, grant.is_open) == ("yqusbu8jeu3kbz9y", "Active", True)
    assert grant.terms.targets() == (PLAN,)
    assert grant.terms.actions() == {"read"}
    assert grant.terms.end == datetime(2027, 3, 1, 22, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "broken",
    [
        {"access": []},
        {"access": access(PLAN, end="2027-03-01")},
        {"access": access(PLAN, end="morgen")},
        {"access": [{**access(PLAN)[0], "constraint": []}]},
        {"status": 3},
        {"access": "x"},
    ],
)
def test_a_grant_that_cannot_be_understood_is_never_shown_as_less(broken: dict[str, Any]) -> None:
    with pytest.raises(MalformedAnswer):
        read_grant(grant_document(**broken))


def test_grants_come_newest_first_with_who_is_in_them() -> None:
    vault = samira()
    older = grant_document(givenAt="2026-01-01T10:00:00+01:00", id=f"{STORAGE}toegang/older")
    vault.say("GET", SERVICES["AccessGrantService"], {"items": [older, grant_document()], "parties": PARTIES})
    found, parties = grants.list_grants(session_of(vault), SERVICES["AccessGrantService"])
    assert [grant.ref for grant in found] == ["yqusbu8jeu3kbz9y", "older"]
    assert parties[WORKER].name == "Marieke Bos"
    assert parties[ORGANISATION].name == "Stichting Samen Verder"


def test_what_is_given_carries_terms_digests_and_the_request() -> None:
    vault = samira()
    vault.say("POST", SERVICES["AccessGrantService"], {}, 201, Location=GRANT)
    terms = replace(read_grant(grant_document()).terms, start=datetime(2027, 2, 1, tzinfo=UTC))
    assert grants.give(session_of(vault), HERE, NewGrant(terms, ("sha256:aa",), "r")) == GRANT
    (body,) = vault.asked("POST", SERVICES["AccessGrantService"])
    assert (body["previewed"], body["inResponseTo"]) == (["sha256:aa"], "r")
    constraints = {
        (c["leftOperand"], c["operator"]): c["rightOperand"] for c in body["access"][0]["constraint"]
    }
    assert constraints["dateTime", "gteq"] == "2027-02-01T00:00:00+00:00"
    assert "id" not in body


def test_a_grant_on_something_else_than_was_previewed_is_a_clash() -> None:
    vault = samira()
    vault.say("POST", SERVICES["AccessGrantService"], {"title": "changed"}, 409)
    with pytest.raises(Clash):
        grants.give(session_of(vault), HERE, NewGrant(read_grant(grant_document()).terms))


def test_a_broken_rule_comes_with_its_sentence() -> None:
    vault = samira()
    violations = [{"field": "access", "sentence": "Kies een einde."}]
    vault.say("POST", SERVICES["AccessGrantService"], {"title": "no", "violations": violations}, 422)
    with pytest.raises(Unacceptable) as caught:
        grants.give(session_of(vault), HERE, NewGrant(read_grant(grant_document()).terms))
    assert [violation.sentence for violation in caught.value.violations] == ["Kies een einde."]


def test_stopping_is_one_delete() -> None:
    vault = samira()
    vault.say("DELETE", GRANT, {}, 204)
    vault.say("DELETE", SERVICES["AccessGrantService"], {}, 204)
    session = session_of(vault)
    grants.stop(session, GRANT)
    grants.stop_everything(session, HERE)
    assert [str(r.url) for r in vault.seen if r.method == "DELETE"] == [GRANT, SERVICES["AccessGrantService"]]


def test_asking_names_what_happens_on_no() -> None:
    vault = samira()
    vault.say("POST", SERVICES["AccessRequestService"], {}, 201, Location="x")
    terms = read_request(request_document()).terms
    assert requests.ask(session_of(vault), HERE, terms, "Niets.") == f"{STORAGE}verzoeken/x"
    (body,) = vault.asked("POST", SERVICES["AccessRequestService"])
    assert (body["type"], body["consequenceOfRefusal"]) == (["AccessRequest"], "Niets.")


def test_saying_no_changes_only_the_status() -> None:
    vault = samira()
    url = request_document()["id"]
    vault.say("PATCH", url, {})
    requests.refuse(session_of(vault), url)
    assert vault.asked("PATCH", url) == [{"status": "Refused"}]
    assert vault.seen[-1].headers["Content-Type"] == "application/merge-patch+json"


def test_one_request_can_be_read_and_withdrawn() -> None:
    vault = samira()
    url = request_document()["id"]
    vault.say("GET", url, request_document())
    vault.say("DELETE", url, {}, 204)
    session = session_of(vault)
    found, _ = requests.get_request(session, url)
    requests.withdraw(session, found.id)
    assert (found.is_waiting, vault.seen[-1].method) == (True, "DELETE")


def test_a_preview_tells_what_is_seen_and_what_is_new() -> None:
    vault = samira()
    seen = {"id": f"{PLAN}plan", "mediaType": "text/turtle", "digest": "sha256:aa", "isNew": True}
    vault.say("POST", SERVICES["PreviewService"], {"visible": [seen], "invisible": ["c"], "parties": PARTIES})
    preview = previews.preview_draft(session_of(vault), HERE, {})
    assert preview.digests() == ("sha256:aa",)
    assert (preview.visible[0].is_new, preview.invisible) == (True, ("c",))


def test_who_sees_something_is_asked_by_its_address() -> None:
    vault = samira()
    vault.say(
        "GET", SERVICES["PreviewService"], {"agents": [{"id": WORKER, "grants": [GRANT]}], "visible": []}
    )
    session = session_of(vault)
    (viewer,), _ = previews.who_sees(session, HERE, PLAN)
    assert (viewer.id, viewer.grants) == (WORKER, (GRANT,))
    assert previews.what_sees(session, HERE, WORKER).visible == ()
    assert dict(vault.seen[-1].url.params) == {"agent": WORKER}


def test_what_was_set_by_hand_is_asked_without_naming_anything() -> None:
    vault = samira()
    rule = {"agent": WORKER, "resource": PLAN, "modes": [ACL.Read], "app": None}
    vault.say("GET", SERVICES["PreviewService"], {"setByHand": [rule], "parties": PARTIES})
    (found,), parties = previews.set_by_hand(session_of(vault), HERE)
    assert found == previews.SetByHand(WORKER, PLAN, (ACL.Read,), None)
    assert WORKER in parties
    assert not vault.seen[-1].url.query


def test_a_line_of_the_journal_without_time_is_malformed() -> None:
    vault = samira()
    vault.say("GET", SERVICES["JournalService"], {"lines": [{"sequence": 1, "activity": "read"}]})
    with pytest.raises(MalformedAnswer):
        journal.read_journal(session_of(vault), HERE, {})


def test_older_pages_of_the_journal_are_where_it_says() -> None:
    vault = samira()
    line = {"sequence": 1, "time": "2026-11-24T10:20:00.123+01:00", "activity": "read", "refusal": "r"}
    vault.say(
        "GET", SERVICES["JournalService"], {"lines": [line], "next": f"{SERVICES['JournalService']}?before=1"}
    )
    session = session_of(vault)
    first = journal.read_journal(session, HERE, {"outcome": "refused"})
    assert (first.lines[0].refusal, first.lines[0].count) == ("r", 1)
    assert first.next is not None
    journal.read_page(session, first.next)
    assert dict(vault.seen[-1].url.params) == {"before": "1"}


def test_meetings_of_a_worker_and_entering_a_code() -> None:
    vault = samira()
    vault.say("POST", f"{BASE}code", {}, 202)
    item = {"id": "m", "storage": STORAGE, "giverName": "Samira", "until": "2026-12-24T10:00:00+01:00"}
    vault.say("GET", f"{BASE}meetings", {"items": [item]})
    session = session_of(vault)
    meetings.redeem(session, f"{BASE}code", "K7MP2Q9F")
    assert vault.asked("POST", f"{BASE}code") == [{"code": "K7MP2Q9F"}]
    assert meetings.list_meetings(session, f"{BASE}meetings")[0].storage == STORAGE


def test_too_many_codes_are_told_apart() -> None:
    vault = samira()
    vault.say("POST", f"{BASE}code", {"title": "slow down"}, 429)
    with pytest.raises(TooOften):
        meetings.redeem(session_of(vault), f"{BASE}code", "K7MP2Q9F")


def plan_document(**more: Any) -> dict[str, Any]:
    summary = {
        "id": GRANT,
        "assignee": WORKER,
        "organisation": ORGANISATION,
        "end": "2027-03-01T23:59:59+01:00",
    }
    line = {"grant": summary, "rule": "r", "suggestion": "s", "sentence": "Zij helpt.", "offerNewTeam": True}
    plan = {"id": f"{MOVES}p1", "status": "Draft", "newMunicipality": "Zwolle", "moveDate": "2027-02-01"}
    return {**plan, "lines": [line], "candidates": [], "newTeam": None, "parties": PARTIES, **more}


def test_a_move_goes_from_announcement_to_receipt() -> None:
    vault = samira()
    vault.say("POST", MOVES, plan_document(), 201, ETag='"1"')
    vault.say("PUT", f"{MOVES}p1", plan_document(), ETag='"2"')
    receipt = {
        "documentsCopied": 0,
        "documents": 48,
        "lines": [{"assignee": WORKER, "choice": "c"}],
        "newGrants": [],
    }
    vault.say("POST", f"{MOVES}p1/bevestiging", receipt)
    session = session_of(vault)
    plan = relocation.announce(session, HERE, Announcement("Zwolle", date(2027, 2, 1)))
    team = NewTeam(ORGANISATION, (PLAN,), "p", "2027-07-31T23:59:59+02:00")
    relocation.choose(session, plan, [Choice(GRANT, "c", date(2027, 1, 31))], team)
    assert vault.seen[-1].headers["If-Match"] == '"1"'
    assert relocation.confirm(session, plan, ["sha256:aa"]).documents == 48
    assert vault.asked("POST", f"{MOVES}p1/bevestiging") == [{"previewed": ["sha256:aa"]}]


def test_a_plan_with_a_strange_day_is_malformed() -> None:
    vault = samira()
    vault.say("GET", f"{MOVES}p1", plan_document(moveDate="straks"))
    with pytest.raises(MalformedAnswer):
        relocation.get_plan(session_of(vault), HERE, "p1")


def test_plans_are_listed_with_their_new_team() -> None:
    vault = samira()
    team = {
        "organisation": ORGANISATION,
        "resources": [PLAN],
        "purpose": "p",
        "end": "2027-07-31T23:59:59+02:00",
    }
    vault.say("GET", MOVES, {"items": [plan_document(newTeam=team)]})
    (plan,) = relocation.list_plans(session_of(vault), HERE)
    assert plan.new_team is not None
    assert plan.new_team.resources == (PLAN,)


@pytest.mark.parametrize(
    ("status", "error"), [(404, Absent), (412, Changed), (418, Problem), (500, Unreachable)]
)
def test_refusals_are_told_apart(status: int, error: type[Exception]) -> None:
    vault = samira()
    vault.say("GET", GRANT, ["not", "a", "problem"], status)
    with pytest.raises(error):
        grants.get_grant(session_of(vault), GRANT)


def test_an_answer_that_is_not_json_is_malformed() -> None:
    vault = samira()
    vault.put(GRANT, "not json")
    vault.resources[GRANT] = ("application/ld+json", b"not json")
    with pytest.raises(MalformedAnswer):
        grants.get_grant(session_of(vault), GRANT)
