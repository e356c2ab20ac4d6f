"""ACL resources over HTTP: who may open them, what they may say, and that they work at once."""

from __future__ import annotations

import pytest

from tests.support.asgi import APP, BOB, BOBS_ISSUER, Home, acl_for, who
from vocab.namespaces import ACL

TURTLE = {"Content-Type": "text/turtle"}
PREFIX = "@prefix acl: <http://www.w3.org/ns/auth/acl#> .\n"


def put_acl(home: Home, path: str, *modes: str) -> int:
    """Write an ACL as the owner; the status."""
    text = acl_for(home.url + path, home.owner, BOB, modes)
    return home.as_owner("PUT", f"{path}.acl", TURTLE, text.encode()).status


@pytest.mark.requirement("protocol", "server-put-patch-auxiliary-resource")
@pytest.mark.requirement("wac", "server-get-acl-turtle")
@pytest.mark.requirement("protocol", "server-wac-acp")
def test_an_acl_is_made_replaced_and_read_in_turtle(home: Home) -> None:
    home.put("brieven/a")
    assert (put_acl(home, "brieven/a", "Read"), put_acl(home, "brieven/a", "Append")) == (201, 204)
    answer = home.as_owner("GET", "brieven/a.acl", {"Accept": "text/turtle"})
    assert answer.headers["content-type"] == "text/turtle"
    assert f"<{ACL.Append}>" in answer.text
    assert home.as_owner("HEAD", "brieven/a.acl").status == 200


@pytest.mark.requirement("wac", "server-read-operation")
@pytest.mark.requirement("wac", "server-update-operation")
def test_a_rule_counts_from_the_moment_it_is_written_until_it_is_removed(home: Home) -> None:
    home.put("brieven/a")
    assert home.as_bob("GET", "brieven/a").status == 403
    put_acl(home, "brieven/a", "Read")
    assert home.as_bob("GET", "brieven/a").status == 200
    assert home.as_bob("PUT", "brieven/a", TURTLE, b"").status == 403
    put_acl(home, "brieven/a", "Write")
    assert home.as_bob("GET", "brieven/a").status == 403
    assert home.as_bob("PUT", "brieven/a", TURTLE, b"").status == 204
    assert home.as_owner("DELETE", "brieven/a.acl").status == 204
    assert home.as_bob("PUT", "brieven/a", TURTLE, b"").status == 403


@pytest.mark.requirement("wac", "server-get-acl-without-representation")
@pytest.mark.requirement("wac", "server-acl-without-representation")
def test_an_acl_that_is_not_there_is_not_found_by_who_may_control(home: Home) -> None:
    home.put("brieven/a")
    assert home.as_owner("GET", "brieven/a.acl").status == 404
    assert home.as_owner("GET", "brieven/niets.acl").status == 404
    assert home.as_owner("DELETE", "brieven/a.acl").status == 404
    assert home.as_owner("GET", "brieven/a.meta").status == 404


@pytest.mark.requirement("protocol", "server-auxiliary-resources-management")
def test_an_acl_of_nothing_cannot_be_made(home: Home) -> None:
    assert put_acl(home, "brieven/niets", "Read") == 404


@pytest.mark.requirement("wac", "server-root-container-acl")
@pytest.mark.requirement("wac", "server-root-container-acl-authorization-control")
def test_the_root_has_an_acl_that_keeps_its_owner_in_control(home: Home) -> None:
    assert ACL.Control in home.as_owner("GET", ".acl").text
    text = (
        f"{PREFIX}<#a> a acl:Authorization ; acl:agent <{BOB}> ; acl:accessTo <./> ; acl:mode acl:Control ."
    )
    assert home.as_owner("PUT", ".acl", TURTLE, text.encode()).status == 409
    assert put_acl(home, "", "Read") == 204
    assert home.as_bob("GET", "brieven/").status == 200


@pytest.mark.requirement("wac", "server-control-operation")
def test_only_control_opens_an_acl_and_it_opens_nothing_else(home: Home) -> None:
    home.put("brieven/a")
    put_acl(home, "brieven/a", "Read", "Write")
    for method in ("GET", "PUT", "DELETE"):
        assert home.as_bob(method, "brieven/a.acl", TURTLE, b"").status == 403
    put_acl(home, "brieven/a", "Control")
    assert home.as_bob("GET", "brieven/a.acl").status == 200
    assert home.as_bob("GET", "brieven/a").status == 403
    assert home.ask("GET", "brieven/a.acl").status == 401


