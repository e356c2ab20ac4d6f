"""The way out under the rules of production: resolver and connector are fakes, nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from pod_server.authentication.addresses import is_private_network, is_public
from pod_server.authentication.errors import CannotFetch, ForbiddenUrl
from pod_server.authentication.outbound import Answer, Outbound, OutboundPolicy, Request

PUBLIC = "93.184.215.14"
PRODUCTION = OutboundPolicy()
DEMO = OutboundPolicy(demo_origins=frozenset({"http://localhost:8001"}))


@dataclass
class FakeNetwork:
    """Addresses by host, answers by URL, what was connected to, and a clock that moves with each chunk."""

    hosts: dict[str, Sequence[str]] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    connected: list[tuple[str, str]] = field(default_factory=list)
    unreachable: frozenset[str] = frozenset()
    now: float = 0.0

    def resolve(self, host: str, port: int) -> Sequence[str]:
        assert port > 0
        return self.hosts.get(host, [PUBLIC])

    @contextmanager
    def connect(self, request: Request) -> Iterator[Answer]:
        target = request.target
        self.connected.append((target.host, request.address))
        if request.address in self.unreachable:
            raise CannotFetch("unreachable")
        yield self.answers[f"{target.scheme}://{target.host}:{target.port}{target.path}"]

    def fetch(self, url: str, policy: OutboundPolicy = PRODUCTION, max_bytes: int = 100) -> bytes:
        outbound = Outbound(policy, self.resolve, self.connect, lambda: self.now)
        return outbound.fetch(url, "text/turtle, application/ld+json;q=0.9", max_bytes).body

    def slow_chunks(self, seconds_each: float) -> Iterator[bytes]:
        for _ in range(100):
            self.now += seconds_each
            yield b"x"


def turtle(body: bytes = b"body", status: int = 200, **headers: str) -> Answer:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, {"content-type": "text/turtle; charset=utf-8"} | names, [body])


def to(location: str, status: int = 302) -> Answer:
    return turtle(status=status, location=location)


def test_a_public_https_document_is_fetched_from_the_address_that_was_checked() -> None:
    network = FakeNetwork(answers={"https://pod.example:443/card?x=1": turtle()})
    assert network.fetch("https://pod.example/card?x=1#me") == b"body"
    assert network.connected == [("pod.example", PUBLIC)]


@pytest.mark.parametrize(
    "url",
    [
        "http://pod.example/card",
        "http://localhost:8001/card",
        "ftp://pod.example/",
        "file:///etc/passwd",
        "https://user:secret@pod.example/",
        "https://pod.example\\@evil.example/",
        "https://pod.example/a b",
        "https://pod.example/\r\nX: y",
        "https:///card",
        "https://pod.example:99999/",
        "https://pod_example/",
        "https://" + "a" * 2050,
        "urn:x",
        "",
    ],
)
def test_a_url_that_is_not_plain_https_is_never_fetched(url: str) -> None:
    network = FakeNetwork()
    with pytest.raises(ForbiddenUrl):
        network.fetch(url)
    assert network.connected == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1",
        "169.254.169.254", "192.0.0.192", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1",
        "2002:7f00:1::", "2001::1", "2001:db8::1", "3fff::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0",
        "fec0::1", "ff02::1", "100::1", "5f00::1",
    ],
)  # fmt: skip
def test_a_host_inside_our_network_is_never_connected_to(address: str) -> None:
    network = FakeNetwork(hosts={"evil.example": [PUBLIC, address]})
    with pytest.raises(CannotFetch):
        network.fetch("https://evil.example/")
    assert network.connected == []


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "2a00:1450::1"]
)
def test_an_address_of_the_open_internet_is_public(address: str) -> None:
    assert is_public(address)
    assert not is_private_network(address)


@pytest.mark.parametrize(
    "location",
    [
        "http://pod.example/",
        "http://169.254.169.254/",
        "https://inside.example/",
        "file:///etc/passwd",
        "//inside.example/",
    ],
)
def test_a_redirect_is_checked_as_the_first_url_was(location: str) -> None:
    network = FakeNetwork(
        hosts={"inside.example": ["10.0.0.1"]}, answers={"https://pod.example:443/": to(location)}
    )
    with pytest.raises(CannotFetch):
        network.fetch("https://pod.example/")
    assert network.connected == [("pod.example", PUBLIC)]


def test_three_redirects_are_followed_and_a_fourth_is_not() -> None:
    answers = {f"https://pod.example:443/{number}": to(f"{number + 1}", 303) for number in range(4)}
    network = FakeNetwork(answers=answers | {"https://pod.example:443/4": turtle()})
    assert network.fetch("https://pod.example/1") == b"body"
    with pytest.raises(CannotFetch, match="redirects too often"):
        network.fetch("https://pod.example/0")


def test_a_name_that_changes_its_address_is_resolved_once_for_each_request() -> None:
    """The address that was checked is the one that is connected to: there is no second look-up to rebind."""
    network = FakeNetwork(answers={"https://pod.example:443/": turtle()})
    resolved: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        resolved.append(host)
        return [PUBLIC] if len(resolved) == 1 else ["127.0.0.1"]

    Outbound(PRODUCTION, rebinding, network.connect).fetch("https://pod.example/", "text/turtle", 10)
    assert (resolved, network.connected) == (["pod.example"], [("pod.example", PUBLIC)])


def test_the_next_address_is_tried_when_one_cannot_be_reached() -> None:
    network = FakeNetwork(
        hosts={"pod.example": ["93.184.215.15", PUBLIC]},
        answers={"https://pod.example:443/": turtle()},
        unreachable=frozenset({"93.184.215.15"}),
    )
    assert network.fetch("https://pod.example/") == b"body"


def test_a_host_without_address_cannot_be_fetched() -> None:
    with pytest.raises(CannotFetch, match="no address"):
        FakeNetwork(hosts={"pod.example": []}).fetch("https://pod.example/")


@pytest.mark.parametrize(
    "answer",
    [
        turtle(b"x" * 101),
        turtle(status=404),
        turtle(status=206),
        turtle(content_type="text/html"),
        turtle(content_type=""),
        turtle(content_encoding="gzip"),
        turtle(status=302),
    ],
)
def test_an_answer_that_was_not_asked_for_is_refused(answer: Answer) -> None:
    with pytest.raises(CannotFetch):
        FakeNetwork(answers={"https://pod.example:443/": answer}).fetch("https://pod.example/")


def test_a_body_that_drips_is_given_up() -> None:
    network = FakeNetwork()
    chunks = network.slow_chunks(1.0)
    network.answers["https://pod.example:443/"] = Answer(200, {"content-type": "text/turtle"}, chunks)
    with pytest.raises(CannotFetch, match="too long"):
        network.fetch("https://pod.example/", max_bytes=1000)
    assert network.now <= 9.0


def test_demo_mode_opens_exactly_its_own_loopback_origins() -> None:
    network = FakeNetwork(
        hosts={"localhost": ["127.0.0.1", "::1"]}, answers={"http://localhost:8001/card": turtle()}
    )
    assert network.fetch("http://localhost:8001/card", DEMO) == b"body"
    for url in (
        "http://localhost:8002/",
        "http://127.0.0.1:8001/",
        "https://localhost:8001/",
        "http://pod.example/",
    ):
        with pytest.raises(CannotFetch):
            network.fetch(url, DEMO)


def test_a_demo_origin_that_is_not_on_this_machine_is_refused() -> None:
    network = FakeNetwork(hosts={"localhost": [PUBLIC]})
    with pytest.raises(CannotFetch):
        network.fetch("http://localhost:8001/", DEMO)


def test_an_allowed_host_may_be_in_a_private_network_but_never_on_this_machine() -> None:
    policy = OutboundPolicy(allowed_hosts=frozenset({"intern.example"}))
    network = FakeNetwork(
        hosts={"intern.example": ["10.1.2.3"], "other.example": ["10.1.2.3"]},
        answers={"https://intern.example:443/": turtle()},
    )
    assert network.fetch("https://intern.example/", policy) == b"body"
    with pytest.raises(CannotFetch):
        network.fetch("https://other.example/", policy)
    for address in ("127.0.0.1", "169.254.169.254", "fe80::1"):
        network.hosts["intern.example"] = [address]
        with pytest.raises(CannotFetch):
            network.fetch("https://intern.example/", policy)


def test_only_so_many_documents_are_fetched_at_once() -> None:
    policy = OutboundPolicy(max_at_once=1, total_s=0.01)
    network = FakeNetwork()
    outbound = Outbound(policy, network.resolve, network.connect)

    def nested() -> Iterator[bytes]:
        outbound.fetch("https://pod.example/", "text/turtle", 10)
        yield b""

    network.answers["https://pod.example:443/"] = Answer(200, {"content-type": "text/turtle"}, nested())
    with pytest.raises(CannotFetch, match="too many"):
        outbound.fetch("https://pod.example/", "text/turtle", 10)
