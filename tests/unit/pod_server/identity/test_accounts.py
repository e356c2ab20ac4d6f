"""Accounts: an account and its storage are one, and nothing tells who is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from argon2.exceptions import VerificationError

from pod_server.identity import accounts, passwords, records
from pod_server.identity.accounts import NewAccount, authenticate, create_account, find_account, local_webids
from tests.support.identity import BASE_URL, LOGIN, PASSWORD, House, samira
from vault.errors import Conflict, UnacceptableContent, Unavailable


def rows(house: House) -> int:
    with house.parts.database.read() as connection:
        return len(records.find_rows(connection, records.account))


def faults(house: House, new: NewAccount) -> list[tuple[str, str]]:
    with pytest.raises(UnacceptableContent) as caught:
        create_account(house.parts, new)
    return [(violation.field, violation.sentence) for violation in caught.value.violations]


def test_an_account_comes_with_a_storage_of_a_random_id(house: House) -> None:
    made = samira(house)
    with house.parts.context.catalogue.view() as view:
        storage = view.find_storage(made.storage)
    assert storage is not None
    assert (storage.owner, storage.name) == (made.webid, "Samira El Idrissi")
    assert made.webid == f"{BASE_URL}{made.storage}/profiel/card#me"
    assert "amira" not in made.webid


def test_without_a_storage_there_is_no_account(house: House) -> None:
    house.provision_fails = True
    with pytest.raises(Unavailable):
        samira(house)
    assert rows(house) == 0


def test_a_login_name_is_taken_in_whatever_capitals(house: House) -> None:
    samira(house)
    with pytest.raises(Conflict):
        create_account(house.parts, NewAccount("Een ander", " SAMIRA ", PASSWORD))
    assert rows(house) == 1


def test_two_accounts_that_are_made_at_once_do_not_get_one_login_name(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    samira(house)
    monkeypatch.setattr(accounts, "_check_free", lambda *_: None)
    with pytest.raises(Conflict):
        samira(house)
    with house.parts.context.catalogue.view() as view:
        assert len(list(view.storages())) == 1


def test_every_fault_of_a_new_account_is_named_at_its_field(house: House) -> None:
    assert faults(house, NewAccount("\u200b ", "ab", "kort")) == [
        ("name", "empty-or-too-long"),
        ("login", "too-short-or-too-long"),
        ("password", "too-short"),
    ]
    assert faults(house, NewAccount("Samira", None, PASSWORD)) == [("login", "too-short-or-too-long")]


def test_an_account_without_a_password_lets_nobody_in(house: House) -> None:
    made = create_account(house.parts, NewAccount("Kantoor", "kantoor"))
    assert find_account(house.parts, made.id) == made
    assert authenticate(house.parts, "kantoor", "") is None


def test_somebody_gets_in_with_her_login_name_and_password(house: House) -> None:
    assert authenticate(house.parts, " Samira", PASSWORD) is None
    made = samira(house)
    assert authenticate(house.parts, " Samira", PASSWORD) == made
    assert authenticate(house.parts, LOGIN, PASSWORD.upper()) is None


def test_an_unknown_login_name_costs_as_much_work_as_a_wrong_password(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    samira(house)
    checked: list[str] = []

    class Counting:
        def hash(self, _: str) -> str:
            return "nobody"

        def verify(self, kept: str, _: str) -> bool:
            checked.append(kept)
            raise VerificationError

    monkeypatch.setattr(passwords, "HASHER", Counting())
    assert authenticate(house.parts, LOGIN, "wrong") is None
    assert authenticate(house.parts, "somebody else", "wrong") is None
    assert [kept == "nobody" for kept in checked] == [False, True]


def test_a_name_is_kept_without_what_cannot_be_seen() -> None:
    assert accounts.tidy("  Sami\u202era\x00  El\n Idrissi ") == "Samira El Idrissi"


def test_only_webids_of_accounts_are_local(house: House) -> None:
    is_local = local_webids(house.parts.database, BASE_URL, house.now)
    made = samira(house)
    other = made.webid.replace(str(made.storage), "abcdefgh23456789")
    assert is_local(made.webid)
    assert is_local(made.webid)
    for webid in (
        other,
        made.webid.removesuffix("#me"),
        made.webid + "2",
        f"{BASE_URL}x",
        "https://elders.example/#me",
    ):
        assert not is_local(webid)


def test_a_new_account_is_local_at_once_though_its_webid_was_asked_for_before(house: House) -> None:
    is_local = local_webids(house.parts.database, BASE_URL, house.now)
    webid = f"{BASE_URL}abcdefgh23456789/profiel/card#me"
    assert not is_local(webid)
    object.__setattr__(house.parts.context, "new_id", lambda: "abcdefgh23456789")
    assert samira(house).webid == webid
    assert is_local(webid)


def test_names_and_passwords_do_not_stand_on_the_disk(house: House) -> None:
    samira(house)
    files = [path for path in Path(house.folder).rglob("*") if path.is_file()]
    written = b"".join(path.read_bytes() for path in files)
    assert not [
        word for word in (b"Samira", b"samira", b"Idrissi", b"argon2", PASSWORD.encode()) if word in written
    ]


def test_an_account_of_before_has_the_password_it_was_made_with(house: House) -> None:
    made = samira(house)
    plain = json.dumps([made.name, made.login, made.password_hash]).encode()
    sealed = house.parts.cipher.encrypt(None, f"account {made.id}", plain)
    house.parts.database.write(
        lambda connection: records.change_rows(connection, records.account, {"id": made.id}, sealed=sealed)
    )
    assert find_account(house.parts, made.id) == made
