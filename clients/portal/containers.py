"""The fixed containers of every vault, as the citizen calls them."""

from __future__ import annotations

from collections.abc import Iterable

from clients.portal.here import resident, text
from clients.solid.pieces import Piece, find_pieces
from vocab.concepts import FixedContainer, document_kinds, fixed_containers, label

HIDDEN = frozenset({"profiel/", "toegang/", "verzoeken/", "logboek/", "leefgebieden/"})


def shown_containers() -> tuple[FixedContainer, ...]:
    """The containers that hold pieces of hers."""
    return tuple(container for container in fixed_containers() if container.path not in HIDDEN)


def container_of(address: str) -> FixedContainer | None:
    """The narrowest fixed container in which an address lies, or that it is."""
    path = address.removeprefix(resident().storage.url)
    above = [container for container in fixed_containers() if path.startswith(container.path)]
    return max(above, key=lambda container: len(container.path), default=None)


def container_label(address: str) -> str:
    """What the citizen calls the container of an address."""
    container = container_of(address)
    return container.label_nl if container is not None else text("stukken.uw_kluis")


def labels(addresses: Iterable[str]) -> list[str]:
    """The labels of the containers of some addresses, each once."""
    return list(dict.fromkeys(container_label(address) for address in addresses))


def enumerate_words(words: Iterable[str]) -> str:
    """Write "a, b en c"."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} {text('algemeen.en')} {last}" if first else last


def pieces_in(container: FixedContainer) -> tuple[Piece, ...]:
    """Her pieces in a fixed container, newest first."""
    here = resident()
    return find_pieces(here.session, here.memory, here.storage.url + container.path)


def containers_of_kind(kind: str) -> tuple[FixedContainer, ...]:
    """The containers in which documents of a kind lie."""
    paths = {concept.container_path for concept in document_kinds() if concept.iri == kind}
    return tuple(container for container in fixed_containers() if container.path in paths)


def title_of(piece: Piece) -> str:
    """What to call a piece."""
    kind = (label(piece.kind) if piece.kind else None) or text("stukken.naamloos")
    if piece.title is None:
        return text("stukken.uit", soort=kind, map=container_label(piece.target))
    return piece.title
