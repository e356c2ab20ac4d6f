"""What becomes of groups that are forged, huge or not to be had; the outcomes are in `docs/reference/groups.md`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from pod_server.authentication.errors import CannotFetch
from pod_server.authentication.outbound import FetchedDocument
from pod_server.back_off import BackOff
from pod_server.group_documents import refresh_named_group, refresh_workers
from pod_server.named_groups import refresh_named_groups
from tests.support.grants import CLIENT, GROUP, ISSUER, ORGANISATION, WORKER
from tests.support.groups import group_text
from tests.support.people import COLLEAGUE, People, make_people, worker
from tests.support.vaults import add_resource
from vault.context import Context
from vault.errors import VaultError
from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import AccessMode
from vault.model.organisation import group_lifetime_s
from vault.model.requester import Caller, Credentials, Declared
from vault.model.rules import CompiledAcl, RefusalReason, Rule
from vault.organisations import resolve
from vault.rdf.workers import max_workers

DOCUMENT = "https://groups.example/team"
REMOTE = f"{DOCUMENT}#team"
MEMBER, JOINER = "https://people.example/a#me", "https://people.example/b#me"


@dataclass
class Web:
    """One document, and the URL that answers in the end; None cannot be fetched."""

    body: bytes | None = None
    url: str | None = None
    media_type: str = "text/turtle"
    asked: list[str] = field(default_factory=list)

    def fetch(self, url: str, _accept: str, max_bytes: int) -> FetchedDocument:
        self.asked.append(url)
        if self.body is None or len(self.body) > max_bytes:
            raise CannotFetch("not to be had, or too large")
        return FetchedDocument(self.url or url, self.media_type, self.body)


@pytest.fixture
def people(tmp_path: Path) -> People:
    """A citizen whose rules name a group of another server with one member."""
    made = make_people(tmp_path)
    rules = CompiledAcl((Rule("#g", frozenset({AccessMode.READ}), groups=frozenset({REMOTE})),))
    add_resource(made.context, ResourceIdentifier(made.storage.storage, "plannen/plan"), b"", rules)
    refresh_named_group(made.context, Web(group_text(MEMBER).encode()).fetch, REMOTE)
    return made


def fetch_remote(context: Context, web: Web) -> None:
    refresh_named_group(context, web.fetch, REMOTE)


def fetch_workers(context: Context, web: Web) -> None:
    with context.catalogue.view() as view:
        organisation = view.register().find(ORGANISATION)
    assert organisation is not None
    refresh_workers(context, organisation, web.fetch)


def members(context: Context) -> tuple[set[str], set[str]]:
    """Who of those in these tests is in the remote group, and who works for the organisation."""
    with context.catalogue.view() as view:
        remote = {who for who in (MEMBER, JOINER) if view.is_member(REMOTE, who)}
        workers = {one.webid for one in view.register().membership(ORGANISATION).workers}
    return remote, workers


AS_THEY_WERE = ({MEMBER}, {WORKER, COLLEAGUE})
BOTH = pytest.mark.parametrize("fetch", [fetch_remote, fetch_workers], ids=["remote", "register"])


def both_groups(*who: str) -> str:
    """A document that describes both groups by their full names."""
    return group_text(*who, name=REMOTE) + group_text(*who, name=GROUP)


FORGED = {
    "another server answers, with the full name": Web(
        both_groups(JOINER).encode(), "https://evil.example/team"
    ),
    "another port answers": Web(both_groups(JOINER).encode(), "https://groups.example:8443/team"),
    "it is of no type": Web(
        f"<{REMOTE}> <http://www.w3.org/2006/vcard/ns#hasMember> <{JOINER}> ."
        f"<{GROUP}> <http://www.w3.org/2006/vcard/ns#hasMember> <{JOINER}> .".encode()
    ),
    "it is an organisation": Web(both_groups(JOINER).replace("vcard:Group", "vcard:Organization").encode()),
    "it is of another name": Web(group_text(JOINER, name="#others").encode()),
    "it is no RDF": Web(b"<html>"),
    "it is empty": Web(b""),
    "it is gone": Web(None),
    "it is larger than 512 KiB": Web(both_groups(JOINER).encode() + b" " * 512 * 1024),
}


@BOTH
@pytest.mark.parametrize("forged", FORGED)
def test_what_is_not_the_group_leaves_its_members_as_they_were_and_grows_old(
    people: People, fetch: Callable[[Context, Web], None], forged: str
) -> None:
    before = fetched_at(people.context)
    people.clock.forward(30)
    with pytest.raises((VaultError, CannotFetch)):
        fetch(people.context, FORGED[forged])
    assert members(people.context) == AS_THEY_WERE
    assert fetched_at(people.context) == before


def fetched_at(context: Context) -> tuple[int | None, int | None]:
    with context.catalogue.view() as view:
        return view.group_fetched_at(REMOTE), view.register().membership(ORGANISATION).fetched_at


@pytest.mark.parametrize(
    ("fetch", "group", "most"), [(fetch_remote, REMOTE, 5000), (fetch_workers, GROUP, max_workers)]
)
def test_a_group_may_have_so_many_members_and_not_one_more(
    people: People, fetch: Callable[[Context, Web], None], group: str, most: int
) -> None:
    many = [f"https://m.example/{number}" for number in range(most)]
    with pytest.raises(VaultError):
        fetch(people.context, Web(group_text(*many, JOINER, name=group).encode()))
    assert members(people.context) == AS_THEY_WERE
    fetch(people.context, Web(group_text(*many, name=group).encode()))
    assert members(people.context) != AS_THEY_WERE


def test_somebody_elses_worker_or_a_stranger_in_a_group_does_not_act_for_the_organisation(
    people: People,
) -> None:
    stranger = "https://elsewhere.example/rob/card#me"
    fetch_workers(people.context, Web(group_text(WORKER, stranger, name=GROUP).encode()))
    for issuer, client, reason in (
        ("https://id.elsewhere.example/", CLIENT, RefusalReason.OTHER_ISSUER),
        (ISSUER, "https://app.elsewhere.example/id", RefusalReason.OTHER_CLIENT),
    ):
        caller = Caller(Credentials(stranger, client, issuer), Declared(), "f" * 32)
        with people.context.catalogue.view() as view:
            requester = resolve(view, caller, people.clock())
        assert (requester.organisations, requester.groups) == (frozenset(), frozenset())
        assert requester.not_acting == {ORGANISATION: reason}


def test_a_member_that_could_be_no_webid_is_no_worker(people: People) -> None:
    text = group_text(WORKER, "urn:uuid:1", "mailto:a@b.example", name=GROUP)
    fetch_workers(people.context, Web(text.encode()))
    assert members(people.context)[1] == {WORKER}


def test_a_group_says_nothing_of_the_workers_of_another_organisation(people: People) -> None:
    other = "https://organisations.example/andere/groep"
    fetch_workers(
        people.context, Web((group_text(WORKER, name=GROUP) + group_text(JOINER, name=other)).encode())
    )
    assert members(people.context)[1] == {WORKER}


@BOTH
def test_a_group_that_stays_away_is_nobody_after_ten_minutes(
    people: People, fetch: Callable[[Context, Web], None]
) -> None:
    people.clock.forward(group_lifetime_s)
    with people.context.catalogue.view() as view:
        assert resolve(view, worker(), people.clock()).organisations == {ORGANISATION}
    people.clock.forward(1)
    with pytest.raises(CannotFetch):
        fetch(people.context, Web(None))
    with people.context.catalogue.view() as view:
        assert resolve(view, worker(), people.clock()).organisations == frozenset()


def test_a_group_that_cannot_be_had_is_asked_once_a_minute_and_then_ever_less(people: People) -> None:
    web, back_off, asked_at = Web(None), BackOff(), []
    for _ in range(8 * 60):
        before = len(web.asked)
        refresh_named_groups(people.context, web.fetch, back_off)
        if len(web.asked) > before:
            asked_at.append(people.clock().wall_s)
        people.clock.forward(45)
    pauses = [later - sooner for sooner, later in pairwise(asked_at)]
    assert min(pauses) >= 60
    assert 3600 <= max(pauses) < 3600 + 45
    assert len(web.asked) < 14, "in six hours"
    web.body = group_text(JOINER).encode()
    people.clock.forward(3600)
    refresh_named_groups(people.context, web.fetch, back_off)
    assert members(people.context)[0] == {JOINER}
