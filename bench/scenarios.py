"""What is measured: each scenario makes its requests anew for each run, so that every proof is fresh."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.load import Sample, send_all, signed
from tests.support.agents import Agent
from tests.support.raw import RawClient

MIB = 1024 * 1024
TURTLE = {"Content-Type": "text/turtle"}
OCTETS = {"Content-Type": "application/octet-stream"}
N3 = {"Content-Type": "text/n3"}
_SOLID = "http://www.w3.org/ns/solid/terms#"


@dataclass(frozen=True, slots=True)
class Place:
    """Where is measured: the owner with her storage, a stranger, and the port of the storages."""

    owner: RawClient
    stranger: RawClient
    pod: str
    port: int

    @property
    def turtle(self) -> bytes:
        """A document of about 2 kB."""
        rows = (
            f'<#{n}> <http://purl.org/dc/terms/description> "Afspraak {n} over het plan"@nl .'
            for n in range(27)
        )
        return "\n".join(rows).encode()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One row of the table: requests a run at one and at sixteen connections, and how they are made.

    `journalled` is how many requests of a run the journal must account for, given how many were sent.
    """

    name: str
    count_1: int
    count_16: int
    make: Callable[[Place, int], Iterator[Sample]]


def _anything(_: bytes) -> bool:
    return True


def _nothing(body: bytes) -> bool:
    return body == b""


def settle(place: Place) -> None:
    """Write what is read later."""
    _put(place, "bench/lees", place.turtle, TURTLE)
    _put(place, "bench/groot", _large(), OCTETS)
    for size in (10, 1_000, 10_000):
        samples = [
            _sample_put(place, f"bench/c{size}/d{n}", b"<#a> <#b> <#c> .", 201, TURTLE) for n in range(size)
        ]
        for start in range(0, size, 2_000):
            send_all(place.port, samples[start : start + 2_000], 16)


def _put(place: Place, path: str, body: bytes, headers: dict[str, str]) -> None:
    send_all(place.port, [_sample_put(place, path, body, 201, headers)], 1)


def _large() -> bytes:
    return bytes(range(256)) * (10 * MIB // 256)


def _sample_put(place: Place, path: str, body: bytes, status: int, headers: dict[str, str]) -> Sample:
    return Sample(signed(place.owner, "PUT", place.pod + path, body, headers), status, _nothing)


def _gets(
    path: str, is_right: Callable[[bytes], bool], accept: str = "text/turtle"
) -> Callable[[Place, int], Iterator[Sample]]:
    def make(place: Place, count: int) -> Iterator[Sample]:
        for _ in range(count):
            yield Sample(signed(place.owner, "GET", place.pod + path, b"", {"Accept": accept}), 200, is_right)

    return make


def _reads(place: Place, count: int) -> Iterator[Sample]:
    expected = place.turtle
    yield from _gets("bench/lees", lambda body: body == expected)(place, count)


def _unchanged(place: Place, count: int) -> Iterator[Sample]:
    url = f"{place.pod}bench/lees"
    tag = place.owner.request("GET", url).headers["etag"]
    for _ in range(count):
        yield Sample(signed(place.owner, "GET", url, b"", {"If-None-Match": tag}), 304, _nothing)


def _refused(place: Place, count: int) -> Iterator[Sample]:
    for _ in range(count):
        yield Sample(signed(place.stranger, "GET", f"{place.pod}bench/lees"), 403, _anything)


def _puts_new(place: Place, count: int) -> Iterator[Sample]:
    run = secrets.token_hex(4)
    for number in range(count):
        yield _sample_put(place, f"bench/nieuw/{run}-{number}", place.turtle, 201, TURTLE)


def _puts_over(place: Place, count: int) -> Iterator[Sample]:
    run = secrets.token_hex(4)
    paths = [f"bench/over/{run}-{number}" for number in range(50)]
    for path in paths:
        _put(place, path, place.turtle, TURTLE)
    for number in range(count):
        yield _sample_put(place, paths[number % len(paths)], place.turtle, 204, TURTLE)


def _patches(place: Place, count: int) -> Iterator[Sample]:
    # One anew for each run: it grows with every patch.
    path = f"bench/betwist/{secrets.token_hex(4)}"
    _put(place, path, b"<#a> <#b> <#c> .", TURTLE)
    for number in range(count):
        inserts = f"<#{number}> <#b> <#c> ."
        body = f"@prefix solid: <{_SOLID}>. _:p a solid:InsertDeletePatch; solid:inserts {{ {inserts} }} .".encode()
        yield Sample(signed(place.owner, "PATCH", f"{place.pod}{path}", body, N3), 204, _nothing)


def _puts_in_large(place: Place, count: int) -> Iterator[Sample]:
    run = secrets.token_hex(4)
    for number in range(count):
        yield _sample_put(place, f"bench/c10000/{run}-{number}", b"<#a> <#b> <#c> .", 201, TURTLE)


def _large_puts(place: Place, count: int) -> Iterator[Sample]:
    run, body = secrets.token_hex(4), _large()
    for number in range(count):
        yield _sample_put(place, f"bench/zwaar/{run}-{number}", body, 201, OCTETS)


def _large_gets(place: Place, count: int) -> Iterator[Sample]:
    digest = hashlib.sha256(_large()).digest()
    yield from _gets("bench/groot", lambda body: hashlib.sha256(body).digest() == digest, "*/*")(place, count)


def _holds(members: int) -> Callable[[bytes], bool]:
    return lambda body: body.count(b" ldp:contains <") == members


SCENARIOS = (
    Scenario("GET private 2 kB", 1_000, 3_000, _reads),
    Scenario("If-None-Match: 304", 1_000, 3_000, _unchanged),
    Scenario("GET of another agent: 403", 1_000, 3_000, _refused),
    Scenario("PUT new 2 kB", 300, 2_000, _puts_new),
    Scenario("PUT overwrite 2 kB", 300, 2_000, _puts_over),
    Scenario("N3 Patch, one contended document", 200, 600, _patches),
    Scenario("container of 10", 500, 1_500, _gets("bench/c10/", _holds(10))),
    Scenario("container of 1,000", 30, 200, _gets("bench/c1000/", _holds(1_000))),
    Scenario("container of 10,000", 5, 16, _gets("bench/c10000/", _holds(10_000))),
    Scenario(
        "GET inside the 10,000",
        1_000,
        3_000,
        _gets("bench/c10000/d77", lambda body: body == b"<#a> <#b> <#c> ."),
    ),
    Scenario("PUT inside the 10,000", 300, 2_000, _puts_in_large),
    Scenario("GET 10 MiB", 20, 48, _large_gets),
    Scenario("PUT 10 MiB", 10, 32, _large_puts),
)


def raw_client(agent: Agent, base_url: str) -> RawClient:
    """A client of an agent that has just signed in."""
    agent.sign_in()
    return RawClient(agent, base_url)
