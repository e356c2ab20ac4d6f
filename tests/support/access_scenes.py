"""Generated storages, as texts: trees of containers with ACLs, groups of three kinds, a register, and requests.

All that is random comes from one `Random`, so that a scene is made again from the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from random import Random

from tests.support.naive_access import NaiveOrganisation, NaiveRequest
from tests.support.vaults import BASE_URL, ISSUER_URL
from vocab.namespaces import ACL, FOAF, RDF, VCARD, WK, WKT, XSD

NOW = 1_790_000_000
HOME, NEXT = "abcdefghjkmnpqrs", "bcdefghjkmnpqrst"
ROOT, NEXT_ROOT = f"{BASE_URL}{HOME}/", f"{BASE_URL}{NEXT}/"
OWNER, NEIGHBOUR = f"{ROOT}profiel/card#me", f"{NEXT_ROOT}profiel/card#me"
ALICE, BOB, EVE = (
    "https://work.example/alice#me",
    "https://work.example/bob#me",
    "https://else.example/eve#me",
)
PATHS = ("", "a/", "a/b/", "a/b/c/", "a/b/c/g", "a/b/e", "a/d", "f", "a/team", "a/b/nothing", "z/y/x")
AGENTS = (OWNER, ALICE, BOB, EVE, NEIGHBOUR)
ISSUERS = (ISSUER_URL, "https://work.example/", "https://else.example/")
CLIENTS = ("https://app.example/id", "https://other.example/id")
ORIGINS = ("https://app.example", "https://other.example")
ORGANISATIONS = ("https://work.example/one", "https://work.example/two")
WORKERS = tuple(f"{iri}/workers" for iri in ORGANISATIONS)
HERE, NEXT_DOOR = f"{ROOT}a/team#g", f"{NEXT_ROOT}team"
REMOTE = tuple(f"https://groups.example/{name}#g" for name in ("one", "two"))
GROUPS = (*WORKERS, HERE, HERE, NEXT_DOOR, NEXT_DOOR, *REMOTE)
PURPOSES = (
    WK["doel-ondersteuning-geven"],
    WK["doel-samenwerken-plan"],
    WK["doel-jeugdhulp"],
    "https://w3id.org/dpv#ServiceProvision",
    WK.base + "doel-dat-niet-bestaat",
)
MODES = ("Read", "Append", "Write", "Control")
FAULTS: tuple[list[str], ...] = (
    [],
    [f"<{ACL.client}> <{CLIENTS[0]}>"],
    [f"<{RDF.type}> <https://else.example/WeatherCondition>"],
    [f"<{RDF.type}> <{ACL.ClientCondition}>"],
    [f"<{RDF.type}> <{ACL.ClientCondition}>", f'<{ACL.client}> "{CLIENTS[0]}"'],
    [f"<{RDF.type}> <{ACL.ClientCondition}>", f"<{ACL.client}> <x:a>", f'<{ACL.client}> "{CLIENTS[1]}"'],
    [f"<{RDF.type}> <{ACL.ClientCondition}>", f'<{ACL.clientGroup}> "{HERE}"'],
    [f"<{RDF.type}> <{ACL.ClientCondition}>", f"<{ACL.clientClass}> <{ACL.AuthenticatedAgent}>"],
    [f"<{RDF.type}> <{ACL.ClientCondition}>", f"<{ACL.agentGroup}> <{HERE}>"],
    [f"<{RDF.type}> <{ACL.IssuerCondition}>", f"<{RDF.type}> <{ACL.ClientCondition}>"],
    [f"<{RDF.type}> <{ACL.IssuerCondition}>", f"<{ACL.issuer}> <x:i>", f"<{ACL.clientClass}> <{FOAF.Agent}>"],
    [f"<{RDF.type}> <{ACL.IssuerCondition}>", f"<{ACL.issuer}> <x:i>", f'<{ACL.issuerClass}> "{FOAF.Agent}"'],
    [f"<{RDF.type}> <{WKT.TimeCondition}>"],
    [f"<{RDF.type}> <{WKT.TimeCondition}>", f'<{WKT.notAfter}> "2030-01-01T00:00:00"^^<{XSD.dateTime}>'],
    [f"<{RDF.type}> <{WKT.TimeCondition}>", f'<{WKT.notAfter}> "2030-01-01"^^<{XSD.date}>'],
    [f"<{RDF.type}> <{WKT.TimeCondition}>", f'<{WKT.notAfter}> "2030-01-01T00:00:00.5Z"^^<{XSD.dateTime}>'],
    [f"<{RDF.type}> <{WKT.PurposeCondition}>", f'<{WKT.strict}> "false"^^<{XSD.boolean}>'],
    [f"<{RDF.type}> <{WKT.PurposeCondition}>", f"<{WKT.purpose}> <{PURPOSES[0]}>", f'<{WKT.strict}> "false"'],
    [f"<{RDF.type}> <{WKT.OrganisationCondition}>", *(f"<{WKT.organisation}> <{o}>" for o in ORGANISATIONS)],
)


@dataclass(frozen=True)
class Written:
    """An ACL in N-Triples, and who wrote it; None: the server."""

    text: str
    writer: str | None


@dataclass(frozen=True)
class Scene:
    """Two storages: what is in the first, ACLs and documents by URL; the register; groups of other servers; and those of
    both that more than doubled."""

    paths: frozenset[str]
    acls: dict[str, Written]
    documents: dict[str, str]
    organisations: tuple[NaiveOrganisation, ...]
    elsewhere: dict[str, tuple[frozenset[str], int]]
    paused: frozenset[str]


def make_scene(random: Random) -> Scene:
    """A storage with some resources, ACLs on some of them (the root always), and a neighbour with a group."""
    existing = {"", *random.sample(PATHS[1:9], random.randint(1, 8))}
    existing |= {c for path in existing for c in PATHS if c.endswith("/") and path.startswith(c)}
    urls = [ROOT, *(ROOT + path for path in random.sample(sorted(existing), random.randint(0, 2)))]
    acls = {url: _acl(random, url, random.randint(1, 5)) for url in urls}
    acls[NEXT_ROOT] = _acl(random, NEXT_ROOT, random.randint(0, 2))
    documents = {NEXT_DOOR: _document(random, NEXT_DOOR)}
    if "a/team" in existing:
        documents[f"{ROOT}a/team"] = _document(random, HERE)
    known = tuple(_organisation(random, number) for number in range(random.randint(0, 2)))
    elsewhere = {group: (_members(random), random.choice((0, 600, 600, 601))) for group in REMOTE}
    paused = frozenset(group for group in (*WORKERS, *REMOTE) if random.random() < 0.2)
    return Scene(frozenset(existing), acls, documents, known, elsewhere, paused)


def make_request(random: Random) -> NaiveRequest:
    """A request of anybody; agents of the storage's own issuer have a limit, others have none."""
    agent = random.choice((ALICE, BOB, *AGENTS, None))
    mostly = ISSUER_URL if agent in {OWNER, NEIGHBOUR} else ISSUERS[1]
    issuer = None if agent is None else random.choice((mostly, mostly, *ISSUERS))
    limit = None
    if issuer == ISSUER_URL:
        modes = random.choice((MODES, MODES, ("Read",), ("Read", "Write"), ()))
        limit = (frozenset(modes), random.choice((None, None, ("a/b/",), ("f/", "a/"), ())))
    client = None if agent is None else random.choice((None, *CLIENTS, CLIENTS[0]))
    if issuer == ISSUER_URL and client is None:
        # No limit can be recorded for an app without a name: it may do nothing.
        limit = (frozenset(), ())
    purpose = random.choice((None, *PURPOSES, PURPOSES[1]))
    origin = random.choice((None, None, None, *ORIGINS))
    return NaiveRequest(agent, client, issuer, purpose, origin, NOW + random.randint(-3, 3), limit)


