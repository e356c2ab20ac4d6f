"""A vault and an issuer in memory, as far as the SDK and the portal see them, behind `httpx2.MockTransport`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey

ISSUER = "http://localhost:2/"
BASE = "http://localhost:3/"
APP = "http://localhost:1/"
STORAGE = f"{BASE}ncsv6x3mmnsnut6x/"
WEBID = f"{STORAGE}profiel/card#me"
WORKER = "http://localhost:4/a6ru6ku4wxa33b68/profiel/card#me"
ORGANISATION = "http://localhost:4/rdjatepnt7uksut3/organisatie"
PURPOSE = "https://kluis.example/ns/wijk#doel-samenwerken-plan"
NOW_S = 1795513260  # 24 November 2026, 10.41 in Amsterdam
PLAN = f"{STORAGE}plannen/ba2a2u57ux7qc6ht/"

SERVICES = {
    "AccessRequestService": f"{STORAGE}verzoeken/",
    "AccessGrantService": f"{STORAGE}toegang/",
    "PreviewService": f"{STORAGE}.well-known/wijkkluis/voorbeeld/",
    "InvitationService": f"{STORAGE}.well-known/wijkkluis/uitnodigingen/",
    "RelocationService": f"{STORAGE}.well-known/wijkkluis/verhuizingen/",
    "JournalService": f"{STORAGE}logboek/",
    "VersionService": f"{STORAGE}.well-known/wijkkluis/versies/",
}
PARTIES = [
    {
        "id": WORKER,
        "name": "Marieke Bos",
        "role": "Hulpverlener",
        "organisation": {
            "id": ORGANISATION,
            "name": "Stichting Samen Verder",
            "kind": "https://kluis.example/ns/wijk#soort-jeugdhulp",
            "numberKind": "KvK",
            "number": "00000011",
            "municipality": "Nijmegen",
            "verifiedBy": "Beheerder",
            "verifiedAt": "2026-09-01T10:00:00+02:00",
            "suspended": False,
        },
    }
]

Answer = httpx2.Response
Handler = Callable[[httpx2.Request], Answer]


@dataclass
class FakeVault:
    """Resources by URL (media type, bytes), services by URL, and every request that came."""

    now_s: int = NOW_S
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "k1", "alg": "ES256"}))
    resources: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    services: dict[tuple[str, str], Handler] = field(default_factory=dict)
    seen: list[httpx2.Request] = field(default_factory=list)
    nonce: str = ""
    refreshes: int = 0
    token_lifetime_s: int = 300
    is_full: bool = False
    revoked: list[dict[str, str]] = field(default_factory=list)
    claims: dict[str, Any] = field(default_factory=dict)

    def http(self) -> httpx2.Client:
        """A client that reaches this vault only."""
        return httpx2.Client(transport=httpx2.MockTransport(self.answer))

    def answer(self, request: httpx2.Request) -> Answer:
        """Answer one request."""
        self.seen.append(request)
        url = str(request.url).partition("?")[0]
        handler = self.services.get((request.method, url)) or self._issuer(url)
        if handler is not None:
            return handler(request)
        if not request.headers.get("Authorization", "").startswith("DPoP access-"):
            return httpx2.Response(401)
        return self._resource(request, url)

    def say(self, method: str, url: str, document: object, status: int = 200, **headers: str) -> None:
        """Let a service answer a JSON document."""
        self.services[method, url] = lambda _: httpx2.Response(status, json=document, headers=headers)

    def put(self, url: str, turtle: str) -> None:
        """Store a Turtle document."""
        self.resources[url] = ("text/turtle", turtle.encode())

    def asked(self, method: str, url: str) -> list[Any]:
        """The JSON bodies of the requests that came for a method and URL."""
        found = [r for r in self.seen if r.method == method and str(r.url).partition("?")[0] == url]
        return [json.loads(r.content) if r.content else None for r in found]

    def _issuer(self, url: str) -> Handler | None:
        return {
            f"{ISSUER}.well-known/openid-configuration": self._discovery,
            f"{ISSUER}jwks": lambda _: httpx2.Response(200, json={"keys": [self.key.as_dict(private=False)]}),
            f"{ISSUER}token": self._token,
            f"{ISSUER}revoke": self._revoke,
            f"{ISSUER}end": self._revoke,
        }.get(url)

    def _discovery(self, _: httpx2.Request) -> Answer:
        names = {"authorization": "authorize", "token": "token", "end_session": "end", "revocation": "revoke"}
        endpoints = {f"{name}_endpoint": ISSUER + path for name, path in names.items()}
        return httpx2.Response(200, json={"issuer": ISSUER, "jwks_uri": f"{ISSUER}jwks", **endpoints})

    def _token(self, request: httpx2.Request) -> Answer:
        form = dict(parse_qsl(request.content.decode()))
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] != f"refresh-{self.refreshes}":
                return httpx2.Response(400, json={"error": "invalid_grant"})
            self.refreshes += 1
        body: dict[str, Any] = {"token_type": "DPoP", "expires_in": self.token_lifetime_s}
        body |= {"access_token": f"access-{self.refreshes}", "refresh_token": f"refresh-{self.refreshes}"}
        if form["grant_type"] == "authorization_code":
            body["id_token"] = self.id_token()
        return httpx2.Response(200, json=body)

    def id_token(self) -> str:
        """An ID token for the portal's client, with what a test changed."""
        claims = {
            "iss": ISSUER,
            "aud": [f"{APP}client-id", "solid"],
            "azp": f"{APP}client-id",
            "sub": WEBID,
            "webid": WEBID,
            "name": "Samira El Idrissi",
            "nonce": self.nonce,
            "iat": self.now_s,
            "exp": self.now_s + 300,
        }
        return jwt.encode({"alg": "ES256", "kid": "k1"}, claims | self.claims, self.key)

    def _revoke(self, request: httpx2.Request) -> Answer:
        self.revoked.append(dict(parse_qsl(request.content.decode())))
        return httpx2.Response(200)

    def _resource(self, request: httpx2.Request, url: str) -> Answer:
        if request.method == "PUT" and self.is_full:
            return httpx2.Response(507)
        if request.method == "PUT":
            if request.headers.get("If-None-Match") == "*" and url in self.resources:
                return httpx2.Response(412)
            self.resources[url] = (request.headers["Content-Type"], request.content)
            return httpx2.Response(201)
        if url.endswith("/"):
            return httpx2.Response(200, content=self._listing(url), headers={"Content-Type": "text/turtle"})
        if url not in self.resources:
            return httpx2.Response(404, json={"title": "Not Found"})
        media_type, body = self.resources[url]
        if media_type not in request.headers["Accept"] and "*/*" not in request.headers["Accept"]:
            return httpx2.Response(406)
        return httpx2.Response(200, content=body, headers={"Content-Type": media_type, "ETag": '"1"'})

    def _listing(self, url: str) -> bytes:
        below = {url + rest.partition("/")[0] + rest.partition("/")[1] for rest in self._below(url)}
        changed = datetime.fromtimestamp(self.now_s, UTC).isoformat()
        lines = [f"<{url}> <http://www.w3.org/ns/ldp#contains> <{member}> ." for member in sorted(below)]
        stamp = (
            f'<http://purl.org/dc/terms/modified> "{changed}"^^<http://www.w3.org/2001/XMLSchema#dateTime>'
        )
        lines += [f"<{member}> {stamp} ." for member in sorted(below)]
        return "\n".join(lines).encode()

    def _below(self, url: str) -> list[str]:
        return [found.removeprefix(url) for found in self.resources if found.startswith(url) and found != url]


