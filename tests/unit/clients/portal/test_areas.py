"""The other areas of the portal: codes, the journal, documents, moving, the first page."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from tests.unit.clients.fake_vault import (
    ORGANISATION,
    PARTIES,
    PLAN,
    SERVICES,
    STORAGE,
    WEBID,
    WORKER,
    FakeVault,
    access,
    grant_document,
    query_of,
    samira,
)
from tests.unit.clients.portal.world import (
    INVITATION,
    MOVE,
    PREVIEW,
    VISIBLE,
    full_vault,
    line,
    move_document,
    redeemed,
    say_journal,
)
from tests.unit.clients.sign_in import enter, send, signed_in, token_on, words

_WKT = "https://kluis.example/ns/toegang#"


@pytest.fixture
def vault() -> FakeVault:
    return full_vault()


def test_an_empty_vault_says_that_nobody_can_look() -> None:
    vault = samira()
    vault.resources = {url: found for url, found in vault.resources.items() if "plannen" not in url}
    page = words(signed_in(vault).get("/").text)
    assert "Welkom in uw kluis" in page
    assert "Wie kan nu kijken? Niemand. Alleen u." in page


def test_the_first_page_counts_what_others_did_this_week(vault: FakeVault) -> None:
    page = words(signed_in(vault).get("/").text)
    assert "2 keer las iemand een stuk van u. 1 keer wilde iemand kijken. Dat mocht niet." in page


def test_the_first_page_shows_appointments_and_her_own_tasks(vault: FakeVault) -> None:
    prefixes = "@prefix s: <https://schema.org/> . @prefix dct: <http://purl.org/dc/terms/> ."
    start = '"2026-11-25T10:00:00+01:00"'
    vault.put(f"{STORAGE}afspraken/a", f'{prefixes} <> dct:title "Gesprek" ; s:startDate {start} .')
    task = f'dct:title "Bel de school" ; s:agent <{WEBID}> ; s:endTime "2026-11-27"'
    vault.put(f"{PLAN}taken/a", f"{prefixes} <> {task} .")
    page = words(signed_in(vault).get("/").text)
    assert "Woensdag 25 november 2026, 10.00 uur Gesprek" in page
    assert "Bel de school Uw taak. Klaar op vrijdag 27 november 2026." in page


def test_a_code_is_shown_in_two_groups_with_its_time(vault: FakeVault) -> None:
    browser = signed_in(vault)
    assert send(browser, "/code", browser.get("/code").text) == "/code/inv1"
    page = words(browser.get("/code/inv1").text)
    assert "K7MP 2Q9F" in page
    assert "Werkt nog 14 minuten, tot 10.55 uur" in page


def test_a_code_is_gone_for_the_next_visit(vault: FakeVault) -> None:
    browser = signed_in(vault)
    send(browser, "/code", browser.get("/code").text)
    enter(browser, vault)
    assert "K7MP" not in browser.get("/code/inv1").text


def test_a_code_that_is_too_old_says_so(vault: FakeVault) -> None:
    vault.now_s += 900
    assert "De code werkt niet meer" in words(signed_in(vault).get("/code/inv1").text)


def test_the_page_that_asks_is_this_she_names_person_and_organisation(vault: FakeVault) -> None:
    redeemed(vault)
    browser = signed_in(vault)
    page = browser.get("/code/inv1").text
    assert "Marieke Bos gebruikte de code" in words(page)
    assert "Gecontroleerd: Marieke werkt bij Stichting Samen Verder." in words(page)
    assert send(browser, "/code/inv1/ja", page) == "/code/inv1"
    assert len(vault.asked("POST", INVITATION)) == 1
    redeemed(vault, "Confirmed")
    page = words(browser.get("/code/inv1").text)
    assert "Marieke Bos mag u nu om toegang vragen" in page
    assert "Vragen kan tot en met 24 december 2026." in page


def test_somebody_without_organisation_gets_a_warning_instead_of_a_mark(vault: FakeVault) -> None:
    used = {"id": INVITATION, "status": "Redeemed", "redeemedBy": WORKER}
    vault.say("GET", INVITATION, used | {"parties": [{"id": WORKER, "name": "Anja Vermeer"}]})
    page = words(signed_in(vault).get("/code/inv1").text)
    assert "Let op: wij weten niet bij welke organisatie deze persoon werkt." in page
    assert "Gecontroleerd" not in page


def test_a_code_can_be_stopped(vault: FakeVault) -> None:
    browser = signed_in(vault)
    assert send(browser, "/code/inv1/stop", browser.get("/code/inv1").text) == "/code-gestopt"
    assert vault.asked("DELETE", INVITATION) == [None]


def test_the_journal_is_told_in_sentences(vault: FakeVault) -> None:
    page = words(signed_in(vault).get("/logboek").text)
    for sentence in (
        "Vandaag, 24 november Marieke Bos (Stichting Samen Verder) las in “Mijn plan” (2 keer).",
        "Waarom: samen werken aan uw plan. 10.10 uur en 10.20 uur · met de app van Stichting Samen Verder",
        "Geweigerd Marieke Bos (Stichting Samen Verder) wilde “Geld” lezen. Dat mocht niet. U gaf hiervoor geen toegang.",
        "Waarom: noemde geen doel.",
        "U keek in uw kluis. 10.04 uur",
        "Maandag 23 november 2026 U gaf toegang aan Marieke Bos.",
        "U logde in.",
    ):
        assert sentence in page


def test_a_person_outside_her_own_team_is_not_named(vault: FakeVault) -> None:
    stranger = {**PARTIES[0], "id": "http://localhost:4/other#me", "name": "Saskia van Dam"}
    lines = [
        line(
            1,
            "read",
            "24T10:00:00",
            agent=stranger["id"],
            organisation=ORGANISATION,
            refusal=f"{_WKT}NoGrant",
        )
    ]
    vault.say("GET", SERVICES["JournalService"], {"lines": lines, "parties": [stranger]})
    page = words(signed_in(vault).get("/logboek").text)
    assert "Een medewerker van Stichting Samen Verder wilde in uw kluis kijken." in page
    assert "Saskia" not in page


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"refusal": f"{_WKT}TooLate"}, "De toegang was al voorbij."),
        ({"refusal": f"{_WKT}OtherClient"}, "Het was met een andere app."),
        ({"refusal": f"{_WKT}NewReason"}, "U gaf hiervoor geen toegang."),
        ({"activity": "create"}, "zette iets in “Mijn plan”."),
        ({"activity": "change"}, "paste iets aan in “Mijn plan”."),
        ({"activity": "change", "refusal": f"{_WKT}NoGrant"}, "wilde “Mijn plan” veranderen."),
        ({"activity": "create", "refusal": f"{_WKT}OtherMode"}, "wilde “Mijn plan” veranderen."),
        ({"activity": "ask"}, "vroeg om toegang."),
        ({"activity": "ask", "refusal": f"{_WKT}NoGrant"}, "wilde iets doen in uw kluis."),
        ({"activity": "fly"}, "deed iets in de kluis."),
        ({"activity": "replace", "failed": True}, "probeerde iets, maar er veranderde niets"),
        ({"activity": "gap", "agent": None, "count": 3}, "De kluis mist 3 regels na een storing"),
        (
            {"activity": "public-reads", "agent": None, "count": 12, "resource": None},
            "Iemand las zonder in te loggen iets dat iedereen mag lezen (12 keer).",
        ),
        ({"activity": "restore", "agent": None}, "De beheerder zette terug hoe de kluis eerder was."),
        ({"activity": "export", "agent": None}, "De beheerder schreef de kluis in een bestand."),
        ({"activity": "export-journal", "agent": None}, "De beheerder schreef het logboek in een bestand."),
        ({"activity": "undo-erase", "agent": None}, "De beheerder zette de kluis weer in beeld."),
        (
            {"activity": "start-recovery", "agent": None},
            "De beheerder begon een nieuwe toegang tot uw kluis. Vroeg u dit niet? Stop dit waar u inlogt.",
        ),
        (
            {"activity": "cancel-recovery", "agent": None},
            "De beheerder stopte de vraag om een nieuwe toegang",
        ),
        ({"activity": "cancel-recovery", "agent": WEBID}, "U stopte de vraag om een nieuwe toegang"),
        ({"activity": "add-passkey", "agent": WEBID}, "U zette een toestel erbij om mee in te loggen."),
        ({"activity": "remove-passkey", "agent": WEBID}, "U haalde een toestel weg om mee in te loggen."),
        ({"activity": "make-recovery-codes", "agent": WEBID}, "U maakte nieuwe noodcodes."),
        (
            {"activity": "use-recovery-code", "agent": WEBID},
            "U kwam binnen met een noodcode en koos een nieuw wachtwoord.",
        ),
        (
            {"activity": "use-recovery", "agent": WEBID},
            "U kwam binnen met een code van de beheerder en koos een nieuw wachtwoord.",
        ),
        (
            {"activity": "suspend-organisation", "agent": None, "organisation": "https://nergens.example/"},
            "De beheerder schorste een organisatie. Die kan nu niet meer kijken.",
        ),
        ({"activity": "sign-checkpoint"}, "vroeg een nieuw bewijs van het logboek."),
        ({"activity": "end-app"}, "liet een app niet meer in de kluis."),
        ({"activity": "end-session"}, "logde een ander toestel uit."),
        ({"activity": "end-program"}, "stopte de sleutel van een programma."),
        ({"activity": "make-program"}, "maakte een sleutel voor een programma."),
        ({"activity": "sign-out-everywhere"}, "logde overal uit."),
        ({"activity": "change-password"}, "veranderde het wachtwoord."),
        ({"activity": "ask-erasure"}, "vroeg om de kluis te wissen."),
        ({"activity": "take-back-erasure"}, "wilde de kluis toch niet wissen."),
        ({"activity": "redact", "agent": None, "redacts": 44}, "De beheerder haalde iets weg uit regel 44."),
        (
            {"activity": "retention", "agent": None, "dropsFrom": 2, "dropsTo": 501},
            "De kluis haalde weg wat in 500 oude regels stond. De bewaartijd is voorbij.",
        ),
        (
            {"activity": "more", "refusal": f"{_WKT}NoGrant", "count": 12},
            "wilde iets doen in uw kluis (12 keer). Dat mocht niet.",
        ),
        (
            {"activity": "others", "agent": None, "failed": True},
            "Een aantal anderen probeerde iets, maar er veranderde niets (deed nog meer pogingen).",
        ),
        (
            {"agent": None, "resource": None, "takenAway": ["agent", "authorization", "grant", "resource"]},
            "Iemand las een stuk. Weggehaald uit deze regel: wie het was, welk stuk en welke toegang.",
        ),
        (
            {"activity": "replace", "agent": None, "resource": None, "takenAway": ["agent", "resource"]},
            "Iemand veranderde een stuk.",
        ),
        ({"takenAway": ["usedClient"]}, "Weggehaald uit deze regel: welke app."),
        ({"agent": None}, "Iemand die wij niet kennen las in “Mijn plan”."),
        ({"declaredPurpose": "http://x/y"}, "Waarom: een doel dat wij niet kennen."),
    ],
)
def test_other_lines_have_their_sentences(vault: FakeVault, more: dict[str, Any], sentence: str) -> None:
    written = {"activity": "read", "resource": f"{PLAN}plan"} | more
    activity = written.pop("activity")
    say_journal(vault, [line(1, activity, "24T10:00:00", **written), line(0, "register", "24T09:00:00")])
    assert sentence in words(signed_in(vault).get("/logboek").text)


def test_many_readings_of_a_day_are_one_row(vault: FakeVault) -> None:
    lines = [line(n, "read", f"24T10:0{n}:00", resource=f"{PLAN}plan") for n in range(9)]
    say_journal(vault, lines)
    page = words(signed_in(vault).get("/logboek").text)
    assert page.count("las in") == 1
    assert "(9 keer)" in page
    assert "tussen 10.00 uur en 10.08 uur" in page


def test_an_unknown_app_of_an_unknown_person_is_another_app(vault: FakeVault) -> None:
    say_journal(vault, [line(1, "read", "24T10:00:00", agent="http://x/y#me", usedClient="http://x/app")])
    assert "met een andere app" in words(signed_in(vault).get("/logboek").text)


def asked_of_journal(vault: FakeVault) -> dict[str, str]:
    requests = [r for r in vault.seen if str(r.url).startswith(SERVICES["JournalService"])]
    return dict(requests[-1].url.params)


def test_filters_go_to_the_server_without_an_address_in_the_browser(vault: FakeVault) -> None:
    browser = signed_in(vault)
    page = browser.get("/logboek").text
    marieke = re.search(r'<option value="([^"]+)">Marieke Bos', page)
    assert marieke is not None
    browser.get("/logboek", query_string={"soort": "geweigerd", "wie": marieke[1], "voor": "7"})
    assert asked_of_journal(vault) == {"agent": WORKER, "outcome": "refused", "before": "7"}


def test_a_strange_filter_is_no_filter(vault: FakeVault) -> None:
    browser = signed_in(vault)
    browser.get("/logboek", query_string={"soort": "x", "wie": "http://evil/", "voor": "1&x=y"})
    assert asked_of_journal(vault) == {}


@pytest.mark.parametrize(
    ("kind", "shown", "not_shown"), [("gelezen", "las in", "gaf toegang"), ("veranderd", "gaf", "las in")]
)
def test_kinds_are_chosen_from_the_lines(vault: FakeVault, kind: str, shown: str, not_shown: str) -> None:
    page = words(signed_in(vault).get(f"/logboek?soort={kind}").text)
    assert shown in page
    assert not_shown not in page.partition("Wat wilt u zien?")[0]


def test_older_lines_are_a_page_further(vault: FakeVault) -> None:
    lines = [line(n, "read", f"24T10:{n:02}:00", resource=f"{PLAN}plan") for n in range(20)]
    say_journal(vault, lines, next=f"{SERVICES['JournalService']}?agent=http%3A%2F%2Fx&before=40")
    page = signed_in(vault).get("/logboek").text
    older = re.search(r'<a href="(/logboek[^"]*voor=[^"]*)">', page)
    assert older is not None
    assert query_of(older[1].replace("&amp;", "&"))["voor"] == "40"
    assert "http" not in older[1]


def links_to_pieces(page: str) -> list[str]:
    return re.findall(r'href="(/stukken/[0-9a-f]{16})"', page)


def test_documents_are_listed_by_container_and_shown_as_text(vault: FakeVault) -> None:
    browser = signed_in(vault)
    page = browser.get("/stukken").text
    assert "Mijn plan 1 stuk" in words(page)
    assert "Alleen van mij Alleen u" in words(page)
    plan, letter = (words(browser.get(link).text) for link in links_to_pieces(page))
    assert "Mijn plan: Rust in huis" in plan
    assert "Doel 1: Elke dag huiswerk Het lukt drie dagen. Nog geen taken. Dit doel is nog open." in plan
    assert "Datum 2 november 2026 Van Energie voor u" in letter
    assert "Wie kan dit zien? MB Marieke Bos" in letter


def test_a_container_has_a_page(vault: FakeVault) -> None:
    browser = signed_in(vault)
    link = re.search(r'href="(/stukken/map/[0-9a-f]+)">Brieven', browser.get("/stukken").text)
    assert link is not None
    assert "Brieven Brieven Stuk Wanneer Wie kan dit zien? Brief van &lt;de&gt; energie" in words(
        browser.get(link[1]).text
    )


def test_a_file_is_only_ever_downloaded_and_inert(vault: FakeVault) -> None:
    browser = signed_in(vault)
    link = links_to_pieces(browser.get("/stukken").text)[1]
    answer = browser.get(f"{link}/bestand")
    assert answer.data == b"%PDF-1.7 letter"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Brief van de energie.pdf"'
    assert answer.content_type == "application/octet-stream"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")


def test_a_file_outside_her_storage_is_not_fetched(vault: FakeVault) -> None:
    vault.put(
        f"{STORAGE}brieven/a", "<> <http://purl.org/dc/terms/hasFormat> <http://localhost:3/other/secret> ."
    )
    browser = signed_in(vault)
    statuses = [
        browser.get(f"{link}/bestand").status_code for link in links_to_pieces(browser.get("/stukken").text)
    ]
    assert statuses == [404, 404, 200]


def test_a_link_to_a_piece_works_after_signing_in_again(vault: FakeVault) -> None:
    browser = signed_in(vault)
    link = links_to_pieces(browser.get("/stukken").text)[0]
    enter(browser, vault)
    assert browser.get(link).status_code == 200
    assert browser.get("/stukken/0123456789abcdef").status_code == 404


def upload(vault: FakeVault, **fields: Any) -> tuple[int, str]:
    browser = signed_in(vault)
    token = token_on(browser.get("/stukken/nieuw").text)
    answer = browser.post("/stukken/nieuw", data={"csrf_token": token, **fields})
    return answer.status_code, answer.headers.get("Location") or words(answer.text)


def test_a_file_is_stored_with_its_name_under_a_random_address(vault: FakeVault) -> None:
    pdf = (io.BytesIO(b"%PDF-1.7 x"), "scan.pdf")
    status, where = upload(vault, bestand=pdf, naam="Mijn brief", map="brieven/")
    assert (status, where.endswith("/bewaard")) == (303, True)
    stored = [url for url, (_, body) in vault.resources.items() if body == b"%PDF-1.7 x"]
    assert re.fullmatch(rf"{STORAGE}brieven/[a-z0-9]{{16}}/bestand", stored[0])
    assert b'"Mijn brief"@nl' in vault.resources[stored[0].replace("bestand", "stuk")][1]


def test_without_a_name_the_file_keeps_its_own(vault: FakeVault) -> None:
    upload(vault, bestand=(io.BytesIO(b"hallo"), "notitie.txt"), map="/etc/")
    described = [body for url, (_, body) in vault.resources.items() if url.endswith("/stuk")]
    assert any(b'"notitie"@nl' in body for body in described)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Kies eerst een bestand."),
        ({"bestand": (b"", "leeg.pdf")}, "Dit bestand is leeg."),
        ({"bestand": (b"%PDF-" + b" " * 1000, "groot.pdf")}, "Dit bestand is te groot."),
        ({"bestand": (b"MZ\x90\x00", "plaatje.jpg")}, "Dit bestand kan niet."),
        ({"bestand": (b"\xff\x00", "a.txt")}, "Dit bestand kan niet."),
    ],
)
def test_a_file_that_cannot_be_stored_says_why_and_keeps_the_name(
    vault: FakeVault, fields: dict[str, tuple[bytes, str]], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clients.portal.adding.max_file_bytes", 1000)
    files = {name: (io.BytesIO(body), called) for name, (body, called) in fields.items()}
    status, page = upload(vault, naam="Brief", **files)
    assert (status, page.count(sentence)) == (422, 2)


def test_a_full_vault_says_so_with_everything_kept(vault: FakeVault) -> None:
    browser = signed_in(vault)
    token = token_on(browser.get("/stukken/nieuw-plan").text)
    vault.is_full = True
    answer = browser.post("/stukken/nieuw-plan", data={"csrf_token": token, "titel": "Rust"})
    assert (answer.status_code, 'value="Rust"' in answer.text) == (422, True)
    assert "Uw kluis is vol." in words(answer.text)


def test_a_plan_is_stored_with_its_goals_first(vault: FakeVault) -> None:
    browser = signed_in(vault)
    page = browser.get("/stukken/nieuw-plan").text
    where = send(browser, "/stukken/nieuw-plan", page, titel="Rust", doel1="Slapen", doel3="Lezen")
    puts = [str(r.url) for r in vault.seen if r.method == "PUT"]
    assert [url.rsplit("/", 2)[-2] for url in puts[:2]] == ["doelen", "doelen"]
    assert re.fullmatch(rf"{STORAGE}plannen/[a-z0-9]{{16}}/plan", puts[2])
    assert "“Rust”." in words(browser.get(where).text)


def test_a_plan_needs_a_name(vault: FakeVault) -> None:
    browser = signed_in(vault)
    page = browser.get("/stukken/nieuw-plan").text
    assert "Geef uw plan een naam" in words(
        send(browser, "/stukken/nieuw-plan", page, titel=" ", doel1="Slapen")
    )
    assert [r for r in vault.seen if r.method == "PUT"] == []


def test_a_container_that_is_shared_as_a_whole_warns(vault: FakeVault) -> None:
    assert "Alleen u ziet dit stuk." in words(signed_in(vault).get("/stukken/nieuw").text)
    whole = grant_document(access=access(f"{STORAGE}brieven/"))
    vault.say("GET", SERVICES["AccessGrantService"], {"items": [whole], "parties": []})
    assert "Let op: iemand mag nieuwe stukken" in words(signed_in(vault).get("/stukken/nieuw").text)


def test_a_move_goes_through_four_steps_and_one_confirmation(vault: FakeVault) -> None:
    browser = signed_in(vault)
    page = browser.get("/verhuizen/1").text
    assert send(browser, "/verhuizen/1", page, gemeente="Zwolle", dag="01-02-2027") == "/verhuizen/plan1/2"
    page = browser.get("/verhuizen/plan1/2").text
    assert "Gaat gewoon door Tot en met 1 maart 2027. Dit is ons voorstel." in words(page)
    field = re.search(r'name="(k-[^"]+)"', page)
    assert field is not None
    assert send(browser, "/verhuizen/plan1/2", page, **{field[1]: "stopt"}) == "/verhuizen/plan1/3"
    page = browser.get("/verhuizen/plan1/3").text
    plan = re.findall(r'name="z" value="([^"]+)" checked', page)
    assert send(browser, "/verhuizen/plan1/3", page, z=plan, t="6", gevuld="ja") == "/verhuizen/plan1/4"
    page = browser.get("/verhuizen/plan1/4").text
    assert "Marieke Bos tot en met 31 januari 2027." in words(page)
    seen = re.search(r'name="gezien" value="([^"]+)"', page)
    assert seen is not None
    assert send(browser, "/verhuizen/plan1/4", page, gezien=seen[1]) == "/verhuizen/plan1"
    receipt = words(browser.get("/verhuizen/plan1").text)
    assert "Marieke Bos Kan kijken Kan niet kijken" in receipt
    assert "Wijkteam Stadshagen Kan niet kijken Tot en met 31 juli 2027" in receipt
    assert "0 van de 48. Alles staat nog op dezelfde plek." in receipt


def test_the_choices_of_a_move_are_sent_whole(vault: FakeVault) -> None:
    browser = signed_in(vault)
    page = browser.get("/verhuizen/plan1/2").text
    send(browser, "/verhuizen/plan1/2", page, **{"k-yqusbu8jeu3kbz9y": "stopt"})
    page = browser.get("/verhuizen/plan1/3").text
    plan = re.findall(r'name="z" value="([^"]+)" checked', page)
    send(browser, "/verhuizen/plan1/3", page, z=plan, t="3", gevuld="ja")
    first, second = vault.asked("PUT", MOVE)
    assert first["lines"][0]["choice"].endswith("#ChooseEnd")
    assert second["lines"] == first["lines"]
    assert second["lines"][0]["end"] == "2027-01-31"
    assert (second["newTeam"]["resources"], second["newTeam"]["end"]) == ([PLAN], "2027-04-30T23:59:59+02:00")


@pytest.mark.parametrize(
    ("suggestion", "until", "options"),
    [
        (
            "Overlaps",
            "2027-03-20",
            "Nog 6 weken meekijken Tot en met 15 maart 2027. Dit is ons voorstel. Stopt als ik",
        ),
        (
            "Ends",
            "2027-03-20",
            "Stopt als ik verhuis Tot en met 31 januari 2027. Dit is ons voorstel. Gaat gewoon",
        ),
        ("Ask", "2027-03-20", "Gaat gewoon door Tot en met 20 maart 2027. Stopt als ik"),
        (
            "Overlaps",
            "2026-12-31",
            "Gaat gewoon door Tot en met 31 december 2026. Dit is ons voorstel. Nieuw",
        ),
    ],
)
def test_every_suggestion_has_its_words(vault: FakeVault, suggestion: str, until: str, options: str) -> None:
    plan = move_document()
    plan["lines"][0] |= {"suggestion": _WKT + suggestion}
    plan["lines"][0]["grant"]["end"] = f"{until}T23:59:59+01:00"
    vault.say("GET", MOVE, plan)
    assert options in words(signed_in(vault).get("/verhuizen/plan1/2").text)


def test_a_grant_without_suggestion_must_be_chosen(vault: FakeVault) -> None:
    plan = move_document()
    plan["lines"][0]["suggestion"] = f"{_WKT}Ask"
    vault.say("GET", MOVE, plan)
    browser = signed_in(vault)
    page = words(send(browser, "/verhuizen/plan1/2", browser.get("/verhuizen/plan1/2").text))
    assert page.count("Kies wat u wilt voor Marieke Bos.") == 2
    assert vault.asked("PUT", MOVE) == []


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Schrijf de naam van de gemeente."),
        ({"gemeente": "Zwolle"}, "Schrijf de dag zo: 01-02-2027."),
        ({"gemeente": "Zwolle", "dag": "24-11-2026"}, "Kies een dag na vandaag, binnen een jaar."),
        ({"gemeente": "Zwolle", "dag": "01-02-2029"}, "Kies een dag na vandaag, binnen een jaar."),
    ],
)
def test_a_move_needs_a_town_and_a_day(vault: FakeVault, fields: dict[str, str], sentence: str) -> None:
    browser = signed_in(vault)
    page = send(browser, "/verhuizen/1", browser.get("/verhuizen/1").text, **fields)
    assert words(page).count(sentence) == 2
    assert f'value="{fields.get("gemeente", "")}"' in page


def test_a_town_without_team_can_be_moved_to(vault: FakeVault) -> None:
    vault.say("GET", MOVE, move_document(candidates=[]))
    browser = signed_in(vault)
    page = browser.get("/verhuizen/plan1/3").text
    assert "Zwolle kiest nog een team." in words(page)
    send(browser, "/verhuizen/plan1/3", page, gevuld="ja")
    assert vault.asked("PUT", MOVE)[0]["newTeam"] is None
    assert "Zwolle ziet Nog niets." in words(browser.get("/verhuizen/plan1/4").text)


def test_the_new_team_can_be_previewed(vault: FakeVault) -> None:
    browser = signed_in(vault)
    page = browser.get("/verhuizen/plan1/3").text
    plan = re.findall(r'name="z" value="([^"]+)" checked', page)
    shown = words(send(browser, "/verhuizen/plan1/3/voorbeeld", page, z=plan, gevuld="ja"))
    assert "Dit ziet Zwolle dan" in shown
    assert "Rust in huis Nieuw voor Zwolle" in shown


def test_a_move_whose_preview_changed_is_shown_again(vault: FakeVault) -> None:
    browser = signed_in(vault)
    page = browser.get("/verhuizen/plan1/3").text
    send(
        browser,
        "/verhuizen/plan1/3",
        page,
        z=re.findall(r'name="z" value="([^"]+)" checked', page),
        gevuld="ja",
    )
    page = browser.get("/verhuizen/plan1/4").text
    seen = re.search(r'name="gezien" value="([^"]+)"', page)
    assert seen is not None
    vault.say("POST", f"{MOVE}/voorbeeld", PREVIEW | {"visible": [VISIBLE | {"digest": "sha256:bb"}]})
    assert "Er is net iets veranderd" in words(send(browser, "/verhuizen/plan1/4", page, gezien=seen[1]))
    assert vault.asked("POST", f"{MOVE}/bevestiging") == []


def test_a_receipt_of_a_plan_that_is_not_confirmed_leads_back_to_it(vault: FakeVault) -> None:
    assert signed_in(vault).get("/verhuizen/plan1").headers["Location"] == "/verhuizen/plan1/2"


def test_a_confirmed_move_shows_its_receipt_at_every_step(vault: FakeVault) -> None:
    vault.say("GET", MOVE, move_document(status="Confirmed"))
    browser = signed_in(vault)
    for step in (2, 3, 4):
        assert browser.get(f"/verhuizen/plan1/{step}").headers["Location"] == "/verhuizen/plan1"


@pytest.mark.parametrize(
    ("status", "heading"), [(409, "Er is net iets veranderd"), (429, "Dit is nu te vaak gedaan")]
)
def test_what_cannot_be_done_now_is_said_in_words(vault: FakeVault, status: int, heading: str) -> None:
    browser = signed_in(vault)
    vault.say("POST", SERVICES["InvitationService"], {}, status)
    token = token_on(browser.get("/code").text)
    answer = browser.post("/code", data={"csrf_token": token})
    assert (answer.status_code, heading in words(answer.text)) == (status, True)
