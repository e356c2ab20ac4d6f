"""What comes after an authorization request, and what a person may say."""

from __future__ import annotations

import pytest

from pod_server.identity.authorization import Step, continued, next_step
from pod_server.identity.clients import Client
from pod_server.identity.consent import EVERYWHERE, limit_of, organisation_of, places, read_choices
from pod_server.identity.oauth import AuthorizationRequest
from pod_server.identity.sessions import Session
from pod_server.identity.texts import Language
from vault.model.modes import AccessMode
from vault.model.organisation import Organisation, Register
from vault.model.requester import SERVICES, AppLimit

APP = "https://app.example/id"
CLIENT = Client(APP, APP, APP, "App", (), (), frozenset(), frozenset(), frozenset(), "ES256", None)
SESSION = Session("session", "account", 1000, 0, 1000)


@pytest.mark.parametrize(
    ("values", "session", "may_go", "step"),
    [
        ({}, None, True, Step.SIGN_IN),
        ({"prompt": "none"}, None, True, Step.LOGIN_REQUIRED),
        ({}, SESSION, True, Step.GO),
        ({}, SESSION, False, Step.CONSENT),
        ({"prompt": "none"}, SESSION, True, Step.GO),
        ({"prompt": "none"}, SESSION, False, Step.CONSENT_REQUIRED),
        ({"prompt": "login"}, SESSION, True, Step.SIGN_IN),
        ({"prompt": "select_account"}, SESSION, True, Step.SIGN_IN),
        ({"prompt": "consent"}, SESSION, True, Step.CONSENT),
        ({"max_age": "99"}, SESSION, True, Step.SIGN_IN),
        ({"max_age": "100"}, SESSION, True, Step.GO),
        ({"max_age": "-1"}, SESSION, True, Step.GO),
        ({"max_age": "9" * 5000}, SESSION, True, Step.GO),
    ],
)
def test_the_next_step_follows_from_request_and_session(
    values: dict[str, str], session: Session | None, may_go: bool, step: Step
) -> None:
    asked = AuthorizationRequest(None, CLIENT, "https://app.example/", values)
    assert next_step(asked, session, may_go=may_go, now_s=1100) is step


def test_after_signing_in_it_is_not_asked_again_but_consent_is() -> None:
    assert continued("a=1&prompt=login&b=%26") == "a=1&b=%26"
    assert continued("prompt=login+consent&state=") == "prompt=consent&state="


def test_a_limit_holds_what_was_ticked_and_nothing_else() -> None:
    choices = read_choices(
        "erbij", ["plannen/", "toegang/", "elders/"], ["JournalService", "X"], has_control=False
    )
    assert limit_of(choices) == AppLimit(
        frozenset({AccessMode.READ, AccessMode.APPEND}), ("plannen/",), frozenset({"JournalService"})
    )


def test_control_and_everywhere_come_only_when_ticked() -> None:
    everything = limit_of(read_choices("alles", [EVERYWHERE, "geld/"], list(SERVICES), has_control=True))
    assert everything == AppLimit(frozenset(AccessMode), None, SERVICES)


def test_an_unknown_mode_is_reading_only_and_no_place_is_no_limit() -> None:
    read = limit_of(read_choices("beheren", ["geld/"], [], has_control=False))
    assert read is not None
    assert read.modes == {AccessMode.READ}
    assert limit_of(read_choices("lezen", [], [], has_control=True)) is None


def test_the_containers_that_the_vault_writes_itself_cannot_be_ticked() -> None:
    paths = [path for path, _ in places(Language.DUTCH)]
    assert len(paths) == 17
    assert not {"toegang/", "verzoeken/", "logboek/"} & set(paths)


def test_an_app_is_an_organisations_only_as_long_as_that_is_not_suspended() -> None:
    def organisation(suspended_at: int | None) -> Register:
        known = frozenset({CLIENT.id})
        one = Organisation(
            "https://o.example/", "O", "k", "KvK", "1", "", known, known, "g", "", 1, suspended_at
        )
        return Register((one,))

    assert organisation_of(organisation(None), CLIENT) is not None
    assert organisation_of(organisation(5), CLIENT) is None
    assert organisation_of(Register(), CLIENT) is None
