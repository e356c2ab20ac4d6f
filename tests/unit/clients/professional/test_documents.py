"""Opening a document: linked data as text, a file as a download, and one page for absent and refused alike."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.unit.clients.fake_vault import (
    PLAN,
    PURPOSE,
    STORAGE,
    WEBID,
    WORKER,
    FakeVault,
    access,
    grant_document,
)
from tests.unit.clients.professional.world import (
    GOAL,
    LETTER,
    PREFIXES,
    TASK,
    at_work,
    given,
    letter,
    link,
    met,
    refuse,
    resident_page,
    server,
    shared,
)
from tests.unit.clients.sign_in import enter, words

BECAUSE = (
    "U ziet dit omdat Samira El Idrissi u toegang gaf, voor “Samen werken aan uw plan”. "
    "Tot en met 1 maart 2027. U mag alleen lezen. Samira ziet in het logboek dat u kijkt."
)


def path_of(browser: FlaskClient, title: str) -> str:
    """Where a document of Samira is in the app."""
    return link(resident_page(browser), title)


def opened(vault: FakeVault, title: str) -> str:
    """The words of a document's page."""
    browser = at_work(vault)
    return words(browser.get(path_of(browser, title)).text)


def test_a_plan_shows_why_until_when_who_wrote_it_and_its_goals() -> None:
    page = opened(shared(), "Rust in huis")
    assert BECAUSE in page
    assert "Rust in huis Plan. Geschreven door Samira El Idrissi, op 3 november 2026." in page
    assert "Doel 1: Elke dag huiswerk" in page
    assert "Huiswerkmaatje Klaar op dinsdag 8 december 2026." in page


def test_every_read_names_the_purpose_of_the_grant() -> None:
    vault = shared()
    opened(vault, "Rust in huis")
    reads = [request for request in vault.seen if str(request.url).startswith(PLAN)]
    assert {request.headers.get("Purpose-Of-Use") for request in reads} == {PURPOSE}


def test_a_task_that_is_done_says_so_and_a_goal_without_tasks_is_open() -> None:
    vault = shared()
    vault.put(TASK, f"{PREFIXES} <> schema:actionStatus schema:CompletedActionStatus .")
    assert "Een stuk zonder titel Deze taak is gedaan." in opened(vault, "Rust in huis")
    vault.put(GOAL, f'{PREFIXES} <> wk:voortgang "Het lukt drie dagen." .')
    page = opened(vault, "Rust in huis")
    assert "Het lukt drie dagen. Nog geen taken. Dit doel is nog open." in page


def test_a_plan_without_goals_says_so() -> None:
    vault = shared()
    vault.put(f"{PLAN}plan", f'{PREFIXES} <> dct:type wk:st-plan ; dct:title "Rust in huis" .')
    assert "Er staan nog geen doelen in dit plan." in opened(vault, "Rust in huis")


def test_a_goal_outside_what_is_shared_is_not_read() -> None:
    vault = shared()
    given(vault, grant_document(access=access(f"{PLAN}plan", kind="DataResource")))
    assert "huiswerk" not in opened(vault, "Rust in huis")
    assert GOAL not in {str(request.url) for request in vault.seen}


def test_a_letter_shows_its_known_properties_and_no_address() -> None:
    page = opened(shared(), "Brief van")
    assert "Van De school" in page
    assert "Datum 2 november 2026" in page
    assert WEBID not in page


def test_moments_words_and_text_are_shown_as_people_write_them() -> None:
    vault = shared()
    more = '; schema:startDate "2026-11-25T10:00:00+01:00" ; wk:leefgebied wk:lg-geld, <urn:x> ; schema:text "Een\\nregel"'
    vault.put(f"{LETTER}stuk", letter(more))
    page = opened(vault, "Brief van")
    assert "Wanneer 25 november 2026, 10.00 uur" in page
    assert "Een regel" in page
    assert "urn:x" not in page


@pytest.mark.parametrize(
    ("author", "sentence"),
    [(WORKER, "Geschreven door u, op 3"), ("http://localhost:4/rob/card#me", "Geschreven op 3")],
)
def test_who_wrote_it_is_said_as_far_as_it_is_known(author: str, sentence: str) -> None:
    vault = shared()
    vault.put(f"{LETTER}stuk", letter().replace(f"wasAttributedTo <{WEBID}>", f"wasAttributedTo <{author}>"))
    assert sentence in opened(vault, "Brief van")


