"""A tour past the pages of the story, in the demonstration: for pictures, and for looking at each page with axe."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Browser

from clients.demo.people import PASSWORD
from tests.browser.people import PDF, Person, window
from tests.support.demo import Demo

Look = Callable[[Person, str], None]


def walk(demo: Demo, browser: Browser, look: Look, *, width: int = 360) -> None:
    """Walk past every page of the story and look at each."""
    portal, team = demo.addresses.portal, demo.addresses.professional
    her, worker = (window(browser, app, width=width, scripts=True) for app in (portal, team))
    _outside(demo, her, look)
    _arrive(her, look)
    _meet(her, worker, look)
    _decide(her, look)
    _work(worker, look)
    _move(her, look)
    _stop(her, worker, look)


def _outside(demo: Demo, her: Person, look: Look) -> None:
    for path, name in (("nieuw", "kluis-nieuw"), ("inloggen", "kluis-inloggen")):
        her.page.goto(demo.addresses.citizens_issuer + path)
        look(her, name)
    her.page.goto(demo.addresses.start_page)
    look(her, "start")


def _arrive(her: Person, look: Look) -> None:
    her.log_in("samira", PASSWORD)
    look(her, "kluis-vandaag-begin")
    her.go("stukken")
    look(her, "kluis-stukken")
    her.go("stukken/nieuw")
    her.press("Bewaar")
    look(her, "kluis-toevoegen-fout")
    her.page.locator("input[type=file]").set_input_files(
        {"name": "brief.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    her.fill(re.compile("^Hoe heet dit stuk"), "Brief van school")
    her.choose(re.compile("^Brieven"))
    her.press("Bewaar")
    look(her, "kluis-toegevoegd")
    her.go("stukken/nieuw-plan")
    look(her, "kluis-nieuw-plan")
    for path, name in (("meer", "kluis-meer"), ("hulp", "kluis-hulp"), ("toegang", "kluis-toegang-leeg")):
        her.go(path)
        look(her, name)


def _meet(her: Person, worker: Person, look: Look) -> None:
    her.go("code")
    look(her, "kluis-uitnodigen-begin")
    her.press("Maak een code")
    look(her, "kluis-uitnodigen")
    code = her.page.locator(".wk-code").inner_text()
    worker.log_in("marieke", PASSWORD)
    look(worker, "team-inwoners-leeg")
    worker.go("nieuw")
    worker.fill("Code van de inwoner", "AAAA BBBB")
    worker.press("Verder")
    look(worker, "team-uitnodiging-fout")
    worker.fill("Code van de inwoner", code)
    worker.press("Verder")
    look(worker, "team-ingevuld")
    her.follow("Kijk of de code is gebruikt")
    look(her, "kluis-is-dit-zij")
    her.press("Ja, dit is zij")
    look(her, "kluis-ontmoet")
    _ask(worker, look)


def _ask(worker: Person, look: Look) -> None:
    worker.go()
    worker.follow(re.compile("Vraag toegang aan Samira"))
    worker.press("Stuur verzoek")
    look(worker, "team-vragen-fout")
    worker.choose("Plan, doelen en taken")
    worker.page.get_by_label("Waarvoor?").select_option(label="Samen werken aan uw plan")
    worker.fill(re.compile("^Waarom hebt u dit nodig"), "Samen het plan bijwerken na elk gesprek.")
    worker.fill(re.compile("^Wat gebeurt er als"), "Dan nemen we het plan op papier mee. De hulp gaat door.")
    worker.fill(re.compile("^Tot en met welke dag"), "31-05-2027")
    worker.press("Stuur verzoek")
    look(worker, "team-gevraagd")


def _decide(her: Person, look: Look) -> None:
    her.go()
    look(her, "kluis-vandaag-verzoek")
    her.follow("Bekijk het verzoek")
    look(her, "kluis-verzoek")
    her.press("Dit ziet Marieke dan")
    look(her, "kluis-preview")
    her.page.go_back()
    her.choose(re.compile("^3 maanden"))
    her.press("Geef toegang")
    look(her, "kluis-gegeven")


def _work(worker: Person, look: Look) -> None:
    worker.go()
    look(worker, "team-inwoners")
    worker.follow("Samira El Idrissi")
    look(worker, "team-inwoner")
    worker.follow(re.compile("rust in huis"))
    look(worker, "team-stuk")


def _move(her: Person, look: Look) -> None:
    her.go("toegang")
    look(her, "kluis-toegang")
    her.go("verhuizen/1")
    look(her, "kluis-verhuizen-1")
    her.fill("Naar welke gemeente?", "Zwolle")
    her.fill(re.compile("^Vanaf welke dag"), "01-02-2027")
    her.press("Verder")
    look(her, "kluis-verhuizen-2")
    her.choose(re.compile("^Stopt als ik verhuis"))
    her.press("Verder")
    look(her, "kluis-verhuizen-3")
    her.press("Dit ziet Zwolle dan")
    look(her, "kluis-verhuizen-voorbeeld")
    her.page.go_back()
    her.press("Verder")
    look(her, "kluis-verhuizen-4")
    her.press("Ja, zet mijn verhuizing klaar")
    look(her, "kluis-verhuizen-klaar")


def _stop(her: Person, worker: Person, look: Look) -> None:
    her.go("toegang")
    her.follow(re.compile("^Stop.*Marieke"))
    look(her, "kluis-stop")
    her.press("Ja, stop nu")
    look(her, "kluis-gestopt")
    worker.page.reload()
    look(worker, "team-geen-toegang")
    her.go("logboek")
    look(her, "kluis-logboek")
    her.go("alles-stoppen")
    look(her, "kluis-alles-stoppen")
    her.go("toegang/gestopt")
    look(her, "kluis-toegang-gestopt")
