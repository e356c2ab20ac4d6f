"""Reading the journal through its service, which is for the owner alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pod_server.storages import journal
from tests.support.grants import ORGANISATION, WORKER
from tests.support.journals import entry, make_signer
from tests.support.people import People, document_of, stranger, worker
from tests.support.vaults import NOON_MS, add_storage
from vault.errors import AccessRefused, MethodNotAllowed, NoSuchResource, NotSignedIn, UnacceptableContent
from vault.journal.checkpoints import make_checkpoint, read_checkpoint
from vault.journal.lines import draft_of, no_hash, seal_drafts
from vault.journal.read import page_lines
from vault.model.journal import JournalHead
from vault.model.modes import ALL_MODES
from vault.model.requester import ANONYMOUS, AppLimit, Caller, Declared
from vocab.contexts import SERVICE_CONTEXT


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
    assert (document["@context"], document["type"]) == (SERVICE_CONTEXT, "Journal")
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


def test_the_journal_cannot_be_written(people: People) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        with pytest.raises(MethodNotAllowed) as refused:
            people.call(journal.handle, method)
        assert refused.value.allowed == ("GET", "HEAD", "OPTIONS")


def test_a_part_that_the_journal_does_not_have_is_absent(people: People) -> None:
    with pytest.raises(NoSuchResource):
        people.call(journal.handle, "GET", rest="41")


def test_the_server_itself_has_no_journal(people: People) -> None:
    with pytest.raises(NoSuchResource):
        people.call(journal.handle, "GET", storage=None)
