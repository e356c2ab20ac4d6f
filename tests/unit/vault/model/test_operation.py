"""Conditions of operations, and the methods that follow from a path."""

from __future__ import annotations

import pytest

from vault.errors import PreconditionFailed
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.operation import ANY_VERSION, Preconditions, State, methods_of

ANY = frozenset({ANY_VERSION})
V1 = frozenset({"v1"})


@pytest.mark.parametrize("current", ["v1", "v2", None])
@pytest.mark.parametrize("match", [None, ANY, V1])
@pytest.mark.parametrize("none_match", [None, ANY, V1])
def test_a_condition_holds_for_the_states_it_names(
    current: str | None, match: frozenset[str] | None, none_match: frozenset[str] | None
) -> None:
    def among(versions: frozenset[str]) -> bool:
        return current is not None and (versions == ANY or current in versions)

    holds = (match is None or among(match)) and (none_match is None or not among(none_match))
    conditions = Preconditions(match, none_match)
    state = None if current is None else State(lambda: current, 1000)
    if holds:
        conditions.check(state)
    else:
        with pytest.raises(PreconditionFailed):
            conditions.check(state)


def test_the_version_is_not_worked_out_when_nobody_asks() -> None:
    def fail() -> str:
        raise AssertionError("nobody asked")

    state = State(fail, 1000)
    Preconditions().check(state)
    Preconditions(match=ANY).check(state)
    Preconditions(none_match=frozenset()).check(state)


def test_a_time_counts_only_where_no_version_was_asked_for_and_there_is_one() -> None:
    late, early = (Preconditions(unmodified_since=second) for second in (5, 4))
    changed = State(lambda: "v1", 5999)
    late.check(changed)
    with pytest.raises(PreconditionFailed):
        early.check(changed)
    early.check(None)
    early.check(State(lambda: "v1", None))
    Preconditions(match=V1, unmodified_since=4).check(changed)


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("", "POST PUT PATCH"),
        ("a/", "POST PUT PATCH DELETE"),
        ("a", "PUT PATCH DELETE"),
        (".acl", "PUT PATCH"),
        ("a/.acl", "PUT PATCH DELETE"),
        ("a.acl", "PUT PATCH DELETE"),
        ("a.meta", "PUT PATCH DELETE"),
        (".meta", "PUT PATCH DELETE"),
        ("a.acl.acl", ""),
        ("a.meta.acl", ""),
        (".well-known/x", ""),
    ],
)
def test_methods_follow_from_the_path_alone(path: str, more: str) -> None:
    identifier = ResourceIdentifier(StorageId("aaaaaaaaaaaaaaaa"), path)
    assert methods_of(identifier) == ("GET", "HEAD", "OPTIONS", *more.split())
