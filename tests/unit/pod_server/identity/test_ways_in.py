"""The ways into an account: the last one stays, and a new one cannot touch older ones for a week."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pod_server.identity import passkeys, sessions, ways_in
from pod_server.identity.accounts import Account, keep_changed
from pod_server.identity.passkeys import Answer, Passkey
from pod_server.identity.sessions import Session
from pod_server.identity.ways_in import Refusal, WayRefused
from tests.support.authenticators import Authenticator
from tests.support.identity import House, samira

TRACE, CHALLENGE = "a" * 32, b"c" * 32
WEEK_S = 7 * 24 * 3600


def added(house: House, account: Account) -> Passkey:
    options = passkeys.options_to_add(house.parts, account, CHALLENGE)
    answer = Answer(CHALLENGE, Authenticator().create(options), TRACE)
    return passkeys.add(house.parts, account, answer, "Telefoon")


def came_by(house: House, account: Account, since_s: int) -> Session:
    return sessions.begin(house.parts, account.id, since_s)[0]


def refusal(house: House, session: Session, account: Account, way: Passkey) -> Refusal | None:
    try:
        ways_in.remove_passkey(house.parts, session, account, way.id, TRACE)
    except WayRefused as error:
        return error.refusal
    return None


def test_who_came_by_an_older_way_may_remove_a_newer_one(house: House) -> None:
    account = samira(house)
    house.now_s += 60
    passkey = added(house, account)
    session = came_by(house, account, account.password_since_s)
    assert refusal(house, session, account, passkey) is None
    assert passkeys.passkeys_of(house.parts, account.id) == []


def test_who_came_by_a_new_way_cannot_remove_an_older_one_for_a_week(house: House) -> None:
    account = samira(house)
    old = added(house, account)
    house.now_s += 100 * WEEK_S
    new = added(house, account)
    for wait_s in (0, WEEK_S - 1):
        house.now_s = new.created_s + wait_s
        session = came_by(house, account, new.created_s)
        assert refusal(house, session, account, old) is Refusal.TOO_NEW
        assert ways_in.is_held_back(house.parts, session, account.password_since_s)
    house.now_s = new.created_s + WEEK_S
    assert refusal(house, came_by(house, account, new.created_s), account, old) is None


def test_a_password_set_by_recovery_cannot_remove_an_older_passkey_for_a_week(house: House) -> None:
    account = samira(house)
    old = added(house, account)
    house.now_s += WEEK_S
    recovered = replace(account, password_since_s=house.now_s)
    house.parts.database.write(lambda connection: keep_changed(house.parts, connection, recovered))
    session = came_by(house, recovered, recovered.password_since_s)
    assert refusal(house, session, recovered, old) is Refusal.TOO_NEW
    house.now_s += WEEK_S
    assert refusal(house, session, recovered, old) is None


def test_a_new_way_in_can_always_take_itself_away(house: House) -> None:
    account = samira(house)
    house.now_s += 60
    new = added(house, account)
    assert refusal(house, came_by(house, account, new.created_s), account, new) is None


def test_the_last_way_in_stays(house: House) -> None:
    account = replace(samira(house), password_hash=None)
    house.parts.database.write(lambda connection: keep_changed(house.parts, connection, account))
    first, second = added(house, account), added(house, account)
    session = came_by(house, account, first.created_s)
    assert refusal(house, session, account, second) is None
    assert refusal(house, session, account, first) is Refusal.LAST
    assert [one.id for one in passkeys.passkeys_of(house.parts, account.id)] == [first.id]


def test_what_is_not_hers_is_not_removed(house: House) -> None:
    account = samira(house)
    kept = added(house, account)
    other = replace(account, id="somebody-else")
    assert refusal(house, came_by(house, account, 0), other, kept) is None
    assert [one.id for one in passkeys.passkeys_of(house.parts, account.id)] == [kept.id]


def test_a_new_way_in_cannot_replace_older_recovery_codes_for_a_week(house: House) -> None:
    account = samira(house)
    ways_in.make_recovery_codes(house.parts, came_by(house, account, house.now_s), account, TRACE)
    house.now_s += 100
    session = came_by(house, account, house.now_s)
    with pytest.raises(WayRefused) as caught:
        ways_in.make_recovery_codes(house.parts, session, account, TRACE)
    assert caught.value.refusal is Refusal.TOO_NEW
    house.now_s += WEEK_S
    assert len(ways_in.make_recovery_codes(house.parts, session, account, TRACE)) == 10
