"""The list of residents and the page of one: only who gave access, only what is shared, nothing of who stopped."""

from __future__ import annotations

import pytest

from tests.unit.clients.fake_vault import BASE, PLAN, STORAGE, access, grant_document
from tests.unit.clients.professional.world import (
    GRANTS,
    LETTER,
    MEETINGS,
    OTHER,
    at_work,
    given,
    link,
    met,
    other,
    refuse,
    resident_page,
    server,
    shared,
)
from tests.unit.clients.sign_in import words


def test_who_has_nobody_yet_is_told_how_to_begin() -> None:
    page = at_work(server()).get("/").text
    assert "Nog niemand gaf u toegang. Vraag een inwoner om een code." in words(page)
    assert "<table" not in page
    assert 'type="search"' not in page
    assert link(page, "Code van een inwoner invoeren") == "/nieuw"


def test_the_list_tells_who_for_what_and_until_when() -> None:
    page = words(at_work(shared()).get("/").text)
    assert "Samira El Idrissi Samen werken aan uw plan 1 maart 2027" in page
    assert "stopt over" not in page


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        ("2026-11-24T23:59:59+01:00", "24 november 2026 Toegang stopt vandaag"),
        ("2026-11-25T23:59:59+01:00", "25 november 2026 Toegang stopt over 1 dag"),
        ("2026-11-27T23:59:59+01:00", "27 november 2026 Toegang stopt over 3 dagen"),
        ("2026-11-20T23:59:59+01:00", "20 november 2026 Toegang stopt vandaag"),
    ],
)
def test_access_that_ends_soon_says_so(end: str, sentence: str) -> None:
    vault = server()
    given(vault, grant_document(access=access(PLAN, end=end)))
    assert sentence in words(at_work(vault).get("/").text)


def test_whose_access_ends_soon_comes_first_then_by_name() -> None:
    vault = server()
    soon = other("Zoë Zon", f"{BASE}z/", end="2026-11-27T23:59:59+01:00")
    given(vault, other("ilse de Wit"), grant_document(), other("Bram Bos", f"{BASE}b/"), soon)
    page = words(at_work(vault).get("/").text)
    names = ["Zoë Zon", "Bram Bos", "ilse de Wit", "Samira El Idrissi"]
    assert sorted(names, key=page.index) == names


def test_somebody_with_several_purposes_stands_there_once_with_the_last_day() -> None:
    vault = server()
    later = access(LETTER, end="2027-04-02T23:59:59+02:00")
    later[0]["constraint"][0]["rightOperand"] = "https://unknown.example/doel"
    given(vault, grant_document(), grant_document(id=f"{STORAGE}toegang/2", access=later))
    page = words(at_work(vault).get("/").text)
    assert page.count("Samira El Idrissi") == 1
    assert "Samen werken aan uw plan · een ander doel 2 april 2027" in page


def test_searching_keeps_what_was_typed_and_looks_in_the_own_list_only() -> None:
    vault = server()
    given(vault, grant_document(), other("Ilse de Wit"))
    page = at_work(vault).get("/?z= SAMIRA ").text
    assert 'value="SAMIRA"' in page
    assert "Samira El Idrissi" in page
    assert "Ilse" not in page


def test_a_search_without_result_says_so_and_can_be_changed() -> None:
    page = at_work(shared()).get("/?z=<Kees>").text
    assert "In uw eigen lijst staat niemand met deze naam." in words(page)
    assert 'value="&lt;Kees&gt;"' in page


def test_who_was_met_can_be_asked_and_is_found_too() -> None:
    vault = server()
    met(vault, STORAGE)
    browser = at_work(vault)
    for path in ("/", "/?z=samira"):
        page = browser.get(path).text
        assert link(page, "Vraag toegang aan Samira El Idrissi").endswith("/vragen")
    assert "niemand met deze naam" not in words(page)


def test_somebody_without_a_name_is_a_resident() -> None:
    vault = server()
    met(vault, STORAGE, name=None)
    assert "Vraag toegang aan Een inwoner" in words(at_work(vault).get("/").text)


@pytest.mark.parametrize("status", ["Planned", "Stopped", "Ended"])
def test_nothing_is_shown_of_a_grant_that_is_not_in_force(status: str) -> None:
    vault = server()
    given(vault, grant_document(status))
    page = at_work(vault).get("/").text
    assert "Samira" not in page
    assert "Nog niemand gaf u toegang" in page


def test_nothing_is_shown_of_a_resident_who_stopped() -> None:
    vault = shared()
    browser = at_work(vault)
    path = link(browser.get("/").text, "Samira El Idrissi")
    given(vault)
    met(vault)
    assert "Samira" not in browser.get("/").text
    answer = browser.get(path)
    assert (answer.status_code, "Samira" in answer.text) == (404, False)


