"""Writing resources over HTTP: PUT and POST, containers on the way, conditions, and what is refused."""

from __future__ import annotations

import pytest

from tests.support.asgi import BOB, Home, identifier
from vocab.namespaces import LDP

TURTLE = {"Content-Type": "text/turtle"}
BINARY = {"Content-Type": "application/octet-stream"}
THING = b"<> a <#Thing> ."
AS_CONTAINER = {"Link": f'<{LDP.BasicContainer}>; rel="type"'}


@pytest.mark.requirement("protocol", "protocol-01")
def test_put_makes_and_then_replaces(home: Home) -> None:
    made = home.as_owner("PUT", "brieven/a", TURTLE, THING)
    assert (made.status, made.headers["location"]) == (201, f"{home.url}brieven/a")
    again = home.as_owner("PUT", "brieven/a", BINARY, b"anders")
    assert (again.status, again.body) == (204, b"")
    read = home.as_owner("GET", "brieven/a")
    assert (read.body, read.headers["etag"]) == (b"anders", again.headers["etag"])


@pytest.mark.requirement("protocol", "server-put-patch-intermediate-containers")
def test_containers_on_the_way_are_made_and_listed(home: Home) -> None:
    home.put("plannen/a/b/c")
    for container, member in (("plannen/", "plannen/a/"), ("plannen/a/", "plannen/a/b/")):
        assert f"<{home.url}{member}>" in home.as_owner("GET", container).text


@pytest.mark.requirement("protocol", "server-content-type-missing")
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_content_without_a_type_is_refused(home: Home, method: str) -> None:
    path = "brieven/" if method == "POST" else "brieven/a"
    assert home.as_owner(method, path, body=b"iets").status == 400
    assert home.lines[-1].failed


@pytest.mark.requirement("protocol", "server-http")
def test_no_content_needs_no_type(home: Home) -> None:
    assert home.as_owner("PUT", "brieven/leeg").status == 201
    read = home.as_owner("GET", "brieven/leeg")
    assert (read.body, read.headers["content-type"]) == (b"", "application/octet-stream")


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize(
    ("media_type", "body"),
    [("text/turtle", b"<> a\n <#Thing> ;;; x"), ("application/ld+json", b'{"a":\n [}')],
)
def test_malformed_linked_data_says_where_and_leaves_nothing(
    home: Home, media_type: str, body: bytes
) -> None:
    answer = home.as_owner("PUT", "plannen/a/b", {"Content-Type": media_type}, body)
    assert answer.status == 400
    assert '"line": 2' in answer.text
    assert '"column"' in answer.text
    assert home.as_owner("GET", "plannen/a/").status == 404


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "geen type"}, 415),
        ({"Content-Type": "text/turtle; charset=latin1"}, 415),
        ({**BINARY, "Content-Encoding": "gzip"}, 415),
        ({**BINARY, "Content-Range": "bytes 0-1/4"}, 400),
        ({**BINARY, "If-Match": "geen tag"}, 400),
        ({**BINARY, "Purpose-Of-Use": "geen iri"}, 400),
    ],
)
def test_what_cannot_be_understood_is_refused_and_is_a_line(
    home: Home, headers: dict[str, str], status: int
) -> None:
    assert home.as_owner("PUT", "brieven/a", headers, b"iets").status == status
    assert [(line.failed, line.absent) for line in home.lines] == [(True, True)]


@pytest.mark.requirement("webid-profile", "server-unprocessable-content")
def test_a_json_ld_context_is_never_fetched(home: Home) -> None:
    body = b'{"@context": "https://elders.example/context", "@id": "#it"}'
    answer = home.as_owner("PUT", "brieven/a", {"Content-Type": "application/ld+json"}, body)
    assert answer.status == 422
    assert '"field": "@context"' in answer.text