def test_a_file_comes_as_a_download_that_no_browser_opens_in_the_app() -> None:
    browser = at_work(shared())
    page = browser.get(path_of(browser, "Brief van")).text
    answer = browser.get(link(page, "Haal het bestand op"))
    assert answer.data == b"%PDF-1.7 letter"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment; filename=stuk.pdf"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_a_file_without_a_description_is_downloaded_at_once() -> None:
    vault = shared()
    del vault.resources[f"{LETTER}stuk"]
    vault.resources[f"{LETTER}bestand"] = ("text/html", b"<script>alert(1)</script>")
    browser = at_work(vault)
    answer = browser.get(path_of(browser, "Een stuk zonder titel"))
    assert answer.headers["Content-Disposition"] == "attachment; filename=stuk.bin"


def test_a_file_that_is_not_shared_has_no_button() -> None:
    vault = shared()
    given(vault, grant_document(access=access(f"{LETTER}stuk", kind="DataResource")))
    assert "Haal het bestand op" not in opened(vault, "Brief van")


def gone(vault: FakeVault, path: str, browser: FlaskClient) -> tuple[int, str]:
    answer = browser.get(path)
    assert "U kunt dit niet openen" in words(answer.text)
    assert "Samira" not in answer.text
    assert "/vragen" not in answer.text
    return answer.status_code, answer.text


def test_absent_refused_and_stopped_are_one_page_with_one_status() -> None:
    vault = shared()
    browser = at_work(vault)
    path = path_of(browser, "Brief van")
    pages = set()
    for status in (403, 404, 410):
        refuse(vault, "GET", f"{LETTER}stuk", status)
        pages.add(gone(vault, path, browser))
    given(vault)
    met(vault)
    for address in (
        path,
        path[:-1] + "0",
        "/inwoners/0/stuk/0",
        "/inwoners/0",
        "/inwoners/0/vragen",
        "/nergens",
    ):
        pages.add(gone(vault, address, browser))
    assert {status for status, _ in pages} == {404}
    assert len({words(page) for _, page in pages}) == 1


def test_after_a_stop_the_vault_is_still_asked_so_that_the_refusal_is_written_down() -> None:
    vault = shared()
    browser = at_work(vault)
    path = path_of(browser, "Brief van")
    given(vault)
    refuse(vault, "GET", f"{LETTER}stuk", 404)
    vault.seen.clear()
    gone(vault, path, browser)
    assert f"{LETTER}stuk" in {str(request.url) for request in vault.seen}


def test_a_shorter_end_is_seen_at_the_next_click() -> None:
    vault = shared()
    browser = at_work(vault)
    path = path_of(browser, "Brief van")
    given(vault, grant_document(access=access(LETTER, end="2026-12-01T23:59:59+01:00")))
    assert "Tot en met 1 december 2026." in words(browser.get(path).text)


def test_a_document_is_opened_under_its_own_resident_only() -> None:
    vault = shared()
    browser = at_work(vault)
    path = path_of(browser, "Brief van")
    ref = path.split("/")[2]
    assert browser.get(path.replace(ref, "0" * 16)).status_code == 404


def test_the_reference_of_a_resident_is_not_one_of_a_document() -> None:
    browser = at_work(shared())
    ref = link(browser.get("/").text, "Samira El Idrissi").rsplit("/", 1)[1]
    assert browser.get(f"/inwoners/{ref}/stuk/{ref}").status_code == 404


def test_a_link_works_again_after_signing_in_again() -> None:
    vault = shared()
    browser = at_work(vault)
    path = path_of(browser, "Rust in huis")
    vault.now_s += 16 * 60
    assert browser.get(path).status_code == 401
    assert enter(browser, vault) == path
    assert BECAUSE in words(browser.get(path).text)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clients.professional.residents.max_opened", 1)
    browser = at_work(shared())
    path = path_of(browser, "Rust in huis")
    assert browser.get(path).status_code == 200


def test_a_document_that_is_not_turtle_after_all_is_told_in_plain_words() -> None:
    vault = shared()
    browser = at_work(vault)
    path = path_of(browser, "Rust in huis")
    vault.put(f"{PLAN}plan", "this is not turtle")
    answer = browser.get(path)
    assert (answer.status_code, "Er is niets kwijt" in answer.text) == (503, True)


def test_somebody_else_with_the_address_of_a_document_gets_nothing() -> None:
    browser = at_work(shared())
    path = path_of(browser, "Rust in huis")
    assert at_work(server()).get(path).status_code == 404
    assert STORAGE not in path