def test_the_page_of_a_resident_says_first_why_and_until_when() -> None:
    page = words(resident_page(at_work(shared())))
    because = (
        "U ziet dit omdat Samira El Idrissi u toegang gaf, voor “Samen werken aan uw plan”. "
        "Tot en met 1 maart 2027. Samira ziet in het logboek dat u kijkt."
    )
    assert because in page
    assert page.index(because) < page.index("Stukken die u mag zien")


def test_a_resident_shares_pieces_and_the_page_counts_nothing_else() -> None:
    page = words(resident_page(at_work(shared())))
    assert "Rust in huis 24 november 2026 Alleen lezen" in page
    assert "Brief van &lt;de&gt; school" in page
    assert "Elke dag huiswerk" not in page
    assert "Wat Samira niet met u deelt, staat hier niet. Ook niet hoeveel dat is." in page


def test_a_grant_on_a_fixed_container_shows_each_piece_in_it_once() -> None:
    vault = shared()
    whole = access(f"{STORAGE}plannen/")
    whole[0]["action"] = ["read", "create"]
    given(vault, grant_document(id=f"{STORAGE}toegang/2", access=whole), grant_document())
    page = words(resident_page(at_work(vault)))
    assert page.count("Rust in huis") == 1
    assert "Lezen en erbij schrijven" in page


def test_a_grant_on_one_document_shows_it_with_the_day_it_was_written() -> None:
    vault = shared()
    one = access(f"{PLAN}plan", kind="DataResource")
    one[0]["action"] = ["read", "modify"]
    given(vault, grant_document(access=one))
    assert "Rust in huis 3 november 2026 Lezen en veranderen" in words(resident_page(at_work(vault)))


def test_a_file_without_a_description_is_shown_without_a_title() -> None:
    vault = shared()
    del vault.resources[f"{LETTER}stuk"]
    assert "Een stuk zonder titel 24 november 2026" in words(resident_page(at_work(vault)))


def test_a_lone_file_has_no_day_that_is_known() -> None:
    vault = shared()
    given(vault, grant_document(access=access(f"{LETTER}bestand", kind="DataResource")))
    assert "Een stuk zonder titel Alleen lezen" in words(resident_page(at_work(vault)))


def test_a_document_without_a_title_is_called_by_its_kind() -> None:
    vault = shared()
    vault.put(
        f"{LETTER}stuk", "<> <http://purl.org/dc/terms/type> <https://kluis.example/ns/wijk#st-brief> ."
    )
    assert "Brief" in words(resident_page(at_work(vault)))


@pytest.mark.parametrize("status", [403, 404])
def test_what_the_vault_does_not_give_is_not_in_the_list(status: int) -> None:
    vault = shared()
    refuse(vault, "GET", LETTER, status)
    page = words(resident_page(at_work(vault)))
    assert "school" not in page
    assert "Rust in huis" in page


def test_a_container_with_nothing_in_it_is_not_in_the_list() -> None:
    vault = shared()
    given(vault, grant_document(access=access(f"{STORAGE}geld/leeg/")))
    page = words(resident_page(at_work(vault)))
    assert "U kunt nu geen stukken zien." in page


def test_who_was_met_but_gave_nothing_has_a_page_without_documents() -> None:
    vault = server()
    met(vault, STORAGE)
    browser = at_work(vault)
    path = link(browser.get("/").text, "Vraag toegang aan Samira")
    page = words(browser.get(path.removesuffix("/vragen")).text)
    assert "U kunt nu geen stukken zien." in page
    assert "U ziet dit omdat" not in page


def test_who_gave_access_without_a_meeting_cannot_be_asked_for_more() -> None:
    vault = shared()
    met(vault, OTHER)
    browser = at_work(vault)
    page = resident_page(browser)
    assert "Vraag Samira eerst om een nieuwe code." in words(page)
    assert "/vragen" not in page
    assert browser.get(link(browser.get("/").text, "Samira El Idrissi") + "/vragen").status_code == 404


def test_the_list_asks_the_server_for_what_is_the_workers_own_and_no_vault() -> None:
    vault = shared()
    at_work(vault).get("/")
    asked = {str(request.url) for request in vault.seen if str(request.url).startswith(BASE)}
    assert asked == {GRANTS, MEETINGS, f"{BASE}.well-known/wijkkluis/"}


def test_a_worker_of_a_team_that_grew_much_larger_reads_why_she_sees_less() -> None:
    vault = shared()
    waits = "Uw team is meer dan twee keer zo groot geworden."
    assert waits not in words(resident_page(at_work(vault)))
    given(vault, grant_document(), grant_document(id=f"{STORAGE}toegang/team", paused=True))
    page = words(resident_page(at_work(vault)))
    assert f"{waits} U ziet daarom nu niet alles. Samira moet eerst ja zeggen." in page
