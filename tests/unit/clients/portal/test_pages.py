"""What holds on every page of Mijn Kluis."""

from __future__ import annotations

import re

import pytest

from tests.unit.clients.fake_vault import ISSUER, FakeVault
from tests.unit.clients.portal.world import full_vault, redeemed
from tests.unit.clients.sign_in import NEUTRAL, open_portal, signed_in, token_on

PAGES = (
    "/",
    "/toegang",
    "/toegang/gestopt",
    "/toegang/yqusbu8jeu3kbz9y/ziet",
    "/toegang/yqusbu8jeu3kbz9y/stop",
    "/toegang/yqusbu8jeu3kbz9y/is-gestopt",
    "/toegang/yqusbu8jeu3kbz9y/gegeven",
    "/toegang/yqusbu8jeu3kbz9y/opnieuw",
    "/alles-stoppen",
    "/alles-gestopt",
    "/verzoeken/f8wbgrrzbe42sve8",
    "/verzoeken/f8wbgrrzbe42sve8/nee",
    "/verzoeken/f8wbgrrzbe42sve8/geen-toegang",
    "/code",
    "/code/inv1",
    "/code-gestopt",
    "/logboek",
    "/stukken",
    "/stukken/nieuw",
    "/stukken/nieuw-plan",
    "/verhuizen/1",
    "/verhuizen/plan1/2",
    "/verhuizen/plan1/3",
    "/verhuizen/plan1/4",
    "/meer",
    "/hulp",
)


@pytest.fixture(scope="module")
def rendered() -> dict[str, str]:
    """Every page, as it is sent."""
    vault = full_vault()
    browser = signed_in(vault)
    pages = {path: browser.get(path) for path in PAGES}
    assert {path: answer.status_code for path, answer in pages.items() if answer.status_code != 200} == {}
    return {path: answer.text for path, answer in pages.items()}


def shown(page: str) -> str:
    """What people see of a page: no markup, no hidden values."""
    return re.sub(r"<[^>]+>", " ", page)


def test_no_page_shows_an_address_or_a_hash(rendered: dict[str, str]) -> None:
    for path, page in rendered.items():
        assert not re.search(r"https?://|sha256|localhost|card#me|kluis\.example", shown(page)), path


def test_no_link_carries_an_address_of_the_vault(rendered: dict[str, str]) -> None:
    for path, page in rendered.items():
        for link in re.findall(r'(?:href|action|formaction|value)="([^"]*)"', page):
            # Where she signs in is no address of the vault.
            assert "localhost" not in link or link == f"{ISSUER}account", path


def test_no_page_has_a_script_or_an_inline_style(rendered: dict[str, str]) -> None:
    for path, page in rendered.items():
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", page), path


def test_every_form_that_changes_something_has_a_token_but_the_way_out(rendered: dict[str, str]) -> None:
    for path, page in rendered.items():
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", page, re.DOTALL):
            assert ('name="csrf_token"' in form) != ('action="/weg"' in form), path


def test_every_page_has_one_heading_and_the_way_out(rendered: dict[str, str]) -> None:
    for path, page in rendered.items():
        assert page.count("<h1") == 1, path
        assert 'action="/weg"' in page, path


def test_ids_on_a_page_are_there_once(rendered: dict[str, str]) -> None:
    for path, page in rendered.items():
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert sorted(ids) == sorted(set(ids)), path


def test_what_others_wrote_is_escaped(rendered: dict[str, str]) -> None:
    assert "Brief van &lt;de&gt; energie" in rendered["/stukken"]
    assert "<de>" not in "".join(rendered.values())


def test_every_answer_forbids_scripts_frames_and_keeping() -> None:
    browser = open_portal(full_vault())
    for path in ("/hulp", "/", "/nergens", "/terug"):
        headers = browser.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "script-src" not in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


def test_style_sheets_and_fonts_come_from_the_app_itself() -> None:
    browser = open_portal(full_vault())
    for name in ("tokens.css", "components.css", "fonts/andika-latin-400-normal.woff2", "fonts/OFL.txt"):
        with browser.get(f"/vormgeving/{name}") as answer:
            assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=86400")


@pytest.mark.requirement("solid-oidc", "solid-oidc-02")
def test_the_client_document_is_json_ld_for_everybody() -> None:
    answer = open_portal(full_vault()).get("/client-id")
    assert answer.content_type == "application/ld+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def leave(vault: FakeVault) -> tuple[int, dict[str, str]]:
    answer = signed_in(vault).post("/weg")
    return answer.status_code, dict(answer.headers)


def test_leaving_quickly_ends_everything_without_a_token() -> None:
    vault = full_vault()
    status, headers = leave(vault)
    assert (status, headers["Refresh"]) == (200, f"0; url={NEUTRAL}")
    assert headers["Clear-Site-Data"] == '"cache"'
    assert "Max-Age=0" in headers["Set-Cookie"]
    assert {"token", "id_token_hint"} <= {name for told in vault.revoked for name in told}


def test_leaving_quickly_works_for_who_is_not_signed_in() -> None:
    assert open_portal(full_vault()).post("/weg").status_code == 200


def test_after_leaving_quickly_the_back_button_finds_nobody_signed_in() -> None:
    browser = signed_in(full_vault())
    browser.post("/weg")
    assert browser.get("/toegang").headers["Location"] == "/inloggen"


def test_signing_out_needs_the_token_and_ends_the_session() -> None:
    vault = full_vault()
    browser = signed_in(vault)
    assert browser.post("/uitloggen").status_code == 401
    browser = signed_in(vault)
    answer = browser.post("/uitloggen", data={"csrf_token": token_on(browser.get("/meer").text)})
    assert "U bent uitgelogd" in answer.text
    assert browser.get("/toegang").status_code == 302


def test_a_code_that_was_used_waits_on_the_first_page() -> None:
    vault = full_vault()
    redeemed(vault)
    assert "Marieke Bos gebruikte de code" in signed_in(vault).get("/").text
