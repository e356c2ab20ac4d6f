"""An ASGI application called in process: requests in, whole answers out, and a storage with people to ask as."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pod_server.authentication.authenticate import PresentedCredentials
from pod_server.authentication.errors import InvalidToken
from pod_server.storages.app import ASGIApplication, create_app
from pod_server.storages.parts import StoragesParts
from tests.support.vaults import BASE_URL, ISSUER_URL, TestClock, keyring_of, make_context, recorded
from vault.context import Context
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.journal import JournalEntry
from vault.model.moments import Moment
from vault.model.records import NewRevision, ResourceKind
from vault.model.requester import ANONYMOUS, Credentials
from vault.operations.provision import create_storage, prepare_storage
from vault.stores.ports import CatalogueTransaction

Headers = Mapping[str, str]
Message = MutableMapping[str, Any]
APP = "https://app.example/id"
BOB = "https://bob.example/profile#me"
BOBS_ISSUER = "https://issuer.example/"
_VARYING = {"date", "trace-id"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; names of headers in lower case. `is_whole` says that the server did not end it half-way."""

    status: int
    headers: Headers
    body: bytes
    is_whole: bool

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    def without_trace(self) -> tuple[int, dict[str, str], str]:
        """Everything but what differs by nature from answer to answer."""
        kept = {name: value for name, value in self.headers.items() if name not in _VARYING}
        return self.status, kept, self.text.replace(self.headers["trace-id"], "TRACE")


@dataclass(slots=True)
class AsgiClient:
    """Calls an application below a base URL; one request after the other."""

    app: ASGIApplication
    base_url: str = BASE_URL

    def request(
        self,
        method: str,
        url: str,
        headers: Headers | None = None,
        body: bytes | Iterable[bytes | None] | None = None,
        *,
        hosts: tuple[str, ...] = ("vault.example",),
    ) -> Answer:
        """Ask, and wait for the whole answer. For the body see `exchange`."""
        return asyncio.run(self.exchange(method, url, headers, body, hosts=hosts))

    async def exchange(
        self,
        method: str,
        url: str,
        headers: Headers | None = None,
        body: bytes | Iterable[bytes | None] | None = None,
        *,
        hosts: tuple[str, ...] = ("vault.example",),
    ) -> Answer:
        """Ask in a running event loop.

        A body of several parts is sent as chunks; None among them is a client that goes away.
        """
        lines = [(b"host", host.encode()) for host in hosts]
        lines += [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()]
        if isinstance(body, bytes):
            lines.append((b"content-length", str(len(body)).encode()))
        elif body is not None:
            lines.append((b"transfer-encoding", b"chunked"))
        path, _, query = url.removeprefix(self.base_url).partition("?")
        scope = {
            "type": "http",
            "method": method,
            "raw_path": f"/{path}".encode(),
            "query_string": query.encode(),
            "headers": lines,
        }
        return await _exchange(self.app, scope, _parts(body))


def _parts(body: bytes | Iterable[bytes | None] | None) -> Iterable[bytes | None]:
    return [body or b""] if body is None or isinstance(body, bytes) else body


async def _exchange(app: ASGIApplication, scope: Message, parts: Iterable[bytes | None]) -> Answer:
    incoming, sent = _messages(parts), list[Message]()

    async def receive() -> Message:
        await asyncio.sleep(0)
        return next(incoming, {"type": "http.disconnect"})

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *bodies = sent
    assert [message["type"] for message in bodies] == ["http.response.body"] * len(bodies)
    headers = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
    assert len(headers) == len(start["headers"]), "no header stands twice"
    is_whole = bool(bodies) and not bodies[-1].get("more_body", False)
    return Answer(start["status"], headers, b"".join(m["body"] for m in bodies), is_whole)


def _messages(parts: Iterable[bytes | None]) -> Any:
    for part in parts:
        if part is None:
            yield {"type": "http.disconnect"}
        else:
            yield {"type": "http.request", "body": part, "more_body": True}
    yield {"type": "http.request", "body": b"", "more_body": False}


def who(webid: str, client: str = APP, issuer: str = BOBS_ISSUER) -> dict[str, str]:
    """Headers by which the test's own authentication recognises somebody."""
    return {"Authorization": f"Test {webid} {client} {issuer}"}


def authenticate(presented: PresentedCredentials, _now: Moment) -> Credentials:
    """Believe what a test says of itself; the word `wrong` proves nothing."""
    if not presented.authorization:
        return ANONYMOUS
    _, webid, client, issuer = presented.authorization[0].split(" ")
    if webid == "wrong":
        raise InvalidToken("invalid_token", "the access token is wrong")
    is_local = issuer == ISSUER_URL
    return Credentials(webid, client, issuer, is_local=is_local, is_trusted_client=is_local)


def make_parts(context: Context, **more: Any) -> StoragesParts:
    """The parts of an application over a context, with the test's own authentication and no services."""
    parts = StoragesParts(
        context=context,
        authenticate=authenticate,
        services={},
        server_services={},
        healthy=lambda: True,
        public_key=b"-----BEGIN PUBLIC KEY-----\n",
        is_quick=lambda _presented, _now: True,
    )
    return replace(parts, **more)


