"""A change of grants is kept whole: documents, ACLs, rules, boundaries, journal and epoch in one transaction."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pyoxigraph import Triple

from pod_server.storages import grants as service
from tests.support.grants import PURPOSE, WORKER
from tests.support.people import COLLEAGUE, People, document_of, short, worker
from tests.support.vaults import GONE, add_resource
from vault.access.compile import compile_acl
from vault.errors import ConcurrentChange, Conflict, NoSuchResource
from vault.grants import keep
from vault.grants.foreign_edits import judge_edit
from vault.grants.keep import Change, apply_changes, apply_verdict
from vault.grants.known import find_grant, known_grants
from vault.grants.layout import GrantChange, graph_of_new
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.modes import AccessMode
from vault.model.records import DocumentKind, NewRevision, ResourceKind, ServiceDocument
from vault.model.requester import Caller, Credentials, Declared
from vault.operations.access_rules import PreparedAcl, prepare_acl, put_acl
from vault.rdf.documents import parse
from vault.stores.ports import CatalogueReader, CatalogueTransaction
from vocab.media_types import TURTLE
from vocab.namespaces import ACL

FRIEND = "https://friends.example/card#me"


def friend() -> Caller:
    """Somebody the owner gave something by hand."""
    return Caller(Credentials(FRIEND, "https://app.example/", "https://id.example/"), Declared(), "c" * 32)


def write_acl(people: People, path: str, *agents: str, client: str | None = None) -> None:
    """Let the owner write an ACL herself; the grants follow."""
    subject = ResourceIdentifier(people.storage.storage, path)
    url, context = subject.url(people.context.base_url), people.context
    lines = [
        f"<#r{n}> a <{ACL.Authorization}> ; <{ACL.agent}> <{agent}> ; <{ACL.mode}> <{ACL.Read}> ; "
        f"<{ACL.accessTo}> <{url}> ; <{ACL.default}> <{url}> ."
        for n, agent in enumerate(agents)
    ]
    triples = parse("\n".join(lines).encode(), TURTLE, f"{url}.acl")
    with context.catalogue.view() as view:
        found = view.find_resource(subject.acl)
    key = context.new_id() if found is None else found.key
    new = prepare_acl(context, subject.acl, key, triples, people.storage.owner)

    def change(tx: CatalogueTransaction) -> None:
        record, current = tx.find_resource(subject), tx.find_resource(subject.acl)
        assert record is not None
        grants = [known.grant for known in known_grants(tx, people.storage.storage)]
        before: list[Triple] | None = None if current is None else []
        verdict = judge_edit(url, before, triples, grants, people.clock().policy_s)
        put_acl(tx, record, current, PreparedAcl(key, new, compile_acl(triples, url).written_with(client)))
        apply_verdict(tx, context, people.storage, verdict)

    context.catalogue.write(change)


def delete_acl(people: People, path: str) -> None:
    """Let the owner delete an ACL; the grants follow."""
    subject = ResourceIdentifier(people.storage.storage, path)

    def change(tx: CatalogueTransaction) -> None:
        record, current = tx.find_resource(subject), tx.find_resource(subject.acl)
        assert record is not None
        assert current is not None
        grants = [known.grant for known in known_grants(tx, people.storage.storage)]
        verdict = judge_edit(subject.url(people.context.base_url), [], None, grants, people.clock().policy_s)
        tx.delete_resource(current, GONE)
        tx.drop_rules(record)
        apply_verdict(tx, people.context, people.storage, verdict)

    people.context.catalogue.write(change)


def test_an_acl_of_hers_keeps_a_grant_from_above_out_and_is_not_touched(people: People) -> None:
    open_, secret = people.add("plannen/p1"), people.add("plannen/p2")
    write_acl(people, "plannen/p2", FRIEND)
    before = acl_revision(people, "plannen/p2")
    given = people.give(f"{people.url}plannen/")
    assert given["exceptions"] == [secret]
    assert people.may(worker(), open_)
    assert not people.may(worker(), secret)
    assert people.may(friend(), secret)
    assert acl_revision(people, "plannen/p2") == before


def acl_revision(people: People, path: str) -> str | None:
    """The current revision of an ACL."""
    with people.context.catalogue.view() as view:
        record = view.find_resource(ResourceIdentifier(people.storage.storage, path).acl)
    return None if record is None else record.revision


def test_a_grant_on_exactly_a_resource_with_an_acl_of_hers_is_added_into_it_and_taken_out_again(
    people: People,
) -> None:
    plan = people.add("plannen/p1")
    write_acl(people, "plannen/p1", FRIEND)
    given = people.give(plan)
    assert people.may(worker(), plan)
    assert people.may(friend(), plan)
    people.stop(given)
    assert not people.may(worker(), plan)
    assert people.may(friend(), plan)
    assert people.acl("plannen/p1")


def test_an_acl_that_the_vault_makes_keeps_what_was_inherited(people: People) -> None:
    plan = people.add("plannen/p1/plan")
    write_acl(people, "plannen/", FRIEND)
    given = people.give(f"{people.url}plannen/p1/")
    assert people.may(friend(), plan)
    write_acl(people, "plannen/")
    assert not people.may(friend(), plan)
    assert people.may(worker(), plan)
    people.stop(given)
    assert not people.acl("plannen/p1/")


def test_a_later_acl_of_hers_is_an_exception_and_stays_one_after_she_deletes_it(people: People) -> None:
    plan = people.add("plannen/p1")
    given = people.give(f"{people.url}plannen/")
    write_acl(people, "plannen/p1", FRIEND)
    assert not people.may(worker(), plan)
    delete_acl(people, "plannen/p1")
    assert not people.may(friend(), plan)
    assert not people.may(worker(), plan)
    assert people.acl("plannen/p1")
    people.stop(given)
    assert not people.acl("plannen/p1")


def test_a_document_made_again_where_a_grant_stayed_out_stays_closed_for_it(people: People) -> None:
    people.add("plannen/p1")
    people.give(f"{people.url}plannen/")
    write_acl(people, "plannen/p1", FRIEND)
    identifier = ResourceIdentifier(people.storage.storage, "plannen/p1")

    def remove(tx: CatalogueTransaction) -> None:
        record = tx.find_resource(identifier)
        assert record is not None
        tx.delete_resource(record, GONE)

    people.context.catalogue.write(remove)
    with people.context.catalogue.view() as view:
        assert view.is_boundary(identifier)
        triples = graph_of_new(people.context, view, people.storage, identifier)
        elsewhere = ResourceIdentifier(people.storage.storage, "plannen/p3")
        assert graph_of_new(people.context, view, people.storage, elsewhere) is None
    assert triples is not None
    compiled = compile_acl(triples, identifier.url(people.context.base_url))
    assert all(WORKER not in rule.agents for rule in compiled.access_to)


def test_deleting_the_acl_of_a_grants_only_target_stops_the_grant(people: People) -> None:
    plan = people.add("plannen/p1")
    given = people.give(plan)
    delete_acl(people, "plannen/p1")
    assert not people.may(worker(), plan)
    shown = document_of(people.call(service.handle, "GET", rest=short(given)))
    assert shown["status"] == "Stopped"


def test_edits_without_any_grant_write_nothing_more(people: People) -> None:
    plan = people.add("plannen/p1")
    write_acl(people, "plannen/p1", FRIEND)
    assert people.may(friend(), plan)


def test_stopping_everything_also_ends_what_was_set_by_hand_for_others(people: People) -> None:
    plan = people.add("plannen/p1")
    write_acl(people, "plannen/p1", FRIEND, people.storage.owner)
    people.give(plan)
    people.call(service.handle, "DELETE")
    assert not people.may(friend(), plan)
    assert not people.may(worker(), plan)
    assert people.may(people.owner, plan, AccessMode.CONTROL)
    assert people.may(friend(), f"{people.url}profiel/card")


def test_two_grants_on_one_target_stand_side_by_side(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet(worker(COLLEAGUE))
    first = people.give(plan)
    people.give(plan, assignee=COLLEAGUE)
    people.stop(first)
    assert not people.may(worker(), plan)
    assert people.may(worker(COLLEAGUE), plan)


def test_what_ended_by_itself_is_tidied_up_with_the_next_change(people: People) -> None:
    first, second = people.add("plannen/p1"), people.add("plannen/p2")
    people.give(first, end="2026-12-31T23:59:59+01:00")
    people.clock.policy_s = 1_800_000_000
    assert people.acl("plannen/p1")
    people.give(second, purpose=PURPOSE)
    assert not people.acl("plannen/p1")


def test_a_change_that_others_overtake_is_worked_out_again(people: People) -> None:
    plan = people.add("plannen/p1")
    given = people.give(plan)
    attempts = []

    def make(view: CatalogueReader) -> Change:
        known = find_grant(view, people.storage.storage, short(given))
        assert known is not None
        attempts.append(known.version)
        if len(attempts) == 1:
            people.context.catalogue.write(lambda tx: tx.raise_storage_epoch(people.storage.storage))
        grants = GrantChange(replaced=(keep.stopped(known.grant, people.clock()),))
        return Change(grants)

    changed = apply_changes(people.context, people.storage.storage, make)
    assert attempts == [1, 1]
    assert [known.version for known in changed] == [2]
    assert not people.may(worker(), plan)


def test_a_change_that_is_overtaken_again_and_again_gives_up_and_leaves_nothing(people: People) -> None:
    attempts = []

    def make(view: CatalogueReader) -> Change:
        attempts.append(view.epochs(people.storage.storage))
        people.context.catalogue.write(lambda tx: tx.raise_storage_epoch(people.storage.storage))
        document = ServiceDocument(
            people.storage.storage, DocumentKind.RELOCATION, "aaaaaaaaaaaaaaaa", 1, "Draft", None, b"{}", 1
        )
        return Change(documents=(document,))

    with pytest.raises(ConcurrentChange):
        apply_changes(people.context, people.storage.storage, make)
    assert len(attempts) == keep.max_attempts
    with people.context.catalogue.view() as view:
        assert view.documents(people.storage.storage, DocumentKind.RELOCATION) == []


def test_grants_and_further_documents_are_kept_together_or_not_at_all(people: People) -> None:
    plan = people.add("plannen/p1")
    given = people.give(plan)
    wrong = ServiceDocument(
        people.storage.storage, DocumentKind.RELOCATION, "aaaaaaaaaaaaaaaa", 7, "Draft", None, b"{}", 1
    )

    def make(view: CatalogueReader) -> Change:
        known = find_grant(view, people.storage.storage, short(given))
        assert known is not None
        stopped = keep.stopped(known.grant, people.clock())
        return Change(GrantChange(replaced=(stopped,)), (wrong,))

    with pytest.raises(Conflict):
        apply_changes(people.context, people.storage.storage, make)
    assert people.may(worker(), plan)
    assert people.acl("plannen/p1")


def test_nothing_can_be_changed_in_a_storage_that_does_not_exist(people: People) -> None:
    with pytest.raises(NoSuchResource):
        apply_changes(people.context, StorageId("sabcdefghjkmnpqr"), lambda _: Change())


def test_a_resource_that_goes_between_working_out_and_keeping_keeps_nothing(people: People) -> None:
    plan = people.add("plannen/p1")
    identifier = ResourceIdentifier(people.storage.storage, "plannen/p1")
    draft = people.draft(plan)
    digests = [entry["digest"] for entry in people.preview(draft)["visible"]]
    original = people.context.documents

    class Slow:
        """Removes the resource while the ACL's object is written."""

        def write(self, storage: StorageId, key: str, revision: str, chunks: object) -> object:
            stored = original.write(storage, key, revision, chunks)  # type: ignore[arg-type]  # bytes
            with people.context.catalogue.view() as view:
                record = view.find_resource(identifier)
            if record is not None:
                people.context.catalogue.write(lambda tx: tx.delete_resource(record, GONE))
            return stored

        def read(self, *arguments: object) -> object:
            return original.read(*arguments)  # type: ignore[arg-type]  # passed on

    people.context = replace(people.context, documents=Slow())  # type: ignore[arg-type]  # as far as it is used
    with pytest.raises(Exception, match="target does not exist"):
        people.call(service.handle, "POST", draft | {"previewed": digests})
    assert document_of(people.call(service.handle, "GET"))["items"] == []


