"""Coming back with a code: each counts once, the operator's after three days, and nothing tells who is there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pod_server.identity import (
    records,
    recoveries,
    recovery_codes,
    sessions,
    ways_back,
    ways_in,
    written_codes,
)
from pod_server.identity.accounts import Account, authenticate, find_account, find_signed_in
from pod_server.identity.forgetting import forget_account, forget_sign_ins
from pod_server.identity.recoveries import StartedRecovery
from pod_server.identity.ways_back import NotYet, WrongCode, come_back, find_way_back
from tests.support.identity import LOGIN, PASSWORD, House, samira
from tests.support.tokens import NOW_S
from vault.errors import UnacceptableContent

TRACE = "a" * 32
NEW = "nog vier andere woorden"
HOUR_S = 3600
DAY_S = 24 * HOUR_S


def made_codes(house: House, account: Account) -> tuple[str, ...]:
    session, _ = sessions.begin(house.parts, account.id, account.password_since_s)
    return ways_in.make_recovery_codes(house.parts, session, account, TRACE)


def back(house: House, code: str, password: str = NEW) -> Account:
    return come_back(house.parts, LOGIN, code, password, TRACE)


def activities(house: House) -> list[str]:
    return [line.activity for line in house.lines()]


def test_codes_have_sixty_bits_and_no_letters_that_look_alike() -> None:
    codes = {written_codes.new_code() for _ in range(200)}
    assert len(codes) == 200
    assert len(written_codes.ALPHABET) ** written_codes.length == 2**60
    assert {len(code) for code in codes} == {12}
    assert not set("".join(codes)) & set("ILOU")


@pytest.mark.parametrize(
    "typed", ["0123 ABCD 1111", "0123abcd1111", " o123-ABCD-IL1l", "0123.abcd.1111\n", "O123 abcd iIlL"]
)
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert written_codes.read(typed) == "0123ABCD1111"
    assert written_codes.written("0123ABCD1111") == "0123 ABCD 1111"


@pytest.mark.parametrize(
    "typed", ["", "0123 ABCD 111", "0123 ABCD 1111 1", "U123 ABCD 1111", "٣123 ABCD 1111", "x" * 101]
)
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert written_codes.read(typed) is None


def test_a_code_gives_a_new_password_and_ends_every_session_once(house: House) -> None:
    account = samira(house)
    codes = made_codes(house, account)
    _, cookie = sessions.begin(house.parts, account.id, NOW_S)
    house.now_s += 60
    assert back(house, written_codes.written(codes[3]).lower()).id == account.id
    assert sessions.find(house.parts, cookie) is None
    assert authenticate(house.parts, LOGIN, PASSWORD) is None
    found = authenticate(house.parts, LOGIN, NEW)
    assert found is not None
    assert found.password_since_s == house.now_s
    assert activities(house) == ["make-recovery-codes", "use-recovery-code"]
    left = recovery_codes.codes_left(house.parts, account.id)
    assert left == recovery_codes.CodesLeft(9, NOW_S)
    with pytest.raises(WrongCode):
        back(house, codes[3])


def test_what_an_app_got_before_is_worth_nothing_after_it(house: House) -> None:
    account = samira(house)
    codes = made_codes(house, account)
    house.now_s += 60
    back(house, codes[0])
    assert find_signed_in(house.parts, account.id, NOW_S) is None
    assert find_signed_in(house.parts, account.id, house.now_s) == find_account(house.parts, account.id)
    assert find_signed_in(house.parts, "nobody", house.now_s) is None


def test_a_password_that_cannot_be_one_leaves_the_code(house: House) -> None:
    codes = made_codes(house, samira(house))
    for wrong in ("kort", "samira"):
        with pytest.raises(UnacceptableContent):
            back(house, codes[0], wrong)
    assert back(house, codes[0])


def test_of_two_who_use_a_code_at_once_only_one_comes_in(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = samira(house)
    codes = made_codes(house, account)
    back(house, codes[0])
    monkeypatch.setattr(ways_back, "find_way_back", lambda *_: account)
    with pytest.raises(WrongCode):
        back(house, codes[0], "weer een ander wachtwoord")
    assert authenticate(house.parts, LOGIN, NEW)


def test_a_new_set_takes_the_place_of_the_old_one(house: House) -> None:
    account = samira(house)
    old, new = made_codes(house, account), made_codes(house, account)
    with pytest.raises(WrongCode):
        back(house, old[0])
    assert back(house, new[0])


def test_codes_are_of_one_account_and_do_not_stand_in_clear(house: House) -> None:
    codes = made_codes(house, samira(house))
    with pytest.raises(WrongCode):
        come_back(house.parts, "kevin", codes[0], NEW, TRACE)
    with house.parts.database.read() as connection:
        rows = records.find_rows(connection, records.recovery_code)
    kept = b"".join(bytes(row["code_hash"]) for row in rows)
    assert len(rows) == 10
    assert not any(code.encode() in kept for code in codes)


def test_an_unknown_name_costs_as_much_work_as_a_wrong_code(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_codes(house, samira(house))
    looked_up: list[str] = []
    real = records.find_row

    def watched(*given: object, **where: object) -> object:
        looked_up.append(str(given[1]))
        return real(*given, **where)  # type: ignore[arg-type]

    monkeypatch.setattr(records, "find_row", watched)
    each = []
    for login, code in (
        (LOGIN, "0123 ABCD 1111"),
        ("niemand", "0123 ABCD 1111"),
        ("niemand", "?"),
        (LOGIN, "?"),
    ):
        with pytest.raises(WrongCode):
            find_way_back(house.parts, login, code)
        each.append(tuple(looked_up))
        looked_up.clear()
    assert len(set(each)) == 1


def started(house: House) -> tuple[Account, StartedRecovery]:
    account = samira(house)
    return account, recoveries.start(house.parts, account)


def test_the_operators_code_counts_after_three_days_and_not_before(house: House) -> None:
    account, made = started(house)
    for wait_s in (0, 72 * HOUR_S - 1):
        house.now_s = NOW_S + wait_s
        with pytest.raises(NotYet) as caught:
            back(house, made.code)
        assert caught.value.opens_s == NOW_S + 72 * HOUR_S
        assert authenticate(house.parts, LOGIN, PASSWORD)
    house.now_s = NOW_S + 72 * HOUR_S
    assert back(house, made.code).id == account.id
    assert authenticate(house.parts, LOGIN, NEW)
    assert activities(house) == ["start-recovery", "use-recovery"]
    assert [line.agent for line in house.lines()] == [None, account.webid]


def _cancelled(house: House, account: Account) -> None:
    assert recoveries.cancel(house.parts, account, TRACE)


def _started_again(house: House, account: Account) -> None:
    recoveries.start(house.parts, account)


def _too_late(house: House, account: Account) -> None:
    house.now_s += 14 * DAY_S


@pytest.mark.parametrize("change", [_cancelled, _started_again, _too_late])
def test_the_operators_code_counts_no_more(house: House, change: Callable[[House, Account], None]) -> None:
    account, made = started(house)
    house.now_s += DAY_S
    change(house, account)
    house.now_s += 72 * HOUR_S
    with pytest.raises(WrongCode):
        back(house, made.code)
    assert authenticate(house.parts, LOGIN, PASSWORD)


def test_the_operators_code_counts_once(house: House) -> None:
    _, made = started(house)
    house.now_s += 72 * HOUR_S
    back(house, made.code)
    with pytest.raises(WrongCode):
        back(house, made.code, "weer een ander wachtwoord")


def test_a_way_back_that_waits_is_known_until_it_is_stopped_or_over(house: House) -> None:
    account, made = started(house)
    assert recoveries.pending_of(house.parts, account.id) == made.recovery
    assert recoveries.all_pending(house.parts) == [made.recovery]
    assert recoveries.cancel(house.parts, account, TRACE)
    assert not recoveries.cancel(house.parts, account, TRACE)
    assert activities(house) == ["start-recovery", "cancel-recovery"]
    recoveries.start(house.parts, account)
    house.now_s += 14 * DAY_S + 1
    assert recoveries.pending_of(house.parts, account.id) is None
    assert recoveries.all_pending(house.parts) == []
    assert not recoveries.cancel(house.parts, account, TRACE)


def test_her_other_ways_in_go_on_working_while_it_waits(house: House) -> None:
    account = samira(house)
    codes = made_codes(house, account)
    recoveries.start(house.parts, account)
    house.now_s += HOUR_S
    assert authenticate(house.parts, LOGIN, PASSWORD)
    assert back(house, codes[0])
    assert recoveries.pending_of(house.parts, account.id)


def test_after_a_restore_no_way_back_of_the_operator_counts(house: House) -> None:
    account, made = started(house)
    house.parts.context.catalogue.write(forget_sign_ins)
    assert recoveries.pending_of(house.parts, account.id) is None
    house.now_s += 72 * HOUR_S
    with pytest.raises(WrongCode):
        back(house, made.code)


def test_with_the_account_go_its_passkeys_codes_and_ways_back(house: House) -> None:
    account, _ = started(house)
    made_codes(house, account)
    house.parts.context.catalogue.write(
        lambda tx: forget_account(tx, account.storage, house.parts.issuer, account.webid)
    )
    with house.parts.database.read() as connection:
        for table in (records.recovery, records.recovery_code):
            assert records.find_rows(connection, table) == []


def test_coming_back_ends_the_access_tokens_that_are_out(house: House) -> None:
    account = samira(house)
    assert account.sign_outs == 0
    assert back(house, made_codes(house, account)[0])
    found = find_account(house.parts, account.id)
    assert found is not None
    assert found.sign_outs == 1
    with house.parts.context.catalogue.view() as view:
        assert view.sign_outs(account.webid) == 1
