"""What comes next after an authorization request: signing in, asking consent, or going back to the app."""

from __future__ import annotations

from enum import Enum, auto
from urllib.parse import parse_qsl, urlencode

from pod_server.identity.oauth import AuthorizationRequest
from pod_server.identity.sessions import Session

_SIGN_IN_PROMPTS = frozenset({"login", "select_account"})


class Step(Enum):
    """What comes next."""

    SIGN_IN = auto()
    CONSENT = auto()
    GO = auto()
    LOGIN_REQUIRED = auto()
    CONSENT_REQUIRED = auto()


def next_step(asked: AuthorizationRequest, session: Session | None, *, may_go: bool, now_s: int) -> Step:
    """Decide it; `may_go` says that this app needs no consent (any more). (`openid.net/specs/openid-connect-core-1_0.html#AuthRequest`)"""
    prompts = set(asked.values.get("prompt", "").split())
    if session is None or prompts & _SIGN_IN_PROMPTS or _is_too_long_ago(asked, session, now_s):
        return Step.LOGIN_REQUIRED if "none" in prompts else Step.SIGN_IN
    if may_go and "consent" not in prompts:
        return Step.GO
    return Step.CONSENT_REQUIRED if "none" in prompts else Step.CONSENT


def continued(query: str) -> str:
    """The same request for after signing in: then it need not be asked any more."""
    pairs = []
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name == "prompt":
            value = " ".join(word for word in value.split() if word not in _SIGN_IN_PROMPTS)
        if name != "prompt" or value:
            pairs.append((name, value))
    return urlencode(pairs)


def _is_too_long_ago(asked: AuthorizationRequest, session: Session, now_s: int) -> bool:
    max_age = asked.values.get("max_age", "")
    return max_age.isdecimal() and len(max_age) < 10 and now_s - session.signed_in_s > int(max_age)
