"""Meeting by a code, through the invitation service and the server's own addresses."""

from __future__ import annotations

from typing import Any

import pytest

from pod_server.storages import invitations
from pod_server.storages.calls import Result
from tests.support.grants import ORGANISATION, WORKER
from tests.support.people import COLLEAGUE, People, document_of, register, short, stranger, worker
from vault.admission import Asking
from vault.errors import Conflict, NoSuchResource, NotSignedIn, TooManyRequests, UnacceptableContent
from vault.grants import meetings
from vault.model.meeting import confirmation_lifetime_s, invitation_lifetime_s, meeting_lifetime_s
from vault.model.requester import ANONYMOUS, Caller, Declared


def invite(people: People) -> dict[str, Any]:
    """Make an invitation."""
    return document_of(people.call(invitations.handle, "POST"))


def redeem(people: People, code: object, by: Caller | None = None) -> Result:
    """Enter a code at the server's own address."""
    body = {"code": code}
    return people.call(invitations.handle_server, "POST", body, by=by or worker(), storage=None).result


def status(people: People, made: dict[str, Any]) -> str:
    """How an invitation stands, as the owner sees it."""
    return str(document_of(people.call(invitations.handle, "GET", rest=short(made)))["status"])


def test_a_code_has_eight_characters_that_can_be_read_aloud(people: People) -> None:
    made = invite(people)
    assert len(made["code"]) == meetings.code_length
    assert not set(made["code"]) & set("IO01")
    assert set(made["code"]) <= set(meetings.CODE_ALPHABET)
    assert len(meetings.CODE_ALPHABET) == 32


def test_the_code_is_told_once_only(people: People) -> None:
    made = invite(people)
    assert "code" not in document_of(people.call(invitations.handle, "GET", rest=short(made)))


def test_redeeming_reveals_nothing_and_gives_nothing(people: People) -> None:
    made = invite(people)
    answer = people.call(invitations.handle_server, "POST", {"code": made["code"]}, by=worker(), storage=None)
    assert (answer.result, answer.document, answer.location) == (Result.ACCEPTED, None, None)
    listed = document_of(people.call(invitations.handle_server, "GET", by=worker(), storage=None))
    assert listed["items"] == []


def test_the_owner_sees_who_entered_the_code_and_says_yes(people: People) -> None:
    made = invite(people)
    redeem(people, made["code"])
    shown = document_of(people.call(invitations.handle, "GET", rest=short(made)))
    assert (shown["status"], shown["redeemedBy"], shown["organisation"]) == ("Redeemed", WORKER, ORGANISATION)
    assert shown["parties"][0]["name"] == "Marieke Bos"
    answer = people.call(invitations.handle, "POST", {"confirmed": True}, rest=short(made))
    assert document_of(answer)["status"] == "Confirmed"
    met = document_of(people.call(invitations.handle_server, "GET", by=worker(), storage=None))["items"]
    assert [(m["storage"], m["giverName"]) for m in met] == [(people.url, "Samira")]
    one = people.call(invitations.handle_server, "GET", by=worker(), storage=None, rest=short(met[0]))
    assert document_of(one) == met[0]
    assert [line.activity for line in people.lines()] == ["invite", "redeem", "meet"]


def test_codes_may_be_typed_with_spaces_dashes_and_small_letters(people: People) -> None:
    code = invite(people)["code"].lower()
    assert redeem(people, f" {code[:4]}-{code[4:]} ") is Result.ACCEPTED


def test_a_code_works_once(people: People) -> None:
    made = invite(people)
    redeem(people, made["code"])
    with pytest.raises(NoSuchResource):
        redeem(people, made["code"], stranger())


def test_a_code_works_for_fifteen_minutes(people: People) -> None:
    made = invite(people)
    people.clock.forward(invitation_lifetime_s)
    assert status(people, made) == "Open"
    people.clock.forward(1)
    assert status(people, made) == "Expired"
    with pytest.raises(NoSuchResource):
        redeem(people, made["code"], stranger())


def test_a_cancelled_code_does_not_work(people: People) -> None:
    made = invite(people)
    people.call(invitations.handle, "DELETE", rest=short(made))
    with pytest.raises(NoSuchResource):
        redeem(people, made["code"])


def test_nobody_enters_her_own_code_or_without_signing_in(people: People) -> None:
    made = invite(people)
    with pytest.raises(NoSuchResource):
        redeem(people, made["code"], people.owner)
    with pytest.raises(NotSignedIn):
        redeem(people, made["code"], Caller(ANONYMOUS, Declared(), "a" * 32))
    assert status(people, made) == "Open"


