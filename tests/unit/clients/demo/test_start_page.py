"""The start page: who one can be, where to go, and the clock of the demonstration."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from clients.demo import serve_start_page, start_page
from clients.demo.people import CITIZENS, PASSWORD, WORKERS
from clients.demo.processes import Addresses, DemoError
from clients.demo.start_page import TEXTS, application, create_app
from clients.look.texts import load_catalogue
from clients.web.serving import SETTINGS
from tests.support.templates import compiled_templates
from tests.unit.clients.portal.test_texts import FORBIDDEN
from tests.unit.clients.sign_in import words

ADDRESSES = Addresses(40000)
Commands = list[tuple[str, ...]]


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Commands:
    """What the operator's command is asked."""
    asked: Commands = []
    monkeypatch.setattr(start_page, "command", lambda *given: asked.append(given))
    return asked


def browser() -> FlaskClient:
    """The start page of a demonstration with two data folders."""
    app = create_app(ADDRESSES, (Path("a"), Path("b")))
    app.jinja_env.bytecode_cache = compiled_templates()
    return app.test_client()


def test_everybody_stands_on_it_with_login_and_the_way_in() -> None:
    page = browser().get("/").text
    for person in (*CITIZENS, *WORKERS):
        assert f"{person.name} {person.story} Inlognaam: {person.login}" in words(page)
    assert page.count(f'href="{ADDRESSES.portal}"') == len(CITIZENS)
    assert page.count(f'href="{ADDRESSES.professional}"') == len(WORKERS)
    assert f'href="{ADDRESSES.citizens_issuer}nieuw"' in page
    assert PASSWORD in page


def test_its_headings_stand_in_order() -> None:
    headings = re.findall(r"<h([12])[^>]*>([^<]+)<", browser().get("/").text)
    assert headings == [
        ("1", "Oefenkluis"),
        ("2", "Mijn Kluis, voor inwoners"),
        ("2", "Wijkteam-app, voor hulpverleners"),
        ("2", "Oefen in 5 minuten"),
        ("2", "De klok van de oefenkluis"),
    ]


@pytest.mark.parametrize("path", ["/", "/?dag=fout", "/?dag=mislukt", "/?nu=02-02-2027"])
def test_its_ids_and_labels_fit_and_it_has_no_script(path: str) -> None:
    page = browser().get(path).text
    ids = re.findall(r'\sid="([^"]+)"', page)
    named = re.findall(r'(?:aria-labelledby|aria-describedby|for)="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))
    assert {one for names in named for one in names.split()} <= set(ids)
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page)


def test_shifting_the_clock_shifts_it_for_both_servers_and_says_so(commands: Commands) -> None:
    here = browser()
    answer = here.post("/klok", data={"dag": "2-2-2027"})
    assert commands == [("clock", "--data", name, "--date", "2027-02-02", "--json") for name in ("a", "b")]
    page = words(here.get(answer.headers["Location"]).text)
    assert "De klok staat nu op 2 februari 2027." in page


def test_an_empty_day_sets_the_clock_back_to_today(commands: Commands) -> None:
    answer = browser().post("/klok", data={"dag": " "})
    assert answer.headers["Location"] == "/"
    assert commands == [("clock", "--data", name, "--reset", "--json") for name in ("a", "b")]


@pytest.mark.parametrize("day", ["morgen", "31-02-2027", "01-01-1999"])
def test_what_is_no_day_changes_nothing_and_is_told(commands: Commands, day: str) -> None:
    here = browser()
    page = here.get(here.post("/klok", data={"dag": day}).headers["Location"]).text
    assert commands == []
    assert "<title>Fout: Oefenkluis" in page
    assert "Dit is geen dag." in page
    assert 'aria-invalid="true"' in page


def test_a_clock_that_cannot_be_shifted_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: str) -> None:
        raise DemoError("no clock")

    monkeypatch.setattr(start_page, "command", fail)
    here = browser()
    page = here.get(here.post("/klok", data={"dag": "02-02-2027"}).headers["Location"]).text
    assert "De klok is niet verzet." in words(page)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_cannot_shift_the_clock(commands: Commands, site: str) -> None:
    answer = browser().post("/klok", data={"dag": "02-02-2027"}, headers={"Sec-Fetch-Site": site})
    assert (answer.status_code, commands) == (403, [])


def test_the_page_says_only_days_of_the_clock() -> None:
    assert "De klok staat" not in browser().get("/?nu=<b>gehackt</b>").text
    assert "gehackt" not in browser().get("/?nu=<b>gehackt</b>").text


def test_it_tells_that_it_lives() -> None:
    assert browser().get("/client-id").status_code == 200


def test_the_command_serves_it_with_its_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[object] = []
    monkeypatch.setattr(serve_start_page, "serve", lambda *given: served.extend(given))
    options = ["--port", "40000", "--data", "a", "--data", "b"]
    assert CliRunner().invoke(serve_start_page.main, options).exit_code == 0
    settings = {"port": 40000, "data": ["a", "b"]}
    assert served == ["clients.demo.start_page:application", 40000, ADDRESSES.start_page, settings]


def test_the_worker_builds_it_from_what_was_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTINGS, json.dumps({"port": 40000, "data": ["a"]}))
    monkeypatch.setattr("clients.web.serving.die_with_parent", lambda: None)
    assert ADDRESSES.portal in application().test_client().get("/").text


def test_its_sentences_are_short_and_in_plain_words() -> None:
    stories = {person.key: person.story for person in (*CITIZENS, *WORKERS)}
    texts = {**load_catalogue((TEXTS,)).texts, **stories}
    sentences = [one for text in texts.values() for one in re.split(r"(?<=[.?!:])\s+", text)]
    assert [one for one in sentences if len(one.split()) > 16] == []
    assert [one for one in sentences if re.search(FORBIDDEN, one, re.IGNORECASE)] == []
