"""Groups of other servers are fetched as anybody may, kept, and grow old."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pod_server.authentication.errors import CannotFetch
from pod_server.authentication.outbound import FetchedDocument
from pod_server.back_off import BackOff
from pod_server.named_groups import refresh_named_groups
from tests.support.vaults import TestClock, add_resource, add_storage, make_context
from vault.context import Context
from vault.model.identifiers import ResourceIdentifier, random_id
from vault.model.modes import ALL_MODES
from vault.model.organisation import Organisation
from vault.model.records import StorageRecord
from vault.model.rules import CompiledAcl, Rule
from vault.stores.catalogue import SqlCatalogue

WORKER = "https://o.example/worker#me"
TEAM = Organisation(
    iri="https://kluis.example/ns/wijk#o",
    name="Team",
    kind="https://kluis.example/ns/wijk#soort-wijkteam",
    number_kind="KvK",
    number="12345678",
    municipality="Nijmegen",
    issuers=frozenset({"https://o.example/"}),
    clients=frozenset(),
    group="https://o.example/groepen/medewerkers",
    verified_by="somebody",
    verified_at=1,
)


@dataclass
class Web:
    """Documents by URL; what is not there cannot be fetched."""

    documents: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None

    def fetch(self, url: str, *_: object) -> FetchedDocument:
        self.asked.append(url)
        self.meanwhile()
        if url not in self.documents:
            raise CannotFetch("nobody there")
        return FetchedDocument(url, "text/turtle", self.documents[url])


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def context(tmp_path: Path, clock: TestClock) -> Iterator[Context]:
    context = make_context(tmp_path, clock)
    yield context
    assert isinstance(context.catalogue, SqlCatalogue)
    context.catalogue.close()


@pytest.fixture
def home(context: Context) -> StorageRecord:
    return add_storage(context)


@pytest.fixture
def web() -> Web:
    return Web()


NAMED = "https://groups.example/team#team"


def name_group(context: Context, home: StorageRecord, group: str = NAMED) -> None:
    """Let an ACL of a storage name a group."""
    rules = CompiledAcl((Rule("#g", ALL_MODES, groups=frozenset({group})),))
    add_resource(context, ResourceIdentifier(home.storage, random_id()), b"", rules)


def is_member(context: Context, who: str, group: str = NAMED) -> bool:
    with context.catalogue.view() as view:
        return view.is_member(group, who)


def publish_named(web: Web, *members: str) -> None:
    text = " ".join(f"; <http://www.w3.org/2006/vcard/ns#hasMember> <{member}>" for member in members)
    group = f"<#team> a <http://www.w3.org/2006/vcard/ns#Group> {text} ."
    web.documents["https://groups.example/team"] = group.encode()


def test_a_group_of_another_server_that_an_acl_names_is_fetched(
    context: Context, home: StorageRecord, web: Web, clock: TestClock
) -> None:
    name_group(context, home)
    publish_named(web, WORKER)
    refresh_named_groups(context, web.fetch, BackOff())
    assert is_member(context, WORKER)
    with context.catalogue.view() as view:
        assert view.group_fetched_at(NAMED) == clock().wall_s
    publish_named(web)
    refresh_named_groups(context, web.fetch, BackOff())
    assert not is_member(context, WORKER)


def test_groups_of_this_server_and_of_the_register_are_not_fetched_as_others(
    context: Context, home: StorageRecord, web: Web
) -> None:
    context.catalogue.write(lambda tx: tx.put_organisation(TEAM))
    for group in (TEAM.group, f"{context.base_url}{home.storage}/team#team"):
        name_group(context, home, group)
    refresh_named_groups(context, web.fetch, BackOff())
    assert web.asked == []


@pytest.mark.parametrize(
    "text",
    [
        None,
        b"geen turtle",
        b"<#other> a <http://www.w3.org/2006/vcard/ns#Group> .",
        f"<#team> <http://www.w3.org/2006/vcard/ns#hasMember> <{WORKER}> .".encode(),
    ],
)
def test_a_group_that_cannot_be_had_stays_as_it_was_and_grows_old(
    context: Context, home: StorageRecord, web: Web, clock: TestClock, text: bytes | None
) -> None:
    name_group(context, home)
    publish_named(web, WORKER)
    refresh_named_groups(context, web.fetch, BackOff())
    fetched_at = clock().wall_s
    clock.forward(60)
    web.documents.clear()
    if text is not None:
        web.documents["https://groups.example/team"] = text
    refresh_named_groups(context, web.fetch, BackOff())
    assert is_member(context, WORKER)
    with context.catalogue.view() as view:
        assert view.group_fetched_at(NAMED) == fetched_at


def test_an_older_answer_about_a_group_does_not_replace_a_newer_one(
    context: Context, home: StorageRecord, web: Web, clock: TestClock
) -> None:
    name_group(context, home)
    publish_named(web, WORKER)

    def overtake() -> None:
        web.meanwhile = lambda: None
        clock.forward(5)
        refresh_named_groups(context, web.fetch, BackOff())
        publish_named(web)
        clock.forward(-5)

    web.meanwhile = overtake
    refresh_named_groups(context, web.fetch, BackOff())
    assert is_member(context, WORKER)
