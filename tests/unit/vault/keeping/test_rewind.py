from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.archives import PLAN, read, remove, share, write
from tests.support.backups import quiet
from tests.support.people import People, make_people, stranger
from vault.errors import NoSuchResource
from vault.keeping.rewind import Deed, Done, Step, plan_rewind, rewind
from vault.model.identifiers import ResourceIdentifier, StorageId


@pytest.fixture
def people(tmp_path: Path) -> People:
    made = make_people(tmp_path)
    write(made, "plannen/rust/plan", PLAN)
    write(made, "brieven/weg", b"<> a <#Weg> .")
    write(made, "brieven/doos/in", b"<> a <#In> .")
    write(made, "brieven/", b'<> <http://purl.org/dc/terms/title> "Post" .')
    made.clock.forward(10)
    return made


def now(people: People) -> int:
    """The moment to go back to; what comes after it comes later."""
    moment = people.clock.wall_ms
    people.clock.forward(10)
    return moment


def steps_of(people: People, moment: int) -> tuple[Step, ...]:
    with people.context.catalogue.view() as view:
        return plan_rewind(view, people.storage.storage, moment)


def go_back(people: People, moment: int) -> tuple[Done, ...]:
    return rewind(people.context, people.storage.storage, steps_of(people, moment), quiet)


def told(steps: tuple[Step, ...]) -> list[tuple[str, str]]:
    return [(step.deed.value, step.identifier.path) for step in steps]


def exists(people: People, path: str) -> bool:
    with people.context.catalogue.view() as view:
        return view.find_resource(ResourceIdentifier(people.storage.storage, path)) is not None


def a_bad_day(people: People) -> None:
    write(people, "plannen/rust/plan", b"<> a <#Kapot> .")
    write(people, "plannen/rust/plan", b"<> a <#NogKapotter> .")
    remove(people, "brieven/weg")
    remove(people, "brieven/doos/in")
    remove(people, "brieven/doos/")
    write(people, "brieven/", b'<> <http://purl.org/dc/terms/title> "Stuk" .')
    write(people, "rommel/diep/ding", b"<> a <#Ding> .")


def test_documents_are_as_they_were_and_history_is_not_rewritten(people: People) -> None:
    moment = now(people)
    a_bad_day(people)
    done = go_back(people, moment)
    assert [one.why for one in done if one.why] == []
    assert read(people, "plannen/rust/plan")[1] == PLAN
    assert b"#Weg" in read(people, "brieven/weg")[1]
    assert b"#In" in read(people, "brieven/doos/in")[1]
    assert b"Post" in read(people, "brieven/")[1]
    assert not exists(people, "rommel/")
    with people.context.catalogue.view() as view:
        plan = view.find_resource(ResourceIdentifier(people.storage.storage, "plannen/rust/plan"))
        assert plan is not None
        assert len(list(view.revisions(plan))) == 4
    assert steps_of(people, moment) == (), "there is nothing left to do"


def test_what_lies_deepest_goes_first_and_what_contains_comes_first(people: People) -> None:
    moment = now(people)
    a_bad_day(people)
    assert told(steps_of(people, moment)) == [
        ("remove", "rommel/diep/ding"),
        ("remove", "rommel/diep/"),
        ("remove", "rommel/"),
        ("bring back", "brieven/doos/"),
        ("bring back", "brieven/weg"),
        ("bring back", "brieven/doos/in"),
        ("restore", "brieven/"),
        ("restore", "plannen/rust/plan"),
    ]


def test_telling_what_would_change_changes_nothing(people: People) -> None:
    moment = now(people)
    a_bad_day(people)
    lines = len(people.lines())
    assert steps_of(people, moment)
    assert len(people.lines()) == lines
    assert not exists(people, "brieven/weg")


def test_a_removed_document_comes_back_as_it_was_then_not_as_it_was_last(people: People) -> None:
    moment = now(people)
    write(people, "brieven/weg", b"<> a <#Later> .")
    remove(people, "brieven/weg")
    go_back(people, moment)
    assert b"#Weg" in read(people, "brieven/weg")[1]


def test_another_document_at_the_same_path_gives_way(people: People) -> None:
    moment = now(people)
    remove(people, "brieven/weg")
    write(people, "brieven/weg", b"<> a <#Ander> .")
    assert told(steps_of(people, moment)) == [("remove", "brieven/weg"), ("bring back", "brieven/weg")]
    go_back(people, moment)
    assert b"#Weg" in read(people, "brieven/weg")[1]


