"""Visits: bounded, quiet ones end, strangers never push people out; the app's own secret; references; uploads."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from werkzeug.datastructures import MultiDict

from clients.portal.app import build
from clients.web.references import References, max_references
from clients.web.serving import SETTINGS, secret_key
from clients.web.visits import Visit, Visits, idle_s, lifetime_s, max_strangers
from tests.unit.clients.fake_vault import APP, BASE, ISSUER
from tests.unit.clients.portal.world import full_vault
from tests.unit.clients.sign_in import open_portal, signed_in, token_on


class Clock:
    """A clock that a test sets."""

    now_s = 0

    def __call__(self) -> int:
        return self.now_s


def test_who_is_quiet_too_long_is_signed_out_but_known() -> None:
    clock = Clock()
    visits: Visits[str] = Visits(clock)
    visit = visits.admit("samira", "webid")
    clock.now_s = idle_s + 1
    found = visits.find(visit.id)
    assert found is not None
    assert (found.person, found.webid) == (None, "webid")


def test_a_visit_ends_however_busy_it_is() -> None:
    clock = Clock()
    visits: Visits[str] = Visits(clock)
    visit = visits.admit("samira", "webid")
    while clock.now_s <= lifetime_s:
        assert visits.find(visit.id) is visit
        clock.now_s += idle_s
    assert visits.find(visit.id) is None


def test_strangers_never_push_people_out() -> None:
    visits: Visits[str] = Visits(Clock())
    visit = visits.admit("samira", "webid")
    first = visits.begin()
    for _ in range(max_strangers):
        visits.begin()
    assert visits.find(visit.id) is visit
    assert visits.find(first.id) is None


def test_a_visit_that_ended_is_not_found() -> None:
    visits: Visits[str] = Visits(Clock())
    visit = visits.admit("samira", "webid")
    visits.forget(visit)
    assert visits.find(visit.id) is None
    assert visits.find(None) is None


def test_what_was_typed_is_kept_once_and_never_when_huge() -> None:
    visit: Visit[str] = Visit("id", 0, 0)
    visit.keep_typed("/a", MultiDict({"x": "y" * 100_000}))
    assert visit.take_typed("/a") is None
    visit.keep_typed("/a", MultiDict({"x": "y"}))
    assert visit.take_typed("/a") == MultiDict({"x": "y"})
    assert visit.take_typed("/a") is None


def test_the_secret_is_made_once_and_only_for_this_user(tmp_path: Path) -> None:
    secret = secret_key(tmp_path / "state")
    assert len(secret) == 32
    assert secret_key(tmp_path / "state") == secret
    assert (tmp_path / "state" / "secret").stat().st_mode & 0o777 == 0o600


def test_references_are_stable_bounded_and_say_nothing() -> None:
    references = References(b"key")
    name = references.name("http://localhost/plannen/")
    assert references.find(name) == "http://localhost/plannen/"
    assert References(b"key").name("http://localhost/plannen/") == name
    assert References(b"other").name("http://localhost/plannen/") != name
    for number in range(max_references):
        references.name(str(number))
    assert references.find(name) is None


def test_a_large_form_is_taken_from_who_is_signed_in_on_one_page_only() -> None:
    vault = full_vault()
    browser = signed_in(vault)
    token = token_on(browser.get("/stukken/nieuw").text)
    large = {"csrf_token": token, "naam": "x" * 300_000}
    assert browser.post("/stukken/nieuw", data=large).status_code == 422
    assert browser.post("/stukken/nieuw-plan", data=large).status_code == 413
    assert open_portal(vault).post("/stukken/nieuw", data=large).status_code == 401


def test_a_file_in_a_form_never_touches_a_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", pytest.fail)
    browser = signed_in(full_vault())
    data = {
        "csrf_token": token_on(browser.get("/stukken/nieuw").text),
        "bestand": (io.BytesIO(b"hallo"), "a.txt"),
    }
    assert browser.post("/stukken/nieuw", data=data).status_code == 303


def test_the_app_is_built_from_what_the_command_handed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {
        "url": APP,
        "issuer": ISSUER,
        "vault": BASE,
        "state": str(tmp_path),
        "neutral_site": "https://weer.example/",
    }
    monkeypatch.setenv(SETTINGS, json.dumps(given))
    monkeypatch.setattr("clients.web.serving.die_with_parent", lambda: None)
    answer = build().test_client().post("/weg")
    assert answer.headers["Refresh"] == "0; url=https://weer.example/"
