"""Fresh proof that it is still she: when it is asked, what it carries, and who cannot give it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Response, make_response, request

from pod_server.identity.browsers import cookies_for
from pod_server.identity.fresh_proof import fresh_s, is_fresh, proved_account
from pod_server.identity.sessions import Session
from tests.support.identity import (
    APP,
    ISSUER,
    LOGIN,
    PASSWORD,
    Browser,
    answered,
    asking,
    csrf_token,
    opened_browser,
)
from vault.model.modes import AccessMode
from vault.model.requester import AppLimit

CONSENT = f"/toestaan?{asking()}"
EVERYTHING = {"wat": "alles", "plaats": "plannen/", "dienst": "JournalService", "besluit": "ja"}
HEADING = "Bent u het zelf?"
guarded = Blueprint("guarded", __name__)


@guarded.route("/belangrijk", methods=["GET", "POST"])
def important() -> Response:
    """Something that needs a fresh proof, as other pages do it."""
    here = proved_account()
    if isinstance(here, Response):
        return here
    return make_response(f"{here[1].name} {sorted(request.form.items(multi=True))}")


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    for one in opened_browser(tmp_path, monkeypatch):
        one.app.register_blueprint(guarded)
        one.sign_in()
        yield one


@pytest.fixture
def later(browser: Browser) -> Browser:
    """The same browser, after more than five minutes in which she clicked now and then."""
    browser.house.now_s += fresh_s + 1
    return browser


def limit_of(browser: Browser) -> AppLimit | None:
    with browser.house.parts.context.catalogue.view() as view:
        [storage] = view.storages()
        return view.app_limit(storage.owner, APP)


def send_on(browser: Browser, page: str, **more: Any) -> Any:
    """Send the form of the page that asks for proof, with all that it carries."""
    action = re.search(r'id="formulier" action="([^"]+)"', page)
    assert action, page
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    form: dict[str, Any] = {}
    for name, value in fields:
        form.setdefault(name, []).append(value)
    return browser.client.post(action[1].replace("&amp;", "&"), data=form | more, base_url=ISSUER)


@pytest.mark.parametrize(("passed", "fresh"), [(0, True), (300, True), (301, False), (-1, False)])
def test_a_proof_is_fresh_for_five_minutes(passed: int, *, fresh: bool) -> None:
    assert is_fresh(Session("session", "account", 1000, 0, 1000), 1000 + passed) is fresh


def test_signing_in_counts_as_proof(browser: Browser) -> None:
    assert "code" in answered(browser.post(CONSENT, EVERYTHING))


@pytest.mark.parametrize(
    "ticked",
    [
        EVERYTHING,
        EVERYTHING | {"wat": "erbij", "plaats": "*"},
        EVERYTHING | {"wat": "lezen", "regelen": "ja"},
        EVERYTHING | {"wat": "lezen", "dienst": "AccessGrantService"},
    ],
)
def test_an_app_that_may_do_much_asks_for_a_fresh_proof(later: Browser, ticked: dict[str, str]) -> None:
    answer = later.post(CONSENT, ticked)
    assert answer.status_code == 200
    assert HEADING in answer.text
    assert limit_of(later) is None


@pytest.mark.parametrize(
    "ticked", [EVERYTHING | {"wat": "erbij"}, EVERYTHING | {"wat": "lezen", "plaats": "*"}]
)
def test_an_app_that_only_reads_or_adds_in_a_folder_asks_for_none(
    later: Browser, ticked: dict[str, str]
) -> None:
    assert "code" in answered(later.post(CONSENT, ticked))


def test_with_the_proof_happens_what_she_asked_for_and_nothing_is_chosen_twice(later: Browser) -> None:
    page = later.post(CONSENT, EVERYTHING).text
    assert "code" in answered(send_on(later, page, bewijs_wachtwoord=PASSWORD))
    everything = frozenset({AccessMode.READ, AccessMode.APPEND, AccessMode.WRITE})
    assert limit_of(later) == AppLimit(everything, ("plannen/",), frozenset({"JournalService"}))


@pytest.mark.parametrize("password", ["wrong", ""])
def test_with_a_wrong_password_nothing_happens_and_nothing_is_lost(later: Browser, password: str) -> None:
    page = later.post(CONSENT, EVERYTHING).text
    answer = send_on(later, page, bewijs_wachtwoord=password)
    assert answer.status_code == 422
    assert "Dit wachtwoord klopt niet." in answer.text
    assert limit_of(later) is None
    assert "code" in answered(send_on(later, answer.text, bewijs_wachtwoord=PASSWORD))


def test_wrong_passwords_wait_as_at_the_sign_in_page_and_together_with_it(later: Browser) -> None:
    page = later.get("/bewijs?verder=%2Fbelangrijk").text
    for _ in range(5):
        assert send_on(later, page, bewijs_wachtwoord="wrong").status_code == 422
    answer = send_on(later, page, bewijs_wachtwoord=PASSWORD)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "300")
    assert later.sign_in(LOGIN, PASSWORD).status_code == 429


def test_a_page_that_needs_proof_sends_her_to_prove_it_and_back(later: Browser) -> None:
    to_prove = later.get("/belangrijk?dag=1").headers["Location"]
    assert to_prove == "/bewijs?verder=%2Fbelangrijk%3Fdag%3D1"
    answer = send_on(later, later.get(to_prove).text, bewijs_wachtwoord=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/belangrijk?dag=1")
    assert "Samira" in later.get("/belangrijk?dag=1").text


def test_proving_it_never_leads_to_another_site(later: Browser) -> None:
    for target in ("//elders.example/", "https://elders.example/", "/%5Celders.example"):
        page = later.get(f"/bewijs?verder={target}").text
        assert send_on(later, page, bewijs_wachtwoord=PASSWORD).headers["Location"] == "/account"


def test_what_a_form_said_twice_and_in_odd_signs_is_carried_but_for_passwords(later: Browser) -> None:
    token = csrf_token(later.get("/").text)
    form = {"naam": ["<b>", 'a"b'], "nieuw_wachtwoord": "geheim", "csrf_token": token}
    page = later.client.post("/belangrijk", data=form, base_url=ISSUER).text
    assert "geheim" not in page
    assert "<b>" not in page
    assert page.count('name="naam"') == 2


def test_the_session_gets_a_new_cookie_with_the_proof_and_the_old_one_is_worth_nothing(
    later: Browser,
) -> None:
    name = cookies_for(ISSUER).session
    before = later.client.get_cookie(name, domain="id.example")
    send_on(later, later.get("/bewijs").text, bewijs_wachtwoord=PASSWORD)
    assert later.get("/belangrijk").status_code == 200
    assert before is not None
    later.client.set_cookie(name, before.value, domain="id.example", secure=True)
    assert later.get("/").headers["Location"] == "/inloggen"


def test_proof_from_another_site_counts_for_nothing(later: Browser) -> None:
    answer = later.client.post("/bewijs", data={"bewijs_wachtwoord": PASSWORD}, base_url=ISSUER)
    assert answer.status_code == 400
    assert later.get("/belangrijk").status_code == 303


def test_who_is_not_signed_in_signs_in_first_and_comes_back(browser: Browser) -> None:
    browser.post("/uitloggen", {}, page="/")
    to_sign_in = browser.get("/belangrijk?dag=1").headers["Location"]
    assert to_sign_in == "/inloggen?naar=%2Fbelangrijk%3Fdag%3D1"
    form = {"inlognaam": LOGIN, "wachtwoord": PASSWORD, "naar": "/belangrijk?dag=1"}
    assert 'name="naar" value="/belangrijk?dag=1"' in browser.get(to_sign_in).text
    assert browser.post("/inloggen", form).headers["Location"] == "/belangrijk?dag=1"
    browser.post("/uitloggen", {}, page="/")
    elsewhere = form | {"naar": "//elders.example/"}
    assert browser.post("/inloggen", elsewhere).headers["Location"] == "/"


def test_stopping_signing_out_and_leaving_in_a_hurry_never_ask_for_proof(later: Browser) -> None:
    assert "U bent uitgelogd" in later.post("/uitloggen", {}, page="/").text
    later.sign_in()
    later.house.now_s += fresh_s + 1
    assert later.client.post("/weg", base_url=ISSUER).status_code == 200
    later.sign_in()
    later.house.now_s += fresh_s + 1
    assert "access_denied" in str(answered(later.post(CONSENT, EVERYTHING | {"besluit": "nee"})))


def test_the_page_that_asks_can_change_its_language_and_keeps_all(later: Browser) -> None:
    page = later.get("/bewijs?verder=%2Fbelangrijk").text
    english = send_on(later, page, taal="en", bewijs_wachtwoord="half getypt")
    assert "Is it you?" in english.text
    assert "half getypt" not in english.text
    answer = send_on(later, english.text, bewijs_wachtwoord=PASSWORD)
    assert answer.headers["Location"] == "/belangrijk"
