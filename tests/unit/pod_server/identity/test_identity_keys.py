"""The keys that sign tokens, and the tokens."""

from __future__ import annotations

import threading

import pytest

from pod_server.identity.keys import local_keys, open_keys
from pod_server.identity.tokens import Holder, Mint, SignIn
from tests.support.identity import APP, ISSUER, House, claims_of, samira


def test_there_is_one_key_for_each_algorithm_and_it_stays(house: House) -> None:
    first, second = open_keys(house.parts), open_keys(house.parts)
    assert list(first) == ["ES256", "RS256"]
    assert [key.kid for key in first.values()] == [key.kid for key in second.values()]


def test_processes_that_start_together_make_the_same_keys(house: House) -> None:
    seen: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: seen.append([key.kid for key in open_keys(house.parts).values()]))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen[0] == seen[1] == seen[2]


def test_what_others_see_of_a_key_is_only_its_public_part(house: House) -> None:
    public = [key.public() for key in open_keys(house.parts).values()]
    assert not [jwk for jwk in public if {"d", "p", "q"} & jwk.keys()]
    assert [(jwk["alg"], jwk["use"]) for jwk in public] == [("ES256", "sig"), ("RS256", "sig")]


def test_keys_that_are_not_there_yet_are_looked_for_again(house: House) -> None:
    find = local_keys(house.parts.database, house.parts.cipher, house.now)
    assert find() == {}
    kids = [key.kid for key in open_keys(house.parts).values()]
    assert list(find()) == kids
    assert find() is find()


def test_private_keys_do_not_stand_on_the_disk(house: House) -> None:
    private = open_keys(house.parts)["ES256"].key.as_dict(private=True)["d"]
    written = b"".join(path.read_bytes() for path in house.folder.iterdir() if path.is_file())
    assert str(private).encode() not in written


def test_an_id_token_tells_its_session_only_to_the_issuer_that_made_it(house: House) -> None:
    mint = Mint(ISSUER, open_keys(house.parts))
    holder = Holder(samira(house), APP, "thumbprint", "openid")
    id_token = mint.id_token(holder, SignIn("session-1", house.now_s), "RS256", house.now_s - 10**6)
    assert mint.session_of(id_token) == ("session-1", APP)
    assert Mint("https://elders.example/", mint.keys).session_of(id_token) is None
    for other in (mint.access_token(holder, house.now_s), id_token[:-4] + "AAAA", "", "a.b.c"):
        assert mint.session_of(other) is None


@pytest.mark.requirement("solid-oidc", "solid-oidc-18")
@pytest.mark.requirement("solid-oidc", "solid-oidc-19")
def test_tokens_name_the_person_and_the_issuer_and_end_within_ten_minutes(house: House) -> None:
    mint, account = Mint(ISSUER, open_keys(house.parts)), samira(house)
    claims = claims_of(mint.access_token(Holder(account, APP, "thumbprint", "webid"), house.now_s))
    assert (claims["webid"], claims["iss"], claims["sub"]) == (account.webid, ISSUER, account.id)
    assert claims["exp"] - claims["iat"] <= 600
