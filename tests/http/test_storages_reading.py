"""Reading resources over HTTP: representations, what the headers say, and what a listing shows."""

from __future__ import annotations

import json

import pytest

from pod_server.http.bodies import piece_bytes
from tests.support.asgi import BOB, Home
from vault.rdf.documents import parse, to_sorted_ntriples
from vocab.namespaces import ACL, LDP, PIM_SPACE, SOLID

PLAN = "plannen/rust/plan"
TURTLE = '# eigen opmaak\n<> a <#Plan> ; <#titel> "Rust in huis" .\n'


@pytest.mark.requirement("protocol", "server-safe-methods")
@pytest.mark.requirement("protocol", "server-content-type-includes")
def test_bytes_come_back_as_they_were_sent_in_the_type_they_were_sent_in(home: Home) -> None:
    home.put(PLAN, TURTLE, "text/turtle; charset=utf-8")
    answer = home.as_owner("GET", PLAN, {"Accept": "*/*"})
    assert (answer.status, answer.text) == (200, TURTLE)
    assert answer.headers["content-type"] == "text/turtle; charset=utf-8"
    assert answer.headers["content-length"] == str(len(TURTLE))


@pytest.mark.requirement("protocol", "server-representation-turtle-jsonld")
@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/ld+json", "application/ld+json"),
        ("application/n-triples", "application/n-triples"),
        ("text/html, application/ld+json;q=0.5, text/turtle;q=0.4", "application/ld+json"),
        ("application/*", "application/ld+json"),
        ("image/png, */*;q=0.1", "text/turtle"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/turtle"),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "application/ld+json"),
        ("text/turtle;q=0, */*", "application/ld+json"),
        ("application/n-triples, text/turtle;q=0.999", "application/n-triples"),
        ("TEXT/TURTLE", "text/turtle"),
    ],
)
def test_linked_data_is_shown_in_the_most_welcome_type(home: Home, accept: str, expected: str) -> None:
    home.put(PLAN, TURTLE)
    answer = home.as_owner("GET", PLAN, {"Accept": accept})
    assert answer.headers["content-type"] == expected
    assert "Rust in huis" in answer.text


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize("accept", ["text/html", "image/*", "*/*;q=0", "text/turtle;q=0", "onzin"])
def test_where_nothing_is_acceptable_nothing_is_sent(home: Home, accept: str) -> None:
    home.put("brieven/b.pdf", "%PDF", "application/pdf")
    home.put(PLAN, TURTLE)
    for path in ("brieven/b.pdf", PLAN, "plannen/", ".acl", ".well-known/solid"):
        if accept == "text/turtle;q=0" or (path, accept) == ("brieven/b.pdf", "image/*"):
            continue
        answer = home.as_owner("GET", path, {"Accept": accept})
        assert (answer.status, "Rust in huis" in answer.text) == (406, False)
    assert home.as_owner("GET", PLAN, {"Accept": "text/turtle;q=0"}).status == 406


@pytest.mark.requirement("protocol", "server-representation-turtle-jsonld")
@pytest.mark.parametrize("stored", ["text/turtle", "application/ld+json", "application/n-triples"])
@pytest.mark.parametrize("asked", ["text/turtle", "application/ld+json", "application/n-triples"])
def test_every_type_says_the_same_in_every_other(home: Home, stored: str, asked: str) -> None:
    url = f"{home.url}{PLAN}"
    texts = {
        "text/turtle": '<#it> <../naast> <> ; <//elders.example/x> "Rust\\nin \U0001f3e0"@nl, 4.50 .',
        "application/ld+json": json.dumps(
            {
                "@id": "#it",
                f"{home.url}plannen/naast": {"@id": ""},
                "https://elders.example/x": [
                    {"@value": "Rust\nin \U0001f3e0", "@language": "nl"},
                    {"@value": "4.50", "@type": "http://www.w3.org/2001/XMLSchema#decimal"},
                ],
            }
        ),
        "application/n-triples": f"<{url}#it> <{home.url}plannen/naast> <{url}> .\n"
        f'<{url}#it> <https://elders.example/x> "Rust\\nin \U0001f3e0"@nl .\n'
        f'<{url}#it> <https://elders.example/x> "4.50"^^<http://www.w3.org/2001/XMLSchema#decimal> .\n',
    }
    home.put(PLAN, texts[stored], stored)
    answer = home.as_owner("GET", PLAN, {"Accept": asked})
    assert answer.headers["content-type"] == asked
    assert asked != stored or answer.text == texts[stored]
    found = to_sorted_ntriples(parse(answer.body, asked, url)).decode()
    assert found == "".join(sorted(texts["application/n-triples"].splitlines(keepends=True)))


