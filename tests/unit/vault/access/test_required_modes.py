"""Which modes an operation needs, and on what."""

from __future__ import annotations

import pytest

from tests.support.catalogue_views import at
from tests.support.rules import APPEND, CONTROL, READ, WRITE
from vault.access.required_modes import (
    Need,
    Touch,
    to_add,
    to_change_group,
    to_create,
    to_delete,
    to_patch,
    to_patch_new,
    to_read,
    to_replace,
)
from vault.model.modes import AccessMode


@pytest.mark.requirement("wac", "server-read-operation")
def test_reading_needs_read() -> None:
    assert to_read(at("a/x")) == (Need(at("a/x"), READ),)


@pytest.mark.requirement("wac", "server-update-operation")
def test_replacing_needs_write_on_the_resource_alone() -> None:
    assert to_replace(at("a/x")) == (Need(at("a/x"), WRITE),)


def test_changing_who_is_in_a_named_group_needs_control_on_the_document() -> None:
    assert to_change_group(at("a/team")) == (Need(at("a/team"), CONTROL),)


@pytest.mark.requirement("wac", "server-create-operation")
def test_creating_needs_append_above_and_write_on_everything_new() -> None:
    needs = to_create(at("a/b/c/x"), at("a/"), [at("a/b/"), at("a/b/c/")])
    expected = {("a/", APPEND), ("a/b/", WRITE), ("a/b/c/", WRITE), ("a/b/c/x", WRITE)}
    assert {(need.identifier.path, need.mode) for need in needs} == expected


def test_adding_needs_append_on_the_container() -> None:
    assert to_add(at("a/")) == (Need(at("a/"), APPEND),)


@pytest.mark.requirement("wac", "server-delete-operation")
def test_deleting_needs_write_on_the_resource_and_on_its_container() -> None:
    assert to_delete(at("a/b/")) == (Need(at("a/b/"), WRITE), Need(at("a/"), WRITE))
    assert to_delete(at("")) == (Need(at(""), WRITE),)


@pytest.mark.parametrize(
    ("touch", "modes"),
    [
        (Touch(looks=False, removes=False), (APPEND,)),
        (Touch(looks=True, removes=False), (READ, APPEND)),
        (Touch(looks=False, removes=True), (READ, WRITE)),
        (Touch(looks=True, removes=True), (READ, WRITE)),
    ],
)
def test_a_patch_needs_what_it_does_and_append_above_what_is_new(
    touch: Touch, modes: tuple[AccessMode, ...]
) -> None:
    own = tuple(Need(at("a/b/x"), mode) for mode in modes)
    assert to_patch(at("a/b/x"), touch) == own
    new = (Need(at("a/"), APPEND), Need(at("a/b/"), APPEND), *own)
    assert to_patch_new(at("a/b/x"), at("a/"), [at("a/b/")], touch) == new
    assert (
        to_patch(at("a.acl"), touch) == to_patch_new(at("a.acl"), at(""), [], touch) == to_read(at("a.acl"))
    )


def test_removing_a_description_needs_nothing_of_a_container() -> None:
    assert to_delete(at("a/x.meta")) == (Need(at("a/x.meta"), WRITE),)


@pytest.mark.requirement("wac", "server-control-operation")
@pytest.mark.parametrize(("acl", "subject"), [("a/x.acl", "a/x"), ("a/.acl", "a/"), (".acl", "")])
def test_whatever_is_done_with_an_acl_resource_needs_control_of_its_subject(acl: str, subject: str) -> None:
    target, control = at(acl), (Need(at(subject), CONTROL),)
    assert to_read(target) == to_replace(target) == to_delete(target) == control
    assert to_create(target, at("a/"), []) == control
