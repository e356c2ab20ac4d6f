"""Forms in which a browser answers with a passkey: what the script of the page needs, and what comes back."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from flask import request
from flask import session as form_session

from pod_server.identity import passkey_challenges, passkeys
from pod_server.identity.accounts import Account
from pod_server.identity.browsers import let_script_run, the_provider, trace_id
from pod_server.identity.passkey_answers import InvalidPasskey
from pod_server.identity.passkeys import Answer
from pod_server.identity.sessions import Session

ANSWER_FIELD, CHALLENGE_FIELD = "antwoord", "uitdaging"
PROOF_FIELD, PROOF_CHALLENGE_FIELD = "bewijs_antwoord", "bewijs_uitdaging"
_BROWSER = "browser"


@dataclass(frozen=True, slots=True)
class PasskeyForm:
    """What stands in such a form: what the device is asked (`create` or `get`, and options as JSON), the fields, the script's nonce."""

    ceremony: str
    options: str
    challenge: str
    nonce: str
    answer_field: str = ANSWER_FIELD
    challenge_field: str = CHALLENGE_FIELD


def sign_in_form() -> PasskeyForm:
    """The form of the sign-in page, for this browser."""
    form_session.setdefault(_BROWSER, secrets.token_urlsafe(16))
    challenge = passkey_challenges.issue(the_provider().parts, _of_browser())
    options = passkeys.options_to_use(the_provider().parts, challenge.value)
    return PasskeyForm("get", options, challenge.token, let_script_run())


def sign_in_answer() -> Answer:
    """What this browser answered on the sign-in page.

    Raises:
        InvalidPasskey: to no challenge of this page in this browser, or too late, or once more.
    """
    return _answer(_of_browser(), ANSWER_FIELD, CHALLENGE_FIELD)


def proof_form(session: Session) -> PasskeyForm:
    """The form that asks for fresh proof in a session."""
    challenge = passkey_challenges.issue(the_provider().parts, f"prove {session.id}")
    options = passkeys.options_to_use(the_provider().parts, challenge.value)
    return PasskeyForm("get", options, challenge.token, let_script_run(), PROOF_FIELD, PROOF_CHALLENGE_FIELD)


def proof_answer(session: Session) -> Answer:
    """What was answered to prove it in a session.

    Raises:
        InvalidPasskey: to no challenge of that page in this session, or too late, or once more.
    """
    return _answer(f"prove {session.id}", PROOF_FIELD, PROOF_CHALLENGE_FIELD)


def add_form(session: Session, account: Account) -> PasskeyForm:
    """The form that adds a passkey in a session."""
    challenge = passkey_challenges.issue(the_provider().parts, f"add {session.id}")
    options = passkeys.options_to_add(the_provider().parts, account, challenge.value)
    return PasskeyForm("create", options, challenge.token, let_script_run())


def add_answer(session: Session) -> Answer:
    """The passkey that a device made for a session.

    Raises:
        InvalidPasskey: for no challenge of that page in this session, or too late, or once more.
    """
    return _answer(f"add {session.id}", ANSWER_FIELD, CHALLENGE_FIELD)


def _answer(bound_to: str, answer_field: str, challenge_field: str) -> Answer:
    token = request.form.get(challenge_field, "")
    challenge = passkey_challenges.take(the_provider().parts, token, bound_to)
    if challenge is None:
        raise InvalidPasskey("no challenge of this page")
    return Answer(challenge, request.form.get(answer_field, ""), trace_id())


def _of_browser() -> str:
    return f"sign in {form_session.get(_BROWSER, '')}"
