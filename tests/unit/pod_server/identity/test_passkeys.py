"""Passkeys: only a device that was added signs in, only here, only to a fresh challenge, and only when it knew its holder."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import webauthn
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from webauthn.helpers import encode_cbor

from pod_server.identity import passkey_answers, passkey_challenges, passkeys, records
from pod_server.identity.accounts import Account, NewAccount, create_account
from pod_server.identity.passkey_answers import (
    InvalidPasskey,
    check_answer,
    check_creation,
    read_claim,
    site_of,
)
from pod_server.identity.passkeys import Answer, Passkey
from tests.support.authenticators import Authenticator, decoded, encoded
from tests.support.identity import PASSWORD, House, samira
from vault.errors import Conflict

TRACE = "a" * 32
CHALLENGE = b"c" * 32
HERE = site_of("https://id.example/", "Wijkkluis")


def added(house: House, account: Account, device: Authenticator) -> Passkey:
    options = passkeys.options_to_add(house.parts, account, CHALLENGE)
    answer = Answer(CHALLENGE, device.create(options), TRACE)
    return passkeys.add(house.parts, account, answer, "Mijn telefoon")


def used(house: House, device: Authenticator, **changed: Any) -> Passkey:
    options = passkeys.options_to_use(house.parts, CHALLENGE)
    return passkeys.check(house.parts, Answer(CHALLENGE, device.get(options, **changed), TRACE))


def test_a_device_that_was_added_signs_in_as_its_owner(house: House) -> None:
    account, device = samira(house), Authenticator()
    made = added(house, account, device)
    house.now_s += 60
    assert used(house, device).id == made.id
    [kept] = passkeys.passkeys_of(house.parts, account.id)
    assert (kept.name, kept.account, kept.sign_count) == ("Mijn telefoon", account.id, 1)
    assert (kept.created_s, kept.used_s) == (house.now_s - 60, house.now_s)
    assert kept.transports == ("internal",)


def test_a_device_is_asked_to_know_its_holder_and_to_keep_the_passkey(house: House) -> None:
    account, device = samira(house), Authenticator()
    added(house, account, device)
    asked = json.loads(passkeys.options_to_add(house.parts, account, CHALLENGE))
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["attestation"] == "none"
    assert [decoded(one["id"]) for one in asked["excludeCredentials"]] == [device.credential_id]
    assert decoded(asked["challenge"]) == CHALLENGE


def test_signing_in_asks_any_device_and_names_nobody(house: House) -> None:
    added(house, samira(house), Authenticator())
    asked = json.loads(passkeys.options_to_use(house.parts, CHALLENGE))
    assert asked["allowCredentials"] == []
    assert asked["userVerification"] == "required"
    assert asked["rpId"] == "id.example"


@pytest.mark.parametrize(
    "changed",
    [
        {"rp_id": "elders.example"},
        {"challenge": encoded(b"d" * 32)},
        {"type": "webauthn.get"},
        {"fmt": "android-safetynet"},
        {"fmt": "packed"},
        {"algorithm": -36},
        {"public_key": encode_cbor({1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32})},
        {"public_key": encode_cbor({1: 2, 3: -7})},
        {"public_key": encode_cbor([])},
        {"id": b""},
    ],
    ids=str,
)
def test_a_passkey_that_was_made_for_something_else_is_refused(house: House, changed: dict[str, Any]) -> None:
    account = samira(house)
    options = passkeys.options_to_add(house.parts, account, CHALLENGE)
    answer = Answer(CHALLENGE, Authenticator().create(options, **changed), TRACE)
    with pytest.raises(InvalidPasskey):
        passkeys.add(house.parts, account, answer, "x")
    assert passkeys.passkeys_of(house.parts, account.id) == []
    assert house.lines() == []


@pytest.mark.parametrize(
    "device", [Authenticator(origin="https://elders.example"), Authenticator(verifies=False)]
)
def test_a_passkey_of_another_site_or_an_unknown_holder_is_not_added(
    house: House, device: Authenticator
) -> None:
    account = samira(house)
    with pytest.raises(InvalidPasskey):
        added(house, account, device)


@pytest.mark.parametrize(
    "changed",
    [
        {"rp_id": "elders.example"},
        {"challenge": encoded(b"d" * 32)},
        {"type": "webauthn.create"},
        {"key": generate_private_key(SECP256R1())},
        {"holder": b"somebody else"},
        {"holder": b"\xff"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_an_answer_with_one_thing_changed_signs_nobody_in(house: House, changed: dict[str, Any]) -> None:
    device = Authenticator()
    added(house, samira(house), device)
    with pytest.raises(InvalidPasskey):
        used(house, device, **changed)


@pytest.mark.parametrize(("field", "value"), [("origin", "https://elders.example"), ("verifies", False)])
def test_an_answer_for_another_site_or_of_an_unknown_holder_signs_nobody_in(
    house: House, field: str, value: object
) -> None:
    device = Authenticator()
    added(house, samira(house), device)
    setattr(device, field, value)
    with pytest.raises(InvalidPasskey):
        used(house, device)


def test_a_count_that_does_not_go_up_is_a_copy_and_signs_nobody_in(house: House) -> None:
    device = Authenticator()
    added(house, samira(house), device)
    device.count = 5
    used(house, device)
    for copied in (5, 2):
        device.count = copied - 1
        with pytest.raises(InvalidPasskey):
            used(house, device)


def test_of_two_answers_at_once_with_one_count_the_second_signs_nobody_in(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = Authenticator()
    account = samira(house)
    added(house, account, device)
    [before] = passkeys.passkeys_of(house.parts, account.id)
    used(house, device)
    monkeypatch.setattr(passkeys, "_read", lambda *_: before)
    with pytest.raises(InvalidPasskey):
        used(house, device)


def test_an_unknown_passkey_costs_as_much_work_as_a_wrong_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = Authenticator()
    added(house, samira(house), device)
    checked: list[bool] = []
    real = webauthn.verify_authentication_response

    def watched(**given: Any) -> object:
        checked.append(True)
        return real(**given)

    monkeypatch.setattr(webauthn, "verify_authentication_response", watched)
    for wrong in (
        Authenticator(holder=device.holder),
        replace(device, key=generate_private_key(SECP256R1())),
    ):
        with pytest.raises(InvalidPasskey):
            used(house, wrong)
    assert len(checked) == 2


def test_who_signs_with_the_key_that_stands_for_nobody_is_nobody(house: House) -> None:
    device = Authenticator()
    claim = read_claim(device.get(passkeys.options_to_use(house.parts, CHALLENGE)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passkey_answers, "_nobodys_key", device.public_key)
        with pytest.raises(InvalidPasskey, match="unknown"):
            check_answer(HERE, CHALLENGE, claim, None)


def test_a_passkey_is_added_once_and_not_without_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    account, device = samira(house), Authenticator()
    added(house, account, device)
    kevin = create_account(house.parts, NewAccount("Kevin", "kevin", PASSWORD))
    with pytest.raises(Conflict):
        added(house, kevin, device)
    monkeypatch.setattr(passkeys, "max_passkeys", 1)
    with pytest.raises(Conflict):
        added(house, account, Authenticator())
    assert [line.activity for line in house.lines()] == ["add-passkey"]


def test_a_name_can_be_changed_by_its_owner_only(house: House) -> None:
    account, device = samira(house), Authenticator()
    made = added(house, account, device)
    kevin = create_account(house.parts, NewAccount("Kevin", "kevin", PASSWORD))
    for owner, name in ((kevin, "Gestolen"), (account, " \u200b ")):
        passkeys.rename(house.parts, owner, made.id, name)
    assert passkeys.passkeys_of(house.parts, account.id)[0].name == "Mijn telefoon"
    passkeys.rename(house.parts, account, made.id, "Werktelefoon")
    assert used(house, device).name == "Werktelefoon"


def test_a_passkey_that_was_removed_signs_nobody_in(house: House) -> None:
    account, device = samira(house), Authenticator()
    made = added(house, account, device)
    house.parts.context.catalogue.write(lambda tx: passkeys.remove(house.parts, tx, account, made.id, TRACE))
    with pytest.raises(InvalidPasskey):
        used(house, device)
    assert [(line.activity, line.agent, line.trace_id) for line in house.lines()] == [
        (activity, account.webid, TRACE) for activity in ("add-passkey", "remove-passkey")
    ]


def test_nothing_of_a_passkey_stands_in_clear(house: House) -> None:
    account, device = samira(house), Authenticator()
    added(house, account, device)
    with house.parts.database.read() as connection:
        [row] = records.find_rows(connection, records.passkey)
    kept = b"".join(bytes(value) for value in row.values() if isinstance(value, bytes))
    assert not any(part in kept for part in (device.credential_id, device.public_key()[-32:], b"telefoon"))


def test_a_challenge_is_long_and_never_the_same(house: House) -> None:
    values = {passkey_challenges.issue(house.parts, "x").value for _ in range(20)}
    assert {len(value) for value in values} == {32}
    assert len(values) == 20


def test_a_challenge_counts_once_and_for_five_minutes(house: House) -> None:
    first, second = (passkey_challenges.issue(house.parts, "browser") for _ in range(2))
    house.now_s += 300
    assert passkey_challenges.take(house.parts, first.token, "browser") == first.value
    assert passkey_challenges.take(house.parts, first.token, "browser") is None
    house.now_s += 1
    assert passkey_challenges.take(house.parts, second.token, "browser") is None


def _without_seal(token: str) -> str:
    return token.rpartition(".")[0] + "."


@pytest.mark.parametrize(
    "changed",
    [_without_seal, lambda _: "", lambda token: "9" + token, lambda token: token[:-1] + "é"],
    ids=["no seal", "nothing", "another time", "another seal"],
)
def test_a_challenge_that_was_not_made_here_for_this_browser_is_none(
    house: House, changed: Callable[[str], str]
) -> None:
    issued = passkey_challenges.issue(house.parts, "browser")
    assert passkey_challenges.take(house.parts, changed(issued.token), "browser") is None
    assert passkey_challenges.take(house.parts, issued.token, "another browser") is None


def test_challenges_are_forgotten_when_nobody_can_answer_them_any_more(house: House) -> None:
    for _ in range(3):
        passkey_challenges.take(house.parts, passkey_challenges.issue(house.parts, "x").token, "x")
        house.now_s += 301
    with house.parts.database.read() as connection:
        assert len(records.find_rows(connection, records.used_challenge)) == 1


def test_an_answer_without_end_is_refused_before_it_is_read() -> None:
    for answer in ("[" * 15_000, "x" * 20_000):
        with pytest.raises(InvalidPasskey):
            check_creation(HERE, CHALLENGE, answer)
        with pytest.raises(InvalidPasskey):
            read_claim(answer)