@pytest.mark.requirement("protocol", "server-description-resource-authorization")
def test_a_description_answers_by_the_rules_of_its_subject(home: Home) -> None:
    home.put("brieven/a")
    assert home.as_bob("GET", "brieven/a.meta").status == 403
    put_acl(home, "brieven/a", "Read")
    assert home.as_bob("GET", "brieven/a.meta").status == 404


def test_a_condition_that_cannot_be_honoured_is_refused_and_nothing_changes(home: Home) -> None:
    home.put("brieven/a")
    put_acl(home, "brieven/a", "Read")
    text = (
        f"{PREFIX}<#a> a acl:Authorization ; acl:agent <{BOB}> ; acl:accessTo <a> ; acl:mode acl:Write ;"
        " acl:condition [ a <https://elders.example/Maan> ] ."
    )
    assert home.as_owner("PUT", "brieven/a.acl", TURTLE, text.encode()).status == 422
    assert home.as_bob("PUT", "brieven/a", TURTLE, b"").status == 403
    assert home.as_bob("GET", "brieven/a").status == 200


@pytest.mark.requirement("wac", "server-condition-evaluation")
@pytest.mark.requirement("wac", "server-condition-evaluation-conjunctive")
def test_all_conditions_must_hold(home: Home) -> None:
    home.put("brieven/a")
    text = (
        f"{PREFIX}<#a> a acl:Authorization ; acl:agent <{BOB}> ; acl:accessTo <a> ; acl:mode acl:Read ;"
        f" acl:condition [ a acl:ClientCondition ; acl:client <{APP}> ],"
        f" [ a acl:IssuerCondition ; acl:issuer <{BOBS_ISSUER}> ] ."
    )
    assert home.as_owner("PUT", "brieven/a.acl", TURTLE, text.encode()).status == 201
    assert home.as_bob("GET", "brieven/a").status == 200
    assert home.ask("GET", "brieven/a", who(BOB, client="https://other.example/id")).status == 403
    assert home.ask("GET", "brieven/a", who(BOB, issuer="https://other.example/")).status == 403


@pytest.mark.requirement("wac", "server-get-acl-turtle")
@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [({"Content-Type": "text/plain"}, b"x", 415), (TURTLE, b"geen turtle", 400), ({}, b"", 415)],
)
def test_an_acl_is_linked_data(home: Home, headers: dict[str, str], body: bytes, status: int) -> None:
    home.put("brieven/a")
    answer = home.as_owner("PUT", "brieven/a.acl", headers, body)
    assert answer.status == status
    assert ("accept-put" in answer.headers) == (status == 415)


@pytest.mark.requirement("protocol", "server-http")
def test_an_acl_is_changed_only_in_the_state_that_was_seen(home: Home) -> None:
    tag = home.as_owner("GET", ".acl").headers["etag"]
    text = acl_for(home.url, home.owner, BOB, ["Read"]).encode()
    assert home.as_owner("PUT", ".acl", {**TURTLE, "If-Match": tag}, text).status == 204
    assert home.as_owner("PUT", ".acl", {**TURTLE, "If-Match": tag}, text).status == 412
    assert home.as_owner("PUT", ".acl", {**TURTLE, "If-None-Match": "*"}, text).status == 412


@pytest.mark.requirement("wac", "server-create-operation")
def test_a_new_member_is_made_under_the_rules_it_will_inherit(home: Home) -> None:
    put_acl(home, "brieven/", "Read", "Write")
    assert home.as_bob("PUT", "brieven/a/b", TURTLE, b"").status == 201
    text = acl_for(f"{home.url}brieven/", home.owner, BOB, ["Write"], default=False)
    assert home.as_owner("PUT", "brieven/.acl", TURTLE, text.encode()).status == 204
    assert home.as_bob("PUT", "brieven/c", TURTLE, b"").status == 403


def test_the_revision_of_an_acl_names_the_person_who_wrote_it(home: Home) -> None:
    put_acl(home, "brieven/", "Read")
    with home.context.catalogue.view() as view:
        acls = {acl.identifier.path: acl.agent for acl in view.own_acls(home.storage)}
    assert acls["brieven/.acl"] == home.owner
    assert acls[".acl"] is None
