"""Stopping wins: a decision counts only as long as nothing moved, while reading and while writing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.asgi import BOB, Home, make_home, make_parts, who
from tests.support.vaults import ISSUER_URL, NOON_MS, TestClock
from vault.context import Context
from vault.model.identifiers import StorageId
from vault.model.records import StoredObject
from vault.model.representation import Span
from vault.model.requester import Credentials
from vault.model.rules import RefusalReason

TURTLE = {"Content-Type": "text/turtle"}
BINARY = {"Content-Type": "application/octet-stream"}


class MeddlingDocuments:
    """Documents of a context between whose reads or writes something else happens, once."""

    def __init__(self, context: Context) -> None:
        self.documents = context.documents
        self.meddle: Callable[[], object] = lambda: None
        self.after_bytes = 0

    def write(self, storage: StorageId, key: str, revision: str, chunks: Any) -> StoredObject:
        stored = self.documents.write(storage, key, revision, chunks)
        self._once()
        return stored

    def read(
        self,
        storage: StorageId,
        resource_key: str,
        revision: str,
        stored: StoredObject,
        span: Span | None = None,
    ) -> Iterator[bytes]:
        given = 0
        for chunk in self.documents.read(storage, resource_key, revision, stored, span):
            if given >= self.after_bytes:
                self._once()
            given += len(chunk)
            yield chunk

    def _once(self) -> None:
        meddle, self.meddle = self.meddle, lambda: None
        # Reading happens in the event loop, in which no other request can be made.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(meddle).result()


@pytest.fixture
def meddled(tmp_path: Path) -> tuple[Home, MeddlingDocuments]:
    """A storage where something can happen at an awkward moment."""
    home = make_home(tmp_path)
    documents = MeddlingDocuments(home.context)
    context = replace(home.context, documents=documents)
    return Home(context, home.storage, make_parts(context)), documents


def test_a_read_that_was_stopped_before_its_first_byte_gets_nothing(
    meddled: tuple[Home, MeddlingDocuments],
) -> None:
    home, documents = meddled
    home.put("brieven/a")
    home.let("brieven/a", "Read")
    documents.meddle = lambda: home.let("brieven/a")
    answer = home.as_bob("GET", "brieven/a")
    assert (answer.status, b"Thing" in answer.body) == (403, False)
    (line,) = (line for line in home.lines if line.agent == BOB)
    assert line.refusal is RefusalReason.NO_GRANT


def test_a_read_that_still_may_is_decided_again_and_passes(meddled: tuple[Home, MeddlingDocuments]) -> None:
    home, documents = meddled
    home.put("brieven/a")
    home.let("brieven/a", "Read")
    documents.meddle = lambda: home.let("brieven/a", "Read", "Write")
    answer = home.as_bob("GET", "brieven/a")
    assert (answer.status, answer.headers["wac-allow"]) == (200, 'user="read write append",public=""')
    assert len([line for line in home.lines if line.agent == BOB]) == 1


def test_a_read_of_rules_that_never_stand_still_gives_up(meddled: tuple[Home, MeddlingDocuments]) -> None:
    home, documents = meddled
    home.put("brieven/a")
    home.let("brieven/a", "Read")

    def again() -> None:
        home.context.catalogue.write(lambda tx: tx.raise_storage_epoch(home.storage))
        documents.meddle = again

    documents.meddle = again
    assert home.as_bob("GET", "brieven/a").status == 503


@pytest.mark.parametrize(("modes", "is_whole"), [((), False), (("Read", "Append"), True)])
def test_a_long_read_ends_where_it_would_now_be_refused(
    meddled: tuple[Home, MeddlingDocuments], modes: tuple[str, ...], is_whole: bool
) -> None:
    home, documents = meddled
    body = b"x" * 5_000_000
    home.as_owner("PUT", "brieven/groot", BINARY, [body[n : n + 60_000] for n in range(0, len(body), 60_000)])
    home.let("brieven/groot", "Read")
    documents.after_bytes = 2_500_000
    documents.meddle = lambda: home.let("brieven/groot", *modes)
    answer = home.as_bob("GET", "brieven/groot")
    assert (answer.status, answer.is_whole) == (200, is_whole)
    assert (len(answer.body) == len(body)) == is_whole
    assert len(answer.body) >= 2_000_000


def test_a_long_part_ends_where_it_would_now_be_refused_too(
    meddled: tuple[Home, MeddlingDocuments],
) -> None:
    home, documents = meddled
    body = b"x" * 5_000_000
    home.as_owner("PUT", "brieven/groot", BINARY, [body[n : n + 60_000] for n in range(0, len(body), 60_000)])
    home.let("brieven/groot", "Read")
    documents.after_bytes = 1_500_000
    documents.meddle = lambda: home.let("brieven/groot")
    answer = home.as_bob("GET", "brieven/groot", {"Range": "bytes=100-4000000"})
    assert (answer.status, answer.is_whole) == (206, False)
    assert 1_000_000 <= len(answer.body) < 3_000_000


def test_a_write_that_was_stopped_while_its_body_came_is_not_kept(
    meddled: tuple[Home, MeddlingDocuments],
) -> None:
    home, documents = meddled
    home.put("brieven/a", "<> a <#Eerst> .")
    home.let("brieven/a", "Read", "Write")
    documents.meddle = lambda: home.let("brieven/a", "Read")
    assert home.as_bob("PUT", "brieven/a", TURTLE, b"<> a <#Later> .").status == 403
    assert "Eerst" in home.as_bob("GET", "brieven/a").text
    refused = [line.refusal for line in home.lines if line.agent == BOB and line.activity == "replace"]
    assert refused == [RefusalReason.OTHER_MODE]


def test_a_write_that_still_may_is_decided_again_and_kept(meddled: tuple[Home, MeddlingDocuments]) -> None:
    home, documents = meddled
    home.put("brieven/a")
    home.let("brieven/a", "Write")
    documents.meddle = lambda: home.let("brieven/a", "Read", "Write")
    assert home.as_bob("PUT", "brieven/a", TURTLE, b"<> a <#Later> .").status == 204


@pytest.mark.parametrize("first", ["brieven/a", "brieven/nieuw"])
def test_two_writes_that_meet_do_not_mix(meddled: tuple[Home, MeddlingDocuments], first: str) -> None:
    home, documents = meddled
    home.put("brieven/a")
    documents.meddle = lambda: _other(home, first)
    assert home.as_owner("PUT", first, TURTLE, b"<> a <#Tweede> .").status == 409
    expected = 404 if first == "brieven/a" else 200
    assert home.as_owner("GET", first).status == expected


def _other(home: Home, path: str) -> None:
    if path == "brieven/a":
        home.as_owner("DELETE", path)
    else:
        home.put(path)


@pytest.mark.requirement("protocol", "server-http")
def test_a_condition_is_checked_again_when_the_write_commits(meddled: tuple[Home, MeddlingDocuments]) -> None:
    home, documents = meddled
    tag = home.put("brieven/a").headers["etag"]
    documents.meddle = lambda: home.put("brieven/a")
    assert home.as_owner("PUT", "brieven/a", {**TURTLE, "If-Match": tag}, b"").status == 412


def test_two_edits_of_an_acl_that_meet_do_not_mix(meddled: tuple[Home, MeddlingDocuments]) -> None:
    home, documents = meddled
    home.put("brieven/a")
    home.let("brieven/a", "Read")
    documents.meddle = lambda: home.let("brieven/a", "Write")
    acl = f"<#a> a <http://www.w3.org/ns/auth/acl#Authorization> ; <#bij> <{BOB}> ."
    assert home.as_owner("PUT", "brieven/a.acl", TURTLE, acl.encode()).status == 409
    assert home.as_bob("PUT", "brieven/a", TURTLE, b"").status == 204


def expiring(seconds: int) -> Callable[..., Credentials]:
    """Recognise Bob with a token that ends so many seconds after noon."""
    return lambda _presented, _now: Credentials(BOB, "app", "issuer", expires_at=NOON_MS // 1000 + seconds)


def test_a_token_that_ends_meanwhile_allows_nothing_any_more(tmp_path: Path) -> None:
    clock = TestClock()
    home = make_home(tmp_path, clock)
    home.let("brieven/", "Read", "Write")
    home.put("brieven/a")
    documents = MeddlingDocuments(home.context)
    context = replace(home.context, documents=documents)
    late = Home(context, home.storage, make_parts(context, authenticate=expiring(60)))
    assert late.ask("PUT", "brieven/a", {**who(BOB), **TURTLE}, b"<> a <#Op-tijd> .").status == 204
    documents.meddle = lambda: clock.forward(61)
    assert late.ask("PUT", "brieven/a", {**who(BOB), **TURTLE}, b"<> a <#Te-laat> .").status == 403
    assert "Op-tijd" in home.as_owner("GET", "brieven/a").text


def test_a_time_bound_that_passes_while_writing_is_noticed(tmp_path: Path) -> None:
    clock = TestClock()
    home = make_home(tmp_path, clock)
    home.put("brieven/a")
    until = "2026-09-21T14:13:30Z"
    acl = f"""@prefix acl: <http://www.w3.org/ns/auth/acl#> . @prefix wkt: <https://kluis.example/ns/toegang#> .
