"""What holds on every page of the Wijkteam-app, and of its texts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from clients.look.texts import load_catalogue
from clients.look.wire import TEXTS as LOOK_TEXTS
from clients.professional import __main__ as command
from clients.professional.app import TEXTS, application
from clients.web.serving import SETTINGS
from tests.unit.clients.fake_vault import APP, BASE, ISSUER, STORAGE
from tests.unit.clients.portal.test_texts import FORBIDDEN
from tests.unit.clients.professional.world import at_work, link, met, open_app, resident_page, server, shared
from tests.unit.clients.sign_in import token_on, words

OWN = load_catalogue((LOOK_TEXTS, TEXTS)).texts
SENTENCES = [
    (name, sentence)
    for name, text in OWN.items()
    for sentence in re.split(r"(?<=[.?!:])\s+", text)
    if sentence
]


@pytest.fixture(scope="module")
def rendered() -> dict[str, str]:
    """Every page, as it is sent."""
    vault = shared()
    browser = at_work(vault)
    resident = link(browser.get("/").text, "Samira El Idrissi")
    page = resident_page(browser)
    paths = ["/", "/?z=niemand", resident, link(page, "Rust in huis"), link(page, "Brief van")]
    paths += [f"{resident}/vragen", f"{resident}/gevraagd", "/nieuw", "/nieuw/ingevuld", "/hulp", "/nergens"]
    pages = {path: browser.get(path).text for path in paths}
    asked = browser.post(f"{resident}/vragen", data={"csrf_token": token_on(pages["/nieuw"])})
    empty = server()
    met(empty, STORAGE)
    return pages | {
        "errors": asked.text,
        "signed out": open_app(vault).get("/hulp").text,
        "met": at_work(empty).get("/").text,
    }


def test_no_page_shows_an_address_a_webid_or_a_hash(rendered: dict[str, str]) -> None:
    for path, page in rendered.items():
        shown = re.sub(r"<[^>]+>", " ", page)
        assert not re.search(r"https?://|urn:|sha256|localhost|card#me|kluis\.example", shown), path


def test_no_attribute_carries_an_address_of_a_vault(rendered: dict[str, str]) -> None:
    for path, page in rendered.items():
        for value in re.findall(r'(?:href|action|formaction|value)="([^"]*)"', page):
            assert not re.search(r"localhost|kluis\.example|w3id", value), path


def test_no_page_has_a_script_or_an_inline_style(rendered: dict[str, str]) -> None:
    for path, page in rendered.items():
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", page), path


def test_every_page_has_one_heading_a_title_and_the_language(rendered: dict[str, str]) -> None:
    for path, page in rendered.items():
        assert page.count("<h1") == 1, path
        assert re.search(r"<title>[^<]+ – Wijkteam-app</title>", page), path
        assert '<html lang="nl">' in page, path


def test_ids_are_there_once_and_what_is_referred_to_exists(rendered: dict[str, str]) -> None:
    for path, page in rendered.items():
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert sorted(ids) == sorted(set(ids)), path
        named = re.findall(r'(?:aria-labelledby|aria-describedby|for)="([^"]+)"', page)
        named += re.findall(r'href="#([^"]+)"', page)
        assert {one for names in named for one in names.split()} <= set(ids), path


def test_every_field_has_a_label(rendered: dict[str, str]) -> None:
    for path, page in rendered.items():
        for field in re.findall(
            r'<(?:input|textarea|select) (?![^>]*type="(?:hidden|checkbox|radio)")[^>]*>', page
        ):
            name = re.search(r'id="([^"]+)"', field)
            assert name is not None, path
            assert f'for="{name[1]}"' in page, path


def test_every_form_that_changes_something_has_a_token(rendered: dict[str, str]) -> None:
    for path, page in rendered.items():
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", page, re.DOTALL):
            assert 'name="csrf_token"' in form, path


def test_the_bar_shows_where_one_is_and_the_header_who(rendered: dict[str, str]) -> None:
    assert re.search(r'href="/" aria-current="page"', rendered["/"])
    assert re.search(r'href="/nieuw" aria-current="page"', rendered["/nieuw"])
    for path, page in rendered.items():
        assert ('<span class="wk-brand__who">Marieke Bos</span>' in page) == (path != "signed out"), path


def test_who_is_not_signed_in_reads_help_and_cannot_sign_out(rendered: dict[str, str]) -> None:
    assert "Hoe leer ik een inwoner kennen?" in words(rendered["signed out"])
    assert "/uitloggen" not in rendered["signed out"]


@pytest.mark.parametrize(
    "path", ["/", "/nieuw", "/nieuw/ingevuld", "/inwoners/0", "/inwoners/0/stuk/0", "/inwoners/0/vragen"]
)
def test_every_page_about_people_asks_to_sign_in(path: str) -> None:
    answer = open_app(shared()).get(path)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/inloggen")


def test_signing_out_ends_the_session_here_and_at_the_issuer() -> None:
    vault = shared()
    browser = at_work(vault)
    answer = browser.post("/uitloggen", data={"csrf_token": token_on(browser.get("/").text)})
    assert "U bent uitgelogd" in answer.text
    assert {"token", "id_token_hint"} <= {name for told in vault.revoked for name in told}
    assert browser.get("/").status_code == 302


def test_a_worker_without_a_name_is_not_named() -> None:
    vault = server()
    vault.claims["name"] = None
    assert "wk-brand__who" not in at_work(vault).get("/").text


@pytest.mark.requirement("solid-oidc", "solid-oidc-02")
def test_the_client_document_tells_who_the_app_is() -> None:
    answer = open_app(server()).get("/client-id")
    assert answer.content_type == "application/ld+json"
    document = json.loads(answer.text)
    assert (document["client_id"], document["client_name"]) == (f"{APP}client-id", "Wijkteam-app")


def test_the_cookie_is_its_own_and_never_for_scripts() -> None:
    cookie = open_app(server()).get("/inloggen").headers["Set-Cookie"]
    assert re.match(r"wijkteam-1=.*HttpOnly.*SameSite=Lax", cookie)


def test_the_command_serves_the_app_with_what_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[object] = []
    monkeypatch.setattr(command, "serve", lambda *given: served.extend(given))
    options = ["--port", "1", "--url", APP, "--issuer", ISSUER, "--vault", BASE, "--state", "s"]
    assert CliRunner().invoke(command.main, options).exit_code == 0
    settings = {"url": APP, "issuer": ISSUER, "vault": BASE, "state": "s"}
    assert served == ["clients.professional.app:application", 1, APP, settings]


def test_the_worker_builds_the_app_from_what_was_handed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"url": APP, "issuer": ISSUER, "vault": BASE, "state": str(tmp_path)}
    monkeypatch.setenv(SETTINGS, json.dumps(given))
    monkeypatch.setattr("clients.web.serving.die_with_parent", lambda: None)
    assert application().test_client().get("/hulp").status_code == 200
    assert (tmp_path / "secret").exists()


def test_no_sentence_has_more_than_sixteen_words() -> None:
    assert [(name, s) for name, s in SENTENCES if len(s.split()) > 16] == []


def test_no_text_uses_a_word_of_the_office() -> None:
    assert [(name, s) for name, s in SENTENCES if re.search(FORBIDDEN, s, re.IGNORECASE)] == []


def test_every_text_that_is_used_exists_and_every_own_text_is_used() -> None:
    folder = TEXTS.parent
    source = "\n".join(file.read_text("utf-8") for file in [*folder.rglob("*.html"), *folder.glob("*.py")])
    named = set(re.findall(r"""\bt(?:ext)?\(f?['"]([a-z_]+\.\w+)['"]""", source))
    assert {name for name in named if not name.endswith("_")} - set(OWN) == set()
    prefixes = tuple(re.findall(r"""['"]([a-z_]+\.(?:[a-z]+_)?)(?:['"]|\{)""", source))
    own = [name.removesuffix(".een").removesuffix(".meer") for name in load_catalogue((TEXTS,)).texts]
    assert [
        name for name in own if name not in source and not name.startswith(prefixes) and name != "app.naam"
    ] == []