def test_an_acl_without_bytes_is_read_as_an_empty_one(people: People) -> None:
    identifier = ResourceIdentifier(people.storage.storage, "plannen/p1")
    add_resource(people.context, identifier, b"")

    def change(tx: CatalogueTransaction) -> None:
        subject = tx.find_resource(identifier)
        assert subject is not None
        new = NewRevision(people.context.new_id(), TURTLE, None, people.storage.owner, 1)
        tx.create_resource(identifier.acl, ResourceKind.ACL, new, people.context.new_id())
        tx.put_rules(subject, compile_acl([], "x:"))

    people.context.catalogue.write(change)
    people.give(f"{people.url}plannen/p1")
    assert people.may(worker(), f"{people.url}plannen/p1")


CALENDAR, NOTES = "https://afspraken.example/id", "https://notities.example/id"
COUSIN = "https://family.example/card#me"


def end_app(people: People, client: str) -> None:
    """Let what was set by hand with an app end."""
    change = Change(GrantChange(without_app=client))
    apply_changes(people.context, people.storage.storage, lambda _: change)


def cousin() -> Caller:
    """Somebody else to whom she gave something by hand."""
    return Caller(Credentials(COUSIN, "https://app.example/", "https://id.example/"), Declared(), "c" * 32)


def test_what_an_app_set_by_hand_ends_with_it_and_what_another_set_stays(people: People) -> None:
    plan, letter = people.add("plannen/p1"), people.add("brieven/b1")
    write_acl(people, "plannen/", people.storage.owner, FRIEND, client=CALENDAR)
    write_acl(people, "brieven/", people.storage.owner, FRIEND, client=NOTES)
    end_app(people, CALENDAR)
    assert not people.may(friend(), plan)
    assert people.may(friend(), letter)


