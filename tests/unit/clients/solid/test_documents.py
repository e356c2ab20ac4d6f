"""Resources, pieces and the Turtle that the SDK reads and writes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from rdflib import Graph, URIRef

from clients.solid.description import describe, find_server, find_storage
from clients.solid.documents import (
    LETTER,
    Authorship,
    read_domain_document,
    write_file_description,
    write_goal,
    write_plan,
)
from clients.solid.errors import Changed, LoginFailed, MalformedAnswer
from clients.solid.graphs import max_turtle_bytes, parse_turtle
from clients.solid.identifiers import random_id
from clients.solid.pieces import Memory, find_pieces
from clients.solid.resources import Representation, add, create, list_container, read, remove, replace
from tests.unit.clients.fake_vault import BASE, ISSUER, PLAN, SERVICES, STORAGE, WEBID, samira
from tests.unit.clients.solid.sessions import session_of
from vocab.namespaces import DCT, RDF, SCHEMA, WK

LETTERS = f"{STORAGE}brieven/"
BY = Authorship(WEBID, datetime(2026, 11, 24, 10, 41, tzinfo=UTC))


def test_a_container_lists_its_members_with_their_time() -> None:
    vault = samira()
    (member,) = list_container(session_of(vault), f"{STORAGE}plannen/")
    assert (member.url, member.is_container) == (PLAN, True)
    assert member.modified == datetime.fromtimestamp(vault.now_s, UTC)


def test_a_new_resource_never_replaces_another() -> None:
    session = session_of(samira())
    with pytest.raises(Changed):
        create(session, Representation(f"{PLAN}plan", "text/turtle", b""))


def test_a_replacement_names_the_state_it_replaces() -> None:
    vault = samira()
    session = session_of(vault)
    replace(session, read(session, f"{PLAN}plan"))
    assert vault.seen[-1].headers["If-Match"] == '"1"'


def test_adding_gives_the_address_that_the_server_chose() -> None:
    vault = samira()
    vault.say("POST", LETTERS, {}, 201, Location="/ncsv6x3mmnsnut6x/brieven/new")
    assert add(session_of(vault), LETTERS, "text/plain", b"x") == f"{LETTERS}new"


def test_removing_is_a_delete() -> None:
    vault = samira()
    vault.say("DELETE", f"{LETTERS}x", {}, 204)
    remove(session_of(vault), f"{LETTERS}x")
    assert vault.seen[-1].method == "DELETE"


def test_the_storage_is_found_through_the_card_and_its_services_through_the_description() -> None:
    storage = find_storage(session_of(samira()), WEBID)
    assert storage.url == STORAGE
    assert storage.endpoint("JournalService") == SERVICES["JournalService"]
    assert storage.holds(PLAN)
    assert not storage.holds(f"{BASE}other/")


@pytest.mark.requirement("solid-oidc", "solid-oidc-08")
def test_a_card_that_does_not_name_the_issuer_is_no_way_in() -> None:
    vault = samira()
    vault.put(f"{STORAGE}profiel/card", f"<{WEBID}> <http://www.w3.org/ns/pim/space#storage> <{STORAGE}> .")
    with pytest.raises(LoginFailed):
        find_storage(session_of(vault), WEBID)


def test_a_card_without_storage_is_malformed() -> None:
    vault = samira()
    vault.put(
        f"{STORAGE}profiel/card", f"<{WEBID}> <http://www.w3.org/ns/solid/terms#oidcIssuer> <{ISSUER}> ."
    )
    with pytest.raises(MalformedAnswer):
        find_storage(session_of(vault), WEBID)


def test_a_service_that_is_not_offered_is_told() -> None:
    with pytest.raises(MalformedAnswer, match="NotificationService"):
        describe(session_of(samira()), STORAGE).endpoint("NotificationService")


def test_the_addresses_of_a_server_are_public() -> None:
    vault = samira()
    addresses = {"invitation": "i", "meetings": "m", "grants": "g", "groups": "n"}
    vault.say("GET", f"{BASE}.well-known/wijkkluis/", addresses)
    assert find_server(vault.http(), BASE).meetings == "m"


def test_a_plan_in_its_container_is_one_piece() -> None:
    (piece,) = find_pieces(session_of(samira()), Memory(), f"{STORAGE}plannen/")
    assert (piece.target, piece.title, piece.kind) == (PLAN, "Rust in huis", WK["st-plan"])


def test_a_document_is_read_once_until_it_changes() -> None:
    vault, memory = samira(), Memory()
    session = session_of(vault)
    for _ in range(2):
        find_pieces(session, memory, f"{STORAGE}plannen/")
    assert len(vault.asked("GET", f"{PLAN}plan")) == 1
    vault.now_s += 60
    find_pieces(session, memory, f"{STORAGE}plannen/")
    assert len(vault.asked("GET", f"{PLAN}plan")) == 2


def test_a_bare_file_is_a_piece_without_title() -> None:
    vault = samira()
    vault.resources[f"{LETTERS}x"] = ("application/pdf", b"%PDF-")
    (piece,) = find_pieces(session_of(vault), Memory(), LETTERS)
    assert (piece.title, piece.file, piece.is_container) == (None, f"{LETTERS}x", False)


def test_a_file_with_its_description_is_one_piece_with_the_name() -> None:
    vault = samira()
    url = f"{LETTERS}abcdefgh23456789/"
    vault.resources[f"{url}bestand"] = ("application/pdf", b"%PDF-")
    written = write_file_description(f"{url}stuk", f"{url}bestand", "Brief van de energie", BY, LETTER)
    vault.resources[f"{url}stuk"] = (written.media_type, written.body)
    (piece,) = find_pieces(session_of(vault), Memory(), LETTERS)
    assert (piece.target, piece.title, piece.file) == (url, "Brief van de energie", f"{url}bestand")


def test_a_container_with_only_a_file_is_a_piece_without_title() -> None:
    vault = samira()
    vault.resources[f"{LETTERS}abc/bestand"] = ("application/pdf", b"%PDF-")
    (piece,) = find_pieces(session_of(vault), Memory(), LETTERS)
    assert (piece.title, piece.file) == (None, f"{LETTERS}abc/bestand")


def test_a_plan_is_written_as_its_shape_wants_it() -> None:
    written = write_plan(f"{PLAN}plan", 'Rust "in" huis', [f"{PLAN}doelen/a"], BY)
    document = read_domain_document(written)
    assert (document.title, document.kind, document.author) == ('Rust "in" huis', WK["st-plan"], WEBID)
    assert document.written == BY.time
    assert document.links(WK.heeftDoel) == (f"{PLAN}doelen/a",)
    assert document.links(WK.bewaren) == (WK["bw-wmo"],)


def test_a_goal_is_a_goal() -> None:
    document = read_domain_document(write_goal(f"{PLAN}doelen/a", "Slapen", BY))
    assert document.links(RDF.type) == (WK.Doel,)


def test_a_letter_names_its_receiver_and_its_day() -> None:
    written = write_file_description(f"{LETTERS}a/stuk", f"{LETTERS}a/bestand", "Brief", BY, LETTER)
    graph = Graph().parse(data=written.body, format="turtle")
    subject = URIRef(f"{LETTERS}a/stuk")
    assert str(graph.value(subject, URIRef(SCHEMA.recipient))) == WEBID
    assert str(graph.value(subject, URIRef(DCT.issued))) == "2026-11-24"


@pytest.mark.parametrize("data", [b"<a", b"\xff\xfe", b"[" * 20_000, b" " * (max_turtle_bytes + 1)])
def test_hostile_turtle_is_an_error_and_nothing_worse(data: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        parse_turtle(data, PLAN)


def test_a_file_is_no_document_of_the_domain() -> None:
    with pytest.raises(MalformedAnswer):
        read_domain_document(Representation(PLAN, "application/pdf", b"%PDF-"))


def test_a_time_without_zone_is_no_time() -> None:
    data = b'<> <http://www.w3.org/ns/prov#generatedAtTime> "2026-11-24T10:00:00" .'
    assert read_domain_document(Representation(PLAN, "text/turtle", data)).written is None


def test_random_ids_begin_with_a_letter_and_say_nothing() -> None:
    found = {random_id() for _ in range(50)}
    assert len(found) == 50
    assert all(len(one) == 16 and one[0].isalpha() for one in found)
