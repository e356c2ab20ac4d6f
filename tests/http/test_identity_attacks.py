"""Attacks on signing in that go through several parts; the table of all is `docs/reference/attacks-on-sign-in.md`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from pod_server.authentication.errors import CannotFetch
from pod_server.authentication.issuers import Fetch, load_issuers, load_keys
from pod_server.authentication.outbound import Answer, Outbound, OutboundPolicy, Request
from pod_server.identity.clients import load_client
from tests.support.identity import APP, ISSUER, TRUSTED, Browser, answered, asking, opened_browser

OUTSIDE = "93.184.215.14"
CONFIGURATION = {"issuer": "https://uitgever.example/", "jwks_uri": "https://binnen.example/jwks"}


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    yield from opened_browser(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("client_id", "changed", "told"),
    [
        (TRUSTED, {}, "code"),
        (TRUSTED, {"code_challenge_method": "plain"}, "error"),
        (TRUSTED, {"response_type": "token"}, "error"),
        (APP, {"prompt": "none"}, "error"),
    ],
)
def test_every_answer_to_an_app_says_who_sends_it(
    browser: Browser, client_id: str, changed: dict[str, str], told: str
) -> None:
    browser.sign_in()
    answer = answered(browser.get(f"/toestaan?{asking(client_id=client_id, **changed)}"))
    assert told in answer
    assert answer["iss"] == ISSUER


def test_a_cookie_that_was_planted_before_signing_in_is_worth_nothing_after_it(browser: Browser) -> None:
    browser.client.set_cookie("__Host-wijkkluis", "geplant", domain="id.example", secure=True)
    browser.sign_in()
    assert browser.get("/").status_code == 200
    thief = browser.app.test_client()
    thief.set_cookie("__Host-wijkkluis", "geplant", domain="id.example", secure=True)
    assert thief.get("/", base_url=ISSUER).headers["Location"] == "/inloggen"


def test_after_leaving_in_a_hurry_an_app_gets_nothing_until_she_signs_in_again(browser: Browser) -> None:
    browser.sign_in()
    asked = f"/toestaan?{asking(client_id=TRUSTED)}"
    assert "code" in answered(browser.get(asked))
    browser.client.post("/weg", base_url=ISSUER)
    assert browser.get(asked).headers["Location"].startswith("/inloggen?")
    silent = f"/toestaan?{asking(client_id=TRUSTED, prompt='none')}"
    assert answered(browser.get(silent))["error"] == "login_required"


@pytest.mark.parametrize(
    "look_up",
    [
        lambda fetch: load_client(fetch, "https://binnen.example/client-id"),
        lambda fetch: load_issuers(fetch, "https://binnen.example/card#me"),
        lambda fetch: load_keys(fetch, "https://binnen.example/"),
        lambda fetch: load_keys(fetch, "https://uitgever.example/"),
    ],
    ids=["client id", "WebID", "issuer", "jwks_uri"],
)
def test_no_address_that_others_choose_reaches_into_our_network(look_up: Callable[[Fetch], object]) -> None:
    connected: list[str] = []

    def resolve(host: str, _: int) -> Sequence[str]:
        return ["10.0.0.1"] if host == "binnen.example" else [OUTSIDE]

    @contextmanager
    def connect(request: Request) -> Iterator[Answer]:
        connected.append(request.address)
        yield Answer(200, {"content-type": "application/json"}, [json.dumps(CONFIGURATION).encode()])

    with suppress(CannotFetch):
        assert not look_up(Outbound(OutboundPolicy(), resolve, connect, lambda: 0.0).fetch)
    assert set(connected) <= {OUTSIDE}
