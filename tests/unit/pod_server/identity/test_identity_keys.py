"""The keys that sign tokens, and the tokens."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import pytest
from joserfc import jws

from pod_server.identity.keys import (
    KeptKeys,
    SigningKey,
    announced_s,
    kept_s,
    local_keys,
    make_keys,
    open_keys,
    replace_at_once,
    rotate,
    rotate_when_due,
)
from pod_server.identity.records import find_rows, next_signing_key, signing_key
from pod_server.identity.tokens import Holder, Mint, SignIn, lifetime_s
from tests.support.identity import APP, ISSUER, House, claims_of, samira
from vault.errors import Conflict

AGE_S = 90 * 24 * 3600


def kids(keys: Iterable[SigningKey]) -> list[str]:
    return [key.kid for key in keys]


def test_there_is_one_key_for_each_algorithm_and_it_stays(house: House) -> None:
    first, second = open_keys(house.parts)(), open_keys(house.parts)()
    assert list(first.signing) == ["ES256", "RS256"]
    assert kids(first.published) == kids(second.published) == kids(first.signing.values())


def test_processes_that_start_together_make_the_same_keys(house: House) -> None:
    seen: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: seen.append(kids(open_keys(house.parts)().published)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen[0] == seen[1] == seen[2]


def test_what_others_see_of_a_key_is_only_its_public_part(house: House) -> None:
    public = [key.public() for key in open_keys(house.parts)().published]
    assert not [jwk for jwk in public if {"d", "p", "q"} & jwk.keys()]
    assert [(jwk["alg"], jwk["use"]) for jwk in public] == [("ES256", "sig"), ("RS256", "sig")]


def test_keys_that_are_not_there_yet_are_looked_for_again(house: House) -> None:
    find = local_keys(house.parts.database, house.parts.cipher, house.now)
    assert find() == {}
    made = kids(open_keys(house.parts)().published)
    assert list(find()) == made
    assert find() is find()


def test_private_keys_do_not_stand_on_the_disk(house: House) -> None:
    private = open_keys(house.parts)().signing["ES256"].key.as_dict(private=True)["d"]
    written = b"".join(path.read_bytes() for path in house.folder.iterdir() if path.is_file())
    assert str(private).encode() not in written


def test_an_id_token_tells_its_session_only_to_the_issuer_that_made_it(house: House) -> None:
    mint = Mint(ISSUER, open_keys(house.parts))
    holder = Holder(samira(house), APP, APP, "thumbprint", "openid")
    id_token = mint.id_token(holder, SignIn("session-1", house.now_s), "RS256", house.now_s - 10**6)
    assert mint.session_of(id_token) == ("session-1", APP)
    assert Mint("https://elders.example/", mint.keys).session_of(id_token) is None
    for other in (mint.access_token(holder, house.now_s), id_token[:-4] + "AAAA", "", "a.b.c"):
        assert mint.session_of(other) is None


@pytest.mark.requirement("solid-oidc", "solid-oidc-18")
@pytest.mark.requirement("solid-oidc", "solid-oidc-19")
def test_tokens_name_the_person_and_the_issuer_and_end_within_ten_minutes(house: House) -> None:
    mint, account = Mint(ISSUER, open_keys(house.parts)), samira(house)
    claims = claims_of(mint.access_token(Holder(account, APP, APP, "thumbprint", "webid"), house.now_s))
    assert (claims["webid"], claims["iss"], claims["sub"]) == (account.webid, ISSUER, account.id)
    assert claims["exp"] - claims["iat"] <= 600


def test_new_keys_are_published_before_they_sign_and_old_ones_until_their_tokens_ended(house: House) -> None:
    find = open_keys(house.parts)
    old = kids(find().signing.values())
    assert rotate(house.parts, make_keys()) == house.now_s + announced_s
    house.now_s += announced_s - 1
    before = find()
    new = [kid for kid in kids(before.published) if kid not in old]
    assert (kids(before.signing.values()), len(new)) == (old, 2)
    house.now_s += 61
    after = find()
    assert kids(after.signing.values()) == new
    assert set(kids(after.published)) == {*old, *new}
    house.now_s += kept_s
    assert kids(find().published) == kids(find().signing.values()) == new
    assert kept_s > lifetime_s + 60


def test_storages_know_a_new_key_before_it_signs_and_the_old_one_as_long_as_its_tokens(house: House) -> None:
    mint = Mint(ISSUER, open_keys(house.parts))
    find = local_keys(house.parts.database, house.parts.cipher, house.now)
    account = samira(house)
    rotate(house.parts, make_keys())
    for _ in range(announced_s // 50 + 2):
        signed = jws.extract_compact(
            mint.access_token(Holder(account, APP, APP, "x", "webid"), house.now_s).encode()
        )
        end_s, house.now_s = house.now_s + lifetime_s, house.now_s + 50
        assert signed.headers()["kid"] in find()
        now_s, house.now_s = house.now_s, end_s
        fresh = local_keys(house.parts.database, house.parts.cipher, house.now)
        assert signed.headers()["kid"] in fresh()
        house.now_s = now_s


def test_keys_change_one_after_the_other(house: House) -> None:
    find = open_keys(house.parts)
    first = kids(find().published)
    rotate(house.parts, make_keys())
    with pytest.raises(Conflict, match="try again in 1500 seconds"):
        rotate(house.parts, make_keys())
    house.now_s += announced_s + kept_s
    second = kids(find().published)
    rotate(house.parts, make_keys())
    house.now_s += 60
    assert kids(find().signing.values()) == second
    assert len(find().published) == 4
    assert not set(first) & set(kids(find().published))


def test_keys_that_signed_for_so_long_are_followed_by_fresh_ones_by_themselves(house: House) -> None:
    assert rotate_when_due(house.parts, AGE_S) is None, "there are no keys yet"
    find = open_keys(house.parts)
    first = kids(find().published)
    house.now_s += AGE_S - 1
    assert rotate_when_due(house.parts, AGE_S) is None
    assert rotate_when_due(house.parts, None) is None
    house.now_s += 1
    assert rotate_when_due(house.parts, AGE_S) == house.now_s + announced_s
    house.now_s += announced_s - 1
    assert kids(find().signing.values()) == first
    assert len(find().published) == 4
    house.now_s += 61
    assert not set(first) & set(kids(find().signing.values()))
    assert set(first) < set(kids(find().published))


def test_the_next_change_is_a_whole_age_after_the_last_one_began_to_sign(house: House) -> None:
    find = open_keys(house.parts)
    house.now_s += AGE_S
    signs_from_s = rotate_when_due(house.parts, AGE_S)
    assert signs_from_s is not None
    seen = set()
    while (later := rotate_when_due(house.parts, AGE_S)) is None:
        seen.add(len(find().published))
        house.now_s += 3600
    assert 0 <= later - announced_s - (signs_from_s + AGE_S) < 3600
    assert seen == {2, 4}


def test_a_key_that_was_replaced_is_forgotten_when_its_tokens_have_ended(house: House) -> None:
    find = open_keys(house.parts)
    old = find().signing["ES256"]
    rotate(house.parts, make_keys())
    for passed_s, rows in ((announced_s + kept_s - 1, 2), (1, 0)):
        house.now_s += passed_s
        rotate_when_due(house.parts, AGE_S)
        with house.parts.database.read() as connection:
            assert len(find_rows(connection, next_signing_key)) == rows
            kept = [bytes(row["sealed"]) for row in find_rows(connection, signing_key)]
    opened = [house.parts.cipher.decrypt(None, "signing key ES256", kept[0]).decode()]
    assert str(old.key.as_dict(private=True)["d"]) not in opened[0]
    house.now_s += 60
    assert len(find().published) == 2


def test_a_change_by_hand_counts_as_the_last_one(house: House) -> None:
    open_keys(house.parts)
    house.now_s += AGE_S - announced_s - kept_s
    rotate(house.parts, make_keys())
    house.now_s += announced_s + kept_s
    assert rotate_when_due(house.parts, AGE_S) is None
    with house.parts.database.read() as connection:
        assert find_rows(connection, next_signing_key) == []


def test_the_keeper_changes_the_keys_of_the_same_folder(house: House) -> None:
    kept = KeptKeys(house.parts.database, house.parts.cipher, house.now)
    find = open_keys(house.parts)
    house.now_s += AGE_S
    assert rotate_when_due(kept, AGE_S) is not None
    assert rotate_when_due(house.parts, AGE_S) is None
    assert len(find().published) == 4


def test_a_stolen_key_is_withdrawn_at_once_with_what_it_signed(house: House) -> None:
    find = open_keys(house.parts)
    token = Mint(ISSUER, find).access_token(Holder(samira(house), APP, APP, "x", "webid"), house.now_s)
    rotate(house.parts, make_keys())
    replace_at_once(house.parts, make_keys())
    house.now_s += 60
    assert len(find().published) == 2
    assert Mint(ISSUER, find).presented(token, house.now_s) is None