@pytest.mark.requirement("protocol", "server-representation-turtle-jsonld")
def test_json_ld_that_was_sent_can_be_read_as_turtle(home: Home) -> None:
    document = json.dumps({"@id": "#it", "http://schema.org/name": "Rust"})
    home.put(PLAN, document, "application/ld+json")
    assert home.as_owner("GET", PLAN).text == document
    turtle = home.as_owner("GET", PLAN, {"Accept": "text/turtle"}).text
    assert f"<{home.url}{PLAN}#it>" in turtle


@pytest.mark.requirement("protocol", "server-etag")
def test_each_representation_has_a_tag_of_its_own_and_a_new_revision_other_ones(home: Home) -> None:
    home.put(PLAN, TURTLE)
    first = {home.as_owner("GET", PLAN, {"Accept": f"{t}"}).headers["etag"] for t in _TYPES}
    home.put(PLAN, TURTLE)
    second = {home.as_owner("GET", PLAN, {"Accept": f"{t}"}).headers["etag"] for t in _TYPES}
    assert len(first) == len(second) == 3
    assert first.isdisjoint(second)


_TYPES = ("text/turtle", "application/ld+json", "application/n-triples")


@pytest.mark.requirement("protocol", "server-http")
def test_what_is_no_linked_data_is_not_shown_as_such(home: Home) -> None:
    home.put("brieven/b.pdf", "%PDF", "application/pdf")
    answer = home.as_owner("GET", "brieven/b.pdf", {"Accept": "text/turtle"})
    assert (answer.status, home.lines[-1].failed) == (406, True)
    assert home.as_owner("GET", "brieven/b.pdf").body == b"%PDF"


@pytest.mark.requirement("protocol", "server-caching")
def test_a_known_representation_is_not_sent_again(home: Home) -> None:
    home.put(PLAN, TURTLE)
    tag = home.as_owner("GET", PLAN).headers["etag"]
    answer = home.as_owner("GET", PLAN, {"If-None-Match": f'"other.t", W/{tag}'})
    assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", tag)
    assert home.as_owner("GET", PLAN, {"If-None-Match": tag, "Accept": "application/ld+json"}).status == 200


@pytest.mark.requirement("protocol", "server-http")
def test_a_read_that_names_another_state_fails(home: Home) -> None:
    home.put(PLAN, TURTLE)
    assert home.as_owner("GET", PLAN, {"If-Match": '"other.t"'}).status == 412
    tag = home.as_owner("GET", PLAN).headers["etag"]
    assert home.as_owner("GET", PLAN, {"If-Match": tag}).status == 200


@pytest.mark.requirement("protocol", "server-http")
def test_head_says_what_get_says_without_the_body(home: Home) -> None:
    home.put(PLAN, TURTLE)
    get, head = home.as_owner("GET", PLAN), home.as_owner("HEAD", PLAN)
    assert (head.status, head.body) == (200, b"")
    assert {**head.headers, "trace-id": ""} == {**get.headers, "trace-id": ""}


@pytest.mark.requirement("protocol", "server-link-auxiliary-type")
@pytest.mark.requirement("wac", "server-link-acl")
@pytest.mark.requirement("wac", "server-resource-acl-max")
@pytest.mark.requirement("protocol", "server-storage-description")
def test_a_document_links_to_its_one_acl_its_type_and_the_description(home: Home) -> None:
    home.put(PLAN, TURTLE)
    link = home.as_owner("GET", PLAN).headers["link"]
    assert f'<{home.url}{PLAN}.acl>; rel="acl"' in link
    assert link.count('rel="acl"') == 1
    assert f'<{LDP.Resource}>; rel="type"' in link
    assert f'<{home.url}.well-known/solid>; rel="{SOLID.storageDescription}"' in link
    assert SOLID.owner not in link


