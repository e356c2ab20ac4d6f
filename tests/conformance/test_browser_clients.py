"""Foreign client libraries in Chromium, on pages of another origin: signing in, reading, writing, patching, ACLs, signing out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.people import chromium
from tests.support.apps import BrowserApp, bundle, served_app
from tests.support.servers import RunningServer, free_ports, run_json

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(300)]
TITLE = "http://purl.org/dc/terms/title"
ACL = "http://www.w3.org/ns/auth/acl#"
FRIEND = "https://friend.example/card#me"
PASSWORD = "drie lange woorden"
READ = {"read": True, "append": False, "write": False, "control": False}
patience_ms = 20_000
WORKER = "node_modules/@uvdsl/solid-oidc-client-browser/dist/esm/web/RefreshWorker.js"


@dataclass(slots=True)
class Scene:
    """A running server, a person with an account, a browser, and the origins of two apps that have a document."""

    browser: Browser
    issuer: str
    webid: str
    pod: str
    apps: dict[str, str]
    entered: dict[str, BrowserApp] = field(default_factory=dict)

    def window(self, app: str) -> BrowserApp:
        """A new window with nothing remembered, at an app."""
        context = self.browser.new_context(locale="nl-NL")
        context.set_default_timeout(patience_ms)
        opened = BrowserApp(context.new_page(), self.apps[app])
        assert not opened.open()["isLoggedIn"]
        return opened

    def sign_in(self, app: BrowserApp) -> None:
        """Sign in on the issuer's page."""
        page = app.page
        page.get_by_label("Uw inlognaam").fill("samira")
        page.get_by_label("Wachtwoord").fill(PASSWORD)
        page.locator("main").get_by_role("button", name="Log in", exact=True).click()

    def allow(self, app: BrowserApp, mode: str = "alles", place: str = "*", *, control: bool = True) -> None:
        """Say on the issuer's page what the app may do; the browser goes back to the app."""
        page = app.page
        expect(page.locator("h1")).to_contain_text(
            "Een onbekende app wil in uw kluis kijken", timeout=patience_ms
        )
        page.locator(f'input[name=wat][value="{mode}"]').check()
        for box in page.locator("input[name=plaats]").all():
            box.uncheck()
        page.locator(f'input[name=plaats][value="{place}"]').check()
        page.locator("input[name=regelen]").set_checked(control)
        page.get_by_role("button", name="Ja", exact=False).click()
        page.wait_for_url(f"{app.origin}/**")

    def enter(self, library: str, kind: str) -> BrowserApp:
        """Go from an app to the issuer, sign in, say yes to everything, and be signed in at the app; once for all tests."""
        app = self.entered.get(f"{library} {kind}")
        if app is None:
            app = self.entered[f"{library} {kind}"] = self.window(f"{library} {kind}")
            app.leave("login", issuer=self.issuer, **named(app, kind))
            self.sign_in(app)
            self.allow(app)
        state = app.state()
        assert (state["isLoggedIn"], state["webId"]) == (True, self.webid)
        return app


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("apps")
    bundle(folder / "js", "browser-inrupt.mjs", "browser-uvdsl.mjs", WORKER)
    with serve_apps(folder / "js") as apps, chromium() as browser:
        port, identity_port = free_ports(2)
        options = ("--demo", *(part for origin in apps.values() for part in ("--demo-origin", origin)))
        server = RunningServer(folder / "data", port, identity_port, options=options).start()
        try:
            arguments = ("--name", "Samira", "--email", "samira", "--password", PASSWORD)
            made = run_json("account", "create", "--data", str(server.data), *arguments)
            yield Scene(browser, made["issuer"], made["webid"], made["pod"], apps)
        finally:
            server.stop()


@contextmanager
def serve_apps(folder: Path) -> Iterator[dict[str, str]]:
    """Serve each library's page twice: as a client with a document, and as one that must register itself."""
    with ExitStack() as stack:
        yield {
            f"{library} {kind}": stack.enter_context(
                served_app(folder, f"browser-{library}.js", has_document=kind == "with a document")
            )
            for library in ("inrupt", "uvdsl")
            for kind in ("with a document", "registered")
        }


def named(app: BrowserApp, kind: str) -> dict[str, str]:
    """By what name the Inrupt library introduces itself: its document, else a name alone, so that it registers."""
    return {"clientId": app.client_id} if kind == "with a document" else {"clientName": "Verre app"}


def anonymous_status(url: str) -> int:
    return httpx2.get(url, trust_env=False).status_code


@pytest.mark.parametrize("kind", ["with a document", "registered"])
def test_the_inrupt_client_signs_in_and_reads_writes_patches_and_changes_acls(
    scene: Scene, kind: str
) -> None:
    app = scene.enter("inrupt", kind)
    url = f"{scene.pod}plannen/inrupt-{kind.split()[0]}"
    app.must("saveDataset", url=url, strings={TITLE: "Rust"})
    assert "PATCH" in app.must("changeDataset", url=url, predicate=TITLE, value="Ruimte")["methods"]
    assert app.must("readDataset", url=url, predicate=TITLE)["value"] == "Ruimte"
    assert app.do("readDataset", url=url, predicate=TITLE, anonymous=True)["status"] == 401
    app.must(
        "changeAcl",
        url=url,
        changes=[["setAgentResourceAccess", FRIEND, READ], ["setPublicResourceAccess", READ]],
    )
    assert app.must("aclOf", url=url)["agents"][FRIEND] == READ
    assert anonymous_status(url) == 200
    app.must("deleteAcl", url=url)
    assert anonymous_status(url) == 401