def test_what_an_app_set_by_hand_ends_in_a_storage_that_is_paused_too(people: People) -> None:
    plan, of = people.add("plannen/p1"), people.storage.storage
    write_acl(people, "plannen/", people.storage.owner, FRIEND, client=CALENDAR)
    people.context.catalogue.write(lambda tx: tx.pause_storage(of, ""))
    assert not people.may(friend(), plan)
    end_app(people, CALENDAR)
    people.context.catalogue.write(lambda tx: tx.resume_storage(of))
    assert not people.may(friend(), plan)


def test_of_one_acl_only_the_rules_of_the_app_end(people: People) -> None:
    plan = people.add("plannen/p1")
    write_acl(people, "plannen/", people.storage.owner, FRIEND, client=CALENDAR)
    write_acl(people, "plannen/", people.storage.owner, FRIEND, COUSIN, client=NOTES)
    end_app(people, NOTES)
    assert people.may(friend(), plan)
    assert not people.may(cousin(), plan)


def test_a_rule_of_an_app_that_names_the_owner_keeps_her_and_nobody_else(people: People) -> None:
    plan = people.add("plannen/p1")
    subject = ResourceIdentifier(people.storage.storage, "plannen/")
    write_acl(people, "plannen/", people.storage.owner, client=CALENDAR)
    end_app(people, CALENDAR)
    assert people.acl("plannen/")
    assert not people.may(friend(), plan)
    with people.context.catalogue.view() as view:
        record = view.find_resource(subject)
        assert record is not None
        [rule] = view.rules(people.storage.storage, record.key).access_to
    assert rule.agents == {people.storage.owner}