@pytest.mark.requirement("protocol", "server-link-storage")
@pytest.mark.requirement("protocol", "server-basic-container")
@pytest.mark.requirement("protocol", "server-link-auxiliary-type")
@pytest.mark.requirement("wac", "server-link-acl")
@pytest.mark.requirement("protocol", "server-storage-link-owner")
@pytest.mark.requirement("protocol", "server-storage-track-owner")
def test_only_the_root_says_that_it_is_a_storage_and_whose(home: Home) -> None:
    root, other = home.as_owner("GET", "").headers["link"], home.as_owner("GET", "plannen/").headers["link"]
    assert f'<{PIM_SPACE.Storage}>; rel="type"' in root
    assert f'<{home.owner}>; rel="{SOLID.owner}"' in root
    assert PIM_SPACE.Storage not in other
    assert SOLID.owner not in other
    for kind in (LDP.Resource, LDP.Container, LDP.BasicContainer):
        assert f'<{kind}>; rel="type"' in root
        assert f'<{kind}>; rel="type"' in other
    for link in (root, other):
        assert link.count('rel="acl"') == link.count('rel="describedby"') == 1


@pytest.mark.requirement("wac", "server-link-condition")
def test_an_acl_names_every_condition_type_that_counts(home: Home) -> None:
    link = home.as_owner("GET", ".acl").headers["link"]
    assert link.count(f'rel="{ACL.condition}"') == 5
    assert ACL.ClientCondition in link
    assert "TimeCondition" in link
    assert 'rel="acl"' not in link


@pytest.mark.requirement("protocol", "server-allow-methods")
@pytest.mark.requirement("protocol", "server-accept-headers")
@pytest.mark.requirement("protocol", "server-patch-n3-advertise")
@pytest.mark.requirement("protocol", "server-disallow-delete")
@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("", "GET, HEAD, OPTIONS, POST, PUT, PATCH"),
        (".acl", "GET, HEAD, OPTIONS, PUT, PATCH"),
        ("plannen/", "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE"),
        ("profiel/card", "GET, HEAD, OPTIONS, PUT, PATCH, DELETE"),
        ("profiel/card.acl", "GET, HEAD, OPTIONS, PUT, PATCH, DELETE"),
    ],
)
def test_every_answer_names_the_methods_that_work(home: Home, path: str, allowed: str) -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        answer = home.as_owner(method, path)
        assert answer.headers["allow"] == allowed
        assert ("accept-post" in answer.headers) == ("POST" in allowed)
        assert "accept-put" in answer.headers
        assert answer.headers["accept-patch"] == "text/n3, application/sparql-update"


@pytest.mark.requirement("protocol", "server-allow-methods")
def test_an_answer_to_a_write_names_the_methods_that_work_where_it_was_asked(home: Home) -> None:
    turtle = {"Content-Type": "text/turtle"}
    answers = {
        "GET, HEAD, OPTIONS, PUT, PATCH, DELETE": [
            home.as_owner("PUT", PLAN, turtle, TURTLE.encode()),
            home.as_owner("PUT", PLAN, turtle, TURTLE.encode()),
            home.as_owner("PATCH", PLAN, {"Content-Type": "application/sparql-update"}, b"INSERT DATA {}"),
            home.as_owner("DELETE", PLAN),
        ],
        "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE": [home.as_owner("POST", "plannen/", turtle, b"")],
    }
    for allowed, written in answers.items():
        assert all(answer.status in {201, 204} for answer in written)
        assert {answer.headers["allow"] for answer in written} == {allowed}
        assert all("accept-put" in answer.headers for answer in written)


