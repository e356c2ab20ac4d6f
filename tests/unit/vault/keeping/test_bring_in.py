from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tests.support.archives import (
    ELSEWHERE,
    NOTE,
    PICTURE,
    PLAN,
    archive_of,
    files_in,
    lived_in,
    made_archive,
    part,
    read,
    share,
    write,
)
from tests.support.backups import quiet
from tests.support.people import People, make_people, stranger, worker
from vault.errors import BadInput, Conflict, MalformedContent, NoSuchResource, VaultError
from vault.grants.known import known_grants, known_meetings, known_requests
from vault.keeping.archive import open_archive
from vault.keeping.bring_in import Brought, bring_in
from vault.model.grant import GrantStatus, RequestStatus
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.meeting import Meeting, Redeemer
from vault.model.modes import AccessMode
from vault.model.records import ResourceKind

BODY = b"<> a <#A> ."
FILE = "documenten/a.ttl"
MANY = 10**9


@pytest.fixture
def old(tmp_path: Path) -> People:
    return lived_in(tmp_path / "old")


@pytest.fixture
def file(old: People, tmp_path: Path) -> Path:
    place = tmp_path / "kluis.zip"
    place.write_bytes(archive_of(old.context, old.storage.storage))
    return place


@pytest.fixture
def new(tmp_path: Path) -> People:
    (tmp_path / "new").mkdir()
    return make_people(tmp_path / "new")


def bring(new: People, file: Path, tell: Callable[[int, int], None] = quiet) -> Brought:
    opened = open_archive(file, MANY)
    with opened.zip:
        return bring_in(new.context, new.storage.storage, opened, tell)


def paths_of(people: People) -> set[str]:
    with people.context.catalogue.view() as view:
        return {record.identifier.path for record in view.everything(people.storage.storage)}


def test_documents_arrive_byte_for_byte_at_the_same_paths(new: People, file: Path) -> None:
    bring(new, file)
    assert read(new, "plannen/rust/plan") == ("text/turtle", PLAN)
    assert read(new, "gesprekken/aantekening%20een") == ("application/ld+json", NOTE)
    assert read(new, "brieven/foto.png") == ("image/png", PICTURE)
    assert b'"plan"' in read(new, "plannen/rust/plan.meta")[1]
    assert b"Post" in read(new, "brieven/")[1]
    with pytest.raises(Conflict):
        bring(new, other_title(file.with_name("other.zip")))


def other_title(place: Path) -> Path:
    body = b'<https://x.example/> <http://purl.org/dc/terms/title> "Anders" .'
    return made_archive(place, {FILE: body}, [part(FILE, body, "brieven/")])


def test_revisions_keep_their_moments_and_the_owner_stays_the_owner(
    old: People, new: People, file: Path
) -> None:
    bring(new, file)
    found = []
    for people in (old, new):
        with people.context.catalogue.view() as view:
            record = view.find_resource(ResourceIdentifier(people.storage.storage, "plannen/rust/plan"))
            assert record is not None
            found.append(list(view.revisions(record)))
    assert [(r.ordinal, r.modified_ms, r.replaced_ms) for r in found[0]] == [
        (r.ordinal, r.modified_ms, r.replaced_ms) for r in found[1]
    ]
    assert {r.agent for r in found[1]} == {new.storage.owner}


def test_what_stood_at_a_path_before_and_was_removed_is_not_mixed_in(
    old: People, new: People, tmp_path: Path
) -> None:
    write(old, "brieven/weg", b"<> a <#Ander> .")
    place = tmp_path / "kluis.zip"
    place.write_bytes(archive_of(old.context, old.storage.storage))
    bring(new, place)
    with new.context.catalogue.view() as view:
        record = view.find_resource(ResourceIdentifier(new.storage.storage, "brieven/weg"))
        assert record is not None
        assert len(list(view.revisions(record))) == 1
    assert read(new, "brieven/weg")[1] == b"<> a <#Ander> ."


def test_an_import_opens_nothing(old: People, new: People, file: Path) -> None:
    before = paths_of(new)
    bring(new, file)
    assert old.may(stranger(), f"{old.url}brieven/foto.png")
    assert old.may(worker(), f"{old.url}plannen/rust/plan")
    for path in paths_of(new) - {"profiel/card", "profiel/card.acl"}:
        for asker in (stranger(), worker()):
            for mode in AccessMode:
                assert not new.may(asker, new.url + path, mode), path
    assert {path for path in paths_of(new) - before if path.endswith(".acl")} == set()


