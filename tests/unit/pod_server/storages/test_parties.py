"""Who somebody is comes from the register only."""

from __future__ import annotations

from pod_server.storages.parties import parties
from tests.support.grants import GROUP, ORGANISATION, WORKER
from tests.support.people import People, register
from vocab.namespaces import WK


def test_a_worker_is_shown_with_name_role_and_verified_organisation(people: People) -> None:
    with people.context.catalogue.view() as view:
        found = parties(view, [WORKER])[0]
    assert (found["name"], found["role"]) == ("Marieke Bos", WK["rol-aanbieder"])
    organisation = found["organisation"]
    assert (organisation["name"], organisation["numberKind"]) == ("Stichting Samen Verder", "KvK")
    assert organisation["verifiedAt"] == "2023-11-14T22:13:20Z"
    assert organisation["suspended"] is False


def test_a_group_is_shown_as_its_organisation(people: People) -> None:
    with people.context.catalogue.view() as view:
        group, organisation = parties(view, [GROUP, ORGANISATION])
    assert (group["id"], group["name"]) == (GROUP, "Stichting Samen Verder")
    assert group["organisation"] == organisation


def test_of_a_stranger_nothing_is_told(people: People) -> None:
    with people.context.catalogue.view() as view:
        assert parties(view, ["https://x.example/#me", None]) == [
            {"id": "https://x.example/#me", "name": None, "role": None, "organisation": None}
        ]


def test_everybody_is_told_of_once_in_order(people: People) -> None:
    with people.context.catalogue.view() as view:
        assert [found["id"] for found in parties(view, [WORKER, ORGANISATION, WORKER])] == [
            WORKER,
            ORGANISATION,
        ]


def test_a_suspension_is_told(people: People) -> None:
    register(people, suspended_at=1)
    with people.context.catalogue.view() as view:
        assert parties(view, [ORGANISATION])[0]["suspended"] is True