def samira() -> FakeVault:
    """Samira's vault: her card, an empty set of services, and a plan with one goal."""
    vault = FakeVault()
    card = f"<http://www.w3.org/ns/solid/terms#oidcIssuer> <{ISSUER}>"
    vault.put(
        f"{STORAGE}profiel/card", f"<{WEBID}> <http://www.w3.org/ns/pim/space#storage> <{STORAGE}> ; {card} ."
    )
    described = [{"type": kind, "serviceEndpoint": endpoint} for kind, endpoint in SERVICES.items()]
    vault.say("GET", f"{STORAGE}.well-known/solid", {"id": STORAGE, "type": "Storage", "service": described})
    for name in ("AccessRequestService", "AccessGrantService", "InvitationService"):
        vault.say("GET", SERVICES[name], {"items": [], "parties": []})
    vault.say("GET", SERVICES["JournalService"], {"lines": [], "parties": []})
    vault.say("GET", SERVICES["PreviewService"], {"agents": [], "parties": []})
    goal = f"{PLAN}doelen/gpsb3ug4e8rpgk45"
    vault.put(f"{PLAN}plan", _document("Plan", "st-plan", "Rust in huis", f"wk:heeftDoel <{goal}>"))
    vault.put(
        goal, _document("Doel", "st-doel", "Elke dag huiswerk", 'wk:voortgang "Het lukt drie dagen."@nl')
    )
    return vault


