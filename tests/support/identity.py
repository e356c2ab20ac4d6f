"""The identity application on a real catalogue in a temporary folder, a small web of apps, and a browser without a socket."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from pod_server.authentication.replay import ReplayStore
from pod_server.identity import accounts, credentials, keys, passwords
from pod_server.identity.accounts import Account, NewAccount
from pod_server.identity.app import create_app
from pod_server.identity.clients import CONTEXT
from pod_server.identity.parts import IdentityParts
from pod_server.settings import Settings
from tests.support.templates import compiled_templates
from tests.support.tokens import NOW_S, FakeWeb, Holder
from vault.context import Context
from vault.errors import Unavailable
from vault.model.identifiers import StorageId, random_id
from vault.model.journal import JournalEntry
from vault.model.moments import Moment
from vault.model.records import StorageRecord
from vault.stores.catalogue import SqlCatalogue
from vault.stores.documents import EncryptedDocuments
from vault.stores.keys import Keyring
from vault.stores.objects_memory import MemoryStore
from vault.stores.ports import CatalogueTransaction
from vault.stores.sqlite import migrate, open_database

BASE_URL = "https://kluis.example/"
ISSUER = "https://id.example/"
APP = "https://app.example/client-id"
BACK = "https://app.example/terug"
TRUSTED = "https://mijn.example/client-id"
LOGIN, PASSWORD = "samira", "drie lange woorden"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@cache
def _empty_database() -> bytes:
    with TemporaryDirectory() as folder:
        migrate(Path(folder) / "empty.db")
        return (Path(folder) / "empty.db").read_bytes()


@cache
def _signing_keys() -> tuple[keys.SigningKey, ...]:
    """The signing keys of every house with a browser: making an RSA key takes longer than most tests."""
    return keys.make_keys()


@dataclass(slots=True)
class NoIntake:
    """Nothing here is read through the intake."""

    def append(self, _: JournalEntry) -> None:
        """Refuse."""
        raise Unavailable("no intake")


@dataclass(slots=True)
class House:
    """The parts with what tests turn: the clock in seconds, and the web of apps."""

    folder: Path
    web: FakeWeb = field(default_factory=FakeWeb)
    now_s: int = NOW_S
    settings: dict[str, Any] = field(default_factory=dict)
    issuer: str = ISSUER
    parts: IdentityParts = field(init=False)
    provision_fails: bool = False

    def __post_init__(self) -> None:
        (self.folder / "catalogue.db").write_bytes(_empty_database())
        database = open_database(self.folder / "catalogue.db")
        keyring = Keyring(self.folder / "keys", self.folder / "root.key")
        documents = EncryptedDocuments(keyring, MemoryStore(), random_id)
        catalogue = SqlCatalogue(database, keyring)
        context = Context(BASE_URL, self.issuer, catalogue, documents, NoIntake(), self.now, random_id)
        settings = Settings(
            str(self.folder),
            8001,
            8002,
            BASE_URL,
            self.issuer,
            **{"trusted_clients": (TRUSTED,), **self.settings},
        )
        replay = ReplayStore(self.folder / "replay", NOW_S - 600, buckets=64, boot_id="boot")
        self.parts = IdentityParts(
            context, database, keyring, settings, self.web.fetch, replay, self._provision(keyring), self.now
        )
        self.put_app(APP, BACK, client_name="Mijn Afspraken")
        self.put_app(
            TRUSTED,
            "https://mijn.example/terug",
            client_name="Mijn Kluis",
            client_uri="https://mijn.example/",
        )

    def now(self) -> Moment:
        """The clock."""
        return Moment(self.now_s * 1000, self.now_s)

    def put_app(self, url: str, *redirect_uris: str, **more: Any) -> None:
        """Serve a Client ID Document."""
        document = {
            "@context": [CONTEXT],
            "client_id": url,
            "redirect_uris": list(redirect_uris),
            "grant_types": ["authorization_code", "refresh_token"],
            **more,
        }
        self.web.put(url, "application/ld+json", json.dumps(document))

    def lines(self) -> list[JournalEntry]:
        """The journal lines that wait for sealing."""
        return self.parts.context.catalogue.write(lambda tx: [line.entry for line in tx.pending_lines(100)])

    def close(self) -> None:
        """Let go of the files."""
        self.parts.database.close()
        self.parts.replay.close()

    def _provision(
        self, keyring: Keyring
    ) -> Callable[[StorageId, str], Callable[[CatalogueTransaction], None]]:
        def provision(storage: StorageId, name: str) -> Callable[[CatalogueTransaction], None]:
            keyring.create(storage)
            record = StorageRecord(storage, accounts.webid_of(storage, BASE_URL), self.issuer, name, 1)

            def create(transaction: CatalogueTransaction) -> None:
                if self.provision_fails:
                    raise Unavailable("no storage today")
                transaction.create_storage(record)

            return create

        return provision


def samira(house: House) -> Account:
    """Make the account that most tests use."""
    return accounts.create_account(house.parts, NewAccount("Samira El Idrissi", LOGIN, PASSWORD))


@dataclass(slots=True)
class Browser:
    """A browser without scripts: follows no redirect by itself, posts the forms of pages with their tokens."""

    house: House
    app: Flask
    client: FlaskClient
    holder: Holder = field(default_factory=Holder)

    def get(self, path: str) -> TestResponse:
        """Open a page."""
        return self.client.get(path, base_url=ISSUER)

    def post(self, path: str, form: Mapping[str, Any], *, page: str | None = None) -> TestResponse:
        """Send the form of a page (else of the same path)."""
        token = csrf_token(self.get(page or path).text)
        return self.client.post(path, data={"csrf_token": token, **form}, base_url=ISSUER)

    def sign_in(self, login: str = LOGIN, password: str = PASSWORD, verder: str = "") -> TestResponse:
        """Fill in the sign-in page."""
        form = {"inlognaam": login, "wachtwoord": password, "verder": verder}
        return self.post("/inloggen", form, page=f"/inloggen?verder={quote(verder, safe='')}")

    def token(self, form: Mapping[str, Any], **more: Any) -> TestResponse:
        """Ask the token endpoint, with a proof unless `proof` says otherwise."""
        proof = more.pop("proof", None) or self.proof()
        headers = {"DPoP": proof, **more.pop("headers", {})}
        return self.client.post("/.oidc/token", data=form, headers=headers, base_url=ISSUER)

    def proof(self, **changed: Any) -> str:
        """A proof for the token endpoint."""
        return self.holder.proof("POST", f"{ISSUER}.oidc/token", **({"iat": self.house.now_s} | changed))

    def code(self, **changed: Any) -> str:
        """Get an authorization code for the trusted app; somebody is signed in already."""
        return answered(self.get(f"/toestaan?{asking(**({'client_id': TRUSTED} | changed))}"))["code"]

    def tokens(self, **changed: Any) -> dict[str, Any]:
        """Sign in at the trusted app to the end."""
        answer = self.token(code_form(self.code(**changed)))
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.get_json()
        return tokens

    def refresh(self, refresh_token: str, client_id: str = TRUSTED, **more: Any) -> TestResponse:
        """Use a refresh token."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": client_id}
        return self.token(form, **more)