@pytest.mark.requirement("wac", "server-wac-allow")
def test_wac_allow_is_exactly_what_the_requester_and_everybody_may(home: Home) -> None:
    home.put(PLAN, TURTLE)
    home.let(PLAN, "Read", "Write")
    assert home.as_bob("GET", PLAN).headers["wac-allow"] == 'user="read write append",public=""'
    home.let(PLAN, "Read", agent="everyone")
    assert home.ask("GET", PLAN).headers["wac-allow"] == 'user="read",public="read"'
    everything = 'user="read write append control",public="read"'
    assert home.as_owner("HEAD", PLAN).headers["wac-allow"] == everything


@pytest.mark.requirement("protocol", "server-basic-container")
@pytest.mark.requirement("protocol", "server-contained-resource-metadata")
@pytest.mark.requirement("protocol", "server-storage")
def test_a_container_lists_its_members_with_what_is_known_of_them(home: Home) -> None:
    home.put("brieven/b.pdf", "%PDF", "application/pdf")
    answer = home.as_owner("GET", "brieven/", {"Accept": "application/n-triples"})
    for kind in (LDP.Resource, LDP.Container, LDP.BasicContainer):
        assert f'<{kind}>; rel="type"' in answer.headers["link"]
    text = answer.text
    member = f"<{home.url}brieven/b.pdf>"
    assert f"<{home.url}brieven/> <{LDP.contains}> {member} ." in text
    assert f'{member} <http://www.w3.org/ns/posix/stat#size> "4"' in text
    assert "http://www.w3.org/ns/iana/media-types/application/pdf#Resource" in text


@pytest.mark.requirement("wac", "server-read-operation")
@pytest.mark.requirement("protocol", "server-etag")
def test_a_listing_shows_and_is_tagged_after_what_the_reader_may_see(home: Home) -> None:
    home.let("brieven/", "Read")
    home.put("brieven/open", TURTLE)
    before = home.as_bob("GET", "brieven/")
    home.put("brieven/dicht", TURTLE)
    home.let("brieven/dicht")
    after = home.as_bob("GET", "brieven/")
    assert "brieven/open" in after.text
    assert "dicht" not in after.text
    assert (before.headers["etag"], before.text) == (after.headers["etag"], after.text)
    assert "brieven/dicht" in home.as_owner("GET", "brieven/").text


def test_a_listing_leaves_out_a_folder_that_the_readers_app_may_not_open(home: Home) -> None:
    home.let("brieven/", "Read", agent=BOB, default=False)
    home.put("brieven/een", TURTLE)
    answer = home.as_bob("GET", "brieven/")
    assert answer.status == 200
    assert "een" not in answer.text


@pytest.mark.requirement("protocol", "server-http")
def test_a_large_document_comes_whole_though_in_pieces(home: Home) -> None:
    body = bytes(range(256)) * 12_000
    answer = home.as_owner("PUT", "brieven/groot", {"Content-Type": "video/mp4"}, _chunks(body))
    assert answer.status == 201
    answer = home.as_owner("GET", "brieven/groot")
    assert (answer.body == body, answer.is_whole) == (True, True)
    assert answer.headers["content-length"] == str(len(body))


@pytest.mark.requirement("protocol", "server-representation-turtle-jsonld")
def test_a_large_graph_is_shown_in_another_type_too(home: Home) -> None:
    lines = "".join(f"<#a{number}> <#is> <#b{number}> .\n" for number in range(4000))
    home.put(PLAN, lines)
    answer = home.as_owner("GET", PLAN, {"Accept": "application/n-triples"})
    assert (answer.body.count(b"\n"), answer.is_whole) == (4000, True)


def _chunks(body: bytes) -> list[bytes]:
    return [body[start : start + piece_bytes - 7] for start in range(0, len(body), piece_bytes - 7)]


@pytest.mark.requirement("protocol", "server-caching")
def test_nothing_private_is_kept_by_caches_and_nothing_stored_runs_in_a_browser(home: Home) -> None:
    home.put("brieven/pagina", "<script>alert(1)</script>", "text/html")
    headers = home.as_owner("GET", "brieven/pagina").headers
    assert headers["cache-control"] == "private, no-cache"
    assert headers["content-security-policy"] == "sandbox"
    assert headers["x-content-type-options"] == "nosniff"
    assert set(headers["vary"].split(", ")) == {"Accept", "Authorization", "Origin", "Purpose-Of-Use"}
