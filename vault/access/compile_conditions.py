"""Conditions of an Authorization, compiled one by one; what is not understood in full is refused (`solidproject.org/TR/wac#access-conditions`).

Several properties in one condition add up, as several agents in one Authorization do: any of them is enough. Several
conditions must all hold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from vault.errors import UnacceptableContent, Violation
from vault.model.grant import instant_seconds
from vault.model.rules import (
    ClientCondition,
    Condition,
    IssuerCondition,
    OrganisationCondition,
    PurposeCondition,
    TimeCondition,
)
from vocab.namespaces import ACL, FOAF, RDF, WKT, XSD

Term = NamedNode | BlankNode | Literal | Triple
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(slots=True)
class Node:
    """What a graph says of one node, by predicate."""

    found: defaultdict[str, list[Term]] = field(default_factory=lambda: defaultdict(list))

    def add(self, predicate: str, value: Term) -> None:
        """Note one triple."""
        self.found[predicate].append(value)

    def values(self, predicate: str) -> list[Term]:
        """Every object of a predicate."""
        return self.found.get(predicate, [])

    def iris(self, predicate: str) -> frozenset[str]:
        """Every object of a predicate that is an IRI."""
        return frozenset(v.value for v in self.values(predicate) if isinstance(v, NamedNode))

    def texts(self, predicate: str) -> frozenset[str]:
        """Every object of a predicate that is an IRI or a literal, as text."""
        return frozenset(v.value for v in self.values(predicate) if isinstance(v, NamedNode | Literal))


def compile_condition(node: Node) -> Condition:
    """Compile one condition.

    Raises:
        UnacceptableContent: an unknown type, an unknown property, a missing or malformed value.
    """
    types = node.iris(RDF.type)
    if len(types) != 1 or len(node.values(RDF.type)) != 1 or (kind := next(iter(types))) not in _KINDS:
        _refuse("condition", "a condition has exactly one type, which this server knows")
    allowed, build = _KINDS[kind]
    for predicate in node.found:
        if predicate != RDF.type and predicate not in allowed:
            _refuse(predicate, "a condition has a property that this server does not know")
    return build(node)


def _client(node: Node) -> Condition:
    return ClientCondition(*_party(node, ACL.client, ACL.clientGroup, ACL.clientClass))


def _issuer(node: Node) -> Condition:
    return IssuerCondition(*_party(node, ACL.issuer, ACL.issuerGroup, ACL.issuerClass))


def _party(node: Node, one: str, group: str, of_class: str) -> tuple[frozenset[str], frozenset[str], bool]:
    """Who meets a condition: by name, by group, and whether anybody does."""
    if not any(node.values(predicate) for predicate in (one, group, of_class)):
        _refuse(one, "a condition names somebody")
    names, groups, classes = (_iris_if_any(node, predicate) for predicate in (one, group, of_class))
    if not classes <= {FOAF.Agent}:
        _refuse(of_class, "a condition has a class that this server does not know")
    return names, groups, bool(classes)


def _organisation(node: Node) -> Condition:
    organisations = _some_iris(node, WKT.organisation)
    if len(organisations) != 1:
        _refuse(WKT.organisation, "an organisation condition names exactly one organisation")
    return OrganisationCondition(organisations)


def _time(node: Node) -> Condition:
    condition = TimeCondition(_moment(node, WKT.notBefore), _moment(node, WKT.notAfter))
    if condition.not_before is None and condition.not_after is None:
        _refuse(WKT.notAfter, "a time condition has at least one bound")
    return condition


def _purpose(node: Node) -> Condition:
    return PurposeCondition(_some_iris(node, WKT.purpose), _strict(node))


def _some_iris(node: Node, predicate: str) -> frozenset[str]:
    found = _iris_if_any(node, predicate)
    if not found:
        _refuse(predicate, "a condition needs one or more IRIs here")
    return found


def _iris_if_any(node: Node, predicate: str) -> frozenset[str]:
    found = node.iris(predicate)
    if len(node.values(predicate)) != len(found):
        _refuse(predicate, "a condition has IRIs here, and nothing else")
    return found


def _moment(node: Node, predicate: str) -> int | None:
    values = node.values(predicate)
    if not values:
        return None
    value = values[0]
    if len(values) > 1 or not isinstance(value, Literal) or value.datatype.value != XSD.dateTime:
        _refuse(predicate, "a bound is one xsd:dateTime")
    try:
        return instant_seconds(value.value)
    except ValueError:
        _refuse(predicate, "a bound is a moment in whole seconds with a time zone")


def _strict(node: Node) -> bool:
    values = node.values(WKT.strict)
    if not values:
        return True
    value = values[0]
    if len(values) > 1 or not isinstance(value, Literal) or value.datatype.value != XSD.boolean:
        _refuse(WKT.strict, "strict is one xsd:boolean")
    if value.value not in _BOOLEANS:
        _refuse(WKT.strict, "strict is true or false")
    return _BOOLEANS[value.value]


def _refuse(field_name: str, message: str) -> NoReturn:
    name = field_name.rsplit("#", 1)[-1]
    violation = Violation(name, "Deze voorwaarde kent de kluis niet. Laat haar weg of schrijf haar anders.")
    raise UnacceptableContent(message, (violation,))


_KINDS: Mapping[str, tuple[frozenset[str], Callable[[Node], Condition]]] = {
    ACL.ClientCondition: (frozenset({ACL.client, ACL.clientGroup, ACL.clientClass}), _client),
    ACL.IssuerCondition: (frozenset({ACL.issuer, ACL.issuerGroup, ACL.issuerClass}), _issuer),
    WKT.TimeCondition: (frozenset({WKT.notBefore, WKT.notAfter}), _time),
    WKT.PurposeCondition: (frozenset({WKT.purpose, WKT.strict}), _purpose),
    WKT.OrganisationCondition: (frozenset({WKT.organisation}), _organisation),
}
