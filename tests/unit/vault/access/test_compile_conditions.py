"""Conditions, well formed and not: each malformed one refuses the ACL that has it."""

from __future__ import annotations

import pytest

from tests.support.catalogue_views import ROOT
from tests.support.rules import ALICE
from vault.access.compile import compile_acl
from vault.errors import UnacceptableContent
from vault.model.rules import (
    ClientCondition,
    Condition,
    IssuerCondition,
    OrganisationCondition,
    PurposeCondition,
    TimeCondition,
)
from vault.rdf.documents import parse
from vocab.media_types import TURTLE

NONE = frozenset[str]()
_PREFIXES = """
@prefix acl: <http://www.w3.org/ns/auth/acl#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix wkt: <https://kluis.example/ns/toegang#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def condition(text: str) -> Condition:
    acl = f"<#r> a acl:Authorization ; acl:agent <{ALICE}> ; acl:mode acl:Read ; acl:accessTo <{ROOT}> ;"
    triples = parse(f"{_PREFIXES} {acl} acl:condition [ {text} ] .".encode(), TURTLE, f"{ROOT}.acl")
    (rule,) = compile_acl(triples, ROOT).access_to
    (found,) = rule.conditions
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a acl:ClientCondition ; acl:client <x:a>, <x:b>", ClientCondition(frozenset({"x:a", "x:b"}))),
        ("a acl:IssuerCondition ; acl:issuer <x:i>", IssuerCondition(frozenset({"x:i"}))),
        (
            "a acl:ClientCondition ; acl:client <x:a> ; acl:clientGroup <x:g>, <x:h>",
            ClientCondition(frozenset({"x:a"}), frozenset({"x:g", "x:h"})),
        ),
        ("a acl:ClientCondition ; acl:clientClass foaf:Agent", ClientCondition(NONE, NONE, everyone=True)),
        ("a acl:IssuerCondition ; acl:issuerGroup <x:g>", IssuerCondition(NONE, frozenset({"x:g"}))),
        (
            "a acl:IssuerCondition ; acl:issuer <x:i> ; acl:issuerClass foaf:Agent",
            IssuerCondition(frozenset({"x:i"}), everyone=True),
        ),
        ("a wkt:OrganisationCondition ; wkt:organisation <x:o>", OrganisationCondition(frozenset({"x:o"}))),
        (
            'a wkt:TimeCondition ; wkt:notBefore "1970-01-01T01:00:00+01:00"^^xsd:dateTime',
            TimeCondition(0, None),
        ),
        ('a wkt:TimeCondition ; wkt:notAfter "1970-01-01T00:00:09Z"^^xsd:dateTime', TimeCondition(None, 9)),
        ("a wkt:PurposeCondition ; wkt:purpose <x:p>", PurposeCondition(frozenset({"x:p"}), strict=True)),
        (
            "a wkt:PurposeCondition ; wkt:purpose <x:p> ; wkt:strict false",
            PurposeCondition(frozenset({"x:p"}), strict=False),
        ),
        (
            'a wkt:PurposeCondition ; wkt:purpose <x:p> ; wkt:strict "1"^^xsd:boolean',
            PurposeCondition(frozenset({"x:p"}), strict=True),
        ),
    ],
)
def test_a_known_condition_is_compiled(text: str, expected: Condition) -> None:
    assert condition(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "acl:client <x:a>",
        "a acl:Condition",
        "a <https://else.example/WeatherCondition>",
        'a "ClientCondition"',
        "a acl:ClientCondition, acl:IssuerCondition ; acl:client <x:a>",
        "a acl:ClientCondition, acl:Condition ; acl:client <x:a>",
        "a acl:ClientCondition, [] ; acl:client <x:a>",
    ],
)
def test_a_condition_of_unknown_or_no_single_type_is_refused(text: str) -> None:
    with pytest.raises(UnacceptableContent) as caught:
        condition(text)
    assert caught.value.violations[0].field == "condition"


@pytest.mark.parametrize(
    "text",
    [
        "a acl:ClientCondition ; acl:client <x:a> ; <https://else.example/unless> <x:b>",
        "a acl:ClientCondition ; acl:client <x:a> ; acl:issuerGroup <x:g>",
        "a acl:ClientCondition ; acl:issuerClass foaf:Agent",
        "a acl:IssuerCondition ; acl:issuer <x:a> ; acl:client <x:a>",
        "a acl:IssuerCondition ; acl:issuer <x:a> ; acl:agentGroup <x:g>",
        'a wkt:TimeCondition ; wkt:notAfter "2030-01-01T00:00:00Z"^^xsd:dateTime ; wkt:weekday "monday"',
    ],
)
def test_a_condition_with_an_unknown_property_is_refused(text: str) -> None:
    with pytest.raises(UnacceptableContent):
        condition(text)


@pytest.mark.parametrize(
    "text",
    [
        "a acl:ClientCondition",
        'a acl:ClientCondition ; acl:client "x:a"',
        'a acl:ClientCondition ; acl:client <x:a>, "x:b"',
        "a acl:IssuerCondition ; acl:issuer []",
        "a acl:IssuerCondition",
        'a acl:ClientCondition ; acl:clientGroup "x:g"',
        "a acl:ClientCondition ; acl:client <x:a> ; acl:clientGroup []",
        "a acl:ClientCondition ; acl:clientClass acl:AuthenticatedAgent",
        "a acl:IssuerCondition ; acl:issuerClass foaf:Agent, acl:AuthenticatedAgent",
        'a acl:IssuerCondition ; acl:issuer <x:a> ; acl:issuerClass "foaf:Agent"',
        "a wkt:OrganisationCondition",
        "a wkt:OrganisationCondition ; wkt:organisation <x:a>, <x:b>",
        "a wkt:PurposeCondition ; wkt:strict false",
    ],
)
def test_a_missing_or_wrong_name_is_refused(text: str) -> None:
    with pytest.raises(UnacceptableContent):
        condition(text)


@pytest.mark.parametrize(
    "bounds",
    [
        "",
        '; wkt:notAfter "2030-01-01T00:00:00"^^xsd:dateTime',
        '; wkt:notAfter "2030-01-01T00:00:00.5Z"^^xsd:dateTime',
        '; wkt:notAfter "2030-02-30T00:00:00Z"^^xsd:dateTime',
        '; wkt:notAfter "2030-01-01T25:00:00Z"^^xsd:dateTime',
        '; wkt:notAfter "2030-01-01T00:00:00+99:00"^^xsd:dateTime',
        '; wkt:notAfter "2030-01-01"^^xsd:date',
        '; wkt:notAfter "2030-01-01T00:00:00Z"',
        "; wkt:notAfter <x:tomorrow>",
        '; wkt:notAfter "2030-01-01T00:00:00Z"^^xsd:dateTime, "2031-01-01T00:00:00Z"^^xsd:dateTime',
    ],
)
def test_a_bound_that_is_no_single_whole_second_with_a_zone_is_refused(bounds: str) -> None:
    with pytest.raises(UnacceptableContent):
        condition(f"a wkt:TimeCondition {bounds}")


@pytest.mark.parametrize("strict", ['"false"', '"no"^^xsd:boolean', "0", "true, false", "<x:false>"])
def test_a_strictness_that_is_no_boolean_is_refused(strict: str) -> None:
    with pytest.raises(UnacceptableContent) as caught:
        condition(f"a wkt:PurposeCondition ; wkt:purpose <x:p> ; wkt:strict {strict}")
    assert caught.value.violations[0].field == "strict"
