"""Only whom the citizen knows can be given something, and only as the register has her."""

from __future__ import annotations

import pytest

from tests.support.grants import CLIENT, GROUP, ISSUER, ORGANISATION, STORAGE, WORKER, make_grant, policy
from tests.support.people import COLLEAGUE, STRANGER, People, make_people, register, stranger, worker
from vault.grants.known import KnownGrant, grant_document
from vault.grants.standing import Receiver, Standing, find_standing
from vault.model.grant import AssigneeKind

TEAM = Receiver(GROUP, AssigneeKind.TEAM)
MARIEKE = Receiver(WORKER, AssigneeKind.WORKER)


def standing(people: People, receiver: Receiver) -> Standing:
    """How somebody stands, without a request."""
    with people.context.catalogue.view() as view:
        return find_standing(view, people.storage.storage, receiver, None)


@pytest.mark.parametrize("receiver", [MARIEKE, TEAM])
def test_a_meeting_with_a_worker_is_one_with_her_and_her_team(people: People, receiver: Receiver) -> None:
    found = standing(people, receiver)
    assert found.organisation is not None
    assert (found.organisation.iri, found.issuers, found.clients) == (ORGANISATION, (ISSUER,), (CLIENT,))


@pytest.mark.parametrize(
    "receiver",
    [
        Receiver(COLLEAGUE, AssigneeKind.WORKER),
        Receiver("https://x.example/g", AssigneeKind.TEAM),
        Receiver(WORKER, AssigneeKind.PERSON),
        Receiver(WORKER, AssigneeKind.WORKER, "https://other.example/organisatie"),
    ],
)
def test_a_meeting_with_one_is_no_meeting_with_another(people: People, receiver: Receiver) -> None:
    assert standing(people, receiver) == Standing()


def test_without_any_meeting_nobody_stands(tmp_path_factory: pytest.TempPathFactory) -> None:
    people = make_people(tmp_path_factory.mktemp("people"))
    for receiver in (MARIEKE, TEAM, Receiver(STRANGER, AssigneeKind.PERSON)):
        assert standing(people, receiver) == Standing()


def test_a_person_stands_with_the_issuer_of_the_last_meeting(people: People) -> None:
    people.meet(stranger())
    found = standing(people, Receiver(STRANGER, AssigneeKind.PERSON))
    assert found == Standing(issuers=(str(stranger().credentials.issuer),))


def test_an_organisation_that_left_the_register_or_is_suspended_does_not_stand(people: People) -> None:
    register(people, suspended_at=1)
    assert standing(people, MARIEKE) == Standing()
    people.context.catalogue.write(lambda tx: tx.remove_organisation(ORGANISATION))
    assert standing(people, MARIEKE) == standing(people, TEAM) == Standing()


def test_a_team_that_was_given_something_before_stands_without_a_meeting(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    people = make_people(tmp_path_factory.mktemp("people"))
    grant = make_grant("a", policy("plannen/"), assignee=GROUP, assignee_kind=AssigneeKind.TEAM)
    assert grant.storage == STORAGE
    document = grant_document(people.storage.storage, KnownGrant(grant, 1), 1)
    people.context.catalogue.write(lambda tx: tx.put_document(document))
    assert standing(people, TEAM).issuers == (ISSUER,)
    assert standing(people, Receiver(GROUP, AssigneeKind.WORKER)) == Standing()


def test_a_worker_who_came_with_another_app_is_no_person_either(people: People) -> None:
    people.meet(worker(COLLEAGUE, client="https://elsewhere.example/app"))
    assert standing(people, Receiver(COLLEAGUE, AssigneeKind.PERSON)) == Standing()
