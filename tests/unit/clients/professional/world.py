"""The Wijkteam-app in memory with Marieke signed in, and a vault server with residents who let her in."""

from __future__ import annotations

import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
from flask.testing import FlaskClient

from clients.professional.app import Settings, create_app
from tests.support.templates import compiled_templates
from tests.unit.clients.fake_vault import (
    APP,
    BASE,
    ISSUER,
    PLAN,
    STORAGE,
    WEBID,
    WORKER,
    FakeVault,
    access,
    grant_document,
    samira,
)
from tests.unit.clients.sign_in import enter, words

GRANTS = f"{BASE}.well-known/wijkkluis/toegang/"
MEETINGS = f"{BASE}.well-known/wijkkluis/ontmoetingen/"
INVITATION = f"{BASE}.well-known/wijkkluis/uitnodiging"
REQUESTS = f"{STORAGE}verzoeken/"
LETTER = f"{STORAGE}brieven/abcdefgh23456789/"
GOAL = f"{PLAN}doelen/gpsb3ug4e8rpgk45"
TASK = f"{PLAN}taken/tk2345abcdefgh67"
OTHER = f"{BASE}kkkkkkkkkkkkkkkk/"
PREFIXES = """@prefix wk: <https://kluis.example/ns/wijk#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix prov: <http://www.w3.org/ns/prov#> . @prefix schema: <https://schema.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def server() -> FakeVault:
    """A server where nobody gave Marieke access yet."""
    vault = samira()
    vault.claims = {"sub": WORKER, "webid": WORKER, "name": "Marieke Bos"}
    own = {"invitation": INVITATION, "meetings": MEETINGS, "grants": GRANTS, "groups": f"{BASE}groepen"}
    vault.say("GET", f"{BASE}.well-known/wijkkluis/", own)
    vault.say("GET", GRANTS, {"items": [], "parties": []})
    vault.say("GET", MEETINGS, {"items": []})
    vault.say("POST", INVITATION, {}, 202)
    vault.say("POST", REQUESTS, {}, 201, Location=f"{REQUESTS}abc")
    return vault


def given(vault: FakeVault, *grants: dict[str, Any]) -> None:
    """Let these grants be in force."""
    vault.say("GET", GRANTS, {"items": list(grants), "parties": []})


def met(vault: FakeVault, *storages: str, name: str | None = "Samira El Idrissi") -> None:
    """Let Marieke have met who owns these storages."""
    items = [{"id": f"{MEETINGS}{n}", "storage": one, "giverName": name} for n, one in enumerate(storages)]
    vault.say("GET", MEETINGS, {"items": items})


def other(name: str | None, storage: str = OTHER, **more: str) -> dict[str, Any]:
    """A grant of somebody else."""
    terms = access(f"{storage}plannen/", **more)
    return grant_document(id=f"{storage}toegang/g", storage=storage, giverName=name, access=terms)


def shared() -> FakeVault:
    """Samira's plan with a goal and a task, and a letter with its file, shared with Marieke whom she met."""
    vault = server()
    vault.put(GOAL, f'{PREFIXES} <> dct:title "Elke dag huiswerk"@nl ; wk:heeftTaak <{TASK}>, <{TASK}x> .')
    vault.put(TASK, f'{PREFIXES} <> dct:title "Huiswerkmaatje"@nl ; schema:endTime "2026-12-08"^^xsd:date .')
    vault.resources[f"{LETTER}bestand"] = ("application/pdf", b"%PDF-1.7 letter")
    vault.put(f"{LETTER}stuk", letter())
    given(vault, grant_document(), grant_document(id=f"{STORAGE}toegang/letter", access=access(LETTER)))
    met(vault, STORAGE)
    return vault


def letter(more: str = "") -> str:
    """The Turtle of a letter that has a file."""
    return f"""{PREFIXES} <> a wk:Brief ; dct:type wk:st-brief ; dct:title "Brief van <de> school"@nl ;
        dct:hasFormat <bestand>, <https://elsewhere.example/x> ; prov:wasAttributedTo <{WEBID}> ;
        schema:sender "De school"@nl ; dct:issued "2026-11-02"^^xsd:date ; schema:recipient <{WEBID}> ;
        prov:generatedAtTime "2026-11-03T16:20:00+01:00"^^xsd:dateTime {more} ."""


def refuse(vault: FakeVault, method: str, url: str, status: int) -> None:
    """Let a server refuse one kind of request."""
    vault.services[method, url] = lambda _: httpx2.Response(status, json={})


def open_app(vault: FakeVault) -> FlaskClient:
    """The app, nobody signed in."""
    with tempfile.TemporaryDirectory() as state:  # the secret is read once
        settings = Settings(APP, ISSUER, BASE, Path(state))
        app = create_app(settings, vault.http(), lambda: datetime.fromtimestamp(vault.now_s, UTC))
    app.jinja_env.bytecode_cache = compiled_templates()
    return app.test_client()


def at_work(vault: FakeVault) -> FlaskClient:
    """The app with Marieke signed in."""
    browser = open_app(vault)
    enter(browser, vault)
    return browser


def link(page: str, name: str) -> str:
    """Where the link with this name leads."""
    for path, inside in re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', page, re.DOTALL):
        if name in re.sub(r"<[^>]+>", "", inside):
            return str(path)
    raise AssertionError(f"no link {name} on: {words(page)}")


def resident_page(browser: FlaskClient, name: str = "Samira El Idrissi") -> str:
    """The page of a resident, found in the list."""
    return browser.get(link(browser.get("/").text, name)).text