@pytest.mark.requirement("protocol", "server-etag")
def test_a_write_on_another_state_than_expected_fails(home: Home) -> None:
    tag = home.put("brieven/a").headers["etag"]
    home.put("brieven/a")
    assert home.as_owner("PUT", "brieven/a", {**TURTLE, "If-Match": tag}, THING).status == 412
    now = home.as_owner("GET", "brieven/a", {"Accept": "application/ld+json"}).headers["etag"]
    assert home.as_owner("PUT", "brieven/a", {**TURTLE, "If-Match": f'"x", {now}'}, THING).status == 204
    assert home.as_owner("PUT", "brieven/a", {**TURTLE, "If-Match": f"W/{now}"}, THING).status == 412


@pytest.mark.requirement("protocol", "server-http")
def test_a_star_stands_for_whatever_is_there(home: Home) -> None:
    assert home.as_owner("PUT", "brieven/a", {**TURTLE, "If-Match": "*"}, THING).status == 412
    assert home.as_owner("PUT", "brieven/a", {**TURTLE, "If-None-Match": "*"}, THING).status == 201
    assert home.as_owner("PUT", "brieven/a", {**TURTLE, "If-None-Match": "*"}, THING).status == 412
    assert home.as_owner("PUT", "brieven/a", {**TURTLE, "If-Match": "*"}, THING).status == 204


@pytest.mark.requirement("protocol", "server-uri-trailing-slash-distinct")
@pytest.mark.parametrize(("first", "second"), [("a", "a/"), ("a/", "a"), ("a", "a/b")])
def test_a_path_with_and_without_a_slash_is_one(home: Home, first: str, second: str) -> None:
    headers = {} if first.endswith("/") else BINARY
    assert home.as_owner("PUT", f"brieven/{first}", headers).status == 201
    assert (
        home.as_owner("PUT", f"brieven/{second}", BINARY, b"" if second.endswith("/") else b"x").status == 409
    )
    assert home.as_owner("GET", f"brieven/{second}").status == 404


@pytest.mark.requirement("protocol", "server-auxiliary-resources-management")
@pytest.mark.parametrize(
    "path", ["brieven/a.acl/b", "brieven/a.meta/", "brieven/.well-known/x", "brieven/a%2Eacl"]
)
def test_reserved_names_cannot_be_taken(home: Home, path: str) -> None:
    assert home.as_owner("PUT", path, {} if path.endswith("/") else BINARY).status == 400


def test_an_encoded_slash_is_part_of_a_name(home: Home) -> None:
    home.put("brieven/a%2Fb", "<> a <#Een> .")
    assert home.as_owner("GET", "brieven/a/b").status == 404
    assert home.as_owner("GET", "brieven/a%2Fb").status == 200


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize("path", ["a//b", "a/../b", "%2e%2e/b", "a b", "a%00b", "é"])
def test_a_path_that_names_nothing_possible_is_refused(home: Home, path: str) -> None:
    assert home.as_owner("GET", path).status == 400
    line = home.lines[-1]
    assert (line.failed, line.absent, line.resource) == (True, True, home.url)
    assert home.ask("OPTIONS", path).status == 400