def test_grants_arrive_stopped_requests_withdrawn_and_meetings_ended(new: People, file: Path) -> None:
    bring(new, file)
    storage = new.storage.storage
    with new.context.catalogue.view() as view:
        (grant,) = (known.grant for known in known_grants(view, storage))
        (request,) = (known.request for known in known_requests(view, storage))
        (meeting,) = (known.meeting for known in known_meetings(view, storage))
    assert grant.status_at(new.clock().policy_s) is GrantStatus.STOPPED
    assert grant.id.startswith(new.url)
    assert grant.terms.targets() == (f"{new.url}plannen/rust/plan",)
    assert request.status is RequestStatus.CANCELLED
    assert meeting.ended


def test_her_card_stays_that_of_the_new_storage_and_the_old_one_lies_beside(
    old: People, new: People, file: Path
) -> None:
    card = read(new, "profiel/card")
    done = bring(new, file)
    assert read(new, "profiel/card") == card
    assert read(new, f"{done.note}kaart.ttl") == read(old, "profiel/card")


def test_a_note_tells_what_had_been_shared_and_the_old_journal_lies_beside(
    old: People, new: People, file: Path
) -> None:
    done = bring(new, file)
    media_type, text = read(new, f"{done.note}wat-was-gedeeld.txt")
    assert media_type.startswith("text/plain")
    assert "- brieven/foto.png: iedereen: lezen" in text.decode()
    assert old.url in text.decode()
    files = files_in(file.read_bytes())
    assert read(new, f"{done.note}logboek.jsonl")[1] == files["logboek/logboek.jsonl"]
    assert read(new, f"{done.note}logboek-sleutel.pem")[1] == files["logboek/sleutel.pem"]


def test_an_import_that_was_cut_is_finished_by_the_next(new: People, file: Path) -> None:
    def cut(done: int, _total: int) -> None:
        if done == 12:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        bring(new, file, cut)
    done = bring(new, file)
    assert done.made > 0
    assert read(new, "plannen/rust/plan")[1] == PLAN
    again = bring(new, file)
    assert again.made == 0
    assert again.present == done.made + done.present
    with new.context.catalogue.view() as view:
        assert len(known_grants(view, new.storage.storage)) == 1


def test_nothing_that_is_there_is_written_over(new: People, file: Path) -> None:
    write(new, "plannen/rust/plan", b"<> a <#Mijn> .")
    before = paths_of(new)
    with pytest.raises(Conflict, match="plannen/rust/plan"):
        bring(new, file)
    assert paths_of(new) == before


def test_a_path_that_is_taken_in_the_other_slash_form_is_a_conflict(new: People, file: Path) -> None:
    write(new, "plannen/rust", b"<> a <#Mijn> .")
    with pytest.raises(Conflict):
        bring(new, file)


def test_the_import_is_a_line_in_the_journal(new: People, file: Path) -> None:
    bring(new, file)
    assert [line.activity for line in new.lines()].count("import") == 1


def test_a_storage_that_is_not_there_gets_nothing(new: People, file: Path) -> None:
    opened = open_archive(file, MANY)
    with opened.zip, pytest.raises(NoSuchResource):
        bring_in(new.context, StorageId("abcdefghjkmnpqrs"), opened, quiet)


def test_a_damaged_file_is_found_before_anything_is_written(new: People, tmp_path: Path) -> None:
    parts = [part(FILE, BODY, "brieven/a"), part("b.ttl", BODY, "brieven/b")]
    place = made_archive(tmp_path / "a.zip", {FILE: BODY, "b.ttl": b"<> a <#B> ."}, parts)
    before = paths_of(new)
    with pytest.raises(MalformedContent, match=r"b\.ttl"):
        bring(new, place)
    assert paths_of(new) == before


@pytest.mark.parametrize(
    "parts",
    [
        [part(FILE, BODY, "brieven/../weg")],
        [part(FILE, BODY, ".well-known/solid")],
        [part(FILE, BODY, "brieven/123456782")],
        [part(FILE, BODY, "brieven/a", **{"from": None})],
        [part(FILE, BODY, "brieven/a.meta")],
        [part(FILE, BODY, "brieven/a"), part("b.ttl", BODY, "brieven/a", state=2)],
        [
            part(FILE, BODY, "brieven/a"),
            part("b.ttl", BODY, "brieven/a", state=2, until="2026-02-01T00:00:00Z"),
        ],
        [
            {
                "id": "#1",
                "mediaType": "text/turtle",
                "resource": f"{ELSEWHERE}brieven/a",
                "from": "2026-01-01T00:00:00Z",
            }
        ],
    ],
)
def test_paths_and_states_that_cannot_be_are_refused(
    new: People, tmp_path: Path, parts: list[dict[str, Any]]
) -> None:
    files = {one["id"]: BODY for one in parts if not one["id"].startswith("#")}
    with pytest.raises(MalformedContent):
        bring(new, made_archive(tmp_path / "a.zip", files, parts))


