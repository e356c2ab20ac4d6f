"""Making the people of the demonstration: accounts by the operator's command, everything else over Solid itself."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2

from clients.demo.people import (
    CITIZENS,
    EMPLOYERS,
    PAPERS,
    PASSWORD,
    SAMIRA,
    WORKERS,
    Employer,
    Paper,
    Person,
)
from clients.demo.processes import Addresses, DemoError, clean_environment
from clients.solid.issuers import discover
from clients.solid.login import Credentials
from clients.solid.resources import TURTLE, Representation, create
from clients.solid.session import Connection, Session, sign_in_with_credentials
from vocab.namespaces import ACL, DCT, FOAF, PROV, RDF, SCHEMA, VCARD, WK, XSD

_command_within_s = 60


@dataclass(frozen=True, slots=True)
class Account:
    """What the operator's command tells of a new account, with a session of its own."""

    webid: str
    storage: str
    session: Session


@dataclass(frozen=True, slots=True)
class Folders:
    """The data folders of the two servers."""

    citizens: Path
    organisations: Path


def seed(addresses: Addresses, folders: Folders) -> None:
    """Make all accounts, groups, register entries and documents.

    Raises:
        DemoError: a command of the operator failed.
    """
    with httpx2.Client(timeout=60, trust_env=False) as http:
        make = AccountMaker(http, addresses)
        workers = {
            worker.key: make(folders.organisations, addresses.organisations_issuer, worker)
            for worker in WORKERS
        }
        for employer in EMPLOYERS:
            members = {
                worker: workers[worker.key] for worker in WORKERS if worker.organisation == employer.key
            }
            group = _publish_group(make, folders.organisations, addresses, employer, members)
            _register(folders.citizens, addresses, employer, group)
        citizens = {
            citizen.key: make(folders.citizens, addresses.citizens_issuer, citizen) for citizen in CITIZENS
        }
        _write_papers(citizens[SAMIRA.key])


@dataclass(frozen=True, slots=True)
class AccountMaker:
    """Makes accounts with the operator's command, and signs in with their client credentials."""

    http: httpx2.Client
    addresses: Addresses

    def __call__(self, data: Path, issuer: str, person: Person) -> Account:
        """Make one account."""
        made = command(
            *("account", "create", "--data", str(data), "--name", person.name, "--email", person.login),
            *("--password-stdin", "--client-credentials", "seed", "--json"),
            typed=PASSWORD,
        )
        connection = Connection(self.http, lambda: int(time.time()), (made["pod"], issuer))
        credentials = Credentials(made["client_id"], made["client_secret"])
        session = sign_in_with_credentials(connection, discover(self.http, issuer), credentials)
        return Account(made["webid"], made["pod"], session)


def command(*arguments: str, typed: str = "") -> Mapping[str, Any]:
    """Run the operator's command and read its JSON.

    Raises:
        DemoError: it failed.
    """
    name = " ".join(word for word in arguments[:2] if not word.startswith("-"))
    try:
        done = subprocess.run(  # noqa: S603 -- our own interpreter and module
            [sys.executable, "-m", "pod_server", *arguments],
            input=typed,
            capture_output=True,
            text=True,
            timeout=_command_within_s,
            env=clean_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise DemoError(f"`wijkkluis {name}` did not end in time") from error
    if done.returncode != 0:
        raise DemoError(f"`wijkkluis {name}` failed: {done.stderr.strip()}")
    answer: Mapping[str, Any] = json.loads(done.stdout)
    return answer


def _publish_group(
    make: Callable[[Path, str, Person], Account],
    data: Path,
    addresses: Addresses,
    employer: Employer,
    members: Mapping[Person, Account],
) -> str:
    office = make(data, addresses.organisations_issuer, Person(employer.key, employer.name, employer.key, ""))
    group = f"{office.storage}groepen/{random_name()}"
    create(office.session, Representation(group, TURTLE, _group_document(members).encode()))
    create(office.session, Representation(f"{group}.acl", TURTLE, _public(group, office.webid).encode()))
    return group


def _group_document(members: Mapping[Person, Account]) -> str:
    lines = [f"<> a <{VCARD.Group}> ."]
    for person, account in members.items():
        lines.append(f"<> <{VCARD.hasMember}> <{account.webid}> .")
        lines.append(
            f'<{account.webid}> <{VCARD.fn}> "{person.name}" ; <{VCARD.role}> <{WK.base}{person.role}> .'
        )
    return "\n".join(lines)


def _public(url: str, owner: str) -> str:
    own = f"<{ACL.Read}>, <{ACL.Write}>, <{ACL.Control}>"
    return (
        f"<#owner> a <{ACL.Authorization}> ; <{ACL.agent}> <{owner}> ; <{ACL.accessTo}> <{url}> ; <{ACL.mode}> {own} .\n"
        f"<#all> a <{ACL.Authorization}> ; <{ACL.agentClass}> <{FOAF.Agent}> ; <{ACL.accessTo}> <{url}> ; "
        f"<{ACL.mode}> <{ACL.Read}> .\n"
    )


def _register(data: Path, addresses: Addresses, employer: Employer, group: str) -> None:
    command(
        *("organisation", "add", "--data", str(data), "--name", employer.name, "--kind", employer.kind),
        *("--number", employer.number, "--municipality", employer.municipality),
        *("--issuer", addresses.organisations_issuer, "--group", group),
        *("--client", f"{addresses.professional}client-id"),
        *("--verified-by", "Beheerder van de kluisdienst", "--json"),
    )


def _write_papers(account: Account, papers: Sequence[Paper] = PAPERS) -> None:
    for paper in papers:
        url = account.storage + paper.path.format(id=random_name())
        create(account.session, Representation(url, TURTLE, _paper(paper, account.webid).encode()))


def _paper(paper: Paper, author: str) -> str:
    kind, concept, retention = paper.terms
    created = datetime.fromisoformat(paper.created).isoformat()
    return (
        f"<> <{RDF.type}> <{WK.base}{kind}> ; <{DCT.type}> <{WK.base}{concept}> ;\n"
        f'  <{DCT.title}> "{paper.title}"@nl ; <{SCHEMA.text}> "{paper.text}"@nl ;\n'
        f'  <{PROV.wasAttributedTo}> <{author}> ; <{PROV.generatedAtTime}> "{created}"^^<{XSD.dateTime}> ;\n'
        f"  <{WK.base}bewaren> <{WK.base}{retention}> .\n"
    )


def random_name() -> str:
    """A random name for a document, which says nothing."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "".join(secrets.choice(alphabet) for _ in range(16))
