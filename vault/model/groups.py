"""Groups of agents, clients or issuers that access rules name (`solidproject.org/TR/wac#access-subjects`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """A group as its document describes it, with the IRIs of its members."""

    iri: str
    members: frozenset[str]


def document_of(group: str) -> str:
    """The URL of the document that describes a group."""
    return group.partition("#")[0]
