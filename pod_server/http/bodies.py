"""Bodies on their way in: pulled piece by piece by whoever reads them, never more than one piece waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from pod_server.http.digests import DigestCheck
from pod_server.http.limits import Limits
from vault.errors import BadInput, StalledContent, TooLarge

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
piece_bytes = 64 * 1024


@dataclass(slots=True)
class IncomingBody:
    """The body of one request; `now` counts seconds, from any beginning, and `check` what passes."""

    receive: Receive
    limits: Limits
    now: Callable[[], float]
    check: DigestCheck = field(default_factory=lambda: DigestCheck(()))
    _started: float | None = None
    _received: int = 0
    _is_complete: bool = False
    _held: bytes = b""
    _fault: BadInput | None = None
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)

    async def next_piece(self) -> bytes:
        """Give what comes next, at least `piece_bytes` unless it is the last; b"" at the end.

        Raises:
            TooLarge: over `max_body_bytes`.
            StalledContent: it does not come in time.
            BadInput: it was cut off, or is not what its digest says.
        """
        gathered = bytearray()
        while not self._is_complete and len(gathered) < piece_bytes:
            gathered += await self._next_message()
        return bytes(gathered)

    async def collect(self, max_bytes: int) -> bytes:
        """Give the whole body. Raises as `next_piece`, TooLarge also when it is over `max_bytes`."""
        gathered = bytearray()
        while piece := await self.next_piece():
            gathered += piece
            if len(gathered) > max_bytes:
                raise TooLarge(f"the body may be at most {max_bytes} bytes")
        return bytes(gathered)

    async def drain(self, max_bytes: int) -> None:
        """Read on to the end and keep nothing, but no more than so much; what is wrong with it does not matter any more."""
        until = self._received + max_bytes
        try:
            while not self._is_complete and self._received < until:
                await self._next_message()
        except BadInput:
            self._is_complete = True

    async def hold(self) -> None:
        """Take in what is at most one piece, so that its reader need not wait on the event loop; he hears of its faults."""
        try:
            self._held = await self.next_piece()
        except BadInput as fault:
            self._fault = fault

    def pieces(self) -> Iterator[bytes]:
        """Give the body piece by piece to a thread other than the event loop's. Raises as `next_piece`."""
        if self._fault is not None:
            raise self._fault
        if self._held:
            yield self._held
            self._held = b""
        while not self._is_complete and (piece := self._wait_for_piece()):
            yield piece

    def _wait_for_piece(self) -> bytes:
        return asyncio.run_coroutine_threadsafe(self.next_piece(), self._loop).result()

    async def _next_message(self) -> bytes:
        patience = self._patience()
        try:
            if patience <= 0:
                raise TimeoutError
            async with asyncio.timeout(patience):
                message = await self.receive()
        except TimeoutError:
            raise StalledContent(
                "the body does not come in time: send it faster, or in smaller parts"
            ) from None
        if message["type"] != "http.request":
            # Cut off, or chunks that are none: an answer reaches whoever is still there.
            raise BadInput("the body was cut off")
        body: bytes = message.get("body", b"")
        self._is_complete = not message.get("more_body", False)
        self._received += len(body)
        if self._received > self.limits.max_body_bytes:
            raise TooLarge(f"the body may be at most {self.limits.max_body_bytes} bytes")
        self.check.add(body)
        if self._is_complete:
            self.check.finish()
        return body

    def _patience(self) -> float:
        now = self.now()
        if self._started is None:
            self._started = now
        allowed = self.limits.grace_s + self._received / self.limits.least_bytes_per_s
        return self._started + min(allowed, self.limits.max_request_s) - now
