"""Groups of agents, clients or issuers that access rules name (`solidproject.org/TR/wac#access-subjects`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """A group as its document describes it, with the IRIs of its members."""

    iri: str
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Growth:
    """How a group stands in a storage that gave it access: its members now, when each who came since then came (wall
    seconds, oldest first), since when it waits for the owner's yes, and when she said it last (None: never)."""

    members: int
    joined: tuple[int, ...] = ()
    paused_s: int | None = None
    confirmed_s: int | None = None


def document_of(group: str) -> str:
    """The URL of the document that describes a group."""
    return group.partition("#")[0]
