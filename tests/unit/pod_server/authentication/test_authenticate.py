"""Who asks: our own issuer, foreign issuers, and everything that proves nothing."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from pod_server.authentication.authenticate import (
    AuthenticationParts,
    LocalIssuer,
    PresentedCredentials,
    authenticate,
    is_quick,
    make_parts,
)
from pod_server.authentication.errors import InvalidToken
from pod_server.authentication.replay import ReplayStore
from tests.support.tokens import NOW_S, FakeWeb, Holder, Issuer, sign, unsigned
from vault.errors import Unavailable
from vault.model.moments import Moment
from vault.model.requester import ANONYMOUS, Credentials

BASE = "https://kluis.example/"
URL = f"{BASE}abc/notitie"
ANNA = f"{BASE}anna/profiel/card#me"
OUR = Issuer("https://aanmelden.example/")
FOREIGN = Issuer("https://zwolle.example/")
WORKER = "https://kluizen-zwolle.example/w/profiel/card#me"
HOLDER = Holder()


@dataclass(slots=True)
class Setting:
    """Parts with a small web, and requests by the one holder."""

    parts: AuthenticationParts
    web: FakeWeb = field(default_factory=FakeWeb)

    def ask(self, token: str, now_s: int = NOW_S, holder: Holder = HOLDER, **changed: Any) -> Credentials:
        proof = holder.proof("GET", URL, token, **{"iat": now_s} | changed)
        presented = PresentedCredentials("GET", URL, (f"DPoP {token}",), (proof,))
        return authenticate(self.parts, presented, Moment(now_s * 1000, now_s))

    def refused(self, token: str, now_s: int = NOW_S, holder: Holder = HOLDER) -> str:
        with pytest.raises(InvalidToken) as caught:
            self.ask(token, now_s, holder)
        assert caught.value.code == "invalid_token"
        return caught.value.description


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    web = FakeWeb()
    web.put_issuer(FOREIGN)
    web.put_webid(WORKER, FOREIGN.url)
    local = LocalIssuer(
        BASE,
        OUR.url,
        lambda: {OUR.kid: OUR.jwk},
        lambda webid: webid == ANNA,
        frozenset({"https://mijn.example/id"}),
    )
    replay = ReplayStore(tmp_path / "replay", NOW_S - 10_000, buckets=64)
    yield Setting(make_parts(local, replay, web.fetch), web)
    replay.close()


def present(*authorization: str, proofs: tuple[str, ...] = ()) -> PresentedCredentials:
    return PresentedCredentials("GET", URL, authorization, proofs)


CLAIMS: dict[str, Any] = {
    "iss": OUR.url,
    "aud": "solid",
    "webid": ANNA,
    "client_id": "https://app.example/id",
    "cnf": {"jkt": HOLDER.thumbprint},
    "iat": NOW_S,
    "exp": NOW_S + 60,
}
NOW = Moment(NOW_S * 1000, NOW_S)


def test_who_presents_nothing_is_anonymous(setting: Setting) -> None:
    assert authenticate(setting.parts, present(), NOW) is ANONYMOUS


def test_a_token_of_our_own_issuer_counts_without_asking_anybody(setting: Setting) -> None:
    credentials = setting.ask(OUR.token(HOLDER, ANNA))
    assert credentials == Credentials(ANNA, "https://app.example/id", OUR.url, NOW_S + 300, is_local=True)
    assert setting.web.asked == []


@pytest.mark.requirement("solid-oidc", "solid-oidc-23")
@pytest.mark.requirement("solid-oidc", "solid-oidc-24")
def test_a_foreign_token_counts_when_its_webid_document_names_the_issuer(setting: Setting) -> None:
    credentials = setting.ask(FOREIGN.token(HOLDER, WORKER))
    assert (credentials.agent, credentials.issuer, credentials.is_local) == (WORKER, FOREIGN.url, False)


def test_a_client_in_the_configuration_is_trusted_only_through_our_issuer(setting: Setting) -> None:
    client = "https://mijn.example/id"
    assert setting.ask(OUR.token(HOLDER, ANNA, client_id=client)).is_trusted_client
    assert not setting.ask(FOREIGN.token(HOLDER, WORKER, client_id=client)).is_trusted_client


def test_what_an_issuer_calls_a_client_counts_only_from_our_own(setting: Setting) -> None:
    ours = f"{OUR.url}.oidc/origins/https%3A%2F%2Fapp.example"
    assert setting.ask(OUR.token(HOLDER, ANNA, client_id="x7", client_iri=ours)).client == ours
    assert setting.ask(FOREIGN.token(HOLDER, WORKER, client_id="x7", client_iri=ours)).client == "x7"
    trusted = "https://mijn.example/id"
    assert not setting.ask(FOREIGN.token(HOLDER, WORKER, client_iri=trusted)).is_trusted_client
    assert setting.ask(OUR.token(HOLDER, ANNA, client_id="x8", client_iri=7)).client == "x8"


def test_the_authorised_party_of_an_id_token_is_its_client(setting: Setting) -> None:
    token = OUR.token(HOLDER, ANNA, header={"typ": "JWT"}, client_id=None, azp="https://app.example/other")
    assert setting.ask(token).client == "https://app.example/other"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example/"},
        {"iss": "https://aanmelden.example"},
        {"iss": None},
        {"iss": "urn:x"},
        {"aud": "other"},
        {"aud": ["other"]},
        {"aud": {"solid": 1}},
        {"aud": None},
        {"exp": NOW_S},
        {"exp": None},
        {"exp": "soon"},
        {"iat": NOW_S + 31},
        {"iat": NOW_S - 600},
        {"iat": None},
        {"cnf": None},
        {"cnf": {"jkt": 5}},
        {"cnf": {"jkt": Holder().thumbprint}},
        {"client_id": None},
        {"client_id": ""},
        {"azp": "https://app.example/other"},
        {"webid": None},
        {"webid": f"{BASE}bert/profiel/card#me"},
        {"webid": ANNA.replace("kluis", "KLUIS")},
        {"webid": "https://x:y@kluis.example/anna/profiel/card#me"},
        {"webid": WORKER},
        {"webid": "https://"},
    ],
)
def test_a_token_of_our_issuer_with_a_wrong_or_missing_claim_is_refused(
    setting: Setting, changed: dict[str, Any]
) -> None:
    setting.web.put_webid(WORKER, OUR.url)
    with pytest.raises((InvalidToken, Unavailable)):
        setting.ask(OUR.token(HOLDER, ANNA, **changed))


@pytest.mark.parametrize("header", [{"typ": "dpop+jwt"}, {"typ": "logout+jwt"}, {"kid": "other"}])
def test_a_token_with_another_type_or_key_is_refused(setting: Setting, header: dict[str, Any]) -> None:
    setting.refused(OUR.token(HOLDER, ANNA, header=header))


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "ES512", "EdDSA", None, 5, ["ES256"]])
def test_a_token_that_is_not_signed_with_an_accepted_algorithm_is_refused(
    setting: Setting, algorithm: Any
) -> None:
    setting.refused(unsigned({"typ": "at+jwt", "alg": algorithm, "kid": OUR.kid}, CLAIMS))


def test_a_token_signed_by_another_key_under_our_kid_is_refused(setting: Setting) -> None:
    thief = Issuer(OUR.url, OUR.kid)
    assert setting.refused(thief.token(HOLDER, ANNA)) == "the signature of the access token is wrong"


def test_a_token_without_kid_is_not_of_our_issuer(setting: Setting) -> None:
    setting.refused(sign({"typ": "at+jwt", "alg": "ES256"}, CLAIMS, OUR.key))


@pytest.mark.parametrize("text", ["abc", "a.b", "a.b.c", ""])
def test_what_is_no_token_at_all_is_refused(setting: Setting, text: str) -> None:
    setting.refused(text)


def test_a_stolen_token_is_refused_without_its_key(setting: Setting) -> None:
    token = OUR.token(HOLDER, ANNA)
    setting.ask(token)
    assert setting.refused(token, holder=Holder()) == "the access token is bound to another key"


def test_a_replayed_request_is_refused(setting: Setting) -> None:
    token = OUR.token(HOLDER, ANNA)
    setting.ask(token, jti="once")
    with pytest.raises(InvalidToken, match="used before"):
        setting.ask(token, jti="once")


def test_a_proof_with_a_token_that_does_not_count_takes_no_room(setting: Setting) -> None:
    with pytest.raises(InvalidToken):
        setting.ask(OUR.token(HOLDER, ANNA, aud="other"), jti="kept")
    setting.ask(OUR.token(HOLDER, ANNA), jti="kept")


def test_a_believed_token_is_refused_once_it_has_expired(setting: Setting) -> None:
    token = OUR.token(HOLDER, ANNA, exp=NOW_S + 20)
    setting.ask(token)
    assert setting.refused(token, NOW_S + 20) == "the access token has expired"


def test_a_foreign_token_counts_for_one_hour_after_it_was_issued(setting: Setting) -> None:
    token = FOREIGN.token(HOLDER, WORKER, exp=NOW_S + 86_400)
    assert setting.ask(token).expires_at == NOW_S + 3600
    assert setting.refused(token, NOW_S + 3600) == "the access token has expired"


def test_a_foreign_issuer_does_not_speak_for_a_webid_of_ours(setting: Setting) -> None:
    setting.web.put_webid(ANNA, FOREIGN.url)
    assert setting.refused(FOREIGN.token(HOLDER, ANNA)) == "the issuer does not speak for this WebID"
    assert setting.web.asked == []


def test_our_issuer_does_not_speak_for_a_webid_elsewhere(setting: Setting) -> None:
    setting.web.put_webid(WORKER, OUR.url)
    assert setting.refused(OUR.token(HOLDER, WORKER)) == "the issuer does not speak for this WebID"


@pytest.mark.requirement("solid-oidc", "solid-oidc-22")
def test_an_issuer_that_the_webid_document_does_not_name_is_refused(setting: Setting) -> None:
    other = Issuer("https://evil.example/")
    setting.web.put_issuer(other)
    assert setting.refused(other.token(HOLDER, WORKER)) == "the WebID does not name this issuer"


def test_an_issuer_taken_out_of_the_webid_document_is_refused_within_a_minute(setting: Setting) -> None:
    token = FOREIGN.token(HOLDER, WORKER)
    setting.ask(token)
    setting.web.put_webid(WORKER, OUR.url)
    assert setting.refused(token, NOW_S + 60) == "the WebID does not name this issuer"


def test_an_unreachable_issuer_is_unavailable_and_not_asked_again_at_once(setting: Setting) -> None:
    token = Issuer("https://weg.example/").token(HOLDER, WORKER)
    for _ in range(3):
        with pytest.raises(Unavailable):
            setting.ask(token)
    assert len(setting.web.asked) == 1


def test_a_rotated_key_is_found_and_an_unknown_kid_cannot_make_us_ask_all_the_time(setting: Setting) -> None:
    setting.ask(FOREIGN.token(HOLDER, WORKER))
    rotated = Issuer(FOREIGN.url, "key-2")
    setting.web.put_issuer(rotated)
    setting.refused(rotated.token(HOLDER, WORKER), NOW_S + 10)
    assert setting.ask(rotated.token(HOLDER, WORKER), NOW_S + 30).agent == WORKER
    asked = len(setting.web.asked)
    for number in range(20):
        setting.refused(FOREIGN.token(HOLDER, WORKER, header={"kid": f"made-up-{number}"}), NOW_S + 31)
    assert len(setting.web.asked) == asked


@pytest.mark.parametrize(
    "authorization",
    [
        ("Bearer a.b.c",),
        ("Basic YTpi",),
        ("DPoP",),
        ("DPoP a.b.c, DPoP a.b.c",),
        ("DPoP a.b.c", "DPoP a.b.c"),
        ("DPoP é.b.c",),
        (),
    ],
)
def test_anything_but_one_token_bound_to_a_key_is_refused(
    setting: Setting, authorization: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidToken):
        authenticate(setting.parts, present(*authorization, proofs=("a.b.c",)), NOW)


def bearer(parts: AuthenticationParts, token: str, **more: Any) -> Credentials:
    return authenticate(parts, present(f"Bearer {token}", **more), NOW)


def test_a_token_bound_to_no_key_counts_only_where_that_is_set(setting: Setting) -> None:
    token = FOREIGN.token(HOLDER, WORKER, cnf=None)
    with pytest.raises(InvalidToken, match="only access tokens bound to a key"):
        bearer(setting.parts, token)
    allowing = replace(setting.parts, accepts_bearer=True)
    assert [bearer(allowing, token).agent for _ in range(2)] == [WORKER, WORKER]
    assert "not bound to a key" in setting.refused(token)


def test_a_bound_token_is_never_believed_without_its_key(setting: Setting) -> None:
    allowing = replace(setting.parts, accepts_bearer=True)
    bound = FOREIGN.token(HOLDER, WORKER)
    for _ in range(2):
        with pytest.raises(InvalidToken, match="send it with a proof"):
            bearer(allowing, bound)
        assert setting.ask(bound, jti=secrets.token_hex(8)).agent == WORKER
    with pytest.raises(InvalidToken, match="bound to no key that a proof can have"):
        bearer(allowing, FOREIGN.token(HOLDER, WORKER, cnf={"x5t#S256": "abc"}))


def test_our_own_tokens_and_requests_with_a_proof_are_never_bearers(setting: Setting) -> None:
    allowing = replace(setting.parts, accepts_bearer=True)
    with pytest.raises(InvalidToken, match="tokens of this issuer"):
        bearer(allowing, OUR.token(HOLDER, ANNA, cnf=None))
    with pytest.raises(InvalidToken) as caught:
        bearer(allowing, FOREIGN.token(HOLDER, WORKER, cnf=None), proofs=("a.b.c",))
    assert caught.value.code == "invalid_request"


@pytest.mark.parametrize("count", [0, 2])
def test_anything_but_one_proof_is_refused(setting: Setting, count: int) -> None:
    token = OUR.token(HOLDER, ANNA)
    proofs = tuple(HOLDER.proof("GET", URL, token) for _ in range(count))
    with pytest.raises(InvalidToken) as caught:
        authenticate(setting.parts, present(f"DPoP {token}", proofs=proofs), NOW)
    assert caught.value.code == "invalid_dpop_proof"


def test_only_a_believed_token_and_an_anonymous_request_are_quick(setting: Setting) -> None:
    token = FOREIGN.token(HOLDER, WORKER)
    presented = present(f"DPoP {token}", proofs=("a.b.c",))
    assert is_quick(setting.parts, present(), NOW)
    assert not is_quick(setting.parts, presented, NOW)
    setting.ask(token)
    assert is_quick(setting.parts, presented, NOW)