@pytest.mark.parametrize("media_type", ["text/turtle", "text/turtle;charset=latin1", "geen type"])
def test_linked_data_that_nobody_could_read_is_refused(new: People, tmp_path: Path, media_type: str) -> None:
    body = b"dit is geen turtle" if media_type == "text/turtle" else BODY
    place = made_archive(
        tmp_path / "a.zip", {FILE: body}, [part(FILE, body, "brieven/a", mediaType=media_type)]
    )
    with pytest.raises(BadInput):
        bring(new, place)
    assert "brieven/a" not in paths_of(new)


def test_containers_that_the_archive_does_not_name_are_made(new: People, tmp_path: Path) -> None:
    place = made_archive(tmp_path / "a.zip", {FILE: BODY}, [part(FILE, BODY, "nieuw/diep/a")])
    done = bring(new, place)
    assert {"nieuw/", "nieuw/diep/", "nieuw/diep/a"} <= paths_of(new)
    assert "Er was niets gedeeld" in read(new, f"{done.note}wat-was-gedeeld.txt")[1].decode()


def test_an_empty_container_arrives_with_its_moment(new: People, tmp_path: Path) -> None:
    empty = {
        "id": "#1",
        "mediaType": "text/turtle",
        "resource": f"{ELSEWHERE}leeg/",
        "from": "2026-01-01T00:00:00Z",
    }
    bring(new, made_archive(tmp_path / "a.zip", {}, [empty]))
    with new.context.catalogue.view() as view:
        found = view.find_resource(ResourceIdentifier(new.storage.storage, "leeg/"))
    assert found is not None
    assert (found.kind, found.modified_ms) == (ResourceKind.CONTAINER, 1_767_225_600_000)


def test_who_wrote_a_revision_elsewhere_stays_who_she_was(new: People, tmp_path: Path) -> None:
    writer = "https://organisations.example/marieke/card#me"
    place = made_archive(tmp_path / "a.zip", {FILE: BODY}, [part(FILE, BODY, "brieven/a", agent=writer)])
    bring(new, place)
    with new.context.catalogue.view() as view:
        found = view.find_resource(ResourceIdentifier(new.storage.storage, "brieven/a"))
    assert found is not None
    assert found.agent == writer


def test_rules_that_name_groups_classes_and_agents_are_told(old: People, new: People, tmp_path: Path) -> None:
    acl = "http://www.w3.org/ns/auth/acl#"
    text = (
        f"<#a> a <{acl}Authorization> ; <{acl}agentClass> <{acl}AuthenticatedAgent> ; <{acl}mode> <{acl}Read>, <{acl}Vreemd> ."
        f'<#b> <{acl}agentGroup> <https://o.example/groep> ; <{acl}mode> <{acl}Append>, "geen" .'
    ).encode()
    share(old, "plannen/rust/plan")
    place = made_archive(tmp_path / "a.zip", {"r.ttl": text}, [part("r.ttl", text, ".acl")])
    said = read(new, f"{bring(new, place).note}wat-was-gedeeld.txt")[1].decode()
    assert "- de hele kluis: iedereen die is ingelogd: lezen\n" in said
    assert "- de hele kluis: https://o.example/groep: toevoegen\n" in said


def meeting(**changes: Any) -> bytes:
    met = Redeemer("https://o.example/w#me", "https://o.example/", None)
    return json.dumps(asdict(Meeting("mabcdefghjkmnpqr", met, 5)) | changes).encode()


def test_a_meeting_without_a_moment_is_of_now(new: People, tmp_path: Path) -> None:
    body = meeting()
    bring(
        new,
        made_archive(tmp_path / "a.zip", {"ontmoetingen/m.json": body}, [part("ontmoetingen/m.json", body)]),
    )
    with new.context.catalogue.view() as view:
        assert [known.meeting.ended for known in known_meetings(view, new.storage.storage)] == [True]


@pytest.mark.parametrize(
    ("file", "body"),
    [
        ("toegang/g.jsonld", b"{}"),
        ("verzoeken/r.jsonld", b"[]"),
        ("ontmoetingen/m.json", meeting(met=5)),
        ("ontmoetingen/m.json", bytes(2 * 1024 * 1024)),
    ],
)
def test_a_service_document_that_cannot_be_read_is_refused(
    new: People, tmp_path: Path, file: str, body: bytes
) -> None:
    with pytest.raises(VaultError, match=file):
        bring(new, made_archive(tmp_path / "a.zip", {file: body}, [part(file, body)]))