def _document(cls: str, kind: str, title: str, more: str) -> str:
    return f"""@prefix wk: <https://kluis.example/ns/wijk#> . @prefix dct: <http://purl.org/dc/terms/> .
    @prefix prov: <http://www.w3.org/ns/prov#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    <> a wk:{cls} ; dct:type wk:{kind} ; dct:title "{title}"@nl ; prov:wasAttributedTo <{WEBID}> ;
    prov:generatedAtTime "2026-11-03T16:20:00+01:00"^^xsd:dateTime ; wk:bewaren wk:bw-wmo ; {more} ."""


def access(
    target: str, *, end: str = "2027-03-01T23:59:59+01:00", kind: str = "Container"
) -> list[dict[str, Any]]:
    """One policy: the worker may read a target until an end."""
    return [
        {
            "type": ["AccessPolicy"],
            "action": ["read"],
            "assignee": WORKER,
            "target": {"type": kind, "value": [target]},
            "constraint": [
                {"leftOperand": "purpose", "operator": "eq", "rightOperand": PURPOSE},
                {"leftOperand": "dateTime", "operator": "lteq", "rightOperand": end},
                {"leftOperand": "client", "operator": "isAnyOf", "rightOperand": [f"{APP}client-id"]},
            ],
        }
    ]


def request_document(status: str = "Waiting", **more: Any) -> dict[str, Any]:
    """A request of the worker to read her plans."""
    return {
        "id": f"{STORAGE}verzoeken/f8wbgrrzbe42sve8",
        "type": ["AccessRequest"],
        "storage": STORAGE,
        "requestedBy": WORKER,
        "requestedAt": "2026-11-23T09:12:00+01:00",
        "organisation": ORGANISATION,
        "assigneeKind": "Worker",
        "access": access(f"{STORAGE}plannen/"),
        "legalBasis": ["https://w3id.org/dpv/legal/eu/gdpr#A6-1-e"],
        "reason": "Dan hoeft u het maar één keer te vertellen.",
        "consequenceOfRefusal": "Dan nemen we het plan op papier mee.",
        "status": status,
        "parties": PARTIES,
    } | more


def grant_document(status: str = "Active", **more: Any) -> dict[str, Any]:
    """A grant to the worker on the plan."""
    return {
        "id": f"{STORAGE}toegang/yqusbu8jeu3kbz9y",
        "type": ["AccessGrant"],
        "storage": STORAGE,
        "givenBy": WEBID,
        "givenAt": "2026-11-20T19:40:00+01:00",
        "organisation": ORGANISATION,
        "assigneeKind": "Worker",
        "access": access(PLAN),
        "legalBasis": ["https://w3id.org/dpv/legal/eu/gdpr#A6-1-e"],
        "reason": "Samen het plan bijwerken.",
        "strict": True,
        "status": status,
        "giverName": "Samira El Idrissi",
        "parties": PARTIES,
    } | more


def query_of(url: str) -> dict[str, str]:
    """The query of a URL, one value a name."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