def open_browser(house: House) -> Browser:
    """Start the application and a browser at it."""
    keys.keep_missing_keys(house.parts, _signing_keys())
    app = create_app(house.parts, {})
    app.jinja_env.bytecode_cache = compiled_templates()
    return Browser(house, app, app.test_client())


def asking(**changed: Any) -> str:
    """The query of an authorization request; parameters given as None are left out."""
    client_id = changed.get("client_id", APP)
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": str(client_id).replace("client-id", "terug"),
        "scope": "openid webid offline_access",
        "state": "toestand",
        "nonce": "nonce-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return urlencode({name: value for name, value in (query | changed).items() if value is not None})


def code_form(code: str, client_id: str = TRUSTED, **changed: Any) -> dict[str, str]:
    """The form that changes a code."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": client_id,
        "redirect_uri": client_id.replace("client-id", "terug"),
        "code_verifier": VERIFIER,
    }
    return {name: value for name, value in (form | changed).items() if value is not None}


def answered(response: TestResponse) -> dict[str, str]:
    """The parameters with which the browser is sent back to an app."""
    assert response.status_code == 303, response.text
    return {
        name: values[0] for name, values in parse_qs(urlsplit(response.headers["Location"]).query).items()
    }


def csrf_token(page: str) -> str:
    """The form token in a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, page
    return found[1]


def without_random(page: str) -> str:
    """A page without what is another each time: form token, challenge and nonce."""
    found = re.findall(r'name="(?:csrf_token|uitdaging)" value="([^"]+)"|nonce="([^"]+)"', page)
    for value in {value for pair in found for value in pair if value}:
        page = page.replace(value, "")
    return re.sub(r"&#34;challenge&#34;: &#34;[^&]*&#34;", "", page)


def claims_of(token: str) -> dict[str, Any]:
    """What a token says, unverified."""
    segment = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(segment + "=="))
    return claims


def basic(made: credentials.NewCredential, secret: str | None = None) -> dict[str, str]:
    """The header by which a program proves itself, both parts percent-encoded."""
    pair = f"{quote(made.client_id, safe='')}:{quote(secret or made.client_secret, safe='')}"
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def opened(house: House) -> Iterator[House]:
    """Give a house and close it at the end, for a fixture."""
    try:
        yield house
    finally:
        house.close()


def opened_browser(folder: Path, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> Iterator[Browser]:
    """Give a browser at a house where Samira lives, and close it at the end, for a fixture."""
    monkeypatch.setattr(passwords, "HASHER", QUICK_HASHER)
    for house in opened(House(folder, settings=settings)):
        samira(house)
        yield open_browser(house)
