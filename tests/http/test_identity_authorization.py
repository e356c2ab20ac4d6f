"""The authorization endpoint and the consent page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pod_server.identity import credentials
from pod_server.identity.accounts import authenticate
from tests.support.identity import (
    APP,
    BACK,
    ISSUER,
    LOGIN,
    PASSWORD,
    TRUSTED,
    Browser,
    answered,
    asking,
    opened_browser,
)
from vault.model.modes import AccessMode
from vault.model.organisation import Organisation
from vault.model.requester import SERVICES, AppLimit

READ = frozenset({AccessMode.READ})


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    for one in opened_browser(tmp_path, monkeypatch):
        one.sign_in()
        yield one


def ask(browser: Browser, **changed: Any) -> str:
    return f"/toestaan?{asking(**changed)}"


def allow(browser: Browser, path: str, **form: Any) -> Any:
    return browser.post(path, {"besluit": "ja", "wat": "lezen", "plaats": ["afspraken/"], **form})


def limit(browser: Browser, client: str = APP) -> AppLimit | None:
    with browser.house.parts.context.catalogue.view() as view:
        [storage] = view.storages()
        return view.app_limit(storage.owner, client)


def test_a_trusted_app_gets_its_code_without_asking_anybody(browser: Browser) -> None:
    answer = answered(browser.get(ask(browser, client_id=TRUSTED)))
    assert set(answer) == {"code", "state", "iss"}
    assert (answer["state"], answer["iss"]) == ("toestand", ISSUER)
    assert limit(browser, TRUSTED) is None


def test_signing_in_at_an_app_is_a_line_that_names_it(browser: Browser) -> None:
    browser.get(ask(browser, client_id=TRUSTED))
    assert [line.client for line in browser.house.lines()] == [None, TRUSTED]


def test_who_is_not_signed_in_signs_in_first(browser: Browser) -> None:
    browser.post("/uitloggen", {}, page="/")
    location = browser.get(ask(browser, prompt="login consent")).headers["Location"]
    assert location.startswith("/inloggen?verder=response_type%3Dcode")
    assert "login" not in location.removeprefix("/inloggen")
    assert "prompt%3Dconsent" in location


def test_an_unknown_app_is_shown_with_its_address_a_warning_and_no_as_the_main_button(
    browser: Browser,
) -> None:
    page = browser.get(ask(browser)).text
    for words in (
        "Een onbekende app wil in uw kluis kijken",
        "“Mijn Afspraken”",
        "Adres van de app: app.example",
        "Pas op",
        "U bent ingelogd als Samira El Idrissi.",
        'wk-button--primary" type="submit" name="besluit" value="nee"',
    ):
        assert words in page


def test_an_app_of_the_register_is_shown_with_who_made_it(browser: Browser) -> None:
    clients = frozenset({APP})
    made = Organisation(
        "https://o.example/", "Agenda Coöperatie", "k", "KvK", "90000012", "", clients, clients, "g", "", 1
    )
    browser.house.parts.context.catalogue.write(lambda tx: tx.put_organisation(made))
    page = browser.get(ask(browser)).text
    assert "Mag de app “Mijn Afspraken” in uw kluis kijken?" in page
    assert "App van Agenda Coöperatie. KvK-nummer 90000012." in page
    assert "Pas op" not in page
    assert 'wk-button--primary" type="submit" name="besluit" value="ja"' in page


def test_reading_is_chosen_and_control_and_services_are_not(browser: Browser) -> None:
    page = browser.get(ask(browser)).text
    assert 'name="wat" value="lezen" checked' in page
    assert page.count(" checked") == 2
    assert 'name="plaats" value="afspraken/" id="plaats" checked' in page
    assert page.count('name="dienst"') == len(SERVICES)


def test_the_page_may_end_only_at_that_app(browser: Browser) -> None:
    assert (
        "form-action 'self' https://app.example;"
        in browser.get(ask(browser)).headers["Content-Security-Policy"]
    )


def test_what_she_allows_is_kept_with_the_code(browser: Browser) -> None:
    form = {"wat": "alles", "plaats": ["plannen/", "geld/"], "dienst": ["JournalService"], "regelen": "ja"}
    answer = allow(browser, ask(browser), **form)
    assert "code" in answered(answer)
    assert answer.headers["Location"].startswith(f"{BACK}?")
    assert limit(browser) == AppLimit(
        frozenset(AccessMode), ("geld/", "plannen/"), frozenset({"JournalService"})
    )


def test_the_whole_vault_is_no_list_of_containers(browser: Browser) -> None:
    allow(browser, ask(browser), plaats=["*", "geld/"])
    assert limit(browser) == AppLimit(READ, None, frozenset())


def test_an_app_with_a_limit_is_not_asked_about_again_unless_it_wants_to(browser: Browser) -> None:
    allow(browser, ask(browser))
    assert "code" in answered(browser.get(ask(browser)))
    assert browser.get(ask(browser, prompt="consent")).status_code == 200
    allow(browser, ask(browser, prompt="consent"), plaats=["geld/"])
    assert limit(browser) == AppLimit(READ, ("geld/",), frozenset())


def test_no_is_told_to_the_app_and_nothing_is_kept(browser: Browser) -> None:
    for form in ({"besluit": "nee"}, {}):
        answer = answered(browser.post(ask(browser), {"plaats": ["geld/"], **form}))
        assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", "toestand", ISSUER)
    assert limit(browser) is None


def test_yes_to_nothing_is_asked_again_with_what_was_chosen(browser: Browser) -> None:
    answer = allow(browser, ask(browser), wat="erbij", plaats=[])
    assert answer.status_code == 422
    assert answer.text.count("Kies minstens 1 map, of kies Nee.") == 2
    assert 'name="wat" value="erbij" checked' in answer.text


def test_a_trusted_app_that_asks_for_consent_keeps_its_rights_by_configuration(browser: Browser) -> None:
    path = ask(browser, client_id=TRUSTED, prompt="consent")
    assert "code" in answered(allow(browser, path))
    assert limit(browser, TRUSTED) is None


def test_consent_from_another_site_counts_for_nothing(browser: Browser) -> None:
    answer = browser.client.post(ask(browser), data={"besluit": "ja", "plaats": "*"}, base_url=ISSUER)
    assert answer.status_code == 400
    assert limit(browser) is None


def test_consent_to_a_request_that_does_not_hold_goes_nowhere(browser: Browser) -> None:
    answer = browser.post(
        ask(browser, redirect_uri="https://elders.example/"), {"besluit": "ja"}, page=ask(browser)
    )
    assert answer.status_code == 400


def test_consent_after_the_session_ended_is_asked_after_signing_in(browser: Browser) -> None:
    page = browser.get(ask(browser)).text
    browser.house.now_s += 16 * 60
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    answer = browser.client.post(ask(browser), data={"csrf_token": token, "besluit": "ja"}, base_url=ISSUER)
    assert answer.headers["Location"].startswith("/inloggen?verder=")


def test_an_app_that_must_not_disturb_is_told_what_is_needed(browser: Browser) -> None:
    assert answered(browser.get(ask(browser, prompt="none")))["error"] == "consent_required"
    browser.client.post("/weg", base_url=ISSUER)
    assert answered(browser.get(ask(browser, prompt="none")))["error"] == "login_required"


@pytest.mark.requirement("solid-oidc", "solid-oidc-04")
@pytest.mark.requirement("solid-oidc", "solid-oidc-05")
@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://app.example/elders"},
        {"redirect_uri": "https://app.example/terug?x"},
        {"redirect_uri": None},
        {"redirect_uri": 'https://app.example/"\u00e9'},
        {"client_id": "https://nergens.example/id"},
        {"client_id": None},
        {"client_id": "abcdefgh23456789"},
        {"client_id": "\u00e9"},
        {"response_type": "token", "redirect_uri": "https://elders.example/"},
    ],
)
def test_a_request_that_names_no_app_or_another_address_never_leaves_this_site(
    browser: Browser, changed: dict[str, Any]
) -> None:
    answer = browser.get(ask(browser, **changed))
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "Deze app kan u nu niet laten inloggen" in answer.text


def test_a_program_with_credentials_cannot_send_a_browser_here(browser: Browser) -> None:
    account = authenticate(browser.house.parts, LOGIN, PASSWORD)
    assert account is not None
    program = credentials.create(browser.house.parts, account, "zaad")
    for redirect_uri in (None, BACK):
        path = ask(browser, client_id=program.client_id, redirect_uri=redirect_uri)
        assert browser.get(path).status_code == 400


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
    ],
)
def test_a_request_that_is_not_as_it_must_be_is_told_to_the_app(
    browser: Browser, changed: dict[str, Any], error: str
) -> None:
    answer = answered(browser.get(ask(browser, **changed)))
    assert (answer["error"], answer["state"], answer["iss"]) == (error, "toestand", ISSUER)


@pytest.mark.parametrize(
    "extra",
    [
        "&client_id=x",
        "&request=x",
        "&request_uri=x",
        "&response_mode=fragment",
        "&a=" * 60,
        "&a=" + "x" * 9000,
    ],
)
def test_parameters_that_are_not_known_here_are_refused(browser: Browser, extra: str) -> None:
    assert browser.get(ask(browser) + extra).status_code == 400


def test_a_state_of_any_characters_comes_back_as_it_was(browser: Browser) -> None:
    state = 'é"\\ &=?#%0d%0a\u20ac'
    assert answered(browser.get(ask(browser, client_id=TRUSTED, state=state)))["state"] == state


def test_an_app_that_cannot_be_reached_is_told_to_the_person(browser: Browser) -> None:
    browser.house.web.documents.clear()
    assert browser.get(ask(browser)).status_code == 400
