"""Reading the journal through its service, which is for the owner alone."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from pod_server.storages import journal
from pod_server.storages.calls import Result, ServiceAnswer
from tests.support.grants import ORGANISATION, PURPOSE, WORKER
from tests.support.journals import entry, make_signer
from tests.support.people import People, document_of, stranger, worker
from tests.support.vaults import NOON_MS, add_storage
from vault.errors import (
    AccessRefused,
    MethodNotAllowed,
    NoSuchResource,
    NotSignedIn,
    TooManyRequests,
    UnacceptableContent,
)
from vault.journal.checkpoints import make_checkpoint, read_checkpoint
from vault.journal.demand import asks_checkpoint, checkpoints_in_period
from vault.journal.lines import Line, draft_of, no_hash, seal_drafts, without_values, write_line
from vault.journal.read import page_lines
from vault.model.journal import JournalHead
from vault.model.modes import ALL_MODES
from vault.model.requester import ANONYMOUS, AppLimit, Caller, Declared
from vault.model.rules import RefusalReason
from vault.rdf.documents import parse, to_sorted_ntriples
from vocab.contexts import JOURNAL_CONTEXT, with_contexts
from vocab.media_types import JSON_LD
from vocab.namespaces import ACL, WKT, XSD

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def seal(people: People, count: int = 1) -> None:
    """Put lines about the worker into the journal."""
    one = entry(people.storage.storage, agent=WORKER, organisation=ORGANISATION)
    lines = list(seal_drafts([draft_of(one)] * count, JournalHead(0, no_hash)))
    people.context.catalogue.write(lambda tx: tx.seal_lines(people.storage.storage, lines))


def sign(people: People) -> None:
    """Make a checkpoint."""
    with people.context.catalogue.view() as view:
        made = make_checkpoint(view, people.context.base_url, NOON_MS, make_signer())
    assert made is not None
    people.context.catalogue.write(lambda tx: tx.put_checkpoint(NOON_MS, made))


def test_the_owner_reads_lines_and_who_the_parties_are(people: People) -> None:
    seal(people)
    answer = people.call(journal.handle, "GET")
    document = document_of(answer)
    assert (document["@context"], document["type"]) == (JOURNAL_CONTEXT, "Journal")
    assert [line["agent"] for line in document["lines"]] == [WORKER]
    assert {party["id"] for party in document["parties"]} == {WORKER, ORGANISATION}
    assert "next" not in document
    assert (answer.activity, answer.journalled) == ("consult-journal", False)


def test_salts_do_not_leave_through_the_service(people: People) -> None:
    seal(people)
    (line,) = document_of(people.call(journal.handle, "GET"))["lines"]
    assert "salts" not in line


def test_older_lines_are_where_next_says_with_the_same_filters(people: People) -> None:
    seal(people, page_lines + 1)
    document = document_of(people.call(journal.handle, "GET", query={"agent": WORKER, "before": "102"}))
    assert len(document["lines"]) == page_lines
    url, _, query = document["next"].partition("?")
    assert url == f"{people.url}logboek/"
    assert query.endswith("before=2")
    assert query.startswith("agent=https%3A")
    assert document["id"].partition("?")[0] == url


def test_filters_are_passed_on(people: People) -> None:
    seal(people)
    document = document_of(people.call(journal.handle, "GET", query={"outcome": "refused"}))
    assert document["lines"] == []


def test_an_unknown_filter_is_refused(people: People) -> None:
    with pytest.raises(UnacceptableContent):
        people.call(journal.handle, "GET", query={"sort": "agent"})


def test_the_owner_gets_the_newest_checkpoint_with_her_leaf(people: People) -> None:
    seal(people, 3)
    add_storage(people.context)
    sign(people)
    answer = people.call(journal.handle, "GET", rest="ijkpunt")
    checkpoint = read_checkpoint(document_of(answer))
    assert checkpoint.leads_to_root()
    assert (checkpoint.leaf.storage, checkpoint.leaf.sequence) == (people.url, 3)
    assert answer.activity == "checkpoint"


def test_before_the_first_checkpoint_there_is_none(people: People) -> None:
    with pytest.raises(NoSuchResource):
        people.call(journal.handle, "GET", rest="ijkpunt")


@pytest.mark.parametrize("rest", ["", "ijkpunt", "41", "anything/else"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_to_everybody_else_the_journal_is_not_there(people: People, rest: str, method: str) -> None:
    sign(people)
    people.meet()
    for caller in (worker(), stranger()):
        with pytest.raises(NoSuchResource):
            people.call(journal.handle, method, rest=rest, by=caller)


def test_nobody_reads_it_unless_signed_in(people: People) -> None:
    with pytest.raises(NotSignedIn):
        people.call(journal.handle, "GET", by=Caller(ANONYMOUS, Declared(), "f" * 32))


def test_the_same_webid_from_another_issuer_is_not_the_owner(people: People) -> None:
    forged = replace(people.owner.credentials, issuer="https://elsewhere.example/", is_local=False)
    with pytest.raises(NoSuchResource):
        people.call(journal.handle, "GET", by=replace(people.owner, credentials=forged))


def test_an_app_that_she_did_not_let_read_her_journal_may_not(people: People) -> None:
    app = "https://app.example/id"
    limit = AppLimit(ALL_MODES, None, frozenset({"AccessGrantService"}))
    people.context.catalogue.write(lambda tx: tx.put_app_limit(people.storage.owner, app, limit))
    credentials = replace(people.owner.credentials, client=app, is_trusted_client=False)
    with pytest.raises(AccessRefused):
        people.call(journal.handle, "GET", by=replace(people.owner, credentials=credentials))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize(("rest", "allowed"), [("", ()), ("ijkpunt", ("POST",))])
def test_the_journal_cannot_be_written(
    people: People, method: str, rest: str, allowed: tuple[str, ...]
) -> None:
    if method in allowed:
        return
    with pytest.raises(MethodNotAllowed) as refused:
        people.call(journal.handle, method, rest=rest)
    assert refused.value.allowed == ("GET", "HEAD", "OPTIONS", *allowed)


def test_asking_for_a_checkpoint_is_a_line_that_the_keeper_acts_upon(people: People) -> None:
    answer = people.call(journal.handle, "POST", rest="ijkpunt")
    assert (answer.result, answer.location) == (Result.ACCEPTED, f"{people.url}logboek/ijkpunt")
    assert (answer.journalled, answer.headers) == (True, {"Retry-After": "1"})
    (line,) = people.lines()
    assert asks_checkpoint(line)
    assert (line.agent, line.resource) == (people.storage.owner, answer.location)


def test_a_checkpoint_is_asked_for_only_so_often_in_a_minute(people: People) -> None:
    for _ in range(checkpoints_in_period):
        people.call(journal.handle, "POST", rest="ijkpunt")
    with pytest.raises(TooManyRequests) as refused:
        people.call(journal.handle, "POST", rest="ijkpunt")
    assert 0 < refused.value.retry_after_s <= 60
    assert len(people.lines()) == checkpoints_in_period
    people.clock.forward(refused.value.retry_after_s)
    people.call(journal.handle, "POST", rest="ijkpunt")


def triples_of(answer: ServiceAnswer) -> list[Triple]:
    """What a document says as linked data, with contexts written out as the service does."""
    document = with_contexts(document_of(answer))
    return parse(json.dumps(document).encode(), JSON_LD, "https://base.example/")


def said(triples: list[Triple], line: str) -> dict[str, list[NamedNode | Literal]]:
    """What is said of one line, by property."""
    found: dict[str, list[NamedNode | Literal]] = {}
    for triple in triples:
        assert isinstance(triple.object, NamedNode | Literal)
        if triple.subject == NamedNode(line):
            found.setdefault(triple.predicate.value, []).append(triple.object)
    return found


def keep(people: People, *drafts: Line) -> None:
    """Put drafts into the journal."""
    lines = list(seal_drafts(drafts, JournalHead(0, no_hash)))
    people.context.catalogue.write(lambda tx: tx.seal_lines(people.storage.storage, lines))


def test_a_line_is_linked_data_whose_values_have_the_types_of_the_vocabulary(people: People) -> None:
    full = entry(
        people.storage.storage,
        organisation=ORGANISATION,
        refusal=RefusalReason.TOO_LATE,
        purpose=PURPOSE,
        authorization=f"{people.url}.acl#a",
        grant=f"{people.url}toegang/g",
        legal_basis="https://w3id.org/dpv/legal/eu/gdpr#A6-1-e https://w3id.org/dpv/legal/eu/gdpr#A9-2-h",
        absent=True,
    )
    keep(people, draft_of(full))
    triples = triples_of(people.call(journal.handle, "GET"))
    line = said(triples, f"{people.url}logboek/#regel-1")
    assert line.pop(f"{RDF}type") == [NamedNode(WKT.JournalLine)]
    assert {basis.value for basis in line.pop("https://w3id.org/dpv#hasLegalBasis")} == {
        "https://w3id.org/dpv/legal/eu/gdpr#A6-1-e",
        "https://w3id.org/dpv/legal/eu/gdpr#A9-2-h",
    }
    (hash_,), (before,) = line.pop(WKT.hash), line.pop(WKT.previousHash)
    assert hash_.value.startswith("sha256:")
    assert before == Literal("sha256:" + "0" * 64)
    assert line == {
        WKT.sequence: [Literal("1", datatype=NamedNode(XSD.integer))],
        WKT.time: [Literal("2026-09-21T14:13:20.000Z", datatype=NamedNode(XSD.dateTime))],
        WKT.epoch: [Literal("1", datatype=NamedNode(XSD.integer))],
        WKT.count: [Literal("1", datatype=NamedNode(XSD.integer))],
        WKT.absent: [Literal("true", datatype=NamedNode(XSD.boolean))],
        WKT.traceId: [Literal(full.trace_id)],
        WKT.activity: [Literal("read")],
        WKT.agent: [NamedNode(str(full.agent))],
        WKT.usedClient: [NamedNode(str(full.client))],
        WKT.usedIssuer: [NamedNode(str(full.issuer))],
        WKT.organisation: [NamedNode(ORGANISATION)],
        WKT.mode: [NamedNode(ACL.Read)],
        WKT.resource: [NamedNode(full.resource)],
        WKT.outcome: [NamedNode(WKT.RefusedOutcome)],
        WKT.refusal: [NamedNode(WKT.TooLate)],
        WKT.authorization: [NamedNode(f"{people.url}.acl#a")],
        WKT.grant: [NamedNode(f"{people.url}toegang/g")],
        WKT.declaredPurpose: [NamedNode(PURPOSE)],
    }


def test_every_property_of_a_journal_is_in_the_vocabulary(people: People) -> None:
    seal(people, page_lines + 1)
    sign(people)
    triples = triples_of(people.call(journal.handle, "GET"))
    triples += triples_of(people.call(journal.handle, "GET", rest="ijkpunt"))
    ours = {triple.predicate.value for triple in triples if triple.predicate.value.startswith(WKT.base)}
    assert {iri for iri in ours if iri not in WKT} == set()
    assert {WKT.journalLine, WKT.party, WKT.root, WKT.leaf, WKT.workerGroup} <= ours


def test_the_fast_road_to_triples_gives_what_the_json_ld_processor_gives(people: People) -> None:
    seal(people, 3)
    sign(people)
    for rest in ("", "ijkpunt"):
        answer = people.call(journal.handle, "GET", rest=rest)
        named = json.dumps(document_of(answer)).encode()
        expected = to_sorted_ntriples(parse(named, JSON_LD, "https://base.example/"))
        found = to_sorted_ntriples(triples_of(answer))
        assert len(found.splitlines()) == len(expected.splitlines()) > 10
        assert without_blanks(found) == without_blanks(expected)


def without_blanks(ntriples: bytes) -> list[bytes]:
    """Triples with the names of blank nodes left out."""
    return sorted(re.sub(rb"_:\w+", b"_:", row) for row in ntriples.splitlines())


def test_what_is_no_iri_is_not_said_to_be_one(people: People) -> None:
    keep(people, draft_of(entry(people.storage.storage, client="my app")))
    answer = people.call(journal.handle, "GET")
    (line,) = document_of(answer)["lines"]
    assert (line["usedClientId"], "usedClient" in line) == ("my app", False)
    found = said(triples_of(answer), f"{people.url}logboek/#regel-1")
    assert found[WKT.usedClientId] == [Literal("my app")]


def test_a_value_that_was_taken_away_is_named_and_its_hash_is_no_iri(people: People) -> None:
    (sealed,) = seal_drafts([draft_of(entry(people.storage.storage))], JournalHead(0, no_hash))
    less = replace(sealed, body=write_line(without_values(json.loads(sealed.body), ["agent", "resource"])))
    storage = people.storage.storage
    people.context.catalogue.write(lambda tx: tx.seal_lines(storage, [sealed]))
    people.context.catalogue.write(lambda tx: tx.rewrite_line(storage, less))
    answer = people.call(journal.handle, "GET")
    (line,) = document_of(answer)["lines"]
    assert line["takenAway"] == ["agent", "resource"]
    assert {"agent", "resource"}.isdisjoint(line)
    found = said(triples_of(answer), f"{people.url}logboek/#regel-1")
    assert {value.value for value in found[WKT.takenAway]} == {"agent", "resource"}
    assert WKT.agent not in found


def test_of_lines_whose_time_is_over_nothing_is_shown(people: People) -> None:
    seal(people, 3)
    storage = people.storage.storage
    with people.context.catalogue.view() as view:
        (first, *_) = view.sealed_lines(storage)
    people.context.catalogue.write(lambda tx: tx.rewrite_line(storage, replace(first, body=b"")))
    document = document_of(people.call(journal.handle, "GET"))
    assert [line["sequence"] for line in document["lines"]] == [3, 2]


def test_a_part_that_the_journal_does_not_have_is_absent(people: People) -> None:
    with pytest.raises(NoSuchResource):
        people.call(journal.handle, "GET", rest="41")


def test_the_server_itself_has_no_journal(people: People) -> None:
    with pytest.raises(NoSuchResource):
        people.call(journal.handle, "GET", storage=None)
