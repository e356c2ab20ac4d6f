"""The whole road as people walk it: real processes, headless Chromium, JavaScript off, and a look at what stands on the screen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser

from clients.demo.people import PASSWORD
from tests.browser.people import PDF, Person, chromium, window
from tests.support.demo import Demo, kill_server, running_demo
from tests.support.servers import run_command, run_json
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(600)]
_NEW = "drie-blauwe-fietsen"


@dataclass(slots=True)
class Story:
    """Everybody in it, and what one step leaves for the next."""

    demo: Demo
    browser: Browser
    folder: Path
    citizen: Person
    marieke: Person
    femke: Person
    pod: str = ""
    plan: str = ""
    before: str = ""


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("story")
    with running_demo(folder / "state") as demo, chromium() as browser:
        portal, team = demo.addresses.portal, demo.addresses.professional
        people = (window(browser, portal), window(browser, team), window(browser, team))
        yield Story(demo, browser, folder, *people)


def accounts(demo: Demo) -> set[str]:
    """The storages of the citizens' server, by the keys that are kept for them."""
    return {path.stem for path in (demo.state / "citizens" / "keys" / "wrapped").glob("*.key")}


def inventory(story: Story) -> str:
    """The inventory of her storage."""
    return run_command("inventory", "--data", story.demo.citizens_data, story.pod, "--json")


def test_1_she_opens_an_account_and_gets_a_storage_with_its_containers(story: Story) -> None:
    known = accounts(story.demo)
    her = story.citizen
    her.page.goto(story.demo.addresses.citizens_issuer + "nieuw")
    her.heading("Maak uw kluis")
    her.fill("Hoe heet u?", "Yasmina Haddad")
    her.fill("Kies een inlognaam", "yasmina")
    her.page.get_by_label("Kies een wachtwoord").fill(_NEW)
    her.page.get_by_label("Typ uw wachtwoord nog een keer").fill(_NEW)
    her.press("Maak mijn kluis")
    her.sees("Uw kluis is klaar")
    (storage,) = accounts(story.demo) - known
    story.pod = f"{story.demo.addresses.citizens}{storage}/"
    card = httpx2.get(f"{story.pod}profiel/card", trust_env=False)
    assert card.status_code == 200
    assert "Yasmina" not in card.text
    assert httpx2.get(story.pod, trust_env=False).status_code == 401


