"""From an ACL graph to rules that can be decided on (`solidproject.org/TR/wac#authorization-conformance`).

Unknown modes and incomplete Authorizations have no effect, as the specification says. A condition that cannot be honoured
in full is refused when it is written: leaving it out would silently widen access.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from pyoxigraph import BlankNode, NamedNode, Triple

from vault.access.compile_conditions import Node, compile_condition
from vault.errors import UnacceptableContent, Violation
from vault.model.modes import AccessMode
from vault.model.rules import CompiledAcl, Rule
from vocab.namespaces import ACL, FOAF, PROV, RDF

_MODES: Mapping[str, AccessMode] = {mode.value: mode for mode in AccessMode}


def compile_acl(triples: Iterable[Triple], subject_url: str) -> CompiledAcl:
    """Compile the Authorizations of an ACL resource whose subject has this URL.

    Raises:
        UnacceptableContent: a condition of an unknown type or form.
    """
    nodes = _nodes(triples)
    own: list[Rule] = []
    inherited: list[Rule] = []
    for name, node in nodes.items():
        if ACL.Authorization not in node.iris(RDF.type):
            continue
        rule = _rule(name, node, nodes)
        if rule is None:
            continue
        if subject_url in node.iris(ACL.accessTo):
            own.append(rule)
        if subject_url in node.iris(ACL.default):
            inherited.append(rule)
    return CompiledAcl(tuple(own), tuple(inherited))


def _nodes(triples: Iterable[Triple]) -> dict[NamedNode | BlankNode, Node]:
    found: defaultdict[NamedNode | BlankNode, Node] = defaultdict(Node)
    for triple in sorted(triples, key=str):
        # The types say that a triple could be a subject; none can be made.
        assert not isinstance(triple.subject, Triple)
        found[triple.subject].add(triple.predicate.value, triple.object)
    return dict(found)


def _rule(
    name: NamedNode | BlankNode, node: Node, nodes: Mapping[NamedNode | BlankNode, Node]
) -> Rule | None:
    conditions = []
    for value in node.values(ACL.condition):
        described = nodes.get(value) if isinstance(value, NamedNode | BlankNode) else None
        if described is None:
            violation = Violation("condition", "Een voorwaarde is niet beschreven.")
            raise UnacceptableContent("a condition is not described", (violation,))
        conditions.append(compile_condition(described))
    classes = node.iris(ACL.agentClass)
    rule = Rule(
        authorization=name.value if isinstance(name, NamedNode) else "",
        modes=frozenset(_MODES[iri] for iri in node.iris(ACL.mode) if iri in _MODES),
        agents=node.iris(ACL.agent),
        groups=node.iris(ACL.agentGroup),
        everyone=FOAF.Agent in classes,
        signed_in=ACL.AuthenticatedAgent in classes,
        origins=node.texts(ACL.origin),
        conditions=tuple(conditions),
        grant=min(node.iris(PROV.wasDerivedFrom), default=None),
    )
    has_subject = rule.agents or rule.groups or rule.everyone or rule.signed_in
    # An origin that cannot be read would leave its rule without the restriction.
    has_readable_origins = len(node.values(ACL.origin)) == len(rule.origins)
    return rule if rule.modes and has_subject and has_readable_origins else None