@pytest.mark.parametrize("kind", ["with a document", "registered"])
def test_the_inrupt_client_takes_its_session_up_again_without_a_question(scene: Scene, kind: str) -> None:
    app = scene.enter("inrupt", kind)
    app.page.reload()
    app.page.wait_for_function("document.title === 'ready' && location.search === ''")
    again = app.state()
    assert again == {"ok": True, "isLoggedIn": True, "webId": scene.webid, "restored": True}
    assert app.must("list", url=scene.pod)["members"]


def test_the_inrupt_client_signs_out_at_the_issuer_and_comes_back(scene: Scene) -> None:
    app = scene.enter("inrupt", "with a document")
    app.leave("logout", atIssuer=True, postLogoutUrl=f"{app.origin}/", state="s1")
    app.page.wait_for_url(f"{app.origin}/**")
    assert not app.state()["isLoggedIn"]
    assert app.do("list", url=scene.pod)["status"] == 401
    app.leave("login", issuer=scene.issuer, clientId=app.client_id)
    expect(app.page.get_by_label("Uw inlognaam")).to_be_visible(timeout=patience_ms)


def test_a_registered_client_without_an_address_for_it_signs_out_at_the_issuer(scene: Scene) -> None:
    app = scene.enter("inrupt", "registered")
    app.leave("logout", atIssuer=True, postLogoutUrl=f"{app.origin}/")
    expect(app.page.locator("h1")).to_contain_text("U bent uitgelogd", timeout=patience_ms)
    assert app.page.url.startswith(scene.issuer)
    assert not app.open()["isLoggedIn"]
    assert app.do("list", url=scene.pod)["status"] == 401


def test_without_a_yes_the_inrupt_client_gets_nothing(scene: Scene) -> None:
    app = scene.window("inrupt with a document")
    app.leave("login", issuer=scene.issuer, clientId=app.client_id)
    scene.sign_in(app)
    app.page.get_by_role("button", name="Nee").first.click()
    app.page.wait_for_url(f"{app.origin}/**")
    assert not app.state()["isLoggedIn"]
    assert app.do("list", url=scene.pod)["status"] == 401


def test_what_was_not_ticked_is_refused_to_a_foreign_client(scene: Scene) -> None:
    app = scene.window("inrupt registered")
    app.leave("login", issuer=scene.issuer, clientName="Verre app")
    scene.sign_in(app)
    scene.allow(app, "lezen", "afspraken/", control=False)
    assert app.state()["isLoggedIn"]
    assert app.must("list", url=f"{scene.pod}afspraken/")["members"] == []
    assert app.do("list", url=f"{scene.pod}geld/")["status"] == 403
    refused = app.do("saveDataset", url=f"{scene.pod}afspraken/nieuw", strings={TITLE: "Rust"})
    assert (refused["ok"], refused["status"]) == (False, 403)


@pytest.mark.parametrize("kind", ["with a document", "registered"])
def test_another_library_signs_in_and_works_with_rdflib(scene: Scene, kind: str) -> None:
    app = scene.enter("uvdsl", kind)
    url = f"{scene.pod}plannen/rdflib-{kind.split()[0]}"
    title = {"url": url, "subject": f"{url}#it", "predicate": TITLE}
    assert app.must("rdflibPut", url=url, body=f'<#it> <{TITLE}> "Rust" .')["status"] == 201
    app.must("rdflibReplace", **title, value="Ruimte")
    assert app.must("rdflibRead", **title)["values"] == ["Ruimte"]
    assert not app.do("rdflibRead", **title, anonymous=True)["ok"]
    share(app, scene.webid, url)
    assert anonymous_status(url) == 200
    assert app.must("rdflibDelete", url=f"{url}.acl")["status"] == 204
    assert anonymous_status(url) == 401


def share(app: BrowserApp, owner: str, url: str) -> None:
    """Write an ACL for the owner alone, and add everybody to it by an update."""
    rule = f"<#owner> a <{ACL}Authorization>; <{ACL}agent> <{owner}>; <{ACL}accessTo> <{url}>; <{ACL}mode> <{ACL}Control> ."
    assert app.must("rdflibPut", url=f"{url}.acl", body=rule)["status"] == 201
    assert anonymous_status(url) == 401
    everybody = {
        "type": f"{ACL}Authorization",
        "agentClass": "http://xmlns.com/foaf/0.1/Agent",
        "accessTo": url,
        "mode": f"{ACL}Read",
    }
    app.must("rdflibAuthorize", url=f"{url}.acl", rule=f"{url}.acl#all", properties=everybody)


@pytest.mark.parametrize("kind", ["with a document", "registered"])
def test_the_other_library_takes_its_session_up_again_and_forgets_it(scene: Scene, kind: str) -> None:
    app = scene.enter("uvdsl", kind)
    assert app.open() == {"ok": True, "isLoggedIn": True, "webId": scene.webid, "restored": True}
    card = {
        "url": f"{scene.pod}plannen/",
        "subject": f"{scene.pod}plannen/",
        "predicate": "http://www.w3.org/ns/ldp#contains",
    }
    assert app.do("rdflibRead", **card)["ok"]
    app.must("logout")
    assert not app.do("rdflibRead", **card)["ok"]
    assert not app.open()["isLoggedIn"]
