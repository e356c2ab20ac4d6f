"""Passkeys on the pages: adding, signing in, proving, removing; and everybody who may not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from pod_server.identity import passkeys
from pod_server.identity.accounts import (
    Account,
    NewAccount,
    create_account,
    find_account_by_login,
    keep_changed,
)
from pod_server.identity.browsers import cookies_for
from pod_server.identity.passkeys import Passkey
from pod_server.identity.throttle import Allowance
from tests.support.authenticators import Authenticator, asked_form
from tests.support.identity import (
    ISSUER,
    LOGIN,
    PASSWORD,
    TRUSTED,
    Browser,
    asking,
    opened_browser,
    without_random,
)

FAILED = "Dat lukte niet. Probeer het nog een keer"
DAY_S = 24 * 3600


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    yield from opened_browser(tmp_path, monkeypatch)


def her_account(browser: Browser) -> Account:
    account = find_account_by_login(browser.house.parts, LOGIN)
    assert account is not None
    return account


def hers(browser: Browser) -> list[Passkey]:
    return passkeys.passkeys_of(browser.house.parts, her_account(browser).id)


def add(browser: Browser, device: Authenticator, name: str = "Mijn telefoon") -> TestResponse:
    form = asked_form(browser.get("/account/toestel").text)
    fields = form.answered(device.create(form.options))
    return browser.client.post("/account/toestel", data=fields | {"naam": name}, base_url=ISSUER)


def use(browser: Browser, device: Authenticator, path: str = "/inloggen") -> TestResponse:
    form = asked_form(browser.get(path).text)
    data = form.answered(device.get(form.options))
    return browser.client.post(path.partition("?")[0], data=data, base_url=ISSUER)


@pytest.fixture
def device(browser: Browser) -> Authenticator:
    """A device that Samira added; she is signed out again."""
    made = Authenticator()
    browser.sign_in()
    assert add(browser, made).headers["Location"] == "/account"
    browser.client.post("/weg", base_url=ISSUER)
    browser.house.now_s += 60
    return made


def test_with_her_device_she_signs_in_as_with_a_password(browser: Browser, device: Authenticator) -> None:
    answer = use(browser, device)
    assert answer.headers["Location"] == "/"
    assert "U bent ingelogd als Samira El Idrissi." in browser.get("/").text
    assert [line.activity for line in browser.house.lines()] == ["sign-in", "add-passkey", "sign-in"]
    assert browser.house.lines()[-1].trace_id == answer.headers["Trace-Id"]


def test_she_goes_on_to_the_app_that_waits(browser: Browser, device: Authenticator) -> None:
    form = asked_form(browser.get(f"/inloggen?verder={asking(client_id=TRUSTED).replace('&', '%26')}").text)
    data = form.answered(device.get(form.options))
    answer = browser.client.post("/inloggen", data=data, base_url=ISSUER)
    assert answer.headers["Location"].startswith("/toestaan?")


def test_signing_in_with_a_device_ends_the_session_of_before(browser: Browser, device: Authenticator) -> None:
    browser.sign_in()
    name = cookies_for(ISSUER).session
    before = browser.client.get_cookie(name, domain="id.example")
    use(browser, device)
    assert before is not None
    browser.client.set_cookie(name, before.value, domain="id.example", secure=True)
    assert browser.get("/").headers["Location"] == "/inloggen"


def test_a_device_nobody_added_and_a_wrong_answer_give_the_same_page(
    browser: Browser, device: Authenticator
) -> None:
    pages = []
    for wrong in (Authenticator(holder=device.holder), Authenticator(credential_id=device.credential_id)):
        answer = use(browser, wrong)
        assert answer.status_code == 422
        assert FAILED in answer.text
        pages.append(without_random(answer.text))
    assert pages[0] == pages[1]
    assert browser.get("/").headers["Location"] == "/inloggen"


def test_a_challenge_is_answered_once_whatever_the_answer_was(
    browser: Browser, device: Authenticator
) -> None:
    form = asked_form(browser.get("/inloggen").text)
    wrong = form.answered(Authenticator(credential_id=device.credential_id).get(form.options))
    right = form.answered(device.get(form.options))
    for data in (wrong, right):
        assert browser.client.post("/inloggen", data=data, base_url=ISSUER).status_code == 422


def test_a_challenge_is_of_one_browser(browser: Browser, device: Authenticator) -> None:
    other = Browser(browser.house, browser.app, browser.app.test_client())
    form = asked_form(browser.get("/inloggen").text)
    answer = form.answered(device.get(form.options))
    own = asked_form(other.get("/inloggen").text).fields["csrf_token"]
    sent = other.client.post("/inloggen", data=answer | {"csrf_token": own}, base_url=ISSUER)
    assert sent.status_code == 422


def test_a_challenge_that_is_older_than_five_minutes_is_told_and_asked_anew(
    browser: Browser, device: Authenticator
) -> None:
    form = asked_form(browser.get("/inloggen").text)
    answer = form.answered(device.get(form.options))
    browser.house.now_s += 301
    late = browser.client.post("/inloggen", data=answer, base_url=ISSUER)
    assert late.status_code == 422
    again = asked_form(late.text)
    data = again.answered(device.get(again.options))
    assert browser.client.post("/inloggen", data=data, base_url=ISSUER).status_code == 303


def test_an_answer_from_another_site_signs_nobody_in(browser: Browser, device: Authenticator) -> None:
    form = asked_form(browser.get("/inloggen").text)
    data = form.answered(device.get(form.options)) | {"csrf_token": ""}
    assert browser.client.post("/inloggen", data=data, base_url=ISSUER).status_code == 400


def test_the_challenge_to_prove_it_does_not_sign_in_nor_the_other_way_round(
    browser: Browser, device: Authenticator
) -> None:
    use(browser, device)
    form = asked_form(browser.get("/bewijs").text)
    sign_in = asked_form(browser.get("/inloggen").text)
    crossed = dict(sign_in.fields) | {
        "antwoord": device.get(form.options),
        "uitdaging": form.fields["bewijs_uitdaging"],
    }
    assert browser.client.post("/inloggen", data=crossed, base_url=ISSUER).status_code == 422


def test_wrong_answers_from_one_address_are_limited(
    browser: Browser, device: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = Allowance("sign-in address", 2, 300)
    monkeypatch.setattr("pod_server.identity.pages.SIGN_IN_BY_ADDRESS", few)
    for _ in range(2):
        use(browser, Authenticator())
    answer = use(browser, device)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "240")
    browser.house.now_s += 300
    assert use(browser, device).status_code == 303


def test_without_a_script_the_page_says_so_and_the_password_works(browser: Browser) -> None:
    page = browser.get("/inloggen").text
    assert "Uw browser kan dit niet. Gebruik uw wachtwoord." in page
    assert '<div class="wk-actions" data-passkey-on hidden>' in page
    assert browser.post("/inloggen", {"antwoord": "", "uitdaging": ""}).status_code == 422
    assert browser.sign_in().status_code == 303


def test_the_script_is_our_own_and_named_in_the_policy(browser: Browser) -> None:
    answer = browser.get("/inloggen")
    nonce = answer.headers["Content-Security-Policy"].partition("script-src 'nonce-")[2].partition("'")[0]
    assert len(nonce) > 20
    assert answer.text.count("<script") == 1
    assert f'<script type="module" src="/vormgeving/passkeys.js" nonce="{nonce}"></script>' in answer.text
    assert nonce not in browser.get("/inloggen").text
    script = browser.get("/vormgeving/passkeys.js")
    assert "javascript" in script.headers["Content-Type"]
    script.close()


def test_adding_a_device_needs_a_fresh_proof(browser: Browser) -> None:
    assert browser.get("/account/toestel").headers["Location"].startswith("/inloggen")
    browser.sign_in()
    form = asked_form(browser.get("/account/toestel").text)
    browser.house.now_s += 301
    assert browser.get("/account/toestel").headers["Location"].startswith("/bewijs?")
    data = form.answered(Authenticator().create(form.options))
    late = browser.client.post("/account/toestel", data=data, base_url=ISSUER)
    assert "Bent u het zelf?" in late.text
    assert hers(browser) == []


def test_a_device_is_not_added_in_another_session_than_the_one_that_asked(browser: Browser) -> None:
    browser.sign_in()
    form = asked_form(browser.get("/account/toestel").text)
    answer = Authenticator().create(form.options)
    browser.sign_in()
    own = asked_form(browser.get("/account/toestel").text).fields["csrf_token"]
    data = form.answered(answer) | {"csrf_token": own}
    refused = browser.client.post("/account/toestel", data=data, base_url=ISSUER)
    assert (refused.status_code, FAILED in refused.text) == (422, True)
    assert hers(browser) == []


def test_a_device_without_a_name_gets_one_and_is_not_added_twice(browser: Browser) -> None:
    browser.sign_in()
    device = Authenticator()
    add(browser, device, " ")
    assert [one.name for one in hers(browser)] == ["Mijn toestel"]
    answer = add(browser, device, "<b>Nog eens</b>")
    assert (answer.status_code, "Dit toestel staat er al bij" in answer.text) == (422, True)
    assert "&lt;b&gt;Nog eens" in answer.text


def test_proving_it_with_a_device_is_as_good_as_the_password(browser: Browser, device: Authenticator) -> None:
    browser.sign_in()
    browser.house.now_s += 301
    answer = use(browser, device, "/bewijs?verder=%2Faccount%2Ftoestel")
    assert answer.status_code == 303
    assert browser.get("/account/toestel").status_code == 200


def test_the_device_of_somebody_else_proves_nothing(browser: Browser, device: Authenticator) -> None:
    create_account(browser.house.parts, NewAccount("Kevin", "kevin", PASSWORD))
    browser.sign_in("kevin")
    add(browser, Authenticator())
    browser.house.now_s += 301
    answer = use(browser, device, "/bewijs")
    assert (answer.status_code, FAILED in answer.text) == (422, True)
    assert browser.get("/account/toestel").headers["Location"].startswith("/bewijs?")


def test_who_has_no_password_is_not_asked_for_one(browser: Browser, device: Authenticator) -> None:
    parts = browser.house.parts
    bare = replace(her_account(browser), password_hash=None)
    parts.database.write(lambda connection: keep_changed(parts, connection, bare))
    assert use(browser, device).status_code == 303
    page = browser.get("/bewijs").text
    assert 'type="password"' not in page
    assert use(browser, device, "/bewijs").status_code == 303


def test_a_device_can_be_named_and_removed(browser: Browser, device: Authenticator) -> None:
    browser.sign_in()
    [one] = hers(browser)
    page = f"/account/toestel/{one.id}"
    assert "Mijn telefoon" in browser.get(page).text
    assert (
        browser.post(f"{page}/naam", {"naam": "Oude telefoon"}, page=page).headers["Location"] == "/account"
    )
    assert "Oude telefoon" in browser.get(page).text
    assert browser.post(f"{page}/weg", {}, page=page).headers["Location"] == "/account"
    assert browser.get(page).status_code == 404
    assert use(browser, device).status_code == 422
    assert browser.house.lines()[-1].activity == "remove-passkey"


def test_removing_a_device_needs_a_fresh_proof(browser: Browser, device: Authenticator) -> None:
    browser.sign_in()
    [one] = hers(browser)
    page = f"/account/toestel/{one.id}"
    browser.house.now_s += 301
    assert "Bent u het zelf?" in browser.post(f"{page}/weg", {}, page=page).text
    assert hers(browser) == [one]


def test_a_device_of_somebody_else_is_not_there(browser: Browser, device: Authenticator) -> None:
    [one] = hers(browser)
    create_account(browser.house.parts, NewAccount("Kevin", "kevin", PASSWORD))
    browser.sign_in("kevin")
    assert browser.get(f"/account/toestel/{one.id}").status_code == 404
    for what in ("naam", "weg"):
        browser.post(f"/account/toestel/{one.id}/{what}", {"naam": "Gestolen"}, page="/account/toestel")
    assert [kept.name for kept in hers(browser)] == ["Mijn telefoon"]


def test_who_came_by_a_new_device_cannot_remove_an_older_one_for_a_week(
    browser: Browser, device: Authenticator
) -> None:
    [old] = hers(browser)
    browser.house.now_s += 30 * DAY_S
    browser.sign_in()
    new = Authenticator()
    add(browser, new, "Nieuwe telefoon")
    page = f"/account/toestel/{old.id}"
    use(browser, new)
    refused = browser.post(f"{page}/weg", {}, page=page)
    assert (refused.status_code, "Wacht 7 dagen" in refused.text) == (422, True)
    browser.house.now_s += 7 * DAY_S
    use(browser, new)
    assert browser.post(f"{page}/weg", {}, page=page).status_code == 303


def test_proving_it_with_a_new_device_does_not_reach_older_ones_either(
    browser: Browser, device: Authenticator
) -> None:
    [old] = hers(browser)
    browser.house.now_s += 30 * DAY_S
    browser.sign_in()
    new = Authenticator()
    add(browser, new)
    use(browser, new, "/bewijs")
    page = f"/account/toestel/{old.id}"
    assert browser.post(f"{page}/weg", {}, page=page).status_code == 422
    browser.post("/bewijs", {"bewijs_wachtwoord": PASSWORD})
    assert browser.post(f"{page}/weg", {}, page=page).status_code == 303


def test_nothing_of_a_device_is_in_an_address_or_the_log(
    browser: Browser, device: Authenticator, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        answer = use(browser, Authenticator(credential_id=device.credential_id))
    assert answer.status_code == 422
    assert "uitdaging" not in caplog.text
    assert "credential" not in caplog.text.lower()
