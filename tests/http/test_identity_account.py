"""The account page: all that lets somebody in stands there, and what is ended there is refused from that second."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pod_server.authentication.access_tokens import read_access_token
from pod_server.identity import credentials
from pod_server.identity.accounts import Account, NewAccount, authenticate, create_account
from pod_server.identity.fresh_proof import fresh_s
from tests.support.identity import (
    APP,
    BASE_URL,
    ISSUER,
    LOGIN,
    PASSWORD,
    TRUSTED,
    Browser,
    answered,
    asking,
    basic,
    code_form,
    opened_browser,
)
from vault.access.compile import compile_acl
from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import AccessMode
from vault.model.organisation import Organisation
from vault.model.records import NewRevision, ResourceKind
from vault.model.requester import EVERYTHING, NOTHING, AppLimit, Caller, Credentials, Declared, Requester
from vault.operations.access_rules import PreparedAcl, prepare_acl, put_acl
from vault.organisations import resolve
from vault.rdf.documents import parse
from vault.stores.ports import CatalogueTransaction
from vocab.media_types import TURTLE
from vocab.namespaces import ACL

READ = AppLimit(frozenset({AccessMode.READ}), ("afspraken/",), frozenset())
CHECKED = "https://gemeente-app.example/client-id"
CONSENT = {"wat": "lezen", "plaats": "afspraken/", "besluit": "ja"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    for one in opened_browser(tmp_path, monkeypatch):
        one.house.put_app(CHECKED, CHECKED.replace("client-id", "terug"), client_name="Gemeente-app")
        one.house.parts.context.catalogue.write(lambda tx: tx.put_organisation(TOWN))
        one.sign_in()
        yield one


TOWN = Organisation(
    iri="https://kluis.example/organisaties/1",
    name="Gemeente Nijmegen",
    kind="https://kluis.example/ns/wijk#Gemeente",
    number_kind="OIN",
    number="00000001234567890000",
    issuers=frozenset({ISSUER}),
    group="https://gemeente.example/groep#team",
    clients=frozenset({CHECKED}),
    verified_by="Beheer",
    municipality="Nijmegen",
    verified_at=1,
)


def her(browser: Browser) -> Account:
    found = authenticate(browser.house.parts, LOGIN, PASSWORD)
    assert found is not None
    return found


def other_window(browser: Browser) -> Browser:
    """The same person at another device."""
    other = Browser(browser.house, browser.app, browser.app.test_client())
    token = re.search(r'name="csrf_token" value="([^"]+)"', other.get("/inloggen").text)
    assert token is not None
    form = {"csrf_token": token[1], "inlognaam": LOGIN, "wachtwoord": PASSWORD}
    other.client.post("/inloggen", data=form, base_url=ISSUER, headers={"User-Agent": FIREFOX})
    return other


@dataclass(frozen=True)
class LetIn:
    """What an app has after she let it in: tokens, and a code that it did not use yet."""

    client_id: str
    access: str
    refresh: str
    code: str


def let_in(browser: Browser, client_id: str = APP, **ticked: str) -> LetIn:
    """Let an app in, and let it get tokens and one more code."""
    path = f"/toestaan?{asking(client_id=client_id)}"
    answer = browser.get(path)
    if answer.status_code == 200:
        answer = browser.post(path, CONSENT | ticked)
    tokens = browser.token(code_form(answered(answer)["code"], client_id)).get_json()
    code = answered(browser.get(path))["code"]
    return LetIn(client_id, tokens["access_token"], tokens["refresh_token"], code)


def standing(browser: Browser, access_token: str) -> Requester:
    """Who a token is to the storages, this second."""
    parts, token = browser.house.parts, read_access_token(access_token)
    found = Credentials(
        token.webid,
        token.own_name or token.client,
        token.issuer,
        is_local=True,
        is_trusted_client=token.client in parts.settings.trusted_clients,
        sign_outs=token.sign_outs,
    )
    with parts.context.catalogue.view() as view:
        return resolve(view, Caller(found, Declared(), "t" * 32), parts.now())


def userinfo(browser: Browser, access_token: str) -> int:
    proof = browser.holder.proof(
        "GET", f"{ISSUER}.oidc/userinfo", token=access_token, iat=browser.house.now_s
    )
    headers = {"Authorization": f"DPoP {access_token}", "DPoP": proof}
    return browser.client.get("/.oidc/userinfo", headers=headers, base_url=ISSUER).status_code


def link(browser: Browser, name: str) -> str:
    """Where the end of what has this name is asked."""
    page = browser.get("/account").text
    found = [
        match[1]
        for match in re.finditer(r'href="(/account/[a-z]+/[a-z0-9]+/stop)">Stop<span[^>]*> ([^<]*)<', page)
        if match[2] == name
    ]
    assert found, page
    return found[0]


def program_token(browser: Browser, made: credentials.NewCredential) -> Any:
    form = {"grant_type": "client_credentials", "scope": "webid"}
    return browser.token(form, headers=basic(made))


def activities(browser: Browser) -> list[str]:
    return [line.activity for line in browser.house.lines()]


def test_everything_that_lets_somebody_in_stands_on_the_page(browser: Browser) -> None:
    let_in(browser)
    let_in(browser, CHECKED, wat="erbij")
    let_in(browser, TRUSTED)
    other_window(browser)
    credentials.create(browser.house.parts, her(browser), "Agenda op de computer", READ)
    page = browser.get("/account").text
    for words in (
        "Uw inlognaam is samira.",
        "Dit bent u nu",
        "Firefox op Linux",
        "Mijn Afspraken",
        "Onbekend: wij weten niet wie de maker is.",
        "Adres van de app: app.example",
        "Alleen lezen: Afspraken",
        "Gemeente-app",
        "App van Gemeente Nijmegen. OIN-nummer 00000001234567890000.",
        "Lezen en erbij schrijven: Afspraken",
        "Deze app hoort bij uw kluis.",
        "Agenda op de computer",
        "Nog nooit gebruikt",
        "Stopt niet vanzelf",
    ):
        assert words in page, words
    assert page.count("/stop") == 5
    assert '<a class="wk-button wk-button--secondary" href="/account">' in browser.get("/").text


def test_where_nothing_is_the_page_says_so(browser: Browser) -> None:
    page = browser.get("/account").text
    assert "U liet nog geen app binnen." in page
    assert "Er zijn geen programma’s met een sleutel." in page


def test_the_page_is_hers_alone(browser: Browser) -> None:
    kevin = create_account(
        browser.house.parts, NewAccount("Kevin Peters", "kevin", "vier heel lange woorden")
    )
    theirs = credentials.create(browser.house.parts, kevin, "Van Kevin")
    assert "Van Kevin" not in browser.get("/account").text
    path = f"/account/programma/{theirs.client_id}/stop"
    assert browser.get(path).status_code == 404
    assert browser.post(path, {}, page="/account").status_code == 404
    assert program_token(browser, theirs).status_code == 200
    browser.post("/uitloggen", {}, page="/")
    assert browser.get("/account").headers["Location"] == "/inloggen?naar=%2Faccount"
    assert browser.get(path).status_code == 303
    assert browser.post(path, {}, page="/inloggen").status_code == 303
    assert browser.get("/account/overal-uitloggen").status_code == 303
    assert browser.post("/account/overal-uitloggen", {}, page="/inloggen").status_code == 303


@pytest.mark.parametrize("client_id", [APP, CHECKED, TRUSTED])
def test_an_app_that_is_ended_gets_nothing_from_that_second(browser: Browser, client_id: str) -> None:
    app = let_in(browser, client_id)
    assert standing(browser, app.access).limit not in {None, NOTHING}
    assert userinfo(browser, app.access) == 200
    name = {APP: "Mijn Afspraken", CHECKED: "Gemeente-app", TRUSTED: "Mijn Kluis"}[client_id]
    path = link(browser, name)
    assert f"Mag {name} niet meer in uw kluis?" in browser.get(path).text
    browser.house.now_s += fresh_s + 1
    assert f"Gestopt. {name} kan niets meer" in browser.post(path, {}).text
    assert standing(browser, app.access).limit in {None, NOTHING}
    assert standing(browser, app.access).limit is NOTHING or standing(browser, app.access).agent is None
    assert userinfo(browser, app.access) == 401
    assert browser.refresh(app.refresh, client_id).get_json()["error"] == "invalid_grant"
    assert browser.token(code_form(app.code, client_id)).get_json()["error"] == "invalid_grant"
    assert activities(browser)[-1] == "end-app"
    assert browser.house.lines()[-1].client == client_id
    assert f'__name">{name}<' not in browser.get("/account").text


def test_what_an_app_opened_for_others_by_hand_closes_with_it(browser: Browser) -> None:
    account, context = her(browser), browser.house.parts.context
    root = ResourceIdentifier(account.storage, "")
    friend = f"<#r> a <{ACL.Authorization}> ; <{ACL.agent}> <https://vriend.example/#ik> ; <{ACL.mode}> <{ACL.Read}> ; "
    friend += f"<{ACL.accessTo}> <{root.url(BASE_URL)}> ."
    triples = parse(friend.encode(), TURTLE, root.url(BASE_URL))
    compiled = compile_acl(triples, root.url(BASE_URL)).written_with(APP)
    new = prepare_acl(context, root.acl, "acl", triples, account.webid)

    def open_(tx: CatalogueTransaction) -> None:
        made = NewRevision("r", "text/turtle", None, None, 1)
        subject = tx.create_resource(root, ResourceKind.CONTAINER, made, "root")
        put_acl(tx, subject, None, PreparedAcl("acl", new, compiled))

    def rules(tx: CatalogueTransaction) -> int:
        return len(tx.rules(account.storage, "root").access_to)

    context.catalogue.write(open_)
    let_in(browser)
    assert context.catalogue.write(rules) == 1
    browser.post(link(browser, "Mijn Afspraken"), {})
    assert context.catalogue.write(rules) == 0


def test_an_app_that_was_ended_must_ask_her_again(browser: Browser) -> None:
    let_in(browser)
    browser.post(link(browser, "Mijn Afspraken"), {})
    assert "Een onbekende app wil in uw kluis kijken" in browser.get(f"/toestaan?{asking()}").text
    again = let_in(browser)
    assert standing(browser, again.access).limit == READ


def test_ending_one_app_leaves_the_others(browser: Browser) -> None:
    let_in(browser)
    checked, house = let_in(browser, CHECKED), let_in(browser, TRUSTED)
    browser.post(link(browser, "Mijn Afspraken"), {})
    assert standing(browser, checked.access).limit == READ
    assert standing(browser, house.access).limit == EVERYTHING
    assert browser.refresh(checked.refresh, CHECKED).status_code == 200


def test_a_browser_that_is_ended_is_out_with_all_that_came_from_it(browser: Browser) -> None:
    other = other_window(browser)
    theirs, hers = let_in(other, TRUSTED), let_in(browser, TRUSTED)
    assert "Firefox op Linux is uitgelogd" in browser.post(link(browser, "Firefox op Linux"), {}).text
    assert other.get("/").headers["Location"] == "/inloggen"
    assert other.refresh(theirs.refresh).get_json()["error"] == "invalid_grant"
    assert other.token(code_form(theirs.code)).get_json()["error"] == "invalid_grant"
    assert standing(browser, theirs.access).agent is None
    assert activities(browser)[-1] == "end-session"
    assert browser.get("/").status_code == 200
    renewed = browser.refresh(hers.refresh).get_json()
    assert standing(browser, renewed["access_token"]).limit == EVERYTHING


def test_a_program_that_is_ended_gets_nothing_from_that_second(browser: Browser) -> None:
    made = credentials.create(browser.house.parts, her(browser), "Agenda", READ)
    access = program_token(browser, made).get_json()["access_token"]
    assert standing(browser, access).limit == READ
    assert "Laatst gebruikt op" in browser.get("/account").text
    assert "Gestopt. Agenda kan niets meer" in browser.post(link(browser, "Agenda"), {}).text
    assert program_token(browser, made).get_json()["error"] == "invalid_client"
    assert standing(browser, access).limit is NOTHING
    assert activities(browser)[-1] == "end-program"


def test_nothing_outlives_signing_out_everywhere(browser: Browser) -> None:
    other = other_window(browser)
    unknown, checked, house = (let_in(browser, one) for one in (APP, CHECKED, TRUSTED))
    theirs = let_in(other, TRUSTED)
    made = credentials.create(browser.house.parts, her(browser), "Agenda", EVERYTHING)
    program = program_token(browser, made).get_json()["access_token"]
    browser.house.now_s += fresh_s + 1
    page = browser.get("/account/overal-uitloggen").text
    assert "Agenda" in page
    answer = browser.post("/account/overal-uitloggen", {})
    assert "U bent overal uitgelogd" in answer.text
    assert "__Host-wijkkluis=;" in str(answer.headers)
    for one in (browser, other):
        assert one.get("/").headers["Location"] == "/inloggen"
    for app in (unknown, checked, house, theirs):
        assert standing(browser, app.access).agent is None
        assert userinfo(browser, app.access) == 401
        assert browser.refresh(app.refresh, app.client_id).get_json()["error"] == "invalid_grant"
        assert browser.token(code_form(app.code, app.client_id)).get_json()["error"] == "invalid_grant"
    assert program_token(browser, made).get_json()["error"] == "invalid_client"
    assert standing(browser, program).agent is None
    assert activities(browser)[-1] == "sign-out-everywhere"


def test_after_signing_out_everywhere_she_comes_back_and_only_a_checked_app_need_not_ask(
    browser: Browser,
) -> None:
    let_in(browser)
    let_in(browser, CHECKED)
    browser.post("/account/overal-uitloggen", {})
    browser.sign_in()
    again = let_in(browser, CHECKED)
    assert standing(browser, again.access).limit == READ
    assert "Een onbekende app wil in uw kluis kijken" in browser.get(f"/toestaan?{asking()}").text


def test_what_is_over_already_is_told_so(browser: Browser) -> None:
    let_in(browser)
    path = link(browser, "Mijn Afspraken")
    browser.post(path, {})
    before = activities(browser)
    assert (browser.get(path).status_code, "al gestopt" in browser.get(path).text) == (404, True)
    assert browser.post(path, {}, page="/account").status_code == 404
    assert activities(browser) == before
    assert "Dit is er niet" in browser.get("/account/kast/1/stop").text


def test_nothing_ends_by_a_form_from_elsewhere(browser: Browser) -> None:
    app = let_in(browser)
    for path in (link(browser, "Mijn Afspraken"), "/account/overal-uitloggen"):
        assert browser.client.post(path, base_url=ISSUER).status_code == 400
    assert standing(browser, app.access).limit == READ
    assert browser.get("/account").status_code == 200


def test_what_an_unknown_app_might_do_is_gone_from_the_page_with_her_session(browser: Browser) -> None:
    asked = {"redirect_uris": ["https://nieuw.example/terug"], "client_name": "Nieuwe app"}
    registered = browser.client.post(
        "/.oidc/register", json=asked | {"token_endpoint_auth_method": "none"}, base_url=ISSUER
    ).get_json()
    path = f"/toestaan?{asking(client_id=registered['client_id'], redirect_uri=asked['redirect_uris'][0])}"
    browser.post(path, CONSENT)
    assert "Nieuwe app" in browser.get("/account").text
    browser.post("/uitloggen", {}, page="/")
    browser.sign_in()
    assert "Nieuwe app" not in browser.get("/account").text


def test_the_page_says_what_a_program_may_do_in_words(browser: Browser) -> None:
    for label, limit in (("Alles", EVERYTHING), ("Niets", NOTHING)):
        credentials.create(browser.house.parts, her(browser), label, limit)
    services = AppLimit(frozenset(), (), frozenset({"JournalService"}))
    credentials.create(browser.house.parts, her(browser), "", services)
    page = browser.get("/account").text
    for words in (
        "Lezen, veranderen en weggooien: uw hele kluis",
        "Toegang regelen",
        "<li>Niets</li>",
        "<li>Uw logboek lezen</li>",
        "Programma zonder naam",
    ):
        assert words in page


def test_the_page_tells_to_the_hour_when_an_app_was_last_used(browser: Browser) -> None:
    app = let_in(browser, CHECKED)
    browser.house.now_s += 2 * 3600
    assert browser.refresh(app.refresh, CHECKED).status_code == 200
    browser.sign_in()
    assert "Laatst gebruikt op 15\u00a0januari\u00a02027, 11.00 uur" in browser.get("/account").text