def test_2_she_signs_in_and_puts_a_plan_and_a_letter_in_it(story: Story) -> None:
    her = story.citizen
    her.log_in("yasmina", _NEW)
    her.heading("Welkom in uw kluis")
    her.go("stukken/nieuw-plan")
    her.fill("Hoe heet uw plan?", "Rust in huis")
    her.fill(re.compile("^Doel 1"), "Elke dag een vaste tijd voor huiswerk")
    her.press("Bewaar")
    her.heading("Uw stuk is bewaard")
    her.go("stukken/nieuw")
    her.page.locator("input[type=file]").set_input_files(
        {"name": "brief.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    her.fill(re.compile("^Hoe heet dit stuk"), "Brief van school")
    her.choose(re.compile("^Brieven"))
    her.press("Bewaar")
    her.heading("Uw stuk is bewaard")
    her.go("stukken")
    her.sees("Rust in huis")
    her.sees("Brief van school")
    story.plan = next(row["url"] for row in json.loads(inventory(story)) if row["url"].endswith("/plan"))


def test_3_they_meet_with_a_code_and_the_worker_asks(story: Story) -> None:
    her, worker = story.citizen, story.marieke
    her.go("code")
    her.press("Maak een code")
    code = her.page.locator(".wk-code").inner_text()
    worker.log_in("marieke", PASSWORD)
    worker.heading("Inwoners")
    worker.sees("Nog niemand gaf u toegang")
    worker.follow("Nieuwe inwoner")
    worker.fill("Code van de inwoner", "AAAA BBBB")
    worker.press("Verder")
    worker.sees("Deze code werkt niet (meer)")
    worker.fill("Code van de inwoner", code)
    worker.press("Verder")
    worker.heading("De code is ingevuld")
    worker.go()
    worker.sees_not("Yasmina")
    her.follow("Kijk of de code is gebruikt")
    her.heading("Marieke Bos gebruikte de code")
    her.sees("Stichting Samen Verder")
    her.press("Ja, dit is zij")
    her.heading("Marieke Bos mag u nu om toegang vragen")
    ask(worker)


def ask(worker: Person) -> None:
    """The worker asks to read plans; an empty form first, to see that nothing is lost."""
    worker.go()
    worker.follow(re.compile("Vraag toegang aan Yasmina"))
    worker.choose("Plan, doelen en taken")
    worker.press("Stuur verzoek")
    worker.sees("Kies waarvoor u dit nodig hebt.")
    worker.page.get_by_label("Waarvoor?").select_option(label="Samen werken aan uw plan")
    worker.fill(re.compile("^Waarom hebt u dit nodig"), "Samen het plan bijwerken na elk gesprek.")
    worker.fill(re.compile("^Wat gebeurt er als"), "Dan nemen we het plan op papier mee. De hulp gaat door.")
    worker.fill(re.compile("^Tot en met welke dag"), "31-05-2027")
    worker.press("Stuur verzoek")
    worker.heading("Uw verzoek is verstuurd")


def test_4_she_sees_one_card_previews_shortens_and_gives(story: Story) -> None:
    her = story.citizen
    her.go()
    her.follow("Bekijk het verzoek")
    her.heading(re.compile("^Marieke Bos vraagt: mag ik .* lezen\\?$"))
    for words in ("Gecontroleerd: Marieke werkt bij Stichting Samen Verder", "KvK-nummer 00000011"):
        her.sees(words)
    her.sees("Samen werken aan uw plan")
    her.sees("Dan nemen we het plan op papier mee. De hulp gaat door.")
    her.sees("Tot en met 31\u00a0mei\u00a02027")
    her.press("Dit ziet Marieke dan")
    her.heading("Dit ziet Marieke dan")
    her.sees("Rust in huis")
    her.sees_not("Brief van school")
    her.page.go_back()
    her.choose(re.compile("^3 maanden"))
    her.press("Geef toegang")
    her.heading(re.compile("^Marieke kan nu .* lezen$"))


def test_5_the_worker_reads_the_plan_and_nothing_else(story: Story) -> None:
    worker = story.marieke
    worker.go()
    worker.follow("Yasmina Haddad")
    worker.sees("U ziet dit omdat Yasmina Haddad u toegang gaf")
    worker.sees("Rust in huis")
    worker.sees_not("Brief van school")
    worker.follow("Rust in huis")
    worker.heading("Rust in huis")
    worker.sees("voor “Samen werken aan uw plan”")


def test_6_she_reads_who_looked_stops_and_the_next_click_is_refused(story: Story) -> None:
    her, worker = story.citizen, story.marieke
    wait_until(lambda: journal_says(her, "Marieke Bos"), within_s=20)
    her.sees(re.compile("Marieke Bos.* las"))
    her.sees("Waarom: samen werken aan uw plan.")
    her.go("toegang")
    her.follow(re.compile("^Stop"))
    her.heading("Toegang van Marieke stoppen?")
    her.press("Ja, stop nu")
    her.heading("Gestopt. Marieke ziet niets meer")
    worker.page.reload()
    worker.heading("U kunt dit niet openen")
    wait_until(lambda: journal_says(her, "Geweigerd"), within_s=20)
    her.sees("Dat mocht niet.")
    worker.go()
    worker.sees_not("Rust in huis")


def journal_says(her: Person, words: str) -> bool:
    """Whether the log shows these words by now."""
    her.go("logboek")
    return words in her.page.locator("main").inner_text()


def test_7_she_gives_again_moves_and_nothing_is_copied(story: Story) -> None:
    her = story.citizen
    her.go("toegang/gestopt")
    her.follow(re.compile("^Geef opnieuw toegang"))
    her.press("Geef toegang")
    her.heading(re.compile("^Marieke kan nu"))
    story.marieke.page.goto(story.marieke.app)
    story.marieke.follow("Yasmina Haddad")
    story.marieke.sees("Rust in huis")
    story.before = inventory(story)
    move(her)
    assert inventory(story) == story.before
    run_command("clock", "--data", story.demo.citizens_data, "--date", "2027-02-02")
    run_command("clock", "--data", str(story.demo.state / "organisations"), "--date", "2027-02-02")
    story.marieke.go()
    story.marieke.sees_not("Rust in huis")
    reads_the_same_plan(story)
    assert inventory(story) == story.before


def move(her: Person) -> None:
    """Four steps: where and when, who may still look, what the new team sees, and one confirmation."""
    her.go("verhuizen/1")
    her.heading("Waar gaat u wonen, en wanneer?")
    her.fill("Naar welke gemeente?", "Zwolle")
    her.fill(re.compile("^Vanaf welke dag"), "01-02-2027")
    her.press("Verder")
    her.heading(re.compile("^Wie mag na 1.februari nog kijken"))
    her.sees("Marieke Bos")
    her.sees("Dit is ons voorstel.")
    her.choose(re.compile("^Stopt als ik verhuis"))
    her.press("Verder")
    her.heading("Wat mag het team in Zwolle zien?")
    her.sees("Wijkteam Stadshagen, gemeente Zwolle (demo)")
    for box in her.page.locator("input[type=checkbox]").all():
        box.uncheck()
    her.choose(re.compile("Rust in huis"))
    her.press("Dit ziet Zwolle dan")
    her.sees("Rust in huis")
    her.sees_not("Brief van school")
    her.page.go_back()
    her.press("Verder")
    her.heading("Klopt dit?")
    her.press("Ja, zet mijn verhuizing klaar")
    her.heading("Uw verhuizing staat klaar")
    her.sees("Gekopieerde stukken")


def reads_the_same_plan(story: Story) -> None:
    """The new town's worker opens the plan where it always was."""
    femke = story.femke
    femke.log_in("femke", PASSWORD)
    femke.heading("Inwoners")
    femke.follow("Yasmina Haddad")
    femke.sees("Rust in huis")
    femke.sees_not("Brief van school")
    femke.follow("Rust in huis")
    femke.heading("Rust in huis")


def test_8_the_journal_proves_itself_whole(story: Story, tmp_path: Path) -> None:
    export = tmp_path / "journal.jsonl"
    run_command("journal", "export", "--data", story.demo.citizens_data, story.pod, str(export))
    assert "whole" in run_command("journal", "verify", str(export))
    assert any(json.loads(row).get("resource") == story.plan for row in export.read_text().splitlines())


def test_9_a_kill_of_all_processes_loses_nothing(story: Story) -> None:
    kill_server(story.demo, "citizens")
    wait_until(lambda: story.demo.process.poll() is not None, within_s=30)
    assert inventory(story) == story.before
    with running_demo(story.demo.state, story.demo.addresses.port) as again:
        assert httpx2.get(f"{again.addresses.citizens}.health/ready", trust_env=False).status_code == 200


def test_the_commands_used_here_can_fail(story: Story) -> None:
    with pytest.raises(AssertionError):
        run_json("inventory", "--data", story.demo.citizens_data, "https://elsewhere.example/x/")
