"""What a preview shows, by piece and with titles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from clients.portal.containers import container_label, container_of, title_of
from clients.portal.here import count_text, resident, text
from clients.solid.errors import Absent, Refused
from clients.solid.pieces import Piece, make_piece
from clients.solid.previews import Preview, VisibleResource
from clients.solid.resources import Member

max_titles = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """One row: a piece with how many documents of it are visible, and whether some of it is new."""

    title: str
    hint: str
    is_new: bool


def shown(preview: Preview) -> tuple[Shown, ...]:
    """The rows of a preview: a piece each, or a container each when there are more than twenty."""
    by_piece: dict[str, list[VisibleResource]] = {}
    for found in preview.visible:
        if not found.url.endswith("/"):
            by_piece.setdefault(_piece_address(found.url), []).append(found)
    if len(by_piece) > max_titles:
        return _by_container(by_piece)
    return tuple(
        Shown(_title(address), _hint(parts), any(part.is_new for part in parts))
        for address, parts in by_piece.items()
    )


def _piece_address(url: str) -> str:
    container = container_of(url)
    if container is None:
        return url
    base = resident().storage.url + container.path
    first, slash, _ = url.removeprefix(base).partition("/")
    return base + first + slash


def _title(address: str) -> str:
    here = resident()
    try:
        piece: Piece = make_piece(here.session, here.memory, Member(address, None))
    except (Absent, Refused):
        return container_label(address)
    return title_of(piece)


def _hint(parts: Iterable[VisibleResource]) -> str:
    number = len(tuple(parts))
    return count_text("stukken.delen", number) if number > 1 else ""


def _by_container(by_piece: dict[str, list[VisibleResource]]) -> tuple[Shown, ...]:
    numbers = Counter(container_label(address) for address in by_piece)
    fresh = {container_label(a) for a, parts in by_piece.items() if any(part.is_new for part in parts)}
    return tuple(
        Shown(text("stukken.map_met", map=name, n=number), "", name in fresh)
        for name, number in numbers.items()
    )