def _some(random: Random, values: Sequence[str], most: int = 2) -> list[str]:
    return random.sample(values, random.randint(1, min(most, len(values))))


def _iris(predicate: str, values: Sequence[str]) -> list[str]:
    return [f"<{predicate}> <{value}>" for value in values]


def _members(random: Random) -> frozenset[str]:
    return frozenset(_some(random, (*AGENTS[1:], *CLIENTS, *ISSUERS), 6))


def _document(random: Random, group: str) -> str:
    """A document that mostly describes this group, sometimes another, no group at all, or members that are none."""
    fault = random.randint(0, 9)
    named = REMOTE[0] if fault == 0 else group
    parts = [] if fault == 1 else [f"<{RDF.type}> <{VCARD.Group}>"]
    members = _iris(VCARD.hasMember, sorted(_members(random)))
    parts += [f'<{VCARD.hasMember}> "{ALICE}"'] if fault == 2 else members
    return "\n".join(f"<{named}> {part} ." for part in parts)


def _acl(random: Random, url: str, count: int) -> Written:
    lines = [line for number in range(count) for line in _authorization(random, f"{url}.acl#r{number}", url)]
    return Written("\n".join(lines), random.choice((None, None, OWNER, ALICE, NEIGHBOUR, FOAF.Agent)))


