"""Taking an ACL graph apart into what people wrote and what followed from grants (`solidproject.org/TR/wac#acl-resource-representation`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from pyoxigraph import BlankNode, NamedNode, Triple

from vocab.namespaces import ACL, PROV, RDF

Node = NamedNode | BlankNode
_PLACES = frozenset({ACL.accessTo, ACL.default})
_DERIVED_NAME = re.compile(r"#[a-z][a-z2-9]{15}-[0-9]+$")


def without_derived(triples: Sequence[Triple], grants_prefix: str) -> tuple[Triple, ...]:
    """What people wrote: everything but the Authorizations derived from a grant whose IRI begins with the prefix."""
    derived = {t.subject for t in triples if is_derivation(t, grants_prefix)}
    return _named_anew(_without(triples, derived))


def without_others(triples: Sequence[Triple], owner: str) -> tuple[Triple, ...]:
    """What is left of an ACL when nobody but the owner may have something from it."""
    dropped = {node for node in _authorizations(triples) if not _names_agent(triples, node, owner)}
    return tuple(t for t in _without(triples, dropped) if not _names_another(t, owner))


def without_rules(
    triples: Sequence[Triple], is_ending: Callable[[Sequence[Triple]], bool], owner: str
) -> tuple[Triple, ...]:
    """What is left when some Authorizations end, each judged by its own triples; of one that names the owner she stays."""
    ending = {
        node
        for node in _authorizations(triples)
        if is_ending([t for t in triples if t.subject in _closure(triples, {node})])
    }
    hers = {node for node in ending if _names_agent(triples, node, owner)}
    left = _without(triples, ending - hers)
    return tuple(t for t in left if t.subject not in hers or not _names_another(t, owner))


def repeated(triples: Sequence[Triple], source_url: str, subject_url: str) -> Iterator[Triple]:
    """What inherits from the ACL of `source_url`, written for the ACL of `subject_url` itself."""
    default = (NamedNode(ACL.default), NamedNode(source_url))
    inherited = {t.subject for t in triples if (t.predicate, t.object) == default}
    nodes = sorted(inherited & set(_authorizations(triples)), key=str)
    for number, node in enumerate(nodes, 1):
        name = NamedNode(_name(node, number, source_url, subject_url))
        for predicate in (ACL.accessTo, ACL.default) if subject_url.endswith("/") else (ACL.accessTo,):
            yield Triple(name, NamedNode(predicate), NamedNode(subject_url))
        for triple in triples:
            if triple.subject == node and triple.predicate.value not in _PLACES:
                yield Triple(name, triple.predicate, triple.object)
        described = _closure(triples, {node}) - {node}
        yield from (t for t in triples if t.subject in described)


def is_derivation(triple: Triple, grants_prefix: str) -> bool:
    """Whether a triple says that an Authorization follows from a grant whose IRI begins with the prefix."""
    return (
        triple.predicate.value == PROV.wasDerivedFrom
        and isinstance(triple.object, NamedNode)
        and triple.object.value.startswith(grants_prefix)
    )


def _authorizations(triples: Iterable[Triple]) -> Iterator[Node]:
    for triple in triples:
        is_type = triple.predicate.value == RDF.type and triple.object == NamedNode(ACL.Authorization)
        if is_type and isinstance(triple.subject, NamedNode | BlankNode):
            yield triple.subject


def _without(triples: Sequence[Triple], nodes: Iterable[object]) -> Iterator[Triple]:
    """The triples that are left when some Authorizations go, with what describes them and nothing else."""
    going = set(nodes)
    kept = _closure(triples, {node for node in _authorizations(triples) if node not in going})
    removed = _closure(triples, going) - kept
    return (t for t in triples if t.subject not in removed)


def _closure(triples: Sequence[Triple], nodes: Iterable[object]) -> set[object]:
    """The nodes with what describes them: their blank nodes and their conditions."""
    waiting, seen = list(nodes), set[object]()
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += [t.object for t in triples if t.subject == node and _describes(t)]
    return seen


def _describes(triple: Triple) -> bool:
    return isinstance(triple.object, BlankNode) or triple.predicate.value == ACL.condition


def _names_agent(triples: Iterable[Triple], node: Node, agent: str) -> bool:
    return Triple(node, NamedNode(ACL.agent), NamedNode(agent)) in triples


def _names_another(triple: Triple, owner: str) -> bool:
    if triple.predicate.value == ACL.agent:
        return triple.object != NamedNode(owner)
    return triple.predicate.value in {ACL.agentClass, ACL.agentGroup}


def _name(node: object, number: int, source_url: str, subject_url: str) -> str:
    acl = f"{source_url}.acl#"
    if isinstance(node, NamedNode) and node.value.startswith(acl):
        return f"{subject_url}.acl#{node.value[len(acl) :]}"
    return f"{subject_url}.acl#{number}"


def _named_anew(triples: Iterable[Triple]) -> tuple[Triple, ...]:
    """Give nodes names that cannot be those of a derived Authorization, always the same for the same graph.

    Two Authorizations with one name would be one, with the agents and the modes of both.
    """
    kept = sorted(triples, key=str)
    blanks = {n for t in kept for n in (t.subject, t.object) if isinstance(n, BlankNode)}
    names: dict[object, Node] = {
        blank: BlankNode(f"own{number}") for number, blank in enumerate(sorted(blanks, key=str))
    }
    for subject in {t.subject for t in kept}:
        if isinstance(subject, NamedNode) and _DERIVED_NAME.search(subject.value):
            names[subject] = NamedNode(f"{subject.value}-own")
    return tuple(
        Triple(names.get(t.subject, t.subject), t.predicate, names.get(t.object, t.object)) for t in kept
    )
