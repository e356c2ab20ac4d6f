"""Triple patterns and what is to be done with them, whatever language a patch was written in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Triple, Variable

from vault.errors import UnacceptableContent

Node = NamedNode | BlankNode | Literal | Variable
Pattern = tuple[Node, Node, Node]


@dataclass(frozen=True, slots=True)
class Change:
    """Triples to remove and to add for what `where` matches; there a blank node stands for anything."""

    where: tuple[Pattern, ...] = ()
    deletes: tuple[Pattern, ...] = ()
    inserts: tuple[Pattern, ...] = ()


@dataclass(frozen=True, slots=True)
class GraphPatch:
    """Changes one after the other.

    With `is_exact` the conditions match in one way and everything to remove is there, or nothing is changed; without,
    what matches in any number of ways is changed for each, and what is not there is not removed.
    """

    changes: tuple[Change, ...]
    is_exact: bool

    @property
    def has_conditions(self) -> bool:
        """Whether something must match."""
        return any(change.where for change in self.changes)

    @property
    def removes(self) -> bool:
        """Whether triples could go."""
        return any(change.deletes for change in self.changes)


def open_nodes(pattern: Pattern) -> tuple[Variable | BlankNode, ...]:
    """The nodes of a pattern that are to be found out, in order."""
    return tuple(node for node in pattern if isinstance(node, Variable | BlankNode))


def read_patterns(triples: Iterable[Triple], variables: str) -> tuple[Pattern, ...]:
    """Make patterns of triples in which an IRI that begins with `variables` stands for a variable.

    Raises:
        UnacceptableContent: a triple about a triple, or a variable where a datatype belongs.
    """
    return tuple(
        (_node(t.subject, variables), _node(t.predicate, variables), _node(t.object, variables))
        for t in triples
    )


def _node(term: object, variables: str) -> Node:
    match term:
        case NamedNode(value=iri) if iri.startswith(variables):
            return Variable(iri.removeprefix(variables))
        case Literal() if term.datatype.value.startswith(variables):
            raise UnacceptableContent("a variable cannot stand for a datatype")
        case NamedNode() | BlankNode() | Literal():
            return term
        case _:
            raise UnacceptableContent("a patch cannot hold triples about triples")
