"""Room for a body: what does not fit is refused before it is read, or as soon as it shows (`rfc-editor.org/rfc/rfc4918#section-11.5`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from vault.authorize import Standing
from vault.errors import StorageFull
from vault.model.limits import Usage, VaultLimits, check_room
from vault.model.operation import Body
from vault.permits import writer

# Far less than is kept in reserve.
look_every_bytes = 1024 * 1024


def within_room(standing: Standing, body: Body) -> Body:
    """Let a body in as far as there is room for it now; the transaction that keeps it counts again.

    Raises:
        StorageFull: it is announced as more. What the chunks raise in time, when more comes than there is room for.
    """
    limits, has_room = standing.context.limits, standing.context.has_room
    usage = standing.view.usage(standing.storage.storage, writer(standing))
    check_room(limits, usage, body.announced_bytes or 0)
    _check_disk(has_room)
    return replace(body, chunks=_bounded(_on_disk(body.chunks, has_room), limits, usage))


def _on_disk(chunks: Iterable[bytes], has_room: Callable[[], bool]) -> Iterator[bytes]:
    passed = 0
    for chunk in chunks:
        passed += len(chunk)
        if passed >= look_every_bytes:
            _check_disk(has_room)
            passed = 0
        yield chunk


def _check_disk(has_room: Callable[[], bool]) -> None:
    if not has_room():
        raise StorageFull(
            "no room is left on the disk of this server; access can still be changed and stopped"
        )


def _bounded(chunks: Iterable[bytes], limits: VaultLimits, usage: Usage) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        check_room(limits, usage, size)
        yield chunk
