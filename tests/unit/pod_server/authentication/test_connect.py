"""Connections over socket pairs: certificate names, cut answers and time, without a network."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from pod_server.authentication.connect import connector, dial, resolve, system_outbound
from pod_server.authentication.errors import CannotFetch, ForbiddenUrl
from pod_server.authentication.outbound import FetchedDocument, Outbound, OutboundPolicy
from pod_server.settings import Settings

PLAIN = OutboundPolicy(demo_origins=frozenset({"http://localhost:8001"}), total_s=5.0)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/turtle\r\n"
Serve = Callable[[socket.socket], None]


def fetch(
    serve: Serve, url: str, policy: OutboundPolicy, tls: ssl.SSLContext | None = None
) -> FetchedDocument:
    """Fetch from a function that plays the server at the other end of a socket pair."""
    ours, theirs = socket.socketpair()
    ours.settimeout(5)
    theirs.settimeout(5)
    thread = threading.Thread(target=_play, args=(serve, theirs))
    thread.start()
    connect = connector(lambda *_: ours, tls or ssl.create_default_context())
    address = "127.0.0.1" if policy.demo_origins else "93.184.215.14"
    try:
        return Outbound(policy, lambda *_: [address], connect).fetch(url, "text/turtle", 1000)
    finally:
        thread.join(10)


def _play(serve: Serve, sock: socket.socket) -> None:
    with closing(sock), suppress(OSError):
        serve(sock)


def answering(answer: bytes, seen: list[bytes] | None = None) -> Serve:
    def serve(sock: socket.socket) -> None:
        request = sock.recv(4096)
        if seen is not None:
            seen.append(request)
        sock.sendall(answer)

    return serve


def test_a_request_says_only_what_it_must() -> None:
    seen: list[bytes] = []
    fetch(answering(HEAD + b"Content-Length: 2\r\n\r\nok", seen), "http://localhost:8001/a?b=c", PLAIN)
    assert seen == [
        b"GET /a?b=c HTTP/1.1\r\nAccept-Encoding: identity\r\nHost: localhost:8001\r\nAccept: text/turtle\r\n"
        b"Connection: close\r\nUser-Agent: wijkkluis\r\n\r\n"
    ]


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 4\r\n\r\nbody",
        b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
    ],
)
def test_a_whole_answer_is_read(rest: bytes) -> None:
    assert fetch(answering(HEAD + rest), "http://localhost:8001/", PLAIN).body == b"body"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        HEAD,
        HEAD + b"\r\nbody",
        HEAD + b"Content-Length: 9\r\n\r\nbody",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n9\r\nbody",
        HEAD + b"X: y\r\n" * 200 + b"\r\n",
    ],
)
def test_an_answer_that_breaks_off_or_makes_no_sense_is_refused(answer: bytes) -> None:
    with pytest.raises(CannotFetch):
        fetch(answering(answer), "http://localhost:8001/", PLAIN)


def test_a_server_that_drips_its_head_is_cut_off_at_the_time_limit() -> None:
    def drip(sock: socket.socket) -> None:
        sock.settimeout(0.02)
        for byte in HEAD * 100:
            sock.send(bytes([byte]))
            with suppress(TimeoutError):
                if sock.recv(4096) == b"":
                    return

    policy = OutboundPolicy(demo_origins=PLAIN.demo_origins, total_s=0.2)
    with pytest.raises(CannotFetch):
        fetch(drip, "http://localhost:8001/", policy)


def certificate(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate for a name, and a client's that trusts its maker."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "pem").write_bytes(pem + private)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "pem")
    return server, ssl.create_default_context(cadata=pem.decode())


def over_tls(context: ssl.SSLContext) -> Serve:
    def serve(sock: socket.socket) -> None:
        with context.wrap_socket(sock, server_side=True) as secured:
            answering(HEAD + b"Content-Length: 4\r\n\r\nbody")(secured)

    return serve


def test_the_name_in_the_certificate_must_be_that_of_the_url(tmp_path: Path) -> None:
    server, client = certificate("pod.example", tmp_path)
    found = fetch(over_tls(server), "https://pod.example/", OutboundPolicy(), client)
    assert found.body == b"body"
    with pytest.raises(CannotFetch):
        fetch(over_tls(server), "https://other.example/", OutboundPolicy(), client)


def test_a_certificate_of_an_unknown_maker_is_refused(tmp_path: Path) -> None:
    server, _ = certificate("pod.example", tmp_path)
    with pytest.raises(CannotFetch):
        fetch(over_tls(server), "https://pod.example/", OutboundPolicy())


def test_every_address_of_a_host_is_found_once_ipv4_first(monkeypatch: pytest.MonkeyPatch) -> None:
    four = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 443))
    six = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2a00:1450::1", 443, 0, 0))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [six, four, four])
    assert resolve("pod.example", 443) == ["93.184.215.14", "2a00:1450::1"]


@pytest.mark.parametrize("failure", [socket.gaierror("unknown"), UnicodeError("label too long")])
def test_a_host_without_address_is_said_so(monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(CannotFetch):
        resolve("weg.example", 443)


def test_a_name_is_never_dialled(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(socket, "create_connection", lambda *given, **more: asked.append((given, more)))
    dial("93.184.215.14", 443, 1.5)
    assert asked == [((("93.184.215.14", 443),), {"timeout": 1.5})]


def test_demo_origins_count_in_demo_mode_only() -> None:
    settings = Settings(
        data="x",
        port=1,
        identity_port=2,
        base_url="http://localhost:1/",
        issuer_url="http://localhost:2/",
        demo_origins=("http://localhost:1/",),
    )
    with pytest.raises(ForbiddenUrl):
        system_outbound(settings).fetch("http://localhost:1/", "text/turtle", 10)
