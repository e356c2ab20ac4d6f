"""Changing resources over HTTP: N3 Patch and SPARQL Update, who may, and what stays as it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.asgi import BOB, Answer, Home, acl_for, make_parts
from vault.model.identifiers import ResourceIdentifier
from vault.model.limits import VaultLimits

N3 = {"Content-Type": "text/n3"}
SPARQL = {"Content-Type": "application/sparql-update"}
PREFIX = "@prefix solid: <http://www.w3.org/ns/solid/terms#> . "
PLAN = '<#it> <#title> "Rust" ; <#goal> <#a>, <#b> .'


def n3(inserts: str = "", deletes: str = "", where: str = "") -> bytes:
    """An N3 Patch of these parts."""
    parts = {"inserts": inserts, "deletes": deletes, "where": where}
    text = "".join(f" ; solid:{name} {{ {value} }}" for name, value in parts.items() if value)
    return f"{PREFIX} _:patch a solid:InsertDeletePatch{text} .".encode()


ADD = n3('<#it> <#seen> "ja"')


def change(home: Home, path: str, body: bytes, headers: dict[str, str] = N3) -> Answer:
    """Patch as the owner."""
    return home.as_owner("PATCH", path, headers, body)


@pytest.mark.requirement("protocol", "protocol-01")
@pytest.mark.requirement("protocol", "server-patch-n3-accept")
def test_a_patch_changes_what_it_names_and_keeps_the_rest(home: Home) -> None:
    old = home.put("plannen/a", PLAN).headers["etag"]
    answer = change(
        home, "plannen/a", n3('?x <#title> "Rust in huis"', '?x <#title> "Rust"', "?x <#goal> <#a>")
    )
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["etag"] != old
    read = home.as_owner("GET", "plannen/a")
    assert (read.headers["etag"], read.headers["content-type"]) == (answer.headers["etag"], "text/turtle")
    assert '"Rust in huis"' in read.text
    assert '"Rust" ' not in read.text
    assert f"{home.url}plannen/a#goal> <{home.url}plannen/a#a> , <{home.url}plannen/a#b>" in read.text


@pytest.mark.requirement("protocol", "server-put-patch-intermediate-containers")
@pytest.mark.requirement("protocol", "server-representation-turtle-jsonld")
def test_a_patch_on_nothing_makes_a_document_and_the_containers_on_the_way(home: Home) -> None:
    answer = change(home, "plannen/x/y/z", ADD)
    assert (answer.status, answer.headers["location"]) == (201, f"{home.url}plannen/x/y/z")
    assert f"<{home.url}plannen/x/y/>" in home.as_owner("GET", "plannen/x/").text
    for accept in ("text/turtle", "application/ld+json"):
        read = home.as_owner("GET", "plannen/x/y/z", {"Accept": accept})
        assert (read.status, read.headers["content-type"], "ja" in read.text) == (200, accept, True)


@pytest.mark.requirement("protocol", "server-put-patch-intermediate-containers")
@pytest.mark.parametrize(
    "body", [n3("<#a> <#b> 1", where="?x <#c> 2"), n3(deletes="<#a> <#b> 1"), b"<a> <b>"]
)
def test_what_fails_on_nothing_leaves_no_container_behind(home: Home, body: bytes) -> None:
    assert change(home, "plannen/x/y", body).status in {400, 409}
    assert home.as_owner("GET", "plannen/x/").status == 404
    assert home.as_owner("GET", "plannen/x/y").status == 404


@pytest.mark.requirement("protocol", "server-patch-n3-semantics")
@pytest.mark.parametrize(
    "media_type", ["application/ld+json", "application/n-triples", "text/turtle; charset=utf-8"]
)
def test_a_document_keeps_its_media_type(home: Home, media_type: str) -> None:
    text = '[{"@id": "#it", "https://ex.example/#n": 1}]' if "json" in media_type else ""
    home.put("plannen/a", text, media_type)
    assert change(home, "plannen/a", ADD).status == 204
    read = home.as_owner("GET", "plannen/a")
    assert (read.headers["content-type"], '"ja"' in read.text) == (media_type, True)
    assert f"{home.url}plannen/a#it" in read.text


@pytest.mark.requirement("protocol", "server-patch-n3-accept")
@pytest.mark.parametrize("media_type", ["text/plain", "application/octet-stream", "image/png"])
def test_what_is_no_linked_data_is_not_patched(home: Home, media_type: str) -> None:
    home.put("brieven/a", "iets", media_type)
    for headers, body in ((N3, ADD), (SPARQL, b"INSERT DATA { <#a> <#b> 1 }")):
        answer = change(home, "brieven/a", body, headers)
        assert (answer.status, "PUT" in answer.text) == (409, True)
    assert home.as_owner("GET", "brieven/a").text == "iets"


@pytest.mark.requirement("protocol", "server-patch-n3-invalid")
@pytest.mark.parametrize(
    "body",
    [
        PREFIX.encode(),
        b"<#p> a <http://www.w3.org/ns/solid/terms#Patch> .",
        n3("?x <#b> 1"),
        n3("[] <#b> 1"),
        n3(deletes="<#a> <#b> [] "),
        n3("{ <#a> <#b> <#c> } <#d> <#e>"),
        ADD + b"<#other> a solid:InsertDeletePatch .",
    ],
)
def test_a_patch_against_its_rules_is_unprocessable(home: Home, body: bytes) -> None:
    home.put("plannen/a", PLAN)
    answer = change(home, "plannen/a", body)
    assert (answer.status, answer.headers["content-type"]) == (422, "application/problem+json")
    assert home.lines[-1].failed


@pytest.mark.requirement("protocol", "server-patch-n3-semantics-no-mapping")
@pytest.mark.parametrize("where", ["?x <#title> 'Onrust'", "<#it> <#goal> ?g"])
def test_conditions_that_do_not_match_once_conflict(home: Home, where: str) -> None:
    tag = home.put("plannen/a", PLAN).headers["etag"]
    assert change(home, "plannen/a", n3("<#it> <#x> 1", where=where)).status == 409
    assert home.as_owner("GET", "plannen/a").headers["etag"] == tag


@pytest.mark.requirement("protocol", "server-patch-n3-semantics-deletions-non-empty-all-triples")
def test_removing_what_is_not_there_conflicts_and_removes_nothing(home: Home) -> None:
    tag = home.put("plannen/a", PLAN).headers["etag"]
    assert change(home, "plannen/a", n3(deletes="<#it> <#goal> <#a>, <#z>")).status == 409
    assert home.as_owner("GET", "plannen/a").headers["etag"] == tag


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize(
    ("headers", "body"),
    [(N3, b"@prefix solid: <x> .\n <#p> a ;; <"), (SPARQL, b"INSERT DATA {\n <#a> <#b> }")],
)
def test_a_malformed_patch_says_where(home: Home, headers: dict[str, str], body: bytes) -> None:
    answer = change(home, "plannen/a", body, headers)
    assert (answer.status, '"line": 2' in answer.text, '"column"' in answer.text) == (400, True, True)


@pytest.mark.requirement("protocol", "server-patch-n3-advertise")
def test_another_kind_of_patch_is_not_supported_and_hears_which_is(home: Home) -> None:
    for media_type in ("text/turtle", "application/json-patch+json", "application/merge-patch+json"):
        answer = change(home, "plannen/a", b"{}", {"Content-Type": media_type})
        assert answer.status == 415
        assert answer.headers["accept-patch"] == "text/n3, application/sparql-update"
        assert "accept-put" not in answer.headers


@pytest.mark.requirement("protocol", "server-content-type-missing")
def test_a_patch_without_a_type_is_refused(home: Home) -> None:
    assert home.as_owner("PATCH", "plannen/a", body=ADD).status == 400
    assert home.as_owner("PATCH", "plannen/a").status == 415


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize("as_chunks", [False, True])
def test_a_patch_has_a_size(home: Home, as_chunks: bool) -> None:
    body = ADD + b"#" * VaultLimits().max_patch_bytes
    answer = home.as_owner("PATCH", "plannen/a", N3, [body] if as_chunks else body)
    assert answer.status == 413


def test_sparql_changes_all_that_matches_and_does_not_mind_what_is_absent(home: Home) -> None:
    home.put("plannen/a", PLAN)
    body = b"""DELETE { ?x <#goal> ?g } INSERT { ?x <#had> ?g } WHERE { ?x <#goal> ?g } ;
        DELETE DATA { <#never> <#was> <#there> } ; INSERT DATA { <#it> <#note> [ <#by> "Bob" ] } ;"""
    assert change(home, "plannen/a", body, SPARQL).status == 204
    text = home.as_owner("GET", "plannen/a").text
    assert ("#goal>" in text, "Bob" in text) == (False, True)
    assert f"#had> <{home.url}plannen/a#a> , <{home.url}plannen/a#b>" in text


@pytest.mark.parametrize(
    "text",
    [
        "LOAD <https://elders.example/x>",
        "INSERT DATA { GRAPH <#g> { <#a> <#b> <#c> } }",
        "DELETE WHERE { SERVICE <https://elders.example/> { ?a ?b ?c } }",
        "CLEAR ALL",
        "DELETE { ?x ?y ?z } WHERE { ?x ?y ?z FILTER (?z > 3) }",
    ],
)
def test_sparql_that_reaches_further_is_unprocessable_and_nothing_is_fetched(home: Home, text: str) -> None:
    home.put("plannen/a", PLAN)
    assert change(home, "plannen/a", text.encode(), SPARQL).status == 422


@pytest.mark.requirement("protocol", "server-patch-n3-invalid")
def test_conditions_that_explode_are_unprocessable(home: Home) -> None:
    home.put("plannen/a", " ".join(f"<#s{n}> <#p> {n} ." for n in range(200)))
    body = b"INSERT { ?a <#q> ?b } WHERE { ?a <#p> ?x . ?b <#p> ?y }"
    assert change(home, "plannen/a", body, SPARQL).status == 422


@pytest.mark.requirement("protocol", "server-http")
def test_a_patch_on_another_state_than_expected_fails(home: Home) -> None:
    tag = home.put("plannen/a", PLAN).headers["etag"]
    assert home.as_owner("PATCH", "plannen/a", {**N3, "If-Match": tag}, ADD).status == 204
    assert home.as_owner("PATCH", "plannen/a", {**N3, "If-Match": tag}, ADD).status == 412
    assert home.as_owner("PATCH", "plannen/a", {**N3, "If-None-Match": "*"}, ADD).status == 412
    assert home.as_owner("PATCH", "plannen/b", {**N3, "If-Match": "*"}, ADD).status == 412


@pytest.mark.requirement("protocol", "server-uri-trailing-slash-distinct")
def test_a_path_taken_in_the_other_slash_form_conflicts(home: Home) -> None:
    home.put("plannen/a/b")
    home.put("plannen/c")
    assert change(home, "plannen/a", ADD).status == 409
    assert change(home, "plannen/c/", ADD).status == 409
    assert change(home, "plannen/x.acl/y", ADD).status == 400


LOOK = n3('<#it> <#seen> "ja"', where='?x <#title> "Rust"')
REMOVE = n3(deletes='<#it> <#title> "Rust"')


@pytest.mark.requirement("protocol", "server-n3-patch-insert")
@pytest.mark.requirement("wac", "server-update-operation")
@pytest.mark.parametrize(
    ("modes", "allowed"),
    [((), False), (("Read",), False), (("Append",), True), (("Write",), True), (("Control",), False)],
)
def test_adding_needs_append(home: Home, modes: tuple[str, ...], allowed: bool) -> None:
    home.put("plannen/a", PLAN)
    home.let("plannen/a", *modes)
    assert home.as_bob("PATCH", "plannen/a", N3, ADD).status == (204 if allowed else 403)
    answer = home.as_bob("PATCH", "plannen/a", SPARQL, b'INSERT DATA { <#it> <#seen> "nee" }')
    assert answer.status == (204 if allowed else 403)


@pytest.mark.requirement("protocol", "server-n3-patch-where")
@pytest.mark.parametrize(
    ("modes", "allowed"),
    [(("Read",), False), (("Append",), False), (("Write",), False), (("Read", "Append"), True)],
)
def test_conditions_need_read_as_well(home: Home, modes: tuple[str, ...], allowed: bool) -> None:
    home.put("plannen/a", PLAN)
    home.let("plannen/a", *modes)
    assert home.as_bob("PATCH", "plannen/a", N3, LOOK).status == (204 if allowed else 403)
    update = b'INSERT { ?x <#seen> "nee" } WHERE { ?x <#title> "Rust" }'
    assert home.as_bob("PATCH", "plannen/a", SPARQL, update).status == (204 if allowed else 403)


@pytest.mark.requirement("protocol", "server-n3-patch-delete")
@pytest.mark.parametrize(
    ("modes", "allowed"),
    [
        (("Read",), False),
        (("Read", "Append"), False),
        (("Write",), False),
        (("Append",), False),
        (("Read", "Write"), True),
    ],
)
def test_removing_needs_read_and_write(home: Home, modes: tuple[str, ...], allowed: bool) -> None:
    home.put("plannen/a", PLAN)
    home.let("plannen/a", *modes)
    assert home.as_bob("PATCH", "plannen/a", SPARQL, b"DELETE DATA { <#x> <#y> 1 }").status == (
        204 if allowed else 403
    )
    assert home.as_bob("PATCH", "plannen/a", N3, REMOVE).status == (204 if allowed else 403)
    assert ("Rust" in home.as_owner("GET", "plannen/a").text) == (not allowed)


@pytest.mark.parametrize("body", [n3(), n3(where='<#it> <#title> "Rust"')])
def test_a_patch_that_changes_nothing_still_needs_append(home: Home, body: bytes) -> None:
    home.put("plannen/a", PLAN)
    home.let("plannen/a", "Read")
    assert home.as_bob("PATCH", "plannen/a", N3, body).status == 403
    assert home.ask("PATCH", "plannen/a", N3, body).status == 401
    home.let("plannen/a", "Read", "Append")
    assert home.as_bob("PATCH", "plannen/a", N3, body).status == 204


def test_who_may_only_add_does_not_learn_from_the_tag_what_is_there(home: Home) -> None:
    home.put("plannen/a", PLAN)
    home.let("plannen/a", "Append")
    for guess in (b"<#it> <#goal> <#a>", b"<#it> <#goal> <#nooit>"):
        tags = {home.as_bob("PATCH", "plannen/a", N3, n3(guess.decode())).headers["etag"] for _ in range(2)}
        assert len(tags) == 2


@pytest.mark.requirement("wac", "server-create-operation")
@pytest.mark.parametrize(
    ("modes", "allowed"), [((), False), (("Read",), False), (("Append",), True), (("Write",), True)]
)
def test_a_patch_that_only_adds_makes_a_document_with_append(
    home: Home, modes: tuple[str, ...], allowed: bool
) -> None:
    home.let("brieven/", *modes)
    for path in ("brieven/nieuw", "brieven/in/nieuw"):
        assert home.as_bob("PATCH", path, N3, ADD).status == (201 if allowed else 403)
    assert (home.as_owner("GET", "brieven/in/").status == 200) == allowed


@pytest.mark.requirement("wac", "server-create-operation")
def test_append_on_the_container_alone_or_on_the_new_alone_is_not_enough(home: Home) -> None:
    home.let("brieven/", "Append", default=False)
    assert home.as_bob("PATCH", "brieven/nieuw", N3, ADD).status == 403
    acl = acl_for(f"{home.url}brieven/", home.owner, "https://bob.example/profile#me", ["Append"])
    only_new = acl.replace(f"acl:accessTo <{home.url}brieven/> ; acl:default", "acl:default").replace(
        "<#owner> a acl:Authorization", f"<#owner> a acl:Authorization ; acl:accessTo <{home.url}brieven/>"
    )
    assert (
        home.as_owner("PUT", "brieven/.acl", {"Content-Type": "text/turtle"}, only_new.encode()).status < 300
    )
    assert home.as_bob("PATCH", "brieven/nieuw", N3, ADD).status == 403


@pytest.mark.requirement("protocol", "server-n3-patch-delete")
def test_a_patch_that_removes_from_nothing_needs_write_and_conflicts(home: Home) -> None:
    home.let("brieven/", "Read", "Append")
    assert home.as_bob("PATCH", "brieven/nieuw", N3, REMOVE).status == 403
    home.let("brieven/", "Read", "Write")
    assert home.as_bob("PATCH", "brieven/nieuw", N3, REMOVE).status == 409


@pytest.mark.requirement("protocol", "server-protect-containment")
@pytest.mark.requirement("protocol", "server-protect-containment-2")
@pytest.mark.requirement("protocol", "server-protect-contained-resource-metadata")
@pytest.mark.parametrize(
    "body",
    [
        n3("<> <http://www.w3.org/ns/ldp#contains> <x>"),
        n3(deletes="<> <http://www.w3.org/ns/ldp#contains> <a>"),
        n3(deletes="<> ?p <a>", where="<> ?p <a>"),
        n3("<> <http://purl.org/dc/terms/modified> 'x'"),
        n3("<a> <http://www.w3.org/ns/posix/stat#size> 3"),
        n3(deletes="<a> a <http://www.w3.org/ns/ldp#Resource>"),
        n3(deletes="<> a <http://www.w3.org/ns/ldp#Container>"),
    ],
)
def test_a_patch_leaves_what_a_container_contains_alone(home: Home, body: bytes) -> None:
    home.put("brieven/a")
    before = home.as_owner("GET", "brieven/")
    assert change(home, "brieven/", body).status == 409
    assert home.as_owner("GET", "brieven/").headers["etag"] == before.headers["etag"]


@pytest.mark.requirement("protocol", "server-protect-containment")
@pytest.mark.requirement("protocol", "server-protect-contained-resource-metadata")
def test_sparql_cannot_even_try_to_change_what_a_container_contains(home: Home) -> None:
    update = b"DELETE DATA { <> <http://www.w3.org/ns/ldp#contains> <never> }"
    assert change(home, "brieven/", update, SPARQL).status == 409


@pytest.mark.requirement("protocol", "server-basic-container")
def test_a_patch_changes_what_a_container_says_of_its_own(home: Home) -> None:
    home.put("brieven/a")
    add = n3('<> <#title> "Post"', where="<> a <http://www.w3.org/ns/ldp#Container>")
    assert change(home, "brieven/", add).status == 204
    text = home.as_owner("GET", "brieven/").text
    assert ("Post" in text, text.count("brieven/a>")) == (
        True,
        home.as_owner("GET", "brieven/").text.count("brieven/a>"),
    )
    assert change(home, "brieven/", n3('<> <#title> "Brieven"', '<> <#title> "Post"')).status == 204
    assert change(home, "brieven/", n3(deletes='<> <#title> "Brieven"')).status == 204
    assert "Brieven" not in home.as_owner("GET", "brieven/").text
    with home.context.catalogue.view() as view:
        record = view.find_resource(ResourceIdentifier(home.storage, "brieven/"))
    assert record is not None
    assert record.stored is None
    shown = n3("<> a <http://www.w3.org/ns/ldp#Container>")
    assert change(home, "brieven/", shown).status == 204


@pytest.mark.requirement("protocol", "server-basic-container")
def test_a_patch_makes_a_container_and_the_root_can_be_patched(home: Home) -> None:
    assert change(home, "plannen/nieuw/", n3('<> <#title> "Nieuw"')).status == 201
    assert "Nieuw" in home.as_owner("GET", "plannen/nieuw/").text
    assert change(home, "", n3('<> <#title> "Kluis"')).status == 204
    assert "Kluis" in home.as_owner("GET", "").text


@pytest.mark.requirement("protocol", "server-n3-patch-where")
def test_members_that_a_patcher_may_not_see_are_no_condition_for_her(home: Home) -> None:
    home.put("brieven/dicht")
    home.let("brieven/", "Read", "Write")
    home.let("brieven/dicht")
    guess = n3('<> <#x> "y"', where="<> <http://www.w3.org/ns/ldp#contains> <dicht>")
    assert home.as_bob("PATCH", "brieven/", N3, guess).status == 409
    assert change(home, "brieven/", guess).status == 204


@pytest.mark.requirement("webid-profile", "server-update-protected-triples")
@pytest.mark.requirement("webid-profile", "server-update-protected-triples-2")
def test_the_card_keeps_what_others_rely_on_and_takes_the_rest(home: Home) -> None:
    issuer = "<#me> <http://www.w3.org/ns/solid/terms#oidcIssuer>"
    refused = (
        n3(f"{issuer} <https://evil.example/>"),
        n3(deletes=f"{issuer} <https://id.vault.example/>"),
        n3(deletes="<#me> a <http://xmlns.com/foaf/0.1/Person>"),
        n3("<#me> <http://www.w3.org/ns/pim/space#storage> <https://evil.example/>"),
    )
    for body in refused:
        assert change(home, "profiel/card", body).status == 409
    update = f"DELETE WHERE {{ {issuer} ?any }}".encode()
    assert change(home, "profiel/card", update, SPARQL).status == 409
    assert change(home, "profiel/card", n3('<#me> <http://xmlns.com/foaf/0.1/name> "Samira"')).status == 204
    assert "Samira" in home.as_owner("GET", "profiel/card").text
    assert (
        change(home, "profiel/card", n3(deletes='<#me> <http://xmlns.com/foaf/0.1/name> "Samira"')).status
        == 204
    )
    assert "Samira" not in home.as_owner("GET", "profiel/card").text


@pytest.mark.requirement("protocol", "server-put-patch-auxiliary-resource")
@pytest.mark.requirement("wac", "server-control-operation")
def test_an_acl_is_patched_with_control_and_counts_at_once(home: Home) -> None:
    home.put("plannen/a", PLAN)
    home.let("plannen/a", "Read")
    more = n3("<#other> <http://www.w3.org/ns/auth/acl#mode> <http://www.w3.org/ns/auth/acl#Append>")
    assert home.as_bob("PATCH", "plannen/a.acl", N3, more).status == 403
    assert home.as_bob("PATCH", "plannen/a", N3, ADD).status == 403
    answer = change(home, "plannen/a.acl", more)
    assert (answer.status, "etag" in answer.headers) == (204, False)
    assert home.as_bob("PATCH", "plannen/a", N3, ADD).status == 204


@pytest.mark.requirement("protocol", "server-put-patch-auxiliary-resource")
def test_a_patch_makes_an_acl_where_there_was_none_and_a_broken_one_is_refused(home: Home) -> None:
    home.put("plannen/a", PLAN)
    acl = acl_for(f"{home.url}plannen/a", home.owner, "everyone", ["Read"])
    prefixes, rules = acl.split("\n", 1)
    body = f"{prefixes} {n3(rules).decode()}".encode()
    assert change(home, "plannen/a.acl", body).status == 201
    assert home.ask("GET", "plannen/a").status == 200
    condition = n3(
        "<#other> <http://www.w3.org/ns/auth/acl#condition> <#c> . <#c> a <https://ex.example/Onbekend>"
    )
    assert change(home, "plannen/a.acl", condition).status == 422
    assert change(home, "plannen/niets.acl", body).status == 404


def test_a_patch_cannot_lock_the_owner_out(home: Home) -> None:
    control = n3(
        deletes="?rule <http://www.w3.org/ns/auth/acl#mode> <http://www.w3.org/ns/auth/acl#Control>",
        where="?rule <http://www.w3.org/ns/auth/acl#mode> <http://www.w3.org/ns/auth/acl#Control>",
    )
    assert change(home, ".acl", control).status == 409
    assert change(home, ".acl", b"DELETE WHERE { ?a ?b ?c }", SPARQL).status == 409


def test_a_patch_is_one_line_of_the_journal(home: Home) -> None:
    made = change(home, "plannen/a", ADD)
    changed = change(home, "plannen/a", n3("<#it> <#seen> 'weer'"))
    failed = change(home, "plannen/a", n3(deletes="<#it> <#never> 1"))
    refused = home.as_bob("PATCH", "plannen/a", N3, ADD)
    malformed = change(home, "plannen/a", b"<<<")
    lines = {line.trace_id: line for line in home.lines}
    told = [lines[answer.headers["trace-id"]] for answer in (made, changed, failed, refused, malformed)]
    assert [line.activity for line in told] == ["create", "change", "change", "change", "change"]
    assert [(line.failed, line.refusal is not None) for line in told] == [
        (False, False),
        (False, False),
        (True, False),
        (False, True),
        (True, False),
    ]
    assert len(home.lines) == 5


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize("limits", [VaultLimits(max_triples=5), VaultLimits(max_rdf_bytes=1024)])
def test_a_document_does_not_grow_beyond_its_limits_by_patches(home: Home, limits: VaultLimits) -> None:
    home.put("plannen/a", PLAN)
    small = Home(
        replace(home.context, limits=limits), home.storage, make_parts(replace(home.context, limits=limits))
    )
    assert change(small, "plannen/a", n3("<#it> <#a> 1")).status == 204
    longer = n3("<#it> " + " ; ".join(f"<#{'b' * 50}{n}> {n}" for n in range(20)))
    assert change(small, "plannen/a", longer).status == 413
    assert "bbb" not in small.as_owner("GET", "plannen/a").text


@pytest.mark.parametrize("media_type", ["text/turtle", "application/ld+json", "application/n-triples"])
def test_who_a_patch_makes_a_member_of_a_group_may_what_the_group_may(home: Home, media_type: str) -> None:
    vcard, text = "http://www.w3.org/2006/vcard/ns#", "[]" if "json" in media_type else ""
    home.put("mijn/groep", text, media_type)
    home.put("plannen/a", PLAN)
    acl = acl_for(f"{home.url}plannen/a", home.owner, BOB, ["Read"])
    named = acl.replace(f"acl:agent <{BOB}>", f"acl:agentGroup <{home.url}mijn/groep#wij>")
    assert (
        home.as_owner("PUT", "plannen/a.acl", {"Content-Type": "text/turtle"}, named.encode()).status == 201
    )
    assert home.as_bob("GET", "plannen/a").status == 403
    group = n3(f"<#wij> a <{vcard}Group> ; <{vcard}hasMember> <{BOB}>")
    assert change(home, "mijn/groep", group).status == 204
    assert home.as_bob("GET", "plannen/a").status == 200
    assert change(home, "mijn/groep", n3(deletes=f"<#wij> <{vcard}hasMember> <{BOB}>")).status == 204
    assert home.as_bob("GET", "plannen/a").status == 403
