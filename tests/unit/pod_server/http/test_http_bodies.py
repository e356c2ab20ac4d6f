"""Bodies pulled piece by piece: bounded, timed, and never taken for whole when they were cut."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from pod_server.http.bodies import IncomingBody, Message, piece_bytes
from pod_server.http.limits import Limits
from vault.errors import BadInput, StalledContent, TooLarge


class Sender:
    """A client that sends these parts, and then nothing any more; None is going away."""

    def __init__(self, parts: Iterable[bytes | None], *, finishes: bool = True) -> None:
        self.parts = iter(parts)
        self.finishes = finishes
        self.asked = 0

    async def receive(self) -> Message:
        """The next message."""
        self.asked += 1
        for part in self.parts:
            if part is None:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": part, "more_body": True}
        if not self.finishes:
            await asyncio.Event().wait()
        return {"type": "http.request", "more_body": False}


def read(sender: Sender, limits: Limits | None = None, *, max_bytes: int = 10_000_000) -> bytes:
    """Collect what a client sends."""

    async def run() -> bytes:
        body = IncomingBody(sender.receive, limits or Limits(), lambda: 0.0)
        return await body.collect(max_bytes)

    return asyncio.run(run())


@pytest.mark.requirement("protocol", "server-http-11")
def test_the_whole_body_comes_and_nothing_is_asked_after_its_end() -> None:
    sender = Sender([b"een", b"", b"twee"])
    assert read(sender) == b"eentwee"
    assert sender.asked == 4


def test_no_more_is_taken_in_than_one_piece_at_a_time() -> None:
    sender = Sender([b"x" * 40_000] * 10)

    async def run() -> list[int]:
        body = IncomingBody(sender.receive, Limits(), lambda: 0.0)
        first = await body.next_piece()
        return [len(first), sender.asked]

    assert asyncio.run(run()) == [80_000, 2]
    assert piece_bytes <= 80_000


@pytest.mark.requirement("protocol", "server-http-11")
def test_a_thread_gets_the_same_pieces() -> None:
    async def run() -> list[bytes]:
        body = IncomingBody(Sender([b"x" * 70_000] * 3).receive, Limits(), lambda: 0.0)
        return await asyncio.to_thread(lambda: list(body.pieces()))

    pieces = asyncio.run(run())
    assert b"".join(pieces) == b"x" * 210_000
    assert all(pieces)


@pytest.mark.requirement("protocol", "server-http-11")
@pytest.mark.parametrize(("parts", "held"), [([b"een", b"twee"], 3), ([b"x" * 70_000] * 3, 1), ([], 1)])
def test_what_is_held_is_read_without_the_event_loop_and_the_rest_follows(
    parts: list[bytes | None], held: int
) -> None:
    sender = Sender(parts)

    async def run() -> tuple[int, bytes]:
        body = IncomingBody(sender.receive, Limits(), lambda: 0.0)
        await body.hold()
        asked = sender.asked
        return asked, await asyncio.to_thread(lambda: b"".join(body.pieces()))

    assert asyncio.run(run()) == (held, b"".join(part for part in parts if part))


@pytest.mark.requirement("protocol", "server-http-11")
def test_whoever_reads_a_held_body_hears_that_it_was_cut() -> None:
    async def run() -> None:
        body = IncomingBody(Sender([b"half", None]).receive, Limits(), lambda: 0.0)
        await body.hold()
        with pytest.raises(BadInput, match="cut off"):
            next(body.pieces())

    asyncio.run(run())


@pytest.mark.requirement("protocol", "server-http-11")
def test_a_cut_is_not_an_end() -> None:
    with pytest.raises(BadInput, match="cut off"):
        read(Sender([b"half", None]))


@pytest.mark.requirement("protocol", "server-http")
def test_a_limit_holds_for_the_server_and_for_the_caller() -> None:
    with pytest.raises(TooLarge):
        read(Sender([b"x" * 60, b"x" * 60]), Limits(max_body_bytes=100))
    with pytest.raises(TooLarge):
        read(Sender([b"x" * 60, b"x" * 60]), max_bytes=100)
    assert len(read(Sender([b"x" * 60, b"x" * 40]), Limits(max_body_bytes=100), max_bytes=100)) == 100


@pytest.mark.requirement("protocol", "server-http")
def test_a_body_that_stands_still_is_given_up() -> None:
    with pytest.raises(StalledContent):
        read(Sender([b"half"], finishes=False), Limits(grace_s=0.01))


@pytest.mark.requirement("protocol", "server-http")
def test_a_body_that_drips_is_given_up_and_one_that_flows_is_not() -> None:
    seconds = iter(range(0, 10_000, 10))

    async def run(part: bytes) -> bytes:
        limits = Limits(grace_s=15, least_bytes_per_s=100)
        body = IncomingBody(Sender([part] * 20).receive, limits, lambda: float(next(seconds)))
        return await body.collect(1_000_000)

    with pytest.raises(StalledContent):
        asyncio.run(run(b"x" * 10))
    assert len(asyncio.run(run(b"x" * 1000))) == 20_000


@pytest.mark.requirement("protocol", "server-http-11")
@pytest.mark.parametrize(
    ("parts", "most", "asked"),
    [([b"x" * 10] * 3, 1000, 4), ([b"x" * 10] * 9, 25, 3), ([b"x", None], 1000, 2), ([b"x" * 2000], 10, 1)],
)
def test_what_is_refused_is_read_on_within_bounds_and_nothing_is_said_of_it(
    parts: list[bytes | None], most: int, asked: int
) -> None:
    sender = Sender(parts)

    async def run() -> None:
        await IncomingBody(sender.receive, Limits(max_body_bytes=1000), lambda: 0.0).drain(most)

    asyncio.run(run())
    assert sender.asked == asked