def test_what_was_removed_and_came_back_is_put_back_in_place(people: People) -> None:
    moment = now(people)
    write(people, "brieven/weg", b"<> a <#Later> .")
    remove(people, "brieven/weg")
    go_back(people, people.clock.wall_ms - 2000)
    go_back(people, moment)
    assert b"#Weg" in read(people, "brieven/weg")[1]


def test_what_was_hidden_then_and_is_shared_now_comes_back_for_the_owner_only(people: People) -> None:
    moment = now(people)
    write(people, "plannen/rust/plan", b"<> a <#Onschuldig> .")
    share(people, "plannen/rust/plan")
    assert people.may(stranger(), f"{people.url}plannen/rust/plan")
    (done,) = go_back(people, moment)
    assert done.is_closed
    assert read(people, "plannen/rust/plan")[1] == PLAN
    assert not people.may(stranger(), f"{people.url}plannen/rust/plan")


def test_what_is_absent_now_comes_back_for_the_owner_only(people: People) -> None:
    share(people, "brieven/weg")
    people.clock.forward(5)
    moment = now(people)
    remove(people, "brieven/weg")
    (done,) = go_back(people, moment)
    assert done.is_closed
    assert not people.may(stranger(), f"{people.url}brieven/weg")


def test_what_was_shared_all_the_time_stays_shared(people: People) -> None:
    share(people, "plannen/rust/plan")
    people.clock.forward(5)
    moment = now(people)
    write(people, "plannen/rust/plan", b"<> a <#Kapot> .")
    (done,) = go_back(people, moment)
    assert not done.is_closed
    assert people.may(stranger(), f"{people.url}plannen/rust/plan")


def test_the_card_and_the_rules_stay_those_of_now(people: People) -> None:
    moment = now(people)
    card = read(people, "profiel/card")
    write(people, "profiel/card", card[1] + b'<#me> <http://xmlns.com/foaf/0.1/name> "S" .')
    share(people, "plannen/rust/plan")
    assert steps_of(people, moment) == ()
    assert people.may(stranger(), f"{people.url}plannen/rust/plan")


def test_a_description_is_put_back_with_its_subject(people: People) -> None:
    write(people, "plannen/rust/plan.meta", b'<plan> <http://purl.org/dc/terms/type> "plan" .')
    moment = now(people)
    write(people, "plannen/rust/plan.meta", b'<plan> <http://purl.org/dc/terms/type> "ander" .')
    write(people, "brieven/weg.meta", b'<weg> <http://purl.org/dc/terms/type> "nieuw" .')
    assert told(steps_of(people, moment)) == [("restore", "plannen/rust/plan.meta")]
    go_back(people, moment)
    assert b'"plan"' in read(people, "plannen/rust/plan.meta")[1]


def test_what_is_not_known_any_more_stays_as_it_is(people: People) -> None:
    moment = now(people)
    write(people, "plannen/rust/plan", b"<> a <#Kapot> .")
    people.clock.forward(10)
    late = people.clock.wall_ms
    people.context.catalogue.write(lambda tx: tx.prune(late, late, 100))
    assert steps_of(people, moment) == ()
    assert exists(people, "plannen/rust/plan")


def test_a_step_that_cannot_be_done_is_told_and_the_others_are_done(people: People) -> None:
    moment = now(people)
    a_bad_day(people)
    steps = steps_of(people, moment)
    absent = Step(Deed.REMOVE, ResourceIdentifier(people.storage.storage, "brieven/er-is-niets"))
    done = rewind(people.context, people.storage.storage, (absent, *steps), quiet)
    assert [bool(one.why) for one in done] == [True] + [False] * len(steps)


def test_the_journal_says_that_it_was_the_operators_command(people: People) -> None:
    moment = now(people)
    write(people, "plannen/rust/plan", b"<> a <#Kapot> .")
    go_back(people, moment)
    by_operator = [line for line in people.lines() if line.activity in {"rewind", "put-back"}]
    assert [(line.activity, line.agent) for line in by_operator] == [
        ("rewind", None),
        ("put-back", people.storage.owner),
    ]
    assert (by_operator[1].client or "").endswith("/beheerder")


def test_a_storage_that_is_not_there_is_not_rewound(people: People) -> None:
    with pytest.raises(NoSuchResource, match="at that moment"):
        steps_of(people, 1)
    absent = StorageId("abcdefghjkmnpqrs")
    with people.context.catalogue.view() as view, pytest.raises(NoSuchResource):
        plan_rewind(view, absent, 0)
    with pytest.raises(NoSuchResource):
        rewind(people.context, absent, (), quiet)
