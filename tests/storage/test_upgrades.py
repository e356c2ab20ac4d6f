"""Data made by an earlier version opens, migrates and reads as before; its server ended by kill -9, its lines waiting."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pod_server.identity.credentials import find as find_credential
from pod_server.settings import open_settings
from pod_server.wiring import identity_parts
from tests.support.data_fixtures import OldData, caller_of, fixture_versions, open_fixture
from vault.errors import VaultError
from vault.grants.known import known_grants
from vault.grants.written import write_grant
from vault.journal.checkpoints import open_signer
from vault.journal.export import export
from vault.journal.seal import Sealer
from vault.journal.verify import verify
from vault.model.identifiers import identifier_from_url
from vault.model.operation import Read
from vault.model.outcome import Found
from vault.service import perform


@pytest.fixture(params=fixture_versions())
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OldData]:
    made = open_fixture(request.param, tmp_path / "data")
    yield made
    made.stores.catalogue.close()


def read(old: OldData, url: str, who: str = "owner", media_type: str | None = None) -> Found:
    """Read as somebody; the stored form, or the one that is named."""
    decision = next(one for one in old.found["decisions"] if one["who"] == who)
    operation = Read(
        identifier_from_url(url, old.context.base_url), lambda types: media_type or next(iter(types))
    )
    found = perform(old.context, operation, caller_of(old, decision))
    assert isinstance(found, Found)
    return found


def test_every_version_is_kept() -> None:
    assert fixture_versions() == ["0.1.0", "0.2.0"]


def test_every_document_reads_byte_for_byte(old: OldData) -> None:
    documents = old.found["documents"]
    assert len(documents) >= 5
    for document in documents:
        found = read(old, document["url"])
        body = found.body + b"".join(found.rest or ())
        assert (found.media_type, len(body)) == (document["media_type"], document["size"])
        assert hashlib.sha256(body).hexdigest() == document["sha256"], document["url"]


def test_what_was_removed_stays_away(old: OldData) -> None:
    for url in old.found["absent"]:
        with pytest.raises(VaultError):
            read(old, url)


def test_acls_say_what_they_said(old: OldData) -> None:
    for url, text in old.found["acls"].items():
        assert read(old, f"{url}.acl", media_type="text/turtle").body.decode() == text


def test_everybody_may_what_she_might(old: OldData) -> None:
    decisions = old.found["decisions"]
    assert {one["allowed"] for one in decisions} == {True, False}
    for decision in decisions:
        operation = Read(
            identifier_from_url(decision["url"], old.context.base_url), lambda types: next(iter(types))
        )
        try:
            perform(old.context, operation, caller_of(old, decision))
            allowed = True
        except VaultError:
            allowed = False
        assert allowed == decision["allowed"], (decision["who"], decision["url"])


def test_grants_are_those_that_were_given(old: OldData) -> None:
    with old.context.catalogue.view() as view:
        storage = identifier_from_url(old.found["pod"], old.context.base_url).storage
        kept = {known.grant.id: write_grant(known.grant) for known in known_grants(view, storage)}
    listed = old.found["grants"]
    assert len(listed) == len(kept) == 2
    for grant in listed:
        members = set(kept[grant["id"]]) - {"@context"}
        assert {name: grant[name] for name in members} == {name: kept[grant["id"]][name] for name in members}


def test_the_register_still_knows_the_organisation(old: OldData) -> None:
    with old.context.catalogue.view() as view:
        assert view.register().find(old.found["organisation"]) is not None


def test_waiting_lines_are_sealed_and_the_journal_verifies(old: OldData) -> None:
    context, folder = old.context, old.stores.folder
    storage = identifier_from_url(old.found["pod"], context.base_url).storage
    Sealer(context.catalogue, old.stores.keyring, context.clock, folder.intake).seal_all()
    with context.catalogue.view() as view:
        rows = b"".join(export(view, context.base_url, storage, "2026-11-29T00:00:00.000Z"))
    report = verify(rows, open_signer(folder.signing_key).public_pem)
    before = old.found["journal"]
    assert report.ok, report.faults
    assert report.count > before["sequence"], "lines of the intake came after it"
    lines = [json.loads(row) for row in rows.splitlines()]
    assert [one["hash"] for one in lines if one.get("sequence") == before["sequence"]] == [before["hash"]]


def test_client_credentials_still_fit(old: OldData) -> None:
    settings = open_settings(old.folder, {})
    parts = identity_parts(settings, old.stores)
    for account in old.found["accounts"]:
        program = find_credential(parts, account["client_id"])
        assert program is not None
        assert program.iri == account["client"]
        assert program.check_client_secret(account["client_secret"])
    parts.replay.close()