@pytest.mark.parametrize("path", ["brieven/999990007", "brieven/99999000%37/a"])
def test_a_citizen_service_number_in_a_path_is_refused_and_not_written_down(home: Home, path: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        assert home.as_owner(method, path, BINARY).status == 422
    assert home.as_owner("POST", "brieven/", {**BINARY, "Slug": "999990007"}, b"x").status == 422
    assert {(line.resource, line.failed) for line in home.lines} == {(f"{home.url}brieven/", True)}


@pytest.mark.requirement("protocol", "server-protect-containment")
@pytest.mark.requirement("protocol", "server-protect-containment-2")
@pytest.mark.requirement("protocol", "server-protect-contained-resource-metadata")
@pytest.mark.parametrize(
    "text",
    [
        "<> <http://www.w3.org/ns/ldp#contains> <nieuw> .",
        "<a> <http://purl.org/dc/terms/modified> 1 .",
        "<> <http://www.w3.org/ns/posix/stat#mtime> 1 .",
        "<a> a <#Iets> .",
    ],
)
def test_what_a_container_contains_cannot_be_written(home: Home, text: str) -> None:
    home.put("brieven/a")
    assert home.as_owner("PUT", "brieven/", TURTLE, text.encode()).status == 409
    assert home.as_owner("POST", "brieven/", {**TURTLE, **AS_CONTAINER}, text.encode()).status in {201, 409}
    assert "nieuw" not in home.as_owner("GET", "brieven/").text


@pytest.mark.requirement("protocol", "server-basic-container")
def test_a_container_keeps_its_members_and_gets_triples_of_its_own(home: Home) -> None:
    home.put("brieven/a")
    shown = home.as_owner("GET", "brieven/", {"Accept": "text/turtle"}).body
    text = shown + b'\n<> <http://purl.org/dc/terms/title> "Post" ; <#over> <a#it> .'
    assert home.as_owner("PUT", "brieven/", TURTLE, text).status == 204
    after = home.as_owner("GET", "brieven/").text
    assert '"Post"' in after
    assert f"<{home.url}brieven/a>" in after
    assert home.as_owner("PUT", "brieven/").status == 204
    assert '"Post"' not in home.as_owner("GET", "brieven/").text


@pytest.mark.requirement("protocol", "server-post-container")
@pytest.mark.requirement("protocol", "server-post-uri-assignment")
@pytest.mark.requirement("protocol", "server-post-container-create-resource")
def test_post_makes_a_member_named_after_its_slug_when_that_is_free(home: Home) -> None:
    made = [home.as_owner("POST", "brieven/", {**TURTLE, "Slug": "Mijn brief.ttl"}, THING) for _ in range(2)]
    first, second = (answer.headers["location"] for answer in made)
    assert first == f"{home.url}brieven/Mijn-brief.ttl"
    assert second.startswith(f"{home.url}brieven/")
    assert first != second
    assert home.as_owner("GET", second.removeprefix(home.url)).status == 200


@pytest.mark.requirement("protocol", "server-post-uri-assignment")
@pytest.mark.parametrize("slug", [".acl", "x.acl", "x.meta", ".well-known", "..", "/", "é", "%2e%2e", ""])
def test_a_slug_never_yields_a_reserved_or_impossible_name(home: Home, slug: str) -> None:
    answer = home.as_owner("POST", "brieven/", {**TURTLE, "Slug": slug}, THING)
    name = answer.headers["location"].removeprefix(f"{home.url}brieven/")
    assert answer.status == 201
    assert not name.endswith((".acl", ".meta"))
    assert "/" not in name
    assert name.strip(".") == name != "well-known" or slug == ".well-known"


@pytest.mark.requirement("protocol", "server-basic-container")
def test_a_container_that_comes_back_as_it_was_shown_has_nothing_of_its_own(home: Home) -> None:
    home.put("brieven/a")
    shown = home.as_owner("GET", "brieven/", {"Accept": "text/turtle"}).body
    assert home.as_owner("PUT", "brieven/", TURTLE, shown).status == 204
    assert home.as_owner("GET", "brieven/").body.count(b"brieven/a>") == shown.count(b"brieven/a>")
    typed = f"<> a <{LDP.BasicContainer}> .".encode()
    assert home.as_owner("PUT", "brieven/map/", TURTLE, typed).status == 201
    assert home.as_owner("GET", "brieven/map/").body.count(b"BasicContainer") == 1


@pytest.mark.requirement("protocol", "server-post-container")
def test_post_makes_a_container_when_asked(home: Home) -> None:
    answer = home.as_owner("POST", "plannen/", {**AS_CONTAINER, "Slug": "rust"})
    assert answer.headers["location"] == f"{home.url}plannen/rust/"
    assert home.as_owner("GET", "plannen/rust/").status == 200


@pytest.mark.requirement("protocol", "server-post-uri-assignment")
def test_who_may_not_list_everything_never_gets_her_slug(home: Home) -> None:
    home.let("brieven/", "Read", "Append")
    answer = home.as_bob("POST", "brieven/", {**TURTLE, "Slug": "dicht"}, THING)
    assert answer.status == 201
    assert "dicht" not in answer.headers["location"]


@pytest.mark.requirement("protocol", "server-post-target-not-found")
def test_post_on_nothing_is_not_found_and_on_a_document_not_supported(home: Home) -> None:
    home.put("brieven/a")
    assert home.as_owner("POST", "niets/", TURTLE, THING).status == 404
    assert home.as_owner("POST", "niets", TURTLE, THING).status == 404
    answer = home.as_owner("POST", "brieven/a", TURTLE, THING)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS, PUT, PATCH, DELETE")


def test_a_posted_member_must_fit_the_conditions_on_its_container(home: Home) -> None:
    assert home.as_owner("POST", "brieven/", {**TURTLE, "If-Match": '"x"'}, THING).status == 412


@pytest.mark.requirement("protocol", "server-method-not-allowed")
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", ".well-known/iets"),
        ("TRACE", "plannen/"),
        ("BREEK!#$%&'*+.^_`|~", "profiel/card"),
        ("POST", "brieven/a.meta"),
        ("PUT", "brieven/a.meta.acl"),
        ("PUT", ".well-known/iets"),
        ("POST", "brieven/.acl"),
        ("DELETE", ".well-known/iets"),
        ("PUT", "a.acl.acl"),
    ],
)
def test_what_is_not_supported_says_what_is(home: Home, method: str, path: str) -> None:
    answer = home.as_owner(method, path, TURTLE)
    allowed = home.ask("OPTIONS", path).headers["allow"]
    assert (answer.status, answer.headers["allow"]) == (405, allowed)
    assert method not in allowed
    assert home.lines[-1].failed


