"""Closed vocabularies: what is in them, and that a misspelt term is found."""

from __future__ import annotations

import pytest

from vocab.namespaces import ACL, WK, WKT


def test_a_term_gives_its_iri() -> None:
    assert ACL.Authorization == "http://www.w3.org/ns/auth/acl#Authorization"
    assert WK["st-plan"] == "https://kluis.example/ns/wijk#st-plan"


def test_a_misspelt_term_raises() -> None:
    with pytest.raises(AttributeError, match="Authorisation"):
        _ = ACL.Authorisation
    with pytest.raises(KeyError):
        _ = WK["st-plann"]


def test_a_term_that_a_domain_file_describes_is_in_its_vocabulary() -> None:
    assert WKT.TimeCondition in WKT
    assert WKT.AccessGrantShape in WKT


def test_an_iri_of_another_namespace_is_not_in_a_vocabulary() -> None:
    assert ACL.Read not in WKT
    assert f"{ACL.base}Reed" not in ACL
    assert 5 not in ACL


def test_the_local_name_of_a_strange_iri_is_none() -> None:
    assert WKT.local_name(WKT.NoGrant) == "NoGrant"
    assert WKT.local_name("https://else.example/NoGrant") is None
