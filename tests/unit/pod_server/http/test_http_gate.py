"""How much one party may ask, and that no party can take it from another."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from pod_server.http import gate as gates
from pod_server.http.gate import Gate, address_of
from pod_server.http.limits import Limits
from vault.errors import TooManyRequests, Unavailable

LIMITS = Limits(max_concurrent=5, max_concurrent_per_agent=2, max_refusals_per_minute=3)
HERE, THERE = "192.0.2.1", "198.51.100.7"


@dataclass
class Seconds:
    """Time that stands still until it is moved."""

    value: float = 600.0

    def __call__(self) -> float:
        """Now."""
        return self.value


@pytest.fixture
def clock() -> Seconds:
    """Time."""
    return Seconds()


@pytest.fixture
def gate(clock: Seconds) -> Gate:
    """A gate with narrow limits."""
    return Gate(LIMITS, clock)


def come(gate: Gate, name: str, agent: str | None = None, address: str = HERE, client: str = "app") -> str:
    """Come in and be recognised."""
    gate.enter(name, address)
    gate.recognise(name, agent, client)
    return name


def refuse(gate: Gate, times: int, agent: str | None = None, address: str = HERE) -> None:
    """Be refused some times, one after the other."""
    for number in range(times):
        name = come(gate, f"r{number}", agent, address)
        gate.tell(name, (401, 403, 404)[number % 3])
        gate.leave(name)


@pytest.mark.parametrize("agent", ["Samira", None])
def test_who_asks_too_much_at_a_time_waits_for_an_answer(gate: Gate, agent: str | None) -> None:
    come(gate, "a", agent)
    come(gate, "b", agent)
    with pytest.raises(TooManyRequests):
        come(gate, "c", agent)
    gate.leave("c")
    gate.leave("a")
    come(gate, "d", agent)


def test_one_who_asks_too_much_keeps_nobody_else_out(gate: Gate) -> None:
    for name in "ab":
        come(gate, name, "Samira")
    come(gate, "c", "Samira", client="other app")
    come(gate, "d", "Bob")
    come(gate, "e", None)


def test_the_process_answers_so_many_at_a_time_and_no_more(gate: Gate) -> None:
    for name in "abcde":
        gate.enter(name, HERE)
    with pytest.raises(Unavailable):
        gate.enter("f", THERE)
    gate.leave("f")
    gate.leave("a")
    gate.enter("g", THERE)


def test_a_request_that_was_never_recognised_gives_back_no_place_of_another(gate: Gate) -> None:
    come(gate, "a")
    come(gate, "b")
    gate.enter("c", HERE)
    gate.leave("c")
    with pytest.raises(TooManyRequests):
        come(gate, "d")


def test_an_agent_who_was_refused_too_often_is_turned_away_for_the_rest_of_the_minute(
    gate: Gate, clock: Seconds
) -> None:
    refuse(gate, 3, "Samira")
    clock.value += 13
    with pytest.raises(TooManyRequests) as raised:
        come(gate, "a", "Samira")
    assert raised.value.retry_after_s == 47
    come(gate, "b", "Bob")
    gate.leave("a")
    clock.value += 47
    come(gate, "c", "Samira")


@pytest.mark.parametrize("agent", ["Samira", None])
def test_time_may_begin_anywhere(gate: Gate, clock: Seconds, agent: str | None) -> None:
    clock.value = 0.0
    refuse(gate, 3, agent)
    with pytest.raises(TooManyRequests):
        refuse(gate, 1, agent)


def test_what_was_allowed_or_malformed_does_not_count_as_refused(gate: Gate) -> None:
    for status in (200, 304, 400, 405, 409, 412, 500) * 2:
        name = come(gate, "a", "Samira")
        gate.tell(name, status)
        gate.leave(name)


def test_an_address_hears_no_more_refusals_and_still_gets_what_it_may(gate: Gate) -> None:
    refuse(gate, 3)
    name = come(gate, "a")
    with pytest.raises(TooManyRequests):
        gate.tell(name, 404)
    gate.leave(name)
    for status in (200, 201, 304):
        name = come(gate, "a")
        gate.tell(name, status)
        gate.leave(name)
    other = come(gate, "b", address=THERE)
    gate.tell(other, 404)
    signed_in = come(gate, "c", "Samira")
    gate.tell(signed_in, 404)


def test_what_proves_nothing_counts_against_where_it_comes_from(gate: Gate) -> None:
    for number in range(3):
        gate.enter(f"{number}", HERE)
        gate.tell(f"{number}", 401)
        gate.leave(f"{number}")
    gate.enter("a", HERE)
    with pytest.raises(TooManyRequests):
        gate.tell("a", 401)


def test_a_flood_of_names_takes_no_more_memory_and_keeps_nobody_out(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gates, "max_parties", 10)
    refuse(gate, 3, "Samira")
    for number in range(100):
        refuse(gate, 1, None, f"192.0.2.{number}")
    assert sum(map(len, gate._refusals.values())) == 11
    with pytest.raises(TooManyRequests):
        come(gate, "a", "Samira")
    assert not gate._inside.keys() - {"a"}


def test_addresses_that_one_subscriber_can_choose_from_are_one(gate: Gate) -> None:
    refuse(gate, 3, None, "2001:db8::1")
    gate.enter("a", "2001:db8::ffff:2")
    with pytest.raises(TooManyRequests):
        gate.tell("a", 404)


def test_a_request_that_did_not_come_in_is_not_counted(gate: Gate) -> None:
    gate.tell("nobody", 404)
    gate.leave("nobody")


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "expected"),
    [
        (HERE, (), (), HERE),
        (HERE, (THERE,), (), HERE),
        ("10.0.0.1", (THERE,), ("10.0.0.0/8",), THERE),
        ("10.0.0.1", (f"{HERE}, {THERE}",), ("10.0.0.0/8",), THERE),
        ("10.0.0.1", (f"{HERE}, {THERE}", "10.0.0.2"), ("10.0.0.0/8",), THERE),
        ("10.0.0.1", (f"{HERE}, onzin",), ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", ("10.0.0.2",), ("10.0.0.0/8",), "10.0.0.2"),
        ("::1", (THERE,), ("10.0.0.0/8", "::1"), THERE),
        ("", (THERE,), ("10.0.0.0/8",), ""),
    ],
)
def test_only_a_trusted_proxy_is_believed_about_where_a_request_comes_from(
    peer: str, forwarded: tuple[str, ...], trusted: tuple[str, ...], expected: str
) -> None:
    assert address_of(peer, forwarded, trusted) == expected
