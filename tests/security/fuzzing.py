"""Valid requests, and what becomes of them when something goes wrong on the way: the same for the same seed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

TURTLE, JSON_LD, N3 = "text/turtle", "application/ld+json", "text/n3"
METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE", "TRACE", "PROPFIND", "get", "X" * 40)
TYPES = (
    TURTLE,
    JSON_LD,
    N3,
    "application/n-triples",
    "application/sparql-update",
    "application/merge-patch+json",
    "application/json",
    "text/html",
    "application/rdf+xml",
    "multipart/form-data; boundary=x",
    "text/turtle; charset=utf-16",
    "/",
    "a" * 300,
    "",
)
ODD_TEXTS = (
    "",
    "*",
    "\u00e9\u00ff",
    "'\"<>;--",
    "%00",
    "../../etc/passwd",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "9" * 60,
    "-1",
    "\t",
    "x" * 5000,
    '"a", W/"b"',
    "bytes=0-0,5-9",
    "bytes=-0",
    "bytes=99999999999999999999-",
    "sha-256=:AAAA:",
    "sha-256=(1 2)",
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "text/turtle;q=0.1, */*;q=x",
    "<http://www.w3.org/ns/ldp#Container>; rel=type",
)
HEADERS = (
    "Accept",
    "If-Match",
    "If-None-Match",
    "If-Modified-Since",
    "If-Unmodified-Since",
    "If-Range",
    "Range",
    "Content-Digest",
    "Repr-Digest",
    "Want-Repr-Digest",
    "Want-Content-Digest",
    "Content-Type",
    "Content-Encoding",
    "Content-Range",
    "Content-Length",
    "Transfer-Encoding",
    "Slug",
    "Link",
    "Origin",
    "Access-Control-Request-Method",
    "Access-Control-Request-Headers",
    "Purpose-Of-Use",
    "Expect",
    "Host",
    "X-Forwarded-For",
    "X-HTTP-Method-Override",
)
ODD_SEGMENTS = (
    "",
    ".",
    "..",
    "%2e%2e",
    "%2F",
    "%00",
    "a%",
    ".acl",
    ".meta",
    ".well-known",
    "%C3%A9",
    "b\u00fcr",
    "x" * 300,
)


@dataclass(frozen=True)
class Sent:
    """A request: who sends it (a number), to which path below the base URL, and what."""

    who: int
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    parts: tuple[bytes | None, ...] | None = None


def valid_requests(storage: str, people: int, dice: random.Random) -> Sent:
    """One request as a well-behaved client sends it."""
    name = f"{storage}/werk/doc{dice.randrange(30)}"
    turtle = f'<> a <#Brief> ; <#titel> "Brief {dice.randrange(1000)}" .'.encode()
    document = json.dumps({"@id": "", "http://schema.org/name": "Brief"}).encode()
    patch = b"@prefix solid: <http://www.w3.org/ns/solid/terms#> . _:p a solid:InsertDeletePatch ; solid:inserts { <> <#bij> 1 } ."
    update = b"INSERT DATA { <> <#bij> 2 }"
    one = dice.choice(
        (
            Sent(0, "GET", name, {"Accept": dice.choice((TURTLE, JSON_LD, "*/*"))}),
            Sent(0, "GET", name, {"Range": "bytes=0-9"}),
            Sent(0, "HEAD", name),
            Sent(0, "GET", f"{storage}/werk/"),
            Sent(0, "GET", f"{storage}/"),
            Sent(0, "GET", f"{storage}/.acl"),
            Sent(0, "GET", f"{storage}/profiel/card"),
            Sent(0, "GET", f"{storage}/.well-known/solid"),
            Sent(0, "OPTIONS", name),
            Sent(0, "PUT", name, {"Content-Type": TURTLE}, turtle),
            Sent(0, "PUT", name, {"Content-Type": JSON_LD}, document),
            Sent(0, "PUT", f"{name}.bin", {"Content-Type": "image/png"}, bytes(range(256)) * 8),
            Sent(0, "PUT", f"{storage}/werk/map{dice.randrange(5)}/"),
            Sent(0, "POST", f"{storage}/werk/", {"Content-Type": TURTLE, "Slug": "nieuw"}, turtle),
            Sent(0, "PATCH", name, {"Content-Type": N3}, patch),
            Sent(0, "PATCH", name, {"Content-Type": "application/sparql-update"}, update),
            Sent(0, "DELETE", name),
            Sent(0, "GET", f"{storage}/logboek/"),
            Sent(0, "GET", f"{storage}/toegang/"),
            Sent(0, "GET", f"{storage}/verzoeken/"),
            Sent(0, "GET", f"{storage}/.well-known/wijkkluis/voorbeeld/?agent=https%3A%2F%2Fbob.example%2F"),
            Sent(
                0, "POST", f"{storage}/.well-known/wijkkluis/uitnodigingen/", {"Content-Type": JSON_LD}, b"{}"
            ),
            Sent(0, "POST", f"{storage}/toegang/", {"Content-Type": JSON_LD}, document),
            Sent(0, "POST", f"{storage}/verzoeken/", {"Content-Type": JSON_LD}, document),
        )
    )
    # The first of the people may most, so that most of what is asked has an answer.
    return replace(one, who=min(dice.randrange(people * 2), people - 1) if dice.random() < 0.4 else 0)


def mutated(one: Sent, paths: Sequence[str], dice: random.Random) -> Sent:
    """The request with something wrong in it, perhaps at several places; `paths` are of other resources."""
    for _ in range(dice.choice((0, 0, 1, 1, 2, 3))):
        one = dice.choice(_MUTATIONS)(one, paths, dice)
    return one


def _other_method(one: Sent, _: Sequence[str], dice: random.Random) -> Sent:
    return replace(one, method=dice.choice(METHODS))


def _other_path(one: Sent, paths: Sequence[str], dice: random.Random) -> Sent:
    return replace(one, path=dice.choice(paths))


def _odd_path(one: Sent, _: Sequence[str], dice: random.Random) -> Sent:
    pieces = one.path.split("/")
    at = dice.randrange(1, len(pieces)) if len(pieces) > 1 else 0
    change: Callable[[], list[str]] = dice.choice(
        (
            lambda: [*pieces[:at], dice.choice(ODD_SEGMENTS), *pieces[at:]],
            lambda: [*pieces[:at], pieces[at] + dice.choice(ODD_SEGMENTS), *pieces[at + 1 :]],
            lambda: [*pieces, ""],
            lambda: [*pieces[:-1], f"{pieces[-1]}?{dice.choice(ODD_TEXTS)}={dice.choice(ODD_TEXTS)}"],
            lambda: pieces * 40,
        )
    )
    return replace(one, path="/".join(change()))


def _odd_header(one: Sent, _: Sequence[str], dice: random.Random) -> Sent:
    name, value = dice.choice(HEADERS), dice.choice((*ODD_TEXTS, *TYPES))
    return replace(one, headers={**one.headers, name: value})


def _many_headers(one: Sent, _: Sequence[str], dice: random.Random) -> Sent:
    more = {f"X-{number}": "y" for number in range(dice.choice((5, 200)))}
    return replace(one, headers={**one.headers, **more})


def _other_type(one: Sent, _: Sequence[str], dice: random.Random) -> Sent:
    return replace(one, headers={**one.headers, "Content-Type": dice.choice(TYPES)})


def _other_body(one: Sent, _: Sequence[str], dice: random.Random) -> Sent:
    body = bytearray(one.body or b"<> a <#Iets> .")
    at = dice.randrange(len(body)) if body else 0
    change: Callable[[], bytes] = dice.choice(
        (
            lambda: bytes(body[:at]),
            lambda: bytes(body[:at]) + dice.randbytes(3) + bytes(body[at:]),
            lambda: bytes(body) * 50,
            lambda: b"[" * dice.choice((10, 3000)) + bytes(body),
            lambda: b"<<( " * dice.choice((3, 500)),
            lambda: b'{"@context": "https://elders.example/context", "@id": ""}',
            lambda: dice.randbytes(200),
            lambda: b"",
        )
    )
    return replace(one, body=change(), parts=None)


def _in_parts(one: Sent, _: Sequence[str], dice: random.Random) -> Sent:
    body = one.body or b"x" * 100
    at = dice.randrange(len(body)) if body else 0
    cut: tuple[bytes | None, ...] = (None,) if dice.random() < 0.3 else ()
    return replace(one, parts=(body[:at], b"", body[at:], *cut))


def _somebody_else(one: Sent, _: Sequence[str], dice: random.Random) -> Sent:
    return replace(one, who=dice.randrange(4))


_MUTATIONS: tuple[Callable[[Sent, Sequence[str], random.Random], Sent], ...] = (
    _other_method,
    _other_path,
    _odd_path,
    _odd_header,
    _odd_header,
    _many_headers,
    _other_type,
    _other_body,
    _in_parts,
    _somebody_else,
)
