from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.histories import Event, is_linearizable, state_of

PUT = Event("PUT", 0, 1, 201, "a")


def event(method: str, began: float, ended: float, status: int | None, value: str = "") -> Event:
    return Event(method, began, ended, status, value)


def test_what_one_client_did_after_the_other_is_linearizable() -> None:
    assert is_linearizable(
        [PUT, event("GET", 2, 3, 200, "a"), event("DELETE", 4, 5, 204), event("GET", 6, 7, 404)]
    )


def test_what_overlaps_may_have_happened_either_way_round() -> None:
    writes = [PUT, event("PUT", 2, 9, 204, "b"), event("PUT", 2, 9, 204, "c")]
    for last in "bc":
        assert is_linearizable([*writes, event("GET", 10, 11, 200, last)])


@pytest.mark.parametrize(
    "events",
    [
        [PUT, event("GET", 2, 3, 404)],
        [PUT, event("PUT", 2, 3, 204, "b"), event("GET", 4, 5, 200, "a")],
        [PUT, event("PUT", 2, 3, 201, "b")],
        [event("PUT", 0, 1, 204, "a")],
        [event("DELETE", 0, 1, 204)],
        [PUT, event("DELETE", 2, 3, 404)],
        [PUT, event("DELETE", 2, 5, 204), event("DELETE", 2, 5, 204)],
        [event("PUT", 0, 9, 204, "b"), event("GET", 2, 3, 200, "b"), PUT, event("GET", 4, 5, 200, "a")],
    ],
)
def test_a_lost_a_torn_and_an_old_answer_are_not_linearizable(events: list[Event]) -> None:
    assert not is_linearizable(events)


def test_two_writers_that_both_replaced_the_same_version_are_a_lost_update() -> None:
    both = [Event("PUT", 2, 9, 204, value, only_if="a") for value in "bc"]
    assert not is_linearizable([PUT, *both])
    assert is_linearizable([PUT, both[0], replace(both[1], status=412)])


def test_two_writers_that_both_made_the_resource_are_a_lost_update() -> None:
    both = [Event("PUT", 0, 9, 201, value, only_if_absent=True) for value in "bc"]
    assert not is_linearizable(both)
    assert is_linearizable([both[0], replace(both[1], status=412)])


def test_a_condition_that_held_all_the_time_is_no_reason_to_refuse() -> None:
    assert not is_linearizable([PUT, Event("PUT", 2, 3, 412, "b", only_if="a")])
    assert not is_linearizable([PUT, Event("DELETE", 2, 3, 412, only_if="a")])
    assert is_linearizable([PUT, Event("DELETE", 2, 3, 412, only_if="z")])


def test_what_was_not_answered_may_have_happened_later_or_never() -> None:
    lost = event("PUT", 2, 3, None, "b")
    assert is_linearizable([PUT, lost, event("GET", 4, 5, 200, "a"), event("GET", 6, 7, 200, "b")])
    assert is_linearizable([PUT, lost, event("GET", 4, 5, 200, "a")])
    assert not is_linearizable([PUT, lost, event("GET", 4, 5, 200, "b"), event("GET", 6, 7, 200, "a")])


def test_a_conflict_changes_nothing() -> None:
    assert is_linearizable([PUT, event("PUT", 2, 3, 409, "b"), event("GET", 4, 5, 200, "a")])
    assert not is_linearizable([PUT, event("PUT", 2, 3, 409, "b"), event("GET", 4, 5, 200, "b")])


def test_patches_of_two_clients_are_both_in_what_is_read_after_them() -> None:
    both = [PUT, event("ADD", 2, 9, 204, "b"), event("ADD", 2, 9, 204, "c")]
    assert is_linearizable([*both, event("GET", 10, 11, 200, state_of("a", "cb"))])
    for lost in (state_of("a", "b"), state_of("a", "c"), "a"):
        assert not is_linearizable([*both, event("GET", 10, 11, 200, lost)])


def test_a_patch_that_a_put_met_is_in_its_past_or_on_top_of_it() -> None:
    contest = [PUT, event("PUT", 2, 9, 204, "b"), event("ADD", 2, 9, 204, "c")]
    for last in ("b", state_of("b", "c")):
        assert is_linearizable([*contest, event("GET", 10, 11, 200, last)])
    assert not is_linearizable([*contest, event("GET", 10, 11, 200, state_of("a", "c"))]), "the put is lost"


def test_a_patch_cannot_bring_back_what_was_put_over() -> None:
    seen = [PUT, event("MOVE", 2, 9, 204, "m"), event("PUT", 3, 4, 204, "b"), event("GET", 5, 6, 200, "b")]
    assert is_linearizable([*seen, event("GET", 10, 11, 200, "m")])
    late = event("ADD", 12, 13, 204, "x")
    assert is_linearizable([*seen, late, event("GET", 14, 15, 200, state_of("b", "x"))])
    assert not is_linearizable([*seen, late, event("GET", 14, 15, 200, state_of("a", "x"))])


def test_two_patches_that_replaced_the_same_version_are_a_lost_update() -> None:
    both = [Event("MOVE", 2, 9, 204, value, only_if="a") for value in "bc"]
    assert not is_linearizable([PUT, *both])
    assert is_linearizable([PUT, both[0], replace(both[1], status=412)])
    assert not is_linearizable([PUT, replace(both[0], status=412), replace(both[1], status=412)])


def test_a_patch_and_a_put_on_the_same_version_are_a_lost_update() -> None:
    put, add = (Event(method, 2, 9, 204, method, only_if="a") for method in ("PUT", "ADD"))
    assert not is_linearizable([PUT, put, add])
    assert is_linearizable([PUT, put, replace(add, status=412)])
    assert is_linearizable([PUT, replace(put, status=412), add])


def test_a_patch_needs_what_it_replaces_and_fails_for_nothing_else() -> None:
    assert is_linearizable([event("ADD", 0, 1, 201, "b"), event("MOVE", 2, 3, 409, "c")])
    assert not is_linearizable([event("ADD", 0, 1, 201, "b"), event("MOVE", 2, 3, 204, "c")])
    assert not is_linearizable([PUT, event("MOVE", 2, 3, 409, "c")])
    assert not is_linearizable([PUT, event("ADD", 2, 3, 409, "c")])
    assert not is_linearizable([PUT, event("ADD", 2, 3, 201, "c")])


def test_a_patch_that_was_not_answered_counts_once_at_most() -> None:
    lost = event("ADD", 2, 3, None, "b")
    assert is_linearizable([PUT, lost, event("GET", 4, 5, 200, "a")])
    assert is_linearizable([PUT, lost, event("GET", 4, 5, 200, "a"), event("GET", 6, 7, 200, "a+b")])
    assert not is_linearizable([PUT, lost, event("GET", 4, 5, 200, "a+b+b")])
    assert not is_linearizable([PUT, lost, event("GET", 4, 5, 200, "a+b"), event("GET", 6, 7, 200, "a")])