def test_a_rule_that_names_her_and_another_keeps_only_her(people: People) -> None:
    plan = people.add("plannen/p1")
    write_acl(people, "plannen/", f"{people.storage.owner}> , <{FRIEND}", client=CALENDAR)
    assert people.may(friend(), plan)
    end_app(people, CALENDAR)
    assert not people.may(friend(), plan)
    assert people.acl("plannen/")


def test_ending_an_app_leaves_grants_and_what_comes_from_above_as_they_are(people: People) -> None:
    plan = people.add("plannen/p1/plan")
    write_acl(people, "plannen/", people.storage.owner, FRIEND, client=CALENDAR)
    people.give(f"{people.url}plannen/p1/")
    end_app(people, NOTES)
    assert people.may(friend(), plan)
    end_app(people, CALENDAR)
    assert people.may(worker(), plan)
    assert not people.may(friend(), plan)


def test_what_else_happens_is_in_the_same_transaction(people: People) -> None:
    plan = people.add("plannen/p1")
    write_acl(people, "plannen/", people.storage.owner, FRIEND, client=CALENDAR)

    def fail(_: CatalogueTransaction) -> None:
        raise Conflict("not now")

    change = Change(GrantChange(without_app=CALENDAR), also=fail)
    with pytest.raises(Conflict):
        apply_changes(people.context, people.storage.storage, lambda _: change)
    assert people.may(friend(), plan)