@dataclass(slots=True)
class Home:
    """A citizen's storage behind the application, and ways to ask as its owner, as Bob and as nobody."""

    context: Context
    storage: StorageId
    parts: StoragesParts
    client: AsgiClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = AsgiClient(create_app(self.parts))

    @property
    def url(self) -> str:
        """URL of the storage."""
        return self.context.base_url + f"{self.storage}/"

    @property
    def owner(self) -> str:
        """The owner's WebID."""
        return f"{self.url}profiel/card#me"

    @property
    def lines(self) -> list[JournalEntry]:
        """Every line the journal got, those of writes and those of reads, without any order between both."""
        with self.context.catalogue.view() as view:
            rows = view.pending_lines(1000)
        return [row.entry for row in rows] + recorded(self.context)

    def ask(
        self,
        method: str,
        path: str,
        headers: Headers | None = None,
        body: bytes | Iterable[bytes | None] | None = None,
    ) -> Answer:
        """Ask as nobody, at a path in the storage."""
        return self.client.request(method, self.url + path, headers, body)

    def as_owner(
        self,
        method: str,
        path: str,
        headers: Headers | None = None,
        body: bytes | Iterable[bytes | None] | None = None,
    ) -> Answer:
        """Ask as the owner with an app that may everything."""
        return self.ask(method, path, {**who(self.owner, issuer=ISSUER_URL), **(headers or {})}, body)

    def as_bob(
        self,
        method: str,
        path: str,
        headers: Headers | None = None,
        body: bytes | Iterable[bytes | None] | None = None,
    ) -> Answer:
        """Ask as somebody of another server."""
        return self.ask(method, path, {**who(BOB), **(headers or {})}, body)

    def put(self, path: str, text: str = "<> a <#Thing> .", media_type: str = "text/turtle") -> Answer:
        """Write a document as the owner."""
        answer = self.as_owner("PUT", path, {"Content-Type": media_type}, text.encode())
        assert answer.status in {201, 204}, answer.text
        return answer

    def let(self, path: str, *modes: str, agent: str = BOB, default: bool = True) -> None:
        """Write an ACL of its own for a path: the owner everything, and an agent (or "everyone") these modes."""
        subject = self.url + path
        answer = self.as_owner(
            "PUT",
            f"{path}.acl",
            {"Content-Type": "text/turtle"},
            acl_for(subject, self.owner, agent, modes, default=default).encode(),
        )
        assert answer.status in {201, 204}, answer.text


def acl_for(subject: str, owner: str, agent: str, modes: Iterable[str], *, default: bool = True) -> str:
    """An ACL in Turtle for the owner and one other; without `default` the other has nothing below the subject."""
    scope = "acl:accessTo <{0}>" + (" ; acl:default <{0}>" if subject.endswith("/") else "")
    others = scope if default else "acl:accessTo <{0}>"
    named = "acl:agentClass foaf:Agent" if agent == "everyone" else f"acl:agent <{agent}>"
    granted = ", ".join(f"acl:{mode}" for mode in modes)
    text = f"""@prefix acl: <http://www.w3.org/ns/auth/acl#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
<#owner> a acl:Authorization ; acl:agent <{owner}> ; {scope} ; acl:mode acl:Read, acl:Write, acl:Control .
"""
    if granted:
        text += f"<#other> a acl:Authorization ; {named} ; {others} ; acl:mode {granted} .\n"
    return text.replace("{0}", subject)


def make_home(folder: Path, clock: TestClock | None = None, **more: Any) -> Home:
    """Make a storage as the server does, behind an application; `more` replaces parts of it."""
    context = make_context(folder, clock=clock or TestClock())
    storage = StorageId(context.new_id())
    prepared = prepare_storage(context, storage, "Samira", keyring_of(context).create)
    context.catalogue.write(lambda tx: create_storage(tx, prepared))
    return Home(context, storage, make_parts(context, **more))


def fill(home: Home, count: int, container: str = "map/") -> list[str]:
    """Put many documents without bytes into a container at once, and give their URLs in the order of creation."""
    if home.as_owner("HEAD", container).status == 404:
        assert home.as_owner("PUT", container).status == 201
    names = [f"{container}doc{number:05}" for number in range(count)]

    def change(tx: CatalogueTransaction) -> None:
        for name in names:
            new = NewRevision(
                home.context.new_id(), "text/plain", None, home.owner, home.context.clock().wall_ms
            )
            identifier = ResourceIdentifier(home.storage, name)
            tx.create_resource(identifier, ResourceKind.DOCUMENT, new, home.context.new_id())

    home.context.catalogue.write(change)
    return [home.url + name for name in names]


def identifier(home: Home, path: str) -> ResourceIdentifier:
    """The identifier of a path in the storage."""
    return ResourceIdentifier(home.storage, path)
