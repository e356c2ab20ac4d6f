"""Changes of the register stand in the journal of every storage that they touch, and in no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pod_server.storages import invitations
from tests.support.grants import GROUP, ORGANISATION
from tests.support.people import People, make_people
from tests.support.vaults import add_resource, add_storage
from vault.context import Context
from vault.errors import Conflict, NoSuchResource
from vault.keeping import organisations
from vault.keeping.erase import hide
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.modes import AccessMode
from vault.model.organisation import Organisation
from vault.model.rules import CompiledAcl, OrganisationCondition, Rule

READ = frozenset({AccessMode.READ})
OF_THE_REGISTER = {
    organisations.ADDED,
    organisations.SUSPENDED,
    organisations.RESUMED,
    organisations.REMOVED,
}


@pytest.fixture
def people(tmp_path: Path) -> People:
    return make_people(tmp_path)


def organisation_of(people: People) -> Organisation:
    with people.context.catalogue.view() as view:
        return organisations.find_organisation(view, ORGANISATION)


def told(people: People, storage: StorageId | None = None) -> list[str]:
    """What the journal of a storage (that of the citizen) tells of the register."""
    of = storage or people.storage.storage
    lines = [line for line in people.lines() if line.activity in OF_THE_REGISTER and line.storage == of]
    assert all((line.agent, line.organisation) == (None, ORGANISATION) for line in lines)
    return [line.activity for line in lines]


def name_by_rule(people: People, rule: Rule) -> None:
    """Let a rule that no grant made stand in an ACL of the citizen."""
    at = ResourceIdentifier(people.storage.storage, "brieven/brief")
    add_resource(people.context, at, b"", CompiledAcl((rule,)))


def by_grant(people: People) -> None:
    people.meet()
    people.give(people.add("plannen/plan"))


def by_paused_grant(people: People) -> None:
    by_grant(people)
    people.context.catalogue.write(lambda tx: tx.pause_storage(people.storage.storage, ""))


def by_paused_rule(people: People) -> None:
    name_by_rule(people, Rule("#g", READ, groups=frozenset({GROUP})))
    people.context.catalogue.write(lambda tx: tx.pause_storage(people.storage.storage, ""))


WAYS: dict[str, Callable[[People], object]] = {
    "a grant": by_grant,
    "a grant of a storage that is paused": by_paused_grant,
    "a rule for its group in a storage that is paused": by_paused_rule,
    "a meeting": People.meet,
    "a rule for its group": lambda people: name_by_rule(people, Rule("#g", READ, groups=frozenset({GROUP}))),
    "a rule with it as condition": lambda people: name_by_rule(
        people,
        Rule("#c", READ, signed_in=True, conditions=(OrganisationCondition(frozenset({ORGANISATION})),)),
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_change_stands_in_the_journal_of_a_storage_it_touches(people: People, way: str) -> None:
    elsewhere = add_storage(people.context)
    WAYS[way](people)
    organisation = organisation_of(people)
    organisations.suspend_organisation(people.context, ORGANISATION)
    organisations.resume_organisation(people.context, ORGANISATION)
    organisations.remove_organisation(people.context, ORGANISATION)
    organisations.add_organisation(people.context, organisation)
    assert told(people) == [
        organisations.SUSPENDED,
        organisations.RESUMED,
        organisations.REMOVED,
        organisations.ADDED,
    ]
    assert told(people, elsewhere.storage) == []


def test_a_request_that_waits_is_touched_though_the_meeting_ended(people: People) -> None:
    met = people.meet()
    people.ask(f"{people.url}plannen/")
    people.call(invitations.handle, "DELETE", rest=met)
    organisations.suspend_organisation(people.context, ORGANISATION)
    assert told(people) == [organisations.SUSPENDED]


def test_what_was_stopped_or_refused_is_touched_no_more(people: People) -> None:
    met = people.meet()
    grant = people.give(people.add("plannen/plan"))
    people.stop(grant)
    people.call(invitations.handle, "DELETE", rest=met)
    organisations.suspend_organisation(people.context, ORGANISATION)
    assert told(people) == []
    assert organisation_of(people).suspended_at is not None


def test_a_change_that_changes_nothing_has_no_line(people: People) -> None:
    people.meet()
    organisations.resume_organisation(people.context, ORGANISATION)
    organisations.suspend_organisation(people.context, ORGANISATION)
    suspended_at = organisation_of(people).suspended_at
    people.clock.forward(60)
    organisations.suspend_organisation(people.context, ORGANISATION)
    assert told(people) == [organisations.SUSPENDED]
    assert organisation_of(people).suspended_at == suspended_at


def test_a_storage_out_of_sight_keeps_no_other_from_its_line(people: People) -> None:
    hidden = add_storage(people.context)
    hide(people.context, hidden.storage)
    people.meet()
    organisations.suspend_organisation(people.context, ORGANISATION)
    assert told(people) == [organisations.SUSPENDED]
    assert told(people, hidden.storage) == []


def test_access_that_is_given_while_the_change_is_on_its_way_is_touched_too(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = organisations._naming

    def look_and_give(context: Context, organisation: Organisation) -> Any:
        found = look(context, organisation)
        name_by_rule(people, Rule("#g", READ, groups=frozenset({GROUP})))
        return found

    monkeypatch.setattr(organisations, "_naming", look_and_give)
    organisations.suspend_organisation(people.context, ORGANISATION)
    assert told(people) == [organisations.SUSPENDED]


def test_one_that_is_there_is_not_added_and_one_that_is_not_is_not_changed(people: People) -> None:
    with pytest.raises(Conflict):
        organisations.add_organisation(people.context, organisation_of(people))
    organisations.remove_organisation(people.context, ORGANISATION)
    for change in (organisations.suspend_organisation, organisations.remove_organisation):
        with pytest.raises(NoSuchResource):
            change(people.context, ORGANISATION)
    assert told(people) == []