<#b> a acl:Authorization ; acl:agent <{BOB}> ; acl:accessTo <a> ; acl:mode acl:Write ; acl:condition
 [ a wkt:TimeCondition ; wkt:notAfter "{until}"^^<http://www.w3.org/2001/XMLSchema#dateTime> ] ."""
    assert home.as_owner("PUT", "brieven/a.acl", TURTLE, acl.encode()).status == 201
    documents = MeddlingDocuments(home.context)
    context = replace(home.context, documents=documents)
    slow = Home(context, home.storage, make_parts(context))
    assert slow.as_bob("PUT", "brieven/a", TURTLE, b"").status == 204
    documents.meddle = lambda: clock.forward(11)
    assert slow.as_bob("PUT", "brieven/a", TURTLE, b"").status == 403
    assert home.lines[-1].refusal in {RefusalReason.TOO_LATE, None}


def test_a_token_of_before_she_ended_everything_is_as_none(home: Home) -> None:
    home.put("brieven/a")
    assert home.as_owner("GET", "brieven/a").status == 200
    home.context.catalogue.write(lambda tx: tx.put_sign_outs(home.owner, 1))
    before = len(home.lines)
    answer = home.as_owner("GET", "brieven/a")
    assert (answer.status, b"Thing" in answer.body) == (401, False)
    assert home.as_owner("PUT", "brieven/b", TURTLE, b"").status == 401
    assert home.as_owner("GET", "toegang/").status == 401
    assert {line.agent for line in home.lines[before:]} == {None}
    home.context.catalogue.write(lambda tx: tx.put_sign_outs(home.owner, 0))
    assert home.as_owner("GET", "brieven/b").status == 404


def test_a_long_read_ends_when_she_ends_everything(meddled: tuple[Home, MeddlingDocuments]) -> None:
    home, documents = meddled
    home.ask("PUT", "brieven/lang", {**who(home.owner, issuer=ISSUER_URL), **BINARY}, b"x" * 3 * 1024 * 1024)
    documents.after_bytes = 1024 * 1024
    documents.meddle = lambda: home.context.catalogue.write(lambda tx: tx.put_sign_outs(home.owner, 1))
    answer = home.as_owner("GET", "brieven/lang")
    assert len(answer.body) < 3 * 1024 * 1024