@pytest.mark.requirement("webid-profile", "server-update-protected-triples")
@pytest.mark.requirement("webid-profile", "server-update-protected-triples-2")
def test_the_card_keeps_what_others_rely_on(home: Home) -> None:
    card = home.as_owner("GET", "profiel/card").text
    assert home.as_owner("PUT", "profiel/card", TURTLE, card.encode() + b"<#me> <#taal> 'nl' .").status == 204
    elsewhere = card.replace("https://id.vault.example/", "https://evil.example/")
    no_type = card.replace("http://xmlns.com/foaf/0.1/Person", "http://xmlns.com/foaf/0.1/Agent")
    for text in (elsewhere, no_type, ""):
        assert home.as_owner("PUT", "profiel/card", TURTLE, text.encode()).status == 409
    assert home.as_owner("PUT", "profiel/card", BINARY, b"x").status == 409
    assert home.as_owner("DELETE", "profiel/card").status == 409


def test_a_writer_who_is_nobody_is_not_taken_for_the_vault(home: Home) -> None:
    home.let("brieven/", "Read", "Write", "Control", agent="everyone")
    assert home.ask("PUT", "brieven/a", TURTLE, THING).status == 201
    with home.context.catalogue.view() as view:
        record = view.find_resource(identifier(home, "brieven/a"))
    assert record is not None
    assert record.agent == "http://xmlns.com/foaf/0.1/Agent"


@pytest.mark.requirement("wac", "server-update-operation")
def test_appending_is_enough_to_add_and_not_to_replace(home: Home) -> None:
    home.let("brieven/", "Append")
    home.put("brieven/a")
    assert home.as_bob("POST", "brieven/", TURTLE, THING).status == 201
    assert home.as_bob("PUT", "brieven/a", TURTLE, THING).status == 403
    assert home.as_bob("PUT", "brieven/nieuw", TURTLE, THING).status == 403
    assert BOB not in home.as_owner("GET", "brieven/").text
