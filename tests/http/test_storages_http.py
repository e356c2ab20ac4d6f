"""The HTTP around everything: CORS, heads, bodies, limits, health and the server's own addresses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pod_server.http.limits import Limits
from pod_server.storages.app import create_app
from tests.support.asgi import AsgiClient, Home, make_home, who
from tests.support.vaults import BASE_URL, ISSUER_URL
from vault.errors import Unavailable
from vocab.namespaces import PIM_SPACE

ORIGIN = {"Origin": "https://app.example"}
BINARY = {"Content-Type": "application/octet-stream"}


@pytest.mark.requirement("protocol", "server-cors")
@pytest.mark.requirement("protocol", "server-cors-options")
@pytest.mark.requirement("protocol", "server-cors-accept-acah")
def test_a_preflight_is_answered_alike_for_every_path_and_everybody(home: Home) -> None:
    headers = {
        **ORIGIN,
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization, x-iets",
    }
    paths = ("", "brieven/niets", "brieven/.acl", "a//b", ".well-known/solid", "verzoeken/")
    answers = [home.ask("OPTIONS", path, {**headers, **who("wrong")}).without_trace() for path in paths]
    for path in ("elders", ".health/live"):
        answers.append(home.client.request("OPTIONS", BASE_URL + path, headers).without_trace())
    status, found, body = answers[0]
    assert all(answer == answers[0] for answer in answers)
    assert (status, body) == (204, "")
    assert found["access-control-allow-origin"] == ORIGIN["Origin"]
    assert {"Accept", "DPoP", "Purpose-Of-Use", "x-iets"} <= set(
        found["access-control-allow-headers"].split(", ")
    )
    assert "PATCH" in found["access-control-allow-methods"]
    assert found["access-control-allow-credentials"] == "true"
    assert int(found["access-control-max-age"]) > 0
    plain = {name: value for name, value in headers.items() if not name.endswith("Headers")}
    assert home.ask("OPTIONS", "brieven/niets", plain).status == 204


@pytest.mark.requirement("protocol", "server-cors-access-control-headers")
@pytest.mark.requirement("protocol", "server-cors-acao-vary")
@pytest.mark.requirement("protocol", "server-cors-aceh")
@pytest.mark.requirement("protocol", "server-cors-enumerate")
@pytest.mark.requirement("wac", "server-cors-aceh-wac-allow")
@pytest.mark.requirement("wac", "server-cors-acao-acah")
@pytest.mark.parametrize("path", ["profiel/card", "brieven/", "a//b", ".well-known/solid"])
def test_an_app_of_any_origin_may_read_every_header_of_every_answer(home: Home, path: str) -> None:
    answer = home.ask("GET", path, ORIGIN)
    assert answer.headers["access-control-allow-origin"] == ORIGIN["Origin"]
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "access-control-allow-headers" in answer.headers
    assert "Origin" in answer.headers["vary"]
    exposed = answer.headers["access-control-expose-headers"].lower().split(", ")
    used = {name for name in answer.headers if not name.startswith("access-control-")}
    assert "wac-allow" in exposed
    assert used <= set(exposed)


@pytest.mark.requirement("protocol", "server-cors-access-control-headers")
@pytest.mark.parametrize("origin", ["geen origin", "https://a.example/pad", "https://a\u00e9"])
def test_what_is_no_origin_gets_no_cross_origin_headers(home: Home, origin: str) -> None:
    for headers in ({"Origin": origin}, {"Origin": origin, "Access-Control-Request-Method": "GET"}):
        method = "OPTIONS" if len(headers) == 2 else "GET"
        answer = home.ask(method, "profiel/card", headers)
        assert answer.status < 300
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_every_answer_has_a_trace_id_of_its_own(home: Home) -> None:
    answers = [home.ask("GET", path) for path in ("profiel/card", "niets", "a//b", ".well-known/solid")]
    traces = {answer.headers["trace-id"] for answer in answers}
    assert len(traces) == 4
    assert all(len(trace) == 32 and int(trace, 16) for trace in traces)
    assert json.loads(answers[1].body)["traceId"] == answers[1].headers["trace-id"]


@pytest.mark.requirement("protocol", "server-storage-description")
@pytest.mark.parametrize("path", ["profiel/card", "niets", "a//b", "brieven/a.meta"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "PATCH"])
def test_every_answer_in_a_storage_links_to_its_description(home: Home, method: str, path: str) -> None:
    assert f"<{home.url}.well-known/solid>" in home.ask(method, path).headers["link"]


@pytest.mark.requirement("protocol", "server-http-11")
@pytest.mark.parametrize("hosts", [(), ("vault.example", "evil.example")])
def test_a_request_names_one_host(home: Home, hosts: tuple[str, ...]) -> None:
    assert home.client.request("GET", f"{home.url}profiel/card", hosts=hosts).status == 400


@pytest.mark.requirement("protocol", "server-http-11")
def test_another_host_than_ours_changes_nothing(home: Home) -> None:
    answer = home.client.request("GET", f"{home.url}profiel/card", hosts=("evil.example",))
    assert (answer.status, "evil" in str(answer.headers) + answer.text) == (200, False)


@pytest.mark.requirement("protocol", "server-http-11")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({f"X-{number}": "x" for number in range(101)}, 431),
        ({"X-Groot": "x" * 40_000}, 431),
        ({"Content-Length": "1", "Transfer-Encoding": "chunked"}, 400),
    ],
)
def test_a_head_that_is_too_large_or_ambiguous_is_refused(
    home: Home, headers: dict[str, str], status: int
) -> None:
    assert home.ask("GET", "profiel/card", headers).status == status


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize("name", ["Purpose-Of-Use", "Content-Type", "Slug"])
def test_a_header_that_counts_once_may_not_come_twice(home: Home, name: str) -> None:
    lines = {**who(home.owner, issuer=ISSUER_URL), **BINARY, name: "a", name.lower(): "b"}
    assert len([line for line in lines if line.lower() == name.lower()]) >= 2
    assert home.client.request("POST", f"{home.url}brieven/", lines, b"x").status == 400


@pytest.mark.requirement("protocol", "server-unauthenticated")
@pytest.mark.requirement("solid-oidc", "solid-oidc-24")
@pytest.mark.requirement("solid-oidc", "solid-oidc-25")
def test_what_is_presented_and_proves_nothing_is_challenged(home: Home) -> None:
    answer = home.ask("GET", "profiel/card", who("wrong"))
    assert answer.status == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert f'as_uri="{ISSUER_URL}"' in answer.headers["www-authenticate"]
    assert json.loads(answer.body)["error"] == "invalid_token"


@pytest.mark.requirement("protocol", "server-http-11")
def test_a_client_that_goes_away_half_way_leaves_nothing(home: Home) -> None:
    assert home.as_owner("PUT", "brieven/a", BINARY, [b"x" * 200_000, None]).status == 400
    assert home.as_owner("PUT", "brieven/b", {"Content-Type": "text/turtle"}, [b"<> a", None]).status == 400
    assert [(line.failed, line.absent) for line in home.lines] == [(True, True)] * 2
    assert home.as_owner("GET", "brieven/a").status == 404
    objects = home.context.documents.objects  # type: ignore[attr-defined]  # of the real store
    assert len(list(objects.keys())) == 3, "card and two ACLs"


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize("body", [b"x" * 101, [b"x" * 60, b"x" * 60]])
def test_a_body_over_the_limit_leaves_nothing(tmp_path: Path, body: bytes | list[bytes | None]) -> None:
    home = make_home(tmp_path, limits=Limits(max_body_bytes=100))
    assert home.as_owner("PUT", "brieven/a", BINARY, body).status == 413
    assert home.as_owner("GET", "brieven/a").status == 404
    assert home.as_owner("PUT", "brieven/a", BINARY, b"x" * 100).status == 201


@pytest.mark.requirement("protocol", "server-http")
def test_linked_data_has_a_limit_of_its_own(home: Home) -> None:
    chunks: list[bytes | None] = [b"# " + b"x" * 65_000 + b"\n" for _ in range(70)]
    assert home.as_owner("PUT", "brieven/a", {"Content-Type": "text/turtle"}, chunks).status == 413


@pytest.mark.requirement("protocol", "server-http")
def test_a_body_that_does_not_come_in_time_is_given_up(tmp_path: Path) -> None:
    home = make_home(tmp_path, limits=Limits(grace_s=0.0, least_bytes_per_s=1_000_000_000))
    answer = home.as_owner("PUT", "brieven/a", BINARY, [b"x", b"y"])
    assert (answer.status, home.lines[-1].failed) == (408, True)
    assert home.as_owner("GET", "brieven/a").status == 404


def test_health_tells_whether_it_lives_and_is_ready(tmp_path: Path) -> None:
    is_healthy = True
    home = make_home(tmp_path, healthy=lambda: is_healthy)
    assert [_health(home, "live"), _health(home, "ready"), _health(home, "iets")] == [200, 200, 404]
    is_healthy = False
    assert [_health(home, "live"), _health(home, "ready")] == [200, 503]


def _health(home: Home, name: str) -> int:
    return home.client.request("GET", f"{BASE_URL}.health/{name}").status


@pytest.mark.requirement("protocol", "server-storage-description-resource")
@pytest.mark.parametrize("accept", ["text/turtle", "application/ld+json", "application/n-triples"])
def test_the_description_is_public_and_says_that_this_is_a_storage(home: Home, accept: str) -> None:
    answer = home.ask("GET", ".well-known/solid", {"Accept": accept})
    assert (answer.status, answer.headers["content-type"]) == (200, accept)
    assert PIM_SPACE.Storage in answer.text
    assert home.ask("HEAD", ".well-known/solid").body == b""
    assert home.ask("GET", ".well-known/solid", {"Accept": "text/html"}).status == 406
    assert home.ask("PUT", ".well-known/solid").headers["allow"] == "GET, HEAD, OPTIONS"


def test_the_description_names_the_services_and_where_they_are(home: Home) -> None:
    document = home.ask("GET", ".well-known/solid", {"Accept": "application/ld+json"}).text
    found = {entry["type"]: entry["serviceEndpoint"] for entry in json.loads(document)["service"]}
    assert found["AccessGrantService"] == f"{home.url}toegang/"
    assert found["PreviewService"] == f"{home.url}.well-known/wijkkluis/voorbeeld/"
    assert found["VersionService"] == f"{home.url}.well-known/wijkkluis/versies/"
    assert len(found) == 8


@pytest.mark.requirement("protocol", "server-storage-nonoverlapping")
@pytest.mark.parametrize(
    "path", ["", "favicon.ico", "aaaaaaaaaaaaaaaa", ".well-known/wijkkluis/niets", "//evil"]
)
def test_outside_storages_there_is_nothing(home: Home, path: str) -> None:
    answer = home.client.request("GET", BASE_URL + path)
    assert answer.status == 404
    assert "link" not in answer.headers, "there is no storage to describe"


def test_the_server_tells_apps_its_own_addresses_and_key(home: Home) -> None:
    base = f"{BASE_URL}.well-known/wijkkluis/"
    document = json.loads(home.client.request("GET", base).body)
    assert document == {
        "invitation": f"{base}uitnodiging",
        "meetings": f"{base}ontmoetingen/",
        "grants": f"{base}toegang/",
        "groups": f"{base}groepen",
        "issuer": ISSUER_URL,
        "checkpointKey": f"{base}ijksleutel",
    }
    assert home.client.request("GET", document["checkpointKey"]).body == home.parts.public_key
    assert home.client.request("DELETE", base).status == 405


@pytest.mark.requirement("protocol", "server-storage-nonoverlapping")
def test_a_base_url_below_a_path_works_and_nothing_beside_it(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    context = replace(home.context, base_url=f"{BASE_URL}kluis/")
    client = AsgiClient(create_app(replace(home.parts, context=context)))
    path = f"{home.storage}/.well-known/solid"
    assert client.request("GET", f"{BASE_URL}kluis/{path}").status == 200
    assert client.request("GET", f"{BASE_URL}{path}").status in {200, 404}
    assert client.request("GET", f"{BASE_URL}elders/{path}").status == 404


@pytest.mark.requirement("protocol", "server-http")
def test_who_cannot_be_recognised_now_is_told_when_to_come_back(tmp_path: Path) -> None:
    def unreachable(*_: object) -> None:
        raise Unavailable("the issuer cannot be reached", retry_after_s=7)

    for is_quick in (True, False):
        (tmp_path / str(is_quick)).mkdir()
        home = make_home(
            tmp_path / str(is_quick), authenticate=unreachable, is_quick=lambda *_, quick=is_quick: quick
        )
        answer = home.as_owner("PUT", "brieven/a", BINARY, b"x")
        assert (answer.status, answer.headers["retry-after"]) == (503, "7")
        assert [line.failed for line in home.lines] == [True]


@pytest.mark.requirement("protocol", "server-http")
def test_a_fault_of_our_own_says_nothing_about_itself(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("geheim")

    home = make_home(tmp_path, authenticate=broken)
    answer = home.as_owner("GET", "profiel/card")
    assert (answer.status, "geheim" in answer.text) == (500, False)
    assert caplog.records[-1].__dict__["trace_id"] == answer.headers["trace-id"]
