"""Keys rest wrapped; small values and hashes are bound to storage and use."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.vaults import make_keyring
from vault.errors import Conflict, Unavailable
from vault.model.identifiers import StorageId
from vault.stores.files import create_file
from vault.stores.keys import Keyring

ALICE, BOB = StorageId("abcdefghjkmnpqrs"), StorageId("bbcdefghjkmnpqrs")


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    made = make_keyring(tmp_path)
    made.create(ALICE)
    made.create(BOB)
    return made


@pytest.mark.parametrize("storage", [ALICE, None])
def test_a_value_comes_back_after_a_restart(
    keyring: Keyring, tmp_path: Path, storage: StorageId | None
) -> None:
    sealed = keyring.encrypt(storage, "name", b"Samira")
    assert b"Samira" not in sealed
    assert make_keyring(tmp_path).decrypt(storage, "name", sealed) == b"Samira"


@pytest.mark.parametrize(("storage", "label"), [(BOB, "name"), (None, "name"), (ALICE, "other")])
def test_a_value_opens_only_for_its_storage_and_use(
    keyring: Keyring, storage: StorageId | None, label: str
) -> None:
    with pytest.raises(Unavailable):
        keyring.decrypt(storage, label, keyring.encrypt(ALICE, "name", b"Samira"))


def test_a_value_cut_short_is_not_authentic(keyring: Keyring) -> None:
    with pytest.raises(Unavailable):
        keyring.decrypt(ALICE, "name", b"short")


def test_hashes_are_stable_and_differ_by_storage_use_and_value(keyring: Keyring, tmp_path: Path) -> None:
    asked = [
        (ALICE, "path", "a"),
        (BOB, "path", "a"),
        (None, "path", "a"),
        (ALICE, "code", "a"),
        (ALICE, "path", "b"),
    ]
    hashes = [keyring.lookup_hash(*question) for question in asked]
    assert len(set(hashes)) == len(asked)
    assert [make_keyring(tmp_path).lookup_hash(*question) for question in asked] == hashes


def test_keys_of_objects_differ_by_storage_and_from_the_file(keyring: Keyring, tmp_path: Path) -> None:
    assert keyring.storage_key(ALICE) != keyring.storage_key(BOB)
    assert keyring.storage_key(ALICE) not in (tmp_path / "keys" / f"{ALICE}.key").read_bytes()


def test_a_storage_gets_one_key_only(keyring: Keyring) -> None:
    before = keyring.storage_key(ALICE)
    with pytest.raises(Conflict):
        keyring.create(ALICE)
    assert keyring.storage_key(ALICE) == before


def test_a_storage_without_a_key_is_unavailable(keyring: Keyring) -> None:
    with pytest.raises(Unavailable):
        keyring.storage_key(StorageId("cbcdefghjkmnpqrs"))


def test_a_wrapped_key_of_another_storage_is_refused(keyring: Keyring, tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    (folder / f"{ALICE}.key").write_bytes((folder / f"{BOB}.key").read_bytes())
    with pytest.raises(Unavailable):
        make_keyring(tmp_path).storage_key(ALICE)


def test_the_root_key_is_for_its_owner_only(keyring: Keyring, tmp_path: Path) -> None:
    assert (tmp_path / "root.key").stat().st_mode & 0o777 == 0o600


def test_every_folder_that_is_made_for_keys_is_for_its_owner_only(tmp_path: Path) -> None:
    data = tmp_path / "data"
    Keyring(data / "keys" / "wrapped", data / "root" / "of" / "all.key")
    made = [path for path in data.rglob("*") if path.is_dir()]
    assert len(made) == 4
    assert {path.stat().st_mode & 0o777 for path in (data, *made)} == {0o700}


def test_a_folder_in_which_somebody_put_the_root_key_stays_as_it_is(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o755)
    Keyring(tmp_path / "keys", shared / "root.key")
    assert shared.stat().st_mode & 0o777 == 0o755


def test_a_lost_root_key_is_never_replaced(keyring: Keyring, tmp_path: Path) -> None:
    (tmp_path / "root.key").unlink()
    with pytest.raises(Unavailable):
        make_keyring(tmp_path)
    assert not (tmp_path / "root.key").exists()


def test_a_root_key_of_another_length_is_refused(keyring: Keyring, tmp_path: Path) -> None:
    (tmp_path / "root.key").write_bytes(b"short")
    with pytest.raises(Unavailable):
        make_keyring(tmp_path)


def test_another_root_key_opens_nothing(keyring: Keyring, tmp_path: Path) -> None:
    sealed = keyring.encrypt(ALICE, "name", b"Samira")
    (tmp_path / "root.key").write_bytes(bytes(32))
    with pytest.raises(Unavailable):
        make_keyring(tmp_path).decrypt(ALICE, "name", sealed)


def test_a_file_made_by_another_process_first_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert create_file(path, b"first")
    assert not create_file(path, b"second")
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]
