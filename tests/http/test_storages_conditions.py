"""Conditions on an Authorization over HTTP: they take away from what it gives, never add, and touch no other one."""

from __future__ import annotations

import pytest

from tests.support.asgi import APP, BOB, BOBS_ISSUER, Home
from vocab.namespaces import WK

PREFIXES = """@prefix acl: <http://www.w3.org/ns/auth/acl#> . @prefix wkt: <https://kluis.example/ns/toegang#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
OPEN = {
    "client": f"a acl:ClientCondition ; acl:client <{APP}>",
    "issuer": f"a acl:IssuerCondition ; acl:issuer <{BOBS_ISSUER}>",
    "time": 'a wkt:TimeCondition ; wkt:notAfter "2100-01-01T00:00:00Z"^^xsd:dateTime',
    "purpose": f"a wkt:PurposeCondition ; wkt:purpose <{WK['doel-samenwerken-plan']}>",
}
SHUT = {
    "client": "a acl:ClientCondition ; acl:client <https://other.example/id>",
    "issuer": "a acl:IssuerCondition ; acl:issuer <https://other.example/>",
    "time": 'a wkt:TimeCondition ; wkt:notAfter "2000-01-01T00:00:00Z"^^xsd:dateTime',
    "purpose": f"a wkt:PurposeCondition ; wkt:purpose <{WK['doel-onderzoek']}>",
    "organisation": "a wkt:OrganisationCondition ; wkt:organisation <https://other.example/organisation>",
}
PURPOSE = {"Purpose-Of-Use": WK["doel-samenwerken-plan"]}


def give(home: Home, condition: str, *more: str, agent: str = BOB) -> None:
    """Let Bob read a document on a condition; `more` are further Authorizations."""
    home.put("plannen/a")
    subject = f"acl:accessTo <{home.url}plannen/a>"
    text = PREFIXES + (
        f"<#owner> a acl:Authorization ; acl:agent <{home.owner}> ; {subject} ; acl:mode acl:Read, acl:Control .\n"
        f"<#bob> a acl:Authorization ; acl:agent <{agent}> ; {subject} ; acl:mode acl:Read ; "
        f"acl:condition [ {condition} ] .\n"
    )
    answer = home.as_owner(
        "PUT", "plannen/a.acl", {"Content-Type": "text/turtle"}, "\n".join((text, *more)).encode()
    )
    assert answer.status == 201, answer.text


@pytest.mark.parametrize("kind", sorted(OPEN))
def test_a_condition_that_holds_leaves_what_was_given(home: Home, kind: str) -> None:
    give(home, OPEN[kind])
    assert home.as_bob("GET", "plannen/a", PURPOSE).status == 200
    assert home.as_bob("DELETE", "plannen/a", PURPOSE).status == 403


@pytest.mark.requirement("wac", "wac-01")
@pytest.mark.parametrize("kind", sorted(SHUT))
def test_a_condition_that_does_not_hold_takes_only_its_own_authorization_away(home: Home, kind: str) -> None:
    give(home, SHUT[kind])
    assert home.as_bob("GET", "plannen/a", PURPOSE).status == 403
    everybody = f"<#all> a acl:Authorization ; acl:agent <{BOB}> ; acl:accessTo <{home.url}plannen/a> ; acl:mode acl:Read ."
    home.as_owner("DELETE", "plannen/a.acl")
    give(home, SHUT[kind], everybody)
    assert home.as_bob("GET", "plannen/a", PURPOSE).status == 200


@pytest.mark.parametrize("kind", sorted(OPEN))
def test_a_condition_that_holds_gives_nothing_to_anybody_else(home: Home, kind: str) -> None:
    give(home, OPEN[kind], agent="https://carol.example/card#me")
    assert home.as_bob("GET", "plannen/a", PURPOSE).status == 403
    assert home.ask("GET", "plannen/a", PURPOSE).status == 401
