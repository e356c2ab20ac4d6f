"""Finding what the variables of triple patterns can stand for in a set of triples, in bounded time and memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from pyoxigraph import BlankNode, Literal, NamedNode, Triple, Variable

from vault.errors import UnacceptableContent
from vault.rdf.patterns import Node, Pattern, open_nodes

Term = NamedNode | BlankNode | Literal
Bound = Mapping[Node, Term]
_Mask = tuple[bool, bool, bool]
_NOTHING: Bound = {}
max_patterns = 200


@dataclass(slots=True)
class Graph:
    """Triples, found by any of their terms; what is looked for decides which tables are made."""

    triples: Collection[Triple]
    _tables: dict[_Mask, dict[tuple[object, ...], list[Triple]]] = field(default_factory=dict)

    def find(self, pattern: Pattern, mask: _Mask) -> Sequence[Triple]:
        """The triples that agree with a pattern in the places of the mask."""
        if mask not in self._tables:
            table: dict[tuple[object, ...], list[Triple]] = {}
            for triple in self.triples:
                table.setdefault(_masked(tuple(triple), mask), []).append(triple)
            self._tables[mask] = table
        return self._tables[mask].get(_masked(pattern, mask), ())


def find_mappings(
    triples: Collection[Triple], patterns: Sequence[Pattern], limit: int, *, most: int | None = None
) -> list[Bound]:
    """Find every different way in which the variables can be filled so that all patterns are there; at most `most`.

    A blank node of a pattern must stand for something, but ways that differ in it alone are one.

    Raises:
        UnacceptableContent: more than `limit` triples had to be looked at, or there are too many patterns.
    """
    open_patterns = [pattern for pattern in dict.fromkeys(patterns) if open_nodes(pattern)]
    if len(open_patterns) > max_patterns:
        raise UnacceptableContent(f"the conditions hold more than {max_patterns} patterns with variables")
    # A pattern without open nodes is a triple that must be there.
    if not all(fill(pattern, _NOTHING) in triples for pattern in patterns if not open_nodes(pattern)):
        return []
    found: dict[frozenset[tuple[Node, Term]], Bound] = {}
    for bound in _Search(Graph(triples), limit).run(open_patterns):
        named: Bound = {node: term for node, term in bound.items() if isinstance(node, Variable)}
        found.setdefault(frozenset(named.items()), named)
        if most is not None and len(found) >= most:
            break
    return list(found.values())


def fill(pattern: Pattern, bound: Bound) -> Triple | None:
    """The triple that a pattern becomes; None when something is not bound or stands where it cannot."""
    subject, predicate, object_ = (bound.get(node, node) for node in pattern)
    if not isinstance(subject, NamedNode | BlankNode) or not isinstance(predicate, NamedNode):
        return None
    return None if isinstance(object_, Variable) else Triple(subject, predicate, object_)


@dataclass(slots=True)
class _Search:
    """One search, which gives up when it has looked at too much."""

    graph: Graph
    limit: int
    looked: int = 0

    def run(self, patterns: Sequence[Pattern]) -> Iterator[Bound]:
        return self._extend(self._plan(patterns), 0, _NOTHING)

    def _plan(self, patterns: Sequence[Pattern]) -> list[tuple[Pattern, _Mask]]:
        """Order patterns so that each is met with as much known as can be, the rarest first."""
        sizes = {pattern: len(self.graph.find(pattern, _mask(pattern, ()))) for pattern in patterns}
        plan: list[tuple[Pattern, _Mask]] = []
        known: set[Node] = set()
        while sizes:
            best = min(sizes, key=lambda pattern: (_distance(pattern, known), sizes[pattern]))
            plan.append((best, _mask(best, known)))
            known.update(open_nodes(best))
            del sizes[best]
        return plan

    def _extend(self, plan: Sequence[tuple[Pattern, _Mask]], depth: int, bound: Bound) -> Iterator[Bound]:
        if depth == len(plan):
            yield bound
            return
        pattern, mask = plan[depth]
        asked = cast(Pattern, tuple(bound.get(node, node) for node in pattern))
        for triple in self.graph.find(asked, mask):
            self.looked += 1
            if self.looked > self.limit:
                raise UnacceptableContent(
                    f"the conditions match more than {self.limit} times: say more in them"
                )
            more = _bind(pattern, triple, bound)
            if more is not None:
                yield from self._extend(plan, depth + 1, more)


def _bind(pattern: Pattern, triple: Triple, bound: Bound) -> Bound | None:
    """What is known once a pattern is matched with a triple; None when one node would be two things."""
    more = dict(bound)
    for node, term in zip(pattern, triple, strict=True):
        if isinstance(node, Variable | BlankNode) and more.setdefault(node, term) != term:
            return None
    return more


def _distance(pattern: Pattern, known: Collection[Node]) -> int:
    """0 when all of a pattern is known, 1 when some of it is, 2 when nothing connects it."""
    wanted = open_nodes(pattern)
    unknown = [node for node in wanted if node not in known]
    return 0 if not unknown else 1 if len(unknown) < len(wanted) else 2


def _mask(pattern: Pattern, known: Collection[Node]) -> _Mask:
    subject, predicate, object_ = (
        node in known or not isinstance(node, Variable | BlankNode) for node in pattern
    )
    return subject, predicate, object_


def _masked(terms: Sequence[object], mask: _Mask) -> tuple[object, ...]:
    return tuple(term for term, is_asked in zip(terms, mask, strict=True) if is_asked)
