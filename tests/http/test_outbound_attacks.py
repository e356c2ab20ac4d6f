"""Every address that others choose, through the guard as in production: nothing reaches into our network, nothing floods us.

The table of all attacks is `docs/reference/attacks-on-sign-in.md`; what becomes of groups is in `docs/reference/groups.md`.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pod_server.authentication.errors import CannotFetch
from pod_server.authentication.issuers import Fetch, load_issuers, load_keys
from pod_server.authentication.outbound import Answer, Outbound, OutboundPolicy, Request
from pod_server.group_documents import refresh_named_group, refresh_workers
from pod_server.identity.clients import load_client
from tests.http.test_storages_journal_service import SERVICES
from tests.support.asgi import Home, make_parts, who
from tests.support.grants import CLIENT, ISSUER, ORGANISATION, PURPOSE, WORKER
from tests.support.groups import group_text
from tests.support.people import People, make_people, register
from tests.support.vaults import add_resource
from vault.context import Context
from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import ALL_MODES
from vault.model.rules import CompiledAcl, Rule

OUTSIDE = "93.184.215.14"
ATTACKED = "https://binnen.example"
REMOTE = f"{ATTACKED}/groep#team"
JOINER = "https://kwaad.example/card#me"
CONFIGURATION = {"issuer": "https://uitgever.example/", "jwks_uri": f"{ATTACKED}/jwks"}
Look = Callable[[Context, Fetch], object]


@dataclass
class Hostile:
    """A network in which one host is the attacker's: how it resolves each time, and what it answers."""

    addresses: Iterator[Sequence[str]]
    answer: Callable[[], Answer]
    hosts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    connected: list[str] = field(default_factory=list)
    now: float = 0.0
    sent: int = 0

    def resolve(self, host: str, _: int) -> Sequence[str]:
        if host == "binnen.example":
            return next(self.addresses)
        return self.hosts.get(host, [OUTSIDE])

    @contextmanager
    def connect(self, request: Request) -> Iterator[Answer]:
        self.connected.append(request.address)
        if request.target.host == "uitgever.example":
            yield Answer(200, {"content-type": "application/json"}, [json.dumps(CONFIGURATION).encode()])
        else:
            yield self.answer()

    def chunks(self, size: int, seconds: float) -> Iterator[bytes]:
        """A body that never ends."""
        while True:
            self.now += seconds
            self.sent += size
            yield b" " * size

    @property
    def fetch(self) -> Fetch:
        """The way out of production."""
        return Outbound(OutboundPolicy(), self.resolve, self.connect, lambda: self.now).fetch


def forever(*addresses: str) -> Iterator[Sequence[str]]:
    """The same addresses each time."""
    while True:
        yield addresses


def then(*each: str) -> Iterator[Sequence[str]]:
    """One address the first time, another the second."""
    yield from ([one] for one in each)
    yield from forever(each[-1])


def to(location: str) -> Answer:
    """An answer that sends elsewhere."""
    return Answer(302, {"location": location}, [])


def evil() -> Answer:
    """What the attacker would have us believe, in whatever media type is asked for."""
    return Answer(200, {"content-type": "text/turtle"}, [group_text(JOINER).encode()])


INTO_OUR_NETWORK: dict[str, Callable[[], Hostile]] = {
    "a private address": lambda: Hostile(forever("10.0.0.1"), evil),
    "one among public ones": lambda: Hostile(forever(OUTSIDE, "192.168.1.1"), evil),
    "metadata of a cloud": lambda: Hostile(forever("169.254.169.254"), evil),
    "this machine": lambda: Hostile(forever("127.0.0.1"), evil),
    "this machine in IPv6": lambda: Hostile(forever("::ffff:127.0.0.1"), evil),
    "a redirect inside": lambda: Hostile(
        forever(OUTSIDE), lambda: to("https://intern.example/"), {"intern.example": ["10.0.0.2"]}
    ),
    "a redirect without TLS": lambda: Hostile(forever(OUTSIDE), lambda: to("http://binnen.example/")),
    "a redirect to a file": lambda: Hostile(forever(OUTSIDE), lambda: to("file:///etc/passwd")),
    "DNS rebinding": lambda: Hostile(then(OUTSIDE, "127.0.0.1"), lambda: to(f"{ATTACKED}/again")),
}


def look_at_group(context: Context, fetch: Fetch) -> None:
    """Fetch a group of another server that an ACL names."""
    refresh_named_group(context, fetch, REMOTE)


