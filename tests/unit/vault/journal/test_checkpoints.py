from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.support.journals import entry, make_signer
from tests.support.vaults import BASE_URL, NOON_MS, add_storage, keyring_of
from vault.context import Context
from vault.journal.checkpoints import (
    Checkpoint,
    checkpoint_for,
    make_checkpoint,
    open_signer,
    read_checkpoint,
    read_public_key,
)
from vault.journal.lines import draft_of, hash_text, no_hash, seal_drafts
from vault.model.records import StorageRecord


def url_of(home: StorageRecord) -> str:
    return f"{BASE_URL}{home.storage}/"


def seal(context: Context, home: StorageRecord, *epochs: int) -> bytes:
    with context.catalogue.view() as view:
        head = view.journal_head(home.storage)
    lines = list(seal_drafts([draft_of(entry(home.storage, epoch=epoch)) for epoch in epochs], head))
    context.catalogue.write(lambda tx: tx.seal_lines(home.storage, lines))
    return lines[-1].hash


def made(context: Context, signer: Any = None) -> bytes:
    with context.catalogue.view() as view:
        document = make_checkpoint(view, BASE_URL, NOON_MS, signer or make_signer())
    assert document is not None
    return document


def found(document: bytes, home: StorageRecord) -> Checkpoint:
    checkpoint = checkpoint_for(document, url_of(home))
    assert checkpoint is not None
    return checkpoint


def test_without_storages_there_is_no_checkpoint(context: Context) -> None:
    with context.catalogue.view() as view:
        assert make_checkpoint(view, BASE_URL, NOON_MS, make_signer()) is None


def test_a_leaf_is_the_state_of_its_journal(context: Context, home: StorageRecord) -> None:
    head = seal(context, home, 4, 7)
    leaf = found(made(context), home).leaf
    assert (leaf.sequence, leaf.epoch, leaf.head) == (2, 7, hash_text(head))


def test_an_empty_journal_has_a_leaf_too(context: Context, home: StorageRecord) -> None:
    leaf = found(made(context), home).leaf
    assert (leaf.sequence, leaf.epoch, leaf.head) == (0, home.epoch, hash_text(no_hash))


def test_every_storage_finds_her_leaf_in_the_tree(context: Context, home: StorageRecord) -> None:
    others = [add_storage(context) for _ in range(4)]
    document = made(context)
    for storage in (home, *others):
        checkpoint = found(document, storage)
        assert checkpoint.leads_to_root()
        assert checkpoint.tree_size == 5


def test_what_one_owner_gets_names_nobody_else(context: Context, home: StorageRecord) -> None:
    other = add_storage(context)
    assert str(other.storage) not in json.dumps(found(made(context), home).as_json())


def test_a_storage_made_later_is_not_in_it(context: Context, home: StorageRecord) -> None:
    document = made(context)
    assert checkpoint_for(document, url_of(add_storage(context))) is None


def test_a_journal_that_cannot_be_read_keeps_no_other_from_its_checkpoint(
    context: Context, home: StorageRecord, caplog: pytest.LogCaptureFixture
) -> None:
    other = add_storage(context)
    for storage in (home, other):
        seal(context, storage, 3)
    keyring_of(context).destroy(other.storage)
    document = made(context)
    assert found(document, home).leads_to_root()
    assert checkpoint_for(document, url_of(other)) is None
    (record,) = caplog.records
    assert record.__dict__["count"] == 1


def test_salts_are_new_at_each_checkpoint(context: Context, home: StorageRecord) -> None:
    one, other = found(made(context), home), found(made(context), home)
    assert one.leaf.salt != other.leaf.salt
    assert one.root != other.root


def test_the_signature_is_over_time_size_and_root(context: Context, home: StorageRecord) -> None:
    signer = make_signer()
    key = read_public_key(signer.public_pem)
    checkpoint = found(made(context, signer), home)
    assert checkpoint.is_signed_by(key)
    assert not checkpoint.is_signed_by(read_public_key(make_signer().public_pem))
    written = checkpoint.as_json()
    for change in ({"time": "x"}, {"treeSize": 9}, {"root": hash_text(no_hash)}, {"signature": "ed25519:00"}):
        assert not read_checkpoint(written | change).is_signed_by(key)
    for signature in (checkpoint.signature[8:], checkpoint.signature.upper(), checkpoint.signature + "zz"):
        assert not read_checkpoint(written | {"signature": signature}).is_signed_by(key)


def test_a_checkpoint_is_read_back_as_it_was_written(context: Context, home: StorageRecord) -> None:
    checkpoint = found(made(context), home)
    assert read_checkpoint(json.loads(json.dumps(checkpoint.as_json()))) == checkpoint


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.pop("leaf"),
        lambda d: d["leaf"].pop("salt"),
        lambda d: d["leaf"].update(extra=1),
        lambda d: d["leaf"].update(sequence="1"),
        lambda d: d["leaf"].update(head="x"),
        lambda d: d.update(treeSize=True),
        lambda d: d.update(root=None),
        lambda d: d.update(time=3),
        lambda d: d.update(path=["x"]),
        lambda d: d.update(path=3),
    ],
)
def test_what_is_no_checkpoint_is_not_read_as_one(example: Any, change: Any) -> None:
    document = copy.deepcopy(example["ijkpunt"]) | {"signature": ""}
    change(document)
    with pytest.raises(ValueError, match=r"checkpoint|hash"):
        read_checkpoint(document)


@pytest.mark.parametrize(
    "change", [{"leafIndex": 1}, {"treeSize": 9}, {"path": []}, {"root": "sha256:" + "0" * 64}]
)
def test_a_change_of_the_domain_example_is_noticed(example: Any, change: Any) -> None:
    assert not read_checkpoint(example["ijkpunt"] | {"signature": ""} | change).leads_to_root()


def test_a_change_of_a_leaf_is_noticed(example: Any) -> None:
    document = example["ijkpunt"] | {"signature": ""}
    for name, value in {"storage": "x", "sequence": 1, "epoch": 1, "salt": "x"}.items():
        changed = document | {"leaf": document["leaf"] | {name: value}}
        assert not read_checkpoint(changed).leads_to_root()


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "signing.pem"
    made = open_signer(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert open_signer(path).public_pem == made.public_pem
    assert "PRIVATE" not in repr(made)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    other = generate_private_key(SECP256R1())
    path = tmp_path / "signing.pem"
    path.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(ValueError, match="Ed25519"):
        open_signer(path)
    with pytest.raises(ValueError, match="Ed25519"):
        read_public_key(other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
