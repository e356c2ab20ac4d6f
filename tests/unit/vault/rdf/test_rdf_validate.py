"""The domain's shapes, applied to one document at a time."""

from __future__ import annotations

import pytest
from pyoxigraph import Triple
from rdflib import Graph

from vault.rdf.documents import parse
from vault.rdf.validate import violations
from vocab.media_types import TURTLE
from vocab.namespaces import WKT

ORGANISATION = "https://vault.example/organisaties/x"
TEXT = f"""
@prefix wk: <https://kluis.example/ns/wijk#> .
@prefix wkt: <https://kluis.example/ns/toegang#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix schema: <https://schema.org/> .
<{ORGANISATION}> a wkt:Organisation .
"""


def _triples(text: str = TEXT) -> list[Triple]:
    return parse(text.encode(), TURTLE, ORGANISATION)


def test_an_incomplete_organisation_is_told_in_dutch_what_it_lacks() -> None:
    found = violations(_triples(), WKT.OrganisationShape, ORGANISATION)
    assert found
    assert all(violation.sentence for violation in found)
    assert list(found) == sorted(found, key=lambda violation: (violation.field, violation.sentence))


def test_an_empty_graph_does_not_conform() -> None:
    assert violations([], WKT.OrganisationShape, ORGANISATION)
    assert violations([], WKT.AccessGrantShape, ORGANISATION)


def test_a_document_of_another_type_does_not_conform() -> None:
    assert violations(_triples("<> a <x:Other> ."), WKT.OrganisationShape, ORGANISATION)


def test_checking_one_document_leaves_no_trace_for_the_next() -> None:
    violations([], WKT.OrganisationShape, ORGANISATION)
    other = "https://vault.example/organisaties/y"
    found = violations(parse(TEXT.encode(), TURTLE, other), WKT.OrganisationShape, ORGANISATION)
    assert found == violations(_triples(), WKT.OrganisationShape, ORGANISATION)


def test_a_shape_that_does_not_exist_is_no_agreement() -> None:
    with pytest.raises(LookupError, match="NoSuchShape"):
        violations(_triples(), WKT.base + "NoSuchShape", ORGANISATION)


@pytest.mark.parametrize("report", ["no report", Graph()])
def test_a_validator_that_gives_no_reason_is_an_error_and_no_agreement(
    report: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pyshacl.validate", lambda *_, **__: (False, report, ""))
    with pytest.raises(RuntimeError):
        violations(_triples(), WKT.OrganisationShape, ORGANISATION)


WHOLE = (
    TEXT.rstrip(" .\n")
    + """ ;
    wkt:name "Stichting Samen Verder" ; wkt:kind wk:soort-jeugdhulp ; wkt:numberKind wkt:KvK ; wkt:number "00000011" ;
    wkt:verifiedBy "Beheerder" ; wkt:verifiedAt "2026-08-01T12:00:00+02:00"^^xsd:dateTime ;
    wkt:issuer <https://work.example/> ; wkt:workerGroup <https://work.example/workers> ;
    wkt:client <https://app.example/id> .
"""
)


def test_a_whole_organisation_conforms() -> None:
    assert violations(_triples(WHOLE), WKT.OrganisationShape, ORGANISATION) == ()


def test_a_whole_organisation_elsewhere_says_nothing_about_this_one() -> None:
    assert violations(_triples(WHOLE), WKT.OrganisationShape, f"{ORGANISATION}x")
