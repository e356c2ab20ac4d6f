"""What an Authorization may say besides: origins, modes and properties of others, and what is missing in it."""

from __future__ import annotations

import pytest

from tests.support.asgi import BOB, Home, who
from tests.support.groups import PREFIXES, acl_text
from vocab.namespaces import ACL

TURTLE = {"Content-Type": "text/turtle"}
READ = f"acl:agent <{BOB}> ; acl:mode acl:Read"
FROM_APP = {"Origin": "https://app.example"}


def let(home: Home, *authorizations: str) -> int:
    """Write the ACL of a letter; the status."""
    home.put("brieven/a")
    text = acl_text(f"{home.url}brieven/a", home.owner, *authorizations)
    return home.as_owner("PUT", "brieven/a.acl", TURTLE, text.encode()).status


def test_an_origin_restricts_the_authorization_that_has_it_for_requests_that_tell_theirs(home: Home) -> None:
    assert let(home, f"{READ} ; acl:origin <https://app.example>") == 201
    assert home.as_bob("GET", "brieven/a", FROM_APP).status == 200
    assert home.as_bob("GET", "brieven/a").status == 200
    assert home.as_bob("GET", "brieven/a", {"Origin": "https://other.example"}).status == 403


def test_an_origin_of_one_authorization_leaves_another_alone(home: Home) -> None:
    let(home, f"{READ} ; acl:origin <https://app.example>", READ)
    assert home.as_bob("GET", "brieven/a", {"Origin": "https://other.example"}).status == 200


def test_an_origin_lets_nobody_in_by_itself(home: Home) -> None:
    assert let(home, "acl:origin <https://app.example> ; acl:mode acl:Read") == 201
    assert home.as_bob("GET", "brieven/a", FROM_APP).status == 403
    assert home.ask("GET", "brieven/a", FROM_APP).status == 401


@pytest.mark.requirement("wac", "extension-acl-mode")
def test_an_unknown_mode_is_no_error_and_is_kept(home: Home) -> None:
    assert let(home, f"{READ}, <https://else.example/Dance>") == 201
    assert "https://else.example/Dance" in home.as_owner("GET", "brieven/a.acl").text


@pytest.mark.requirement("wac", "extension-acl-mode-2")
def test_known_modes_count_beside_an_unknown_one(home: Home) -> None:
    let(home, f"{READ}, <https://else.example/Dance>")
    assert home.as_bob("GET", "brieven/a").headers["wac-allow"] == 'user="read",public=""'


@pytest.mark.requirement("wac", "wac-02")
@pytest.mark.parametrize("mode", ["<https://else.example/Write>", "acl:Access", "acl:write", '"Read"'])
def test_a_mode_of_others_gives_nothing(home: Home, mode: str) -> None:
    assert let(home, f"acl:agent <{BOB}> ; acl:mode {mode}") == 201
    assert home.as_bob("GET", "brieven/a").status == 403
    assert home.as_bob("PUT", "brieven/a", TURTLE, b"").status == 403


@pytest.mark.requirement("wac", "wac-01")
def test_what_extensions_add_to_one_authorization_changes_nothing_for_a_plain_one(home: Home) -> None:
    lapsed = (
        'acl:condition [ a wkt:TimeCondition ; wkt:notAfter "2001-01-01T00:00:00Z"^^xsd:dateTime ],'
        " [ a wkt:PurposeCondition ; wkt:purpose <x:p> ], [ a wkt:OrganisationCondition ; wkt:organisation <x:o> ]"
    )
    let(home, f"acl:agent <{BOB}> ; acl:mode acl:Write ; {lapsed}", f"{READ} ; foaf:name 'Bob'")
    assert home.as_bob("GET", "brieven/a").headers["wac-allow"] == 'user="read",public=""'
    assert home.as_bob("PUT", "brieven/a", TURTLE, b"").status == 403


@pytest.mark.parametrize(
    "incomplete",
    [
        f"acl:agent <{BOB}>",
        "acl:mode acl:Read",
        f"acl:agent <{BOB}> ; acl:mode []",
        f"acl:agentClass <{BOB}> ; acl:mode acl:Read",
        f"acl:agent '{BOB}' ; acl:mode acl:Read",
    ],
)
def test_an_incomplete_authorization_is_kept_and_has_no_effect(home: Home, incomplete: str) -> None:
    assert let(home, incomplete) == 201
    assert ACL.Authorization in home.as_owner("GET", "brieven/a.acl").text
    assert home.as_bob("GET", "brieven/a").status == 403


def test_what_is_no_authorization_gives_nothing(home: Home) -> None:
    home.put("brieven/a")
    own = acl_text(f"{home.url}brieven/a", home.owner)
    text = f"{own}\n<#x> {READ} ; acl:accessTo <{home.url}brieven/a> ."
    assert home.as_owner("PUT", "brieven/a.acl", TURTLE, text.encode()).status == 201
    assert home.as_bob("GET", "brieven/a").status == 403


def test_an_authorization_for_another_resource_gives_nothing_there_either(home: Home) -> None:
    home.put("brieven/a")
    home.put("brieven/b")
    own = acl_text(f"{home.url}brieven/a", home.owner)
    text = f"{own}\n<#x> a acl:Authorization ; {READ} ; acl:accessTo <{home.url}brieven/b> ."
    assert home.as_owner("PUT", "brieven/a.acl", TURTLE, text.encode()).status == 201
    assert home.as_bob("GET", "brieven/b").status == 403


def test_the_owner_keeps_everything_without_a_rule_but_only_with_her_own_issuer(home: Home) -> None:
    home.put("brieven/a")
    text = f"{PREFIXES}<#x> a acl:Authorization ; {READ} ; acl:accessTo <{home.url}brieven/a> ."
    assert home.as_owner("PUT", "brieven/a.acl", TURTLE, text.encode()).status == 201
    assert home.as_owner("PUT", "brieven/a", TURTLE, b"").status == 204
    elsewhere = who(home.owner, issuer="https://issuer.example/")
    assert home.ask("GET", "brieven/a", elsewhere).status == 404
    assert home.ask("PUT", "brieven/a", {**elsewhere, **TURTLE}, b"").status == 403


@pytest.mark.parametrize(
    "condition",
    [
        "acl:client <x:c>",
        "a acl:ClientCondition",
        "a <https://else.example/Moon>",
        "a acl:ClientCondition ; acl:client 'x:c'",
        "a acl:ClientCondition ; acl:clientClass acl:AuthenticatedAgent",
        "a acl:IssuerCondition ; acl:issuer <x:i> ; acl:client <x:c>",
        "a wkt:TimeCondition ; wkt:notAfter '2030-01-01T00:00:00Z'",
        "a wkt:PurposeCondition ; wkt:purpose <x:p> ; wkt:strict 'false'",
        "a wkt:OrganisationCondition ; wkt:organisation <x:o>, <x:p>",
    ],
)
def test_a_condition_that_is_not_understood_in_full_is_refused_where_it_is_written(
    home: Home, condition: str
) -> None:
    answer = let(home, f"{READ} ; acl:condition [ {condition} ]")
    assert answer == 422
    assert home.as_owner("GET", "brieven/a.acl").status == 404
    assert home.as_bob("GET", "brieven/a").status == 403
