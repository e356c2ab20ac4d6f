"""The journal behind the application: what it answers in, and that no call of anything changes or removes a line."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from pod_server.storages import grants, invitations, journal, previews, relocation, requests
from pod_server.storages.calls import Service
from pod_server.storages.endpoints import ENDPOINTS
from tests.support.asgi import Home, make_home
from tests.support.journals import make_signer
from tests.support.vaults import keyring_of
from vault.journal.demand import sign_checkpoint
from vault.journal.seal import Sealer
from vault.model.journal import SealedLine
from vault.rdf.documents import parse
from vocab.namespaces import WKT

SERVICES: dict[str, Service] = {
    "verzoeken/": requests.handle,
    "toegang/": grants.handle,
    "logboek/": journal.handle,
    ".well-known/wijkkluis/voorbeeld/": previews.handle,
    ".well-known/wijkkluis/uitnodigingen/": invitations.handle,
    ".well-known/wijkkluis/verhuizingen/": relocation.handle,
}


@pytest.fixture
def served(tmp_path: Path) -> Home:
    """A storage with its services, a checkpoint, and lines in its journal: three of its owner, one of a stranger."""
    home = make_home(tmp_path, services=SERVICES)
    for path in ("brieven/a", "brieven/b", "brieven/c"):
        home.put(path)
    home.as_bob("GET", "brieven/a")
    seal(home, tmp_path)
    sign_checkpoint(home.context, make_signer())
    return home


def seal(home: Home, folder: Path) -> None:
    """Seal what waits in the catalogue, and what the intake was told."""
    told = list(home.lines)
    waiting = len(told)
    with home.context.catalogue.view() as view:
        waiting -= len(view.pending_lines(1000))
    refused = told[len(told) - waiting :]
    home.context.catalogue.write(lambda tx: tx.append_lines(refused))
    Sealer(home.context.catalogue, keyring_of(home.context), home.context.clock, folder / "intake").seal_all()


def sealed(home: Home) -> list[SealedLine]:
    with home.context.catalogue.view() as view:
        return list(view.sealed_lines(home.storage))


def test_every_service_is_walked() -> None:
    assert set(SERVICES) <= set(ENDPOINTS)


def test_turtle_json_and_json_ld_say_the_same_lines(served: Home) -> None:
    answers = {
        accept: served.as_owner("GET", "logboek/", {"Accept": accept})
        for accept in ("text/turtle", "application/json", "application/ld+json", "*/*")
    }
    types = [answer.headers["content-type"] for answer in answers.values()]
    assert types == ["text/turtle", "application/json", "application/ld+json", "application/ld+json"]
    assert len(json.loads(answers["application/json"].body)["lines"]) == 4
    triples = parse(answers["text/turtle"].body, "text/turtle", served.url)
    lines = {triple.subject for triple in triples if triple.object == NamedNode(WKT.JournalLine)}
    assert lines == {NamedNode(f"{served.url}logboek/#regel-{number}") for number in range(1, 5)}
    assert "Accept" in answers["*/*"].headers["vary"]


def test_the_checkpoint_is_linked_data_too(served: Home) -> None:
    answer = served.as_owner("GET", "logboek/ijkpunt", {"Accept": "text/turtle"})
    assert answer.status == 200
    assert WKT.treeSize in {
        triple.predicate.value for triple in parse(answer.body, "text/turtle", served.url)
    }


def test_the_head_of_a_page_is_that_of_the_page(served: Home) -> None:
    headers = {"Accept": "text/turtle"}
    got, head = (served.as_owner(method, "logboek/", headers) for method in ("GET", "HEAD"))
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-type"] == "text/turtle"
    assert head.headers["content-length"] == got.headers["content-length"]


def test_what_the_journal_is_not_written_in_is_not_acceptable_and_a_line(served: Home) -> None:
    answer = served.as_owner("GET", "logboek/", {"Accept": "image/png"})
    assert answer.status == 406
    (line,) = (line for line in served.lines if line.trace_id == answer.headers["trace-id"])
    assert (line.activity, line.failed) == ("consult-journal", True)
    assert served.as_bob("GET", "logboek/", {"Accept": "image/png"}).status == 406


def test_pages_and_filters_go_together(served: Home) -> None:
    answer = served.as_owner("GET", "logboek/?activity=create&before=3")
    assert [line["sequence"] for line in json.loads(answer.body)["lines"]] == [2, 1]
    assert served.as_owner("GET", "logboek/?activity=create&sort=x").status == 422


def test_a_checkpoint_asked_for_is_accepted_and_where_it_always_is(served: Home) -> None:
    answer = served.as_owner("POST", "logboek/ijkpunt")
    assert (answer.status, answer.headers["location"]) == (202, f"{served.url}logboek/ijkpunt")
    assert answer.headers["retry-after"] == "1"
    (line,) = (line for line in served.lines if line.trace_id == answer.headers["trace-id"])
    assert line.activity == "sign-checkpoint"
    assert served.as_bob("POST", "logboek/ijkpunt").status == 404
    assert served.ask("POST", "logboek/ijkpunt").status == 401


METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "REDACT")
BODIES: tuple[tuple[str, bytes], ...] = (
    ("application/ld+json", b'{"redacts": 1, "fields": ["agent"], "activity": "redact"}'),
    ("application/merge-patch+json", b'{"status": "Refused", "lines": []}'),
    ("application/sparql-update", b"DELETE WHERE { ?s ?p ?o }"),
    ("text/turtle", b"<#regel-1> a <#Gone> ."),
)
RESTS = ("", "1", "1/", "ijkpunt", "ijkpunt/", ".acl", "1.acl", ".meta", "?redacts=1")


@pytest.mark.parametrize("prefix", SERVICES)
def test_no_method_of_any_service_changes_or_removes_a_line(
    served: Home, prefix: str, tmp_path: Path
) -> None:
    before = sealed(served)
    asks = (served.as_owner, served.as_bob, served.ask)
    for ask, method, rest, (media_type, body) in itertools.product(asks, METHODS, RESTS, BODIES):
        answer = ask(method, prefix + rest, {"Content-Type": media_type, "If-Match": "*"}, body)
        assert answer.status < 500
    assert sealed(served) == before
    assert all(line.redaction is None for line in served.lines)
    seal(served, tmp_path)
    assert sealed(served)[: len(before)] == before


def test_no_method_on_a_resource_changes_or_removes_a_line(served: Home) -> None:
    before = sealed(served)
    for method, path, (media_type, body) in itertools.product(
        METHODS, ("", "brieven/", "brieven/a", "logboek", "Logboek/", "./logboek/", "logboek%2F1"), BODIES
    ):
        answer = served.as_owner(method, path, {"Content-Type": media_type, "Slug": "logboek"}, body)
        assert answer.status < 500
    assert sealed(served) == before
    assert all(line.redaction is None for line in served.lines)
