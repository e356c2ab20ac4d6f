"""Sessions end, and attempts are counted."""

from __future__ import annotations

import pytest

from pod_server.identity import records, sessions, throttle
from pod_server.identity.throttle import SIGN_IN_BY_ADDRESS, SIGN_IN_BY_NAME
from tests.support.identity import House, samira
from tests.support.tokens import NOW_S
from vault.errors import TooManyRequests

BY_NAME = (SIGN_IN_BY_NAME, "samira")


def test_a_session_is_found_by_its_cookie_only(house: House) -> None:
    session, cookie = sessions.begin(house.parts, samira(house).id, NOW_S)
    assert sessions.find(house.parts, cookie) == session
    for other in (None, "", session.id, cookie + "x"):
        assert sessions.find(house.parts, other) is None


def test_a_session_that_stands_still_for_fifteen_minutes_is_over(house: House) -> None:
    _, cookie = sessions.begin(house.parts, samira(house).id, NOW_S)
    house.now_s += 15 * 60
    assert sessions.find(house.parts, cookie)
    house.now_s += 15 * 60 + 1
    assert sessions.find(house.parts, cookie) is None


def test_a_session_ends_after_eight_hours_however_busy(house: House) -> None:
    _, cookie = sessions.begin(house.parts, samira(house).id, NOW_S)
    for _ in range(8 * 6):
        house.now_s += 10 * 60
        assert sessions.find(house.parts, cookie)
    house.now_s += 1
    assert sessions.find(house.parts, cookie) is None


def test_ending_a_session_ends_that_one_only(house: House) -> None:
    account = samira(house)
    (first, cookie), (_, other) = (
        sessions.begin(house.parts, account.id, NOW_S),
        sessions.begin(house.parts, account.id, NOW_S),
    )
    sessions.end(house.parts, first.id)
    sessions.end(house.parts, first.id)
    assert sessions.find(house.parts, cookie) is None
    assert sessions.find(house.parts, other)


def test_rows_of_sessions_that_are_over_go_when_a_new_one_begins(house: House) -> None:
    account = samira(house)
    sessions.begin(house.parts, account.id, NOW_S)
    house.now_s += 16 * 60
    sessions.begin(house.parts, account.id, NOW_S)
    with house.parts.database.read() as connection:
        assert len(records.find_rows(connection, records.session)) == 1


def test_the_sixth_attempt_within_five_minutes_has_to_wait(house: House) -> None:
    for _ in range(5):
        throttle.count(house.parts, [BY_NAME])
    house.now_s += 100
    with pytest.raises(TooManyRequests) as caught:
        throttle.count(house.parts, [BY_NAME])
    assert caught.value.retry_after_s == 200
    throttle.count(house.parts, [(SIGN_IN_BY_NAME, "kevin")])
    house.now_s += 200
    throttle.count(house.parts, [BY_NAME])


def test_success_takes_back_one_attempt_of_an_address_and_all_of_a_name(house: House) -> None:
    by_address = (SIGN_IN_BY_ADDRESS, "192.0.2.1")
    for _ in range(4):
        throttle.count(house.parts, [BY_NAME, by_address])
    throttle.forget(house.parts, BY_NAME)
    throttle.forgive(house.parts, by_address)
    throttle.forgive(house.parts, (SIGN_IN_BY_ADDRESS, "192.0.2.2"))
    for _ in range(5):
        throttle.count(house.parts, [BY_NAME])
    with house.parts.database.read() as connection:
        rows = records.find_rows(connection, records.identity_attempt)
    assert sorted(row["count"] for row in rows) == [3, 5]
