"""Description resources over HTTP: linked data that belongs to another resource and shares its rules and its end."""

from __future__ import annotations

import pytest

from tests.support.asgi import Home

TURTLE = {"Content-Type": "text/turtle"}
N3 = {"Content-Type": "text/n3"}
ABOUT = b'<> <#about> "een brief" .'
ADD = b"""@prefix solid: <http://www.w3.org/ns/solid/terms#> .
_:p a solid:InsertDeletePatch ; solid:inserts { <> <#kleur> "blauw" } ."""
SUBJECTS = ("brieven/a", "brieven/", "")


@pytest.fixture
def described(home: Home) -> Home:
    """A storage with a binary letter that is described."""
    home.put("brieven/a", "%PDF", "application/pdf")
    assert home.as_owner("PUT", "brieven/a.meta", TURTLE, ABOUT).status == 201
    return home


@pytest.mark.requirement("protocol", "server-auxiliary-resources-management")
@pytest.mark.requirement("protocol", "server-put-patch-auxiliary-resource")
@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_description_is_made_read_changed_and_removed(home: Home, subject: str) -> None:
    home.put("brieven/a")
    path = f"{subject}.meta"
    assert home.as_owner("GET", path).status == 404
    made = home.as_owner("PUT", path, TURTLE, ABOUT)
    assert (made.status, made.headers["location"]) == (201, home.url + path)
    read = home.as_owner("GET", path)
    assert (read.body, read.headers["etag"]) == (ABOUT, made.headers["etag"])
    assert (
        "application/ld+json"
        in home.as_owner("HEAD", path, {"Accept": "application/ld+json"}).headers["content-type"]
    )
    assert home.as_owner("PATCH", path, N3, ADD).status == 204
    assert "blauw" in home.as_owner("GET", path).text
    assert home.as_owner("PUT", path, {**TURTLE, "If-Match": made.headers["etag"]}, ABOUT).status == 412
    assert home.as_owner("DELETE", path).status == 204
    assert home.as_owner("GET", path).status == 404
    assert home.as_owner("DELETE", path).status == 404


@pytest.mark.requirement("protocol", "server-put-patch-auxiliary-resource")
def test_a_patch_makes_a_description_too(home: Home) -> None:
    assert home.as_owner("PATCH", "brieven/.meta", N3, ADD).status == 201
    read = home.as_owner("GET", "brieven/.meta")
    assert (read.headers["content-type"], "blauw" in read.text) == ("text/turtle", True)


@pytest.mark.requirement("protocol", "server-link-auxiliary-type")
@pytest.mark.requirement("protocol", "server-description-resource-max")
@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_names_its_one_description(home: Home, subject: str) -> None:
    home.put("brieven/a")
    for method in ("GET", "HEAD"):
        link = home.as_owner(method, subject).headers["link"]
        assert link.count('rel="describedby"') == 1
        assert f'<{home.url}{subject}.meta>; rel="describedby"' in link


@pytest.mark.requirement("protocol", "server-link-auxiliary-type")
def test_a_description_names_what_it_describes_and_the_rules_that_count(described: Home) -> None:
    link = described.as_owner("GET", "brieven/a.meta").headers["link"]
    assert f'<{described.url}brieven/a>; rel="describes"' in link
    assert f'<{described.url}brieven/a.acl>; rel="acl"' in link
    assert "describedby" not in link


@pytest.mark.requirement("protocol", "server-description-resource-authorization")
@pytest.mark.parametrize(
    ("modes", "answers"),
    [
        ((), (403, 403, 403, 403)),
        (("Read",), (200, 403, 403, 403)),
        (("Append",), (403, 204, 403, 403)),
        (("Read", "Append"), (200, 204, 403, 403)),
        (("Write",), (403, 204, 204, 204)),
        (("Control",), (403, 403, 403, 403)),
    ],
)
def test_who_may_what_with_the_subject_may_it_with_the_description(
    described: Home, modes: tuple[str, ...], answers: tuple[int, ...]
) -> None:
    described.let("brieven/a", *modes)
    asked = (("GET", None, None), ("PATCH", N3, ADD), ("PUT", TURTLE, ABOUT), ("DELETE", None, None))
    got = tuple(
        described.as_bob(method, "brieven/a.meta", headers, body).status for method, headers, body in asked
    )
    assert got == answers


def test_a_description_says_what_somebody_may_as_its_subject_does(described: Home) -> None:
    described.let("brieven/a", "Read", "Append")
    for path in ("brieven/a", "brieven/a.meta"):
        assert described.as_bob("GET", path).headers["wac-allow"] == 'user="read append",public=""'