def _subjects(random: Random) -> list[str]:
    choices = (
        *(f"<{ACL.agent}> <{agent}>" for agent in AGENTS[1:]),
        f"<{ACL.agent}> <{ALICE}>",
        *(f"<{ACL.agentGroup}> <{group}>" for group in GROUPS),
        f"<{ACL.agentClass}> <{FOAF.Agent}>",
        f"<{ACL.agentClass}> <{ACL.AuthenticatedAgent}>",
    )
    found = _some(random, choices)
    kind = random.randint(0, 9)
    if kind < 2:
        found.append(f"<{ACL.origin}> <{random.choice(ORIGINS)}>")
    return found[-1:] if kind == 0 else found


def _authorization(random: Random, name: str, url: str) -> list[str]:
    rare = random.randint(0, 30)
    target = f"{ROOT}a/d" if rare == 0 else url
    parts = [] if rare == 1 else [f"<{RDF.type}> <{ACL.Authorization}>"]
    scopes = random.choice(((ACL.accessTo, ACL.default), (ACL.accessTo,), (ACL.default,)))
    parts += [f"<{scope}> <{target}>" for scope in scopes]
    modes = _some(
        random, (ACL.Read, ACL.Read, ACL.Append, ACL.Write, ACL.Control, "https://x.example/Dance"), 3
    )
    parts += [] if rare == 2 else _iris(ACL.mode, sorted(set(modes)))
    parts += [] if rare == 3 else _subjects(random)
    lines = [f"<{name}> {part} ." for part in parts]
    kinds = random.sample(list(_CONDITIONS), random.choice((0, 0, 1, 1, 2, 3)))
    conditions = [_CONDITIONS[kind](random) for kind in kinds]
    conditions += [random.choice(FAULTS)] if rare == 4 else []
    for number, condition in enumerate(conditions):
        node = f"_:{name.rpartition('#')[2]}c{number}"
        lines += [f"<{name}> <{ACL.condition}> {node} .", *(f"{node} {part} ." for part in condition)]
    return lines


def _party(random: Random, one: str, group: str, of_class: str, values: Sequence[str]) -> list[str]:
    """Names, groups, the class of everybody, or some of these together."""
    kinds = random.choice(("n", "n", "n", "g", "g", "ng", "c", "nc"))
    parts = _iris(one, _some(random, values)) if "n" in kinds else []
    parts += _iris(group, sorted(set(_some(random, GROUPS)))) if "g" in kinds else []
    return parts + ([f"<{of_class}> <{FOAF.Agent}>"] if "c" in kinds else [])


def _client(random: Random) -> list[str]:
    parts = _party(random, ACL.client, ACL.clientGroup, ACL.clientClass, CLIENTS)
    return [f"<{RDF.type}> <{ACL.ClientCondition}>", *parts]


def _issuer(random: Random) -> list[str]:
    parts = _party(random, ACL.issuer, ACL.issuerGroup, ACL.issuerClass, ISSUERS)
    return [f"<{RDF.type}> <{ACL.IssuerCondition}>", *parts]


def _acting(random: Random) -> list[str]:
    return [
        f"<{RDF.type}> <{WKT.OrganisationCondition}>",
        *_iris(WKT.organisation, _some(random, ORGANISATIONS, 1)),
    ]


def _time(random: Random) -> list[str]:
    bounds = random.choice(((WKT.notBefore,), (WKT.notAfter,), (WKT.notBefore, WKT.notAfter)))
    return [f"<{RDF.type}> <{WKT.TimeCondition}>", *(f"<{bound}> {_moment(random)}" for bound in bounds)]


def _moment(random: Random) -> str:
    zone = random.choice((UTC, timezone(timedelta(hours=1)), timezone(timedelta(hours=-9, minutes=-30))))
    moment = datetime.fromtimestamp(NOW + random.randint(-3, 3), zone)
    return f'"{moment.isoformat()}"^^<{XSD.dateTime}>'


def _purpose(random: Random) -> list[str]:
    strict = random.choice(("", "true", "false", "false", "1", "0"))
    said = [f'<{WKT.strict}> "{strict}"^^<{XSD.boolean}>'] if strict else []
    purposes = _iris(WKT.purpose, _some(random, PURPOSES))
    return [f"<{RDF.type}> <{WKT.PurposeCondition}>", *purposes, *said]


def _organisation(random: Random, number: int) -> NaiveOrganisation:
    return NaiveOrganisation(
        iri=ORGANISATIONS[number],
        group=WORKERS[number],
        issuers=frozenset(_some(random, ISSUERS[1:])),
        clients=frozenset(_some(random, CLIENTS)),
        workers=frozenset(_some(random, AGENTS[1:], 3)),
        is_suspended=random.randint(0, 7) == 0,
        is_fresh=random.randint(0, 7) > 0,
    )


_CONDITIONS: dict[str, Callable[[Random], list[str]]] = {
    "client": _client,
    "issuer": _issuer,
    "organisation": _acting,
    "time": _time,
    "purpose": _purpose,
}
