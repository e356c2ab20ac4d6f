"""What an app may ask about the person with her access token (`openid.net/specs/openid-connect-core-1_0.html#UserInfo`)."""

from __future__ import annotations

from collections.abc import Sequence

from pod_server.authentication.dpop import ExpectedProof, check_proof
from pod_server.authentication.errors import InvalidToken
from pod_server.identity.accounts import Account, find_account
from pod_server.identity.oauth import Provider

PATH = ".oidc/userinfo"


class InsufficientScope(Exception):
    """The token is not one of a person who signed in: it lacks `openid`."""


def person_of(
    provider: Provider, method: str, authorization: Sequence[str], proofs: Sequence[str]
) -> dict[str, str]:
    """The claims about whoever the access token is of, given every value of both headers.

    Raises:
        InvalidToken: what was presented does not prove it.
        InsufficientScope: the token is of a program, or of an app that did not ask for `openid`.
    """
    parts = provider.parts
    if len(authorization) != 1 or len(proofs) != 1:
        raise InvalidToken("invalid_request", "exactly one Authorization and one DPoP proof are needed")
    scheme, _, token = authorization[0].partition(" ")
    known = provider.desk.mint.presented(token, parts.now_s) if scheme.lower() == "dpop" else None
    if known is None:
        raise InvalidToken("invalid_token", "the access token does not count here")
    proof = check_proof(proofs[0], ExpectedProof(method, f"{parts.issuer}{PATH}", token), parts.now_s)
    if proof.thumbprint != known.jkt:
        raise InvalidToken("invalid_token", "the access token is bound to another key")
    parts.replay.remember(proof, parts.now_s)
    account = find_account(parts, known.account)
    if account is None or account.sign_outs != known.sign_outs:
        raise InvalidToken("invalid_token", "the account is gone, or signed out")
    if not _is_let_in(provider, account, known.client):
        raise InvalidToken("invalid_token", "the app may do nothing any more")
    if "openid" not in known.scope.split():
        raise InsufficientScope
    return {"sub": account.id, "webid": account.webid}


def _is_let_in(provider: Provider, account: Account, client: str) -> bool:
    """Whether the app may still do anything for her."""
    if client in provider.parts.settings.trusted_clients:
        return True
    with provider.parts.context.catalogue.view() as view:
        return view.app_limit(account.webid, client) is not None
