"""Coming in, being signed out, and what was typed."""

from __future__ import annotations

from tests.unit.clients.fake_vault import APP, ISSUER, WEBID, query_of
from tests.unit.clients.portal.world import full_vault
from tests.unit.clients.sign_in import enter, open_portal, signed_in, token_on, words

QUARTER_S = 15 * 60


def test_who_is_not_signed_in_is_sent_to_the_issuer_and_back_to_her_page() -> None:
    vault = full_vault()
    browser = open_portal(vault)
    assert browser.get("/logboek?soort=gelezen").headers["Location"] == "/inloggen"
    assert enter(browser, vault) == "/logboek?soort=gelezen"


def test_signing_in_asks_for_a_credential_each_time() -> None:
    browser = open_portal(full_vault())
    where = browser.get("/inloggen").headers["Location"]
    assert where.startswith(f"{ISSUER}authorize?")
    assert query_of(where)["prompt"] == "login"
    assert query_of(where)["redirect_uri"] == f"{APP}terug"


def test_the_cookie_is_opaque_and_new_after_signing_in() -> None:
    vault = full_vault()
    browser = open_portal(vault)
    before = browser.get("/inloggen").headers["Set-Cookie"]
    vault.nonce = ""
    after = signed_in(vault).get_cookie("mijn-kluis-1")
    assert after is not None
    assert after.value not in before
    assert after.http_only
    assert WEBID not in after.value


def test_an_answer_of_a_sign_in_works_once() -> None:
    vault = full_vault()
    browser = open_portal(vault)
    asked = query_of(browser.get("/inloggen").headers["Location"])
    vault.nonce = asked["nonce"]
    answer = {"code": "c0de", "state": asked["state"], "iss": ISSUER}
    assert browser.get("/terug", query_string=answer).status_code == 303
    assert browser.get("/terug", query_string=answer).status_code == 400


def test_an_answer_that_was_not_asked_for_is_refused() -> None:
    vault = full_vault()
    browser = open_portal(vault)
    browser.get("/inloggen")
    refused = browser.get("/terug", query_string={"code": "c", "state": "s", "iss": ISSUER})
    assert (refused.status_code, "Inloggen lukte niet" in refused.text) == (400, True)


def test_after_a_quarter_of_quiet_nobody_is_signed_in() -> None:
    vault = full_vault()
    browser = signed_in(vault)
    vault.now_s += QUARTER_S + 1
    late = browser.get("/toegang")
    assert late.status_code == 401
    assert "U bent uitgelogd Dat doen wij na 15 minuten" in words(late.text)


def test_who_keeps_reading_stays_signed_in() -> None:
    vault = full_vault()
    browser = signed_in(vault)
    for _ in range(3):
        vault.now_s += QUARTER_S - 1
        assert browser.get("/toegang").status_code == 200


def test_what_was_typed_comes_back_after_signing_in_again() -> None:
    vault = full_vault()
    browser = signed_in(vault)
    token = token_on(browser.get("/stukken/nieuw-plan").text)
    vault.now_s += QUARTER_S + 1
    assert (
        browser.post("/stukken/nieuw-plan", data={"csrf_token": token, "titel": "Rust in huis"}).status_code
        == 401
    )
    assert enter(browser, vault) == "/stukken/nieuw-plan"
    assert 'value="Rust in huis"' in browser.get("/stukken/nieuw-plan").text
    assert 'value="Rust in huis"' not in browser.get("/stukken/nieuw-plan").text


def test_what_was_typed_never_comes_to_somebody_else() -> None:
    vault = full_vault()
    browser = signed_in(vault)
    token = token_on(browser.get("/stukken/nieuw-plan").text)
    vault.now_s += QUARTER_S + 1
    browser.post("/stukken/nieuw-plan", data={"csrf_token": token, "titel": "Rust in huis"})
    other = WEBID.replace("ncsv", "aaaa")
    vault.claims = {"webid": other}
    card = vault.resources[WEBID.removesuffix("#me")][1].decode().replace("ncsv", "aaaa", 1)
    vault.put(other.removesuffix("#me"), card)
    enter(browser, vault)
    assert "Rust in huis" not in browser.get("/stukken/nieuw-plan").text


def test_a_form_without_token_changes_nothing() -> None:
    vault = full_vault()
    browser = signed_in(vault)
    before = len(vault.seen)
    assert browser.post("/alles-stoppen").status_code == 401
    assert browser.post("/toegang/yqusbu8jeu3kbz9y/stop", data={"csrf_token": "x"}).status_code == 401
    assert len(vault.seen) == before


def test_a_preview_that_came_too_late_leads_back_to_its_card() -> None:
    vault = full_vault()
    browser = signed_in(vault)
    token = token_on(browser.get("/verzoeken/f8wbgrrzbe42sve8").text)
    vault.now_s += QUARTER_S + 1
    browser.post("/verzoeken/f8wbgrrzbe42sve8/voorbeeld", data={"csrf_token": token})
    assert enter(browser, vault) == "/verzoeken/f8wbgrrzbe42sve8"


def test_a_vault_that_does_not_answer_gives_a_page_with_a_number() -> None:
    vault = full_vault()
    browser = signed_in(vault)
    vault.say("GET", "http://localhost:3/ncsv6x3mmnsnut6x/logboek/", {}, 503)
    late = browser.get("/logboek")
    assert late.status_code == 503
    assert "De kluis doet het even niet Er is niets kwijt." in words(late.text)


def test_absent_and_refused_are_one_page() -> None:
    vault = full_vault()
    browser = signed_in(vault)
    vault.say("GET", "http://localhost:3/ncsv6x3mmnsnut6x/verzoeken/a", {}, 404)
    vault.say("GET", "http://localhost:3/ncsv6x3mmnsnut6x/verzoeken/b", {}, 403)
    absent, refused, nowhere = (browser.get(path) for path in ("/verzoeken/a", "/verzoeken/b", "/nergens"))
    assert (absent.status_code, refused.status_code, nowhere.status_code) == (404, 404, 404)
    assert words(absent.text) == words(refused.text) == words(nowhere.text)