def look_at_workers(context: Context, fetch: Fetch) -> None:
    """Fetch the workers of an organisation whose group is at the attacked address."""
    with context.catalogue.view() as view:
        organisation = view.register().find(ORGANISATION)
    assert organisation is not None
    refresh_workers(context, organisation, fetch)


LOOKS: dict[str, Look] = {
    "client id": lambda _, fetch: load_client(fetch, f"{ATTACKED}/client-id"),
    "WebID": lambda _, fetch: load_issuers(fetch, f"{ATTACKED}/card#me"),
    "issuer": lambda _, fetch: load_keys(fetch, f"{ATTACKED}/"),
    "jwks_uri": lambda _, fetch: load_keys(fetch, "https://uitgever.example/"),
    "group": look_at_group,
    "workers": look_at_workers,
}


@pytest.fixture
def people(tmp_path: Path) -> People:
    """A citizen whose rules name a group, and an organisation, both at the attacked host."""
    made = make_people(tmp_path)
    register(made, group=f"{ATTACKED}/medewerkers")
    rules = CompiledAcl((Rule("#g", ALL_MODES, groups=frozenset({REMOTE})),))
    add_named(made, rules)
    return made


def add_named(people: People, rules: CompiledAcl) -> None:
    """Let an ACL of hers say this."""
    add_resource(people.context, ResourceIdentifier(people.storage.storage, "plannen/plan"), b"", rules)


def obtained(people: People, look: str, hostile: Hostile) -> object:
    """What came of it: nothing, when it cannot be fetched."""
    try:
        return LOOKS[look](people.context, hostile.fetch)
    except CannotFetch:
        return None


def believed(context: Context) -> bool:
    """Whether the attacker's word got anybody into a group, or anybody out of one."""
    with context.catalogue.view() as view:
        membership = view.register().membership(ORGANISATION)
        return view.is_member(REMOTE, JOINER) or membership.worker(WORKER) is None


@pytest.mark.parametrize("attack", INTO_OUR_NETWORK)
@pytest.mark.parametrize("look", LOOKS)
def test_no_address_that_others_choose_reaches_into_our_network(
    people: People, look: str, attack: str
) -> None:
    hostile = INTO_OUR_NETWORK[attack]()
    assert not obtained(people, look, hostile)
    assert set(hostile.connected) <= {OUTSIDE}
    assert not believed(people.context)


@pytest.mark.parametrize("look", LOOKS)
def test_a_document_that_never_ends_is_given_up_at_its_limit(people: People, look: str) -> None:
    hostile = Hostile(forever(OUTSIDE), evil)
    kinds = "text/turtle" if look in {"group", "workers", "WebID"} else "application/json"
    hostile.answer = lambda: Answer(200, {"content-type": kinds}, hostile.chunks(64 * 1024, 0.0))
    assert not obtained(people, look, hostile)
    assert hostile.sent <= people.context.limits.max_group_bytes + 64 * 1024
    assert not believed(people.context)


@pytest.mark.parametrize("look", LOOKS)
def test_a_document_that_drips_is_given_up_after_eight_seconds(people: People, look: str) -> None:
    hostile = Hostile(forever(OUTSIDE), evil)
    kinds = "text/turtle" if look in {"group", "workers", "WebID"} else "application/json"
    hostile.answer = lambda: Answer(200, {"content-type": kinds}, hostile.chunks(1, 1.0))
    assert not obtained(people, look, hostile)
    assert hostile.now <= 10.0
    assert not believed(people.context)


def test_the_same_way_out_finds_what_is_as_it_should_be(people: People) -> None:
    """So that the tests above fail for the attack, and not for the scene."""
    hostile = Hostile(forever(OUTSIDE), evil)
    look_at_group(people.context, hostile.fetch)
    assert believed(people.context)


def test_an_inbox_that_a_request_names_is_kept_and_never_called(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[object] = []

    def note(*where: object, **_: object) -> list[object]:
        called.append(where)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", note)
    monkeypatch.setattr(socket.socket, "connect", note)
    people.meet()
    home = Home(people.context, people.storage.storage, make_parts(people.context, services=SERVICES))
    question = people.question(f"{people.url}plannen/", inbox="https://169.254.169.254/inbox")
    headers = {
        **who(WORKER, CLIENT, ISSUER),
        "Purpose-Of-Use": PURPOSE,
        "Content-Type": "application/ld+json",
    }
    answer = home.ask("POST", "verzoeken/", headers, json.dumps(question).encode())
    assert answer.status == 201, answer.text
    home.as_owner("PATCH", answer.headers["location"].removeprefix(people.url))
    assert called == []