@pytest.mark.requirement("protocol", "server-auxiliary-resources-management")
def test_a_description_is_no_member(described: Home) -> None:
    assert ".meta" not in described.as_owner("GET", "brieven/").text
    assert described.as_owner("PUT", "brieven/.meta", TURTLE, ABOUT).status == 201
    assert ".meta" not in described.as_owner("GET", "brieven/").text
    assert ".meta" not in described.as_owner("GET", "").text


@pytest.mark.requirement("protocol", "server-delete-remove-auxiliary-resource")
def test_a_description_goes_with_its_subject_and_does_not_come_back_with_it(described: Home) -> None:
    assert described.as_owner("DELETE", "brieven/a").status == 204
    assert described.as_owner("GET", "brieven/a.meta").status == 404
    described.put("brieven/a")
    assert described.as_owner("GET", "brieven/a.meta").status == 404
    assert described.as_owner("PUT", "brieven/a.meta", TURTLE, ABOUT).status == 201


@pytest.mark.requirement("protocol", "server-delete-remove-empty-container")
def test_an_empty_container_with_a_description_goes(home: Home) -> None:
    home.as_owner("PUT", "brieven/map/", {})
    assert home.as_owner("PUT", "brieven/map/.meta", TURTLE, ABOUT).status == 201
    home.let("brieven/map/", "Read")
    assert home.as_owner("DELETE", "brieven/map/").status == 204
    assert home.as_owner("GET", "brieven/map/.meta").status == 404


@pytest.mark.requirement("protocol", "server-auxiliary-resources-management")
def test_nothing_absent_is_described(home: Home) -> None:
    assert home.as_owner("PUT", "brieven/niets.meta", TURTLE, ABOUT).status == 404
    assert home.as_owner("PATCH", "brieven/niets/.meta", N3, ADD).status == 404
    assert home.as_owner("GET", "brieven/niets/").status == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_the_description_of_what_is_hidden_is_as_absent_as_that_of_nothing(home: Home, method: str) -> None:
    home.let("brieven/", "Read", "Write")
    home.put("brieven/dicht")
    home.as_owner("PUT", "brieven/dicht.meta", TURTLE, ABOUT)
    home.let("brieven/dicht")
    headers, body = {"PUT": (TURTLE, ABOUT), "PATCH": (N3, ADD)}.get(method, (None, None))
    hidden = home.as_bob(method, "brieven/dicht.meta", headers, body)
    absent = home.as_bob(method, "brieven/niets.meta", headers, body)
    assert hidden.status == 404
    assert hidden.without_trace() == absent.without_trace()


@pytest.mark.requirement("protocol", "server-auxiliary-resources-management")
@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [({"Content-Type": "text/plain"}, b"iets", 415), (TURTLE, b"<a> <b>", 400), ({}, b"", 415)],
)
def test_a_description_is_linked_data(home: Home, headers: dict[str, str], body: bytes, status: int) -> None:
    home.put("brieven/a")
    answer = home.as_owner("PUT", "brieven/a.meta", headers, body)
    assert answer.status == status
    assert home.as_owner("GET", "brieven/a.meta").status == 404


@pytest.mark.requirement("protocol", "server-description-resource-max")
def test_a_description_is_not_added_to_and_has_no_auxiliaries(described: Home) -> None:
    allow = described.as_owner("OPTIONS", "brieven/a.meta").headers
    assert allow["allow"] == "GET, HEAD, OPTIONS, PUT, PATCH, DELETE"
    assert allow["accept-put"] == "text/turtle, application/ld+json, application/n-triples"
    assert described.as_owner("POST", "brieven/a.meta", TURTLE, ABOUT).status == 405
    for path in ("brieven/a.meta.acl", "brieven/a.meta.meta", "brieven/a.acl.meta"):
        assert described.as_owner("PUT", path, TURTLE, ABOUT).status == 405
        assert described.as_owner("GET", path).status in {403, 404}


@pytest.mark.requirement("protocol", "server-description-resource-authorization")
def test_rules_of_a_container_reach_a_description_through_its_subject(described: Home) -> None:
    described.let("brieven/", "Read")
    assert described.as_bob("GET", "brieven/a.meta").status == 200
    assert described.as_owner("DELETE", "brieven/.acl").status == 204
    assert described.as_bob("GET", "brieven/a.meta").status == 403
