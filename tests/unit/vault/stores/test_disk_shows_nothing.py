"""What the stores write shows no name, path, WebID, purpose or text, also not in the write-ahead log."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.vaults import add_resource, add_storage, keyring_of, make_context
from vault.context import Context
from vault.model.identifiers import ResourceIdentifier
from vault.model.journal import JournalEntry, SealedLine
from vault.model.modes import ALL_MODES, AccessMode
from vault.model.organisation import Organisation, Worker
from vault.model.records import DocumentKind, NewRevision, Removal, ServiceDocument, StorageRecord
from vault.model.requester import EVERYTHING
from vault.model.rules import CompiledAcl, PurposeCondition, Rule
from vault.stores.documents import EncryptedDocuments
from vault.stores.objects_folder import FolderStore
from vault.stores.ports import CatalogueTransaction

NAME, PATH, WEBID = "Samira El Idrissi", "plannen/rust-in-huis", "https://team.example/marieke#me"
PURPOSE, TEXT, CODE = "https://kluis.example/ns/begrippen#ZorgPlannen", "Noah slaapt slecht", "QWER2345"
SECRETS = (NAME, PATH, "rust-in-huis", WEBID, PURPOSE, TEXT, CODE, "Marieke Bos", "https://team.example/")
RULES = CompiledAcl(
    (
        Rule(
            f"{WEBID}-rule",
            ALL_MODES,
            frozenset({WEBID}),
            conditions=(PurposeCondition(frozenset({PURPOSE}), True),),
        ),
    )
)
TEAM = Organisation(
    "https://team.example/#org",
    NAME,
    PURPOSE,
    "KvK",
    "12345678",
    NAME,
    frozenset({WEBID}),
    frozenset({WEBID}),
    WEBID,
    NAME,
    1,
)


def forms(secret: str) -> Iterator[bytes]:
    """The secret as it could stand in a file."""
    plain = secret.encode()
    yield from (plain, plain.hex().encode(), secret.encode("utf-16-le"), base64.b64encode(plain)[:-4])


def shown(folder: Path) -> set[str]:
    """Which secrets stand somewhere in a folder."""
    contents = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return {secret for secret in SECRETS if any(form in data for data in contents for form in forms(secret))}


def live(context: Context, folder: Path) -> None:
    """Write every kind of row and an object."""
    home = add_storage(context, NAME)
    documents = EncryptedDocuments(keyring_of(context), FolderStore(folder / "objects"), context.new_id)
    plan = add_resource(context, ResourceIdentifier(home.storage, PATH), b"", RULES)
    gone = add_resource(context, ResourceIdentifier(home.storage, f"{PATH}-2"), b"", RULES)
    stored = documents.write(home.storage, plan.key, "second", (TEXT.encode(),))

    def change(tx: CatalogueTransaction) -> None:
        tx.replace_resource(plan, NewRevision("second", "text/turtle", stored, WEBID, 5))
        tx.delete_resource(gone, Removal(WEBID, 5))
        tx.put_boundaries(home.storage, [PATH])
        tx.put_document(document(home), CODE)
        tx.put_organisation(TEAM)
        tx.put_workers(TEAM.iri, [Worker(WEBID, "Marieke Bos")], 5)
        tx.put_app_limit(WEBID, PURPOSE, EVERYTHING)
        tx.append_lines([replace(entry(home), purpose=PURPOSE, agent=WEBID)])
        tx.seal_lines(home.storage, [SealedLine(1, bytes(32), TEXT.encode())])
        tx.put_checkpoint(5, TEXT.encode())

    context.catalogue.write(change)


def document(home: StorageRecord) -> ServiceDocument:
    """An invitation full of secrets."""
    return ServiceDocument(home.storage, DocumentKind.INVITATION, "id", 1, NAME, WEBID, TEXT.encode(), 5)


def entry(home: StorageRecord) -> JournalEntry:
    """A line full of secrets."""
    return JournalEntry(home.storage, 5, 1, "trace", "create", f"https://v.example/{PATH}", AccessMode.WRITE)


def test_nothing_that_identifies_stands_on_disk(tmp_path: Path) -> None:
    live(make_context(tmp_path), tmp_path)
    assert (tmp_path / "catalogue.sqlite-wal").stat().st_size > 0
    assert shown(tmp_path) == set()


def test_without_encryption_the_same_search_finds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def plainly(_: object, __: bytes, plain: bytes, ___: bytes | None) -> bytes:
        return plain + bytes(16)

    def openly(_: object, __: bytes, sealed: bytes, ___: bytes | None) -> bytes:
        return sealed[:-16]

    class Open:
        """Encrypts nothing."""

        def __init__(self, key: bytes) -> None:
            self.key = key

        encrypt, decrypt = plainly, openly

    monkeypatch.setattr("vault.stores.keys.AESGCM", Open)
    monkeypatch.setattr("vault.stores.encryption.AESGCM", Open)
    live(make_context(tmp_path), tmp_path)
    assert shown(tmp_path) == set(SECRETS) - {CODE}