def test_saying_yes_needs_somebody_who_entered_the_code_today(people: People) -> None:
    made = invite(people)
    with pytest.raises(Conflict):
        people.call(invitations.handle, "POST", {"confirmed": True}, rest=short(made))
    redeem(people, made["code"])
    people.clock.forward(confirmation_lifetime_s + 1)
    with pytest.raises(Conflict):
        people.call(invitations.handle, "POST", {"confirmed": True}, rest=short(made))
    with pytest.raises(NoSuchResource):
        people.call(invitations.handle, "POST", {"confirmed": True}, rest="aaaaaaaaaaaaaaaa")


def test_saying_yes_twice_is_a_conflict(people: People) -> None:
    id_ = people.meet()
    with pytest.raises(Conflict):
        people.call(invitations.handle, "POST", {"confirmed": True}, rest=id_)


@pytest.mark.parametrize("body", [{}, {"confirmed": False}, {"confirmed": True, "more": 1}])
def test_only_yes_can_be_said(people: People, body: dict[str, Any]) -> None:
    made = invite(people)
    redeem(people, made["code"])
    with pytest.raises(UnacceptableContent):
        people.call(invitations.handle, "POST", body, rest=short(made))


@pytest.mark.parametrize("body", [{}, {"code": 12345678}, {"code": "ABCDEFGH", "more": 1}])
def test_entering_a_code_needs_a_code_and_nothing_else(people: People, body: dict[str, Any]) -> None:
    with pytest.raises(UnacceptableContent):
        people.call(invitations.handle_server, "POST", body, by=worker(), storage=None)


def test_an_invitation_needs_nothing(people: People) -> None:
    with pytest.raises(UnacceptableContent):
        people.call(invitations.handle, "POST", {"code": "ABCDEFGH"})


def test_wrong_codes_of_one_organisation_are_limited_whoever_of_it_tries(people: People) -> None:
    made = invite(people)
    for number in range(meetings.max_wrong_codes):
        with pytest.raises(NoSuchResource):
            redeem(people, "WRNGCDE2", worker() if number % 2 else worker(COLLEAGUE))
    with pytest.raises(TooManyRequests) as error:
        redeem(people, made["code"])
    assert 0 < error.value.retry_after_s <= meetings.limit_period_s
    people.meet(stranger())
    people.clock.forward(error.value.retry_after_s)
    register(people)
    assert redeem(people, invite(people)["code"]) is Result.ACCEPTED


def test_a_taken_code_is_not_given_out_again(people: People) -> None:
    first = invite(people)["code"]
    codes = iter([first, "ABCDEFGH"])
    asking = Asking(people.storage.storage, people.owner)
    assert meetings.invite(people.context, asking, lambda: next(codes)).code == "ABCDEFGH"


def test_ending_a_meeting_takes_it_from_the_list_of_the_other(people: People) -> None:
    id_ = people.meet()
    people.call(invitations.handle, "DELETE", rest=id_)
    listed = document_of(people.call(invitations.handle_server, "GET", by=worker(), storage=None))
    assert listed["items"] == []
    people.call(invitations.handle, "DELETE", rest=id_)
    assert [line.activity for line in people.lines()][-2:] == ["cancel", "cancel"]


def test_meetings_are_hers_for_thirty_days_with_the_same_issuer_and_while_she_works_there(
    people: People,
) -> None:
    people.meet()
    other = worker(issuer="https://other.example/")
    assert document_of(people.call(invitations.handle_server, "GET", by=other, storage=None))["items"] == []
    register(people, suspended_at=1)
    assert (
        document_of(people.call(invitations.handle_server, "GET", by=worker(), storage=None))["items"] == []
    )
    register(people)
    people.clock.policy_s = people.clock().policy_s + meeting_lifetime_s + 1
    assert (
        document_of(people.call(invitations.handle_server, "GET", by=worker(), storage=None))["items"] == []
    )


def test_somebody_elses_meeting_cannot_be_seen(people: People) -> None:
    id_ = people.meet()
    with pytest.raises(NoSuchResource):
        people.call(invitations.handle_server, "GET", by=stranger(), storage=None, rest=id_)
    nobody = Caller(ANONYMOUS, Declared(), "a" * 32)
    with pytest.raises(NotSignedIn):
        people.call(invitations.handle_server, "GET", by=nobody, storage=None)


def test_the_list_holds_all_invitations_with_who_is_in_them(people: People) -> None:
    people.meet()
    invite(people)
    listed = document_of(people.call(invitations.handle, "GET"))
    assert [item["status"] for item in listed["items"]] == ["Confirmed", "Open"]
    assert [party["id"] for party in listed["parties"]] == [WORKER, ORGANISATION]
    with pytest.raises(NoSuchResource):
        people.call(invitations.handle, "GET", rest="aaaaaaaaaaaaaaaa")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_only_the_owner_invites(people: People, method: str) -> None:
    with pytest.raises(NoSuchResource):
        people.call(invitations.handle, method, by=worker())
