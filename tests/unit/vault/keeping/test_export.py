from __future__ import annotations

import hashlib
import json
import zipfile
from contextlib import AbstractContextManager
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from tests.support.archives import (
    KEY,
    NOTE,
    PICTURE,
    PLAN,
    archive_of,
    files_in,
    lived_in,
    manifest_in,
    read,
    write,
)
from tests.support.backups import quiet
from tests.support.people import People
from tests.support.vaults import keyring_of
from vault.errors import NoSuchResource
from vault.grants.known import known_grants
from vault.journal.seal import Sealer
from vault.journal.verify import verify
from vault.keeping.archive_manifest import NAME
from vault.keeping.erase import hide
from vault.keeping.export import JOURNAL, JOURNAL_KEY, README, export
from vault.model.identifiers import StorageId
from vault.model.records import Epochs
from vault.rdf.documents import parse
from vault.stores.ports import CatalogueReader


@pytest.fixture
def people(tmp_path: Path) -> People:
    return lived_in(tmp_path)


@pytest.fixture
def archive(people: People) -> bytes:
    return archive_of(people.context, people.storage.storage)


def test_documents_stand_byte_for_byte_under_names_that_people_know(archive: bytes) -> None:
    files = files_in(archive)
    assert files["documenten/plannen/rust/plan.ttl"] == PLAN
    assert files["documenten/gesprekken/aantekening een.jsonld"] == NOTE
    assert files["documenten/brieven/foto.png"] == PICTURE
    assert b"Post" in files["documenten/brieven/_map.ttl"]


def test_rules_earlier_states_and_what_was_removed_are_in_it(people: People, archive: bytes) -> None:
    files = files_in(archive)
    _, acl = read(people, "brieven/foto.png.acl")
    rules = parse(files["toegangsregels/brieven/foto.png.acl.ttl"], "text/turtle", people.url)
    assert set(rules) == set(parse(acl, "text/turtle", people.url))
    assert "toegangsregels/_map.acl.ttl" in files, "the rules of the whole storage"
    assert b'"plan"' in files["beschrijvingen/plannen/rust/plan.meta.ttl"]
    earlier = [body for name, body in files.items() if name.startswith("vorige-versies/plannen/rust/plan~")]
    assert earlier == [b"<> a <#Eerste> ."]
    gone = [body for name, body in files.items() if name.startswith("verwijderd/brieven/weg~")]
    assert gone == [b"<> a <#Weg> ."]


def test_grants_requests_and_meetings_are_in_it(people: People, archive: bytes) -> None:
    files = files_in(archive)
    with people.context.catalogue.view() as view:
        (grant,) = (known.grant for known in known_grants(view, people.storage.storage))
    assert json.loads(files[f"toegang/{grant.short_id}.jsonld"])["id"] == grant.id
    folders = [name.partition("/")[0] for name in files]
    assert (folders.count("verzoeken"), folders.count("ontmoetingen"), folders.count("uitnodigingen")) == (
        1,
        1,
        1,
    )


def test_the_journal_in_it_can_be_checked_and_the_key_lies_beside_it(people: People, tmp_path: Path) -> None:
    context = people.context
    Sealer(context.catalogue, keyring_of(context), context.clock, tmp_path / "intake").seal_all()
    files = files_in(archive_of(context, people.storage.storage))
    report = verify(files[JOURNAL])
    assert report.ok, report.faults
    assert report.count > 10
    assert files[JOURNAL_KEY] == KEY


def test_the_export_is_a_line_in_the_journal(people: People, archive: bytes) -> None:
    assert archive
    assert [line.activity for line in people.lines()].count("export") == 1


def test_the_manifest_tells_size_and_hash_of_every_file(archive: bytes) -> None:
    files, parts = files_in(archive), manifest_in(archive)["parts"]
    named = {part["id"].replace("%20", " "): part for part in parts if not part["id"].startswith("#")}
    assert set(named) == set(files) - {NAME}
    for name, part in named.items():
        assert part["size"] == len(files[name])
        assert part["sha256"] == hashlib.sha256(files[name]).hexdigest()
    assert README in files


def test_the_manifest_tells_by_whom_and_from_when_until_when(people: People, archive: bytes) -> None:
    url = f"{people.url}plannen/rust/plan"
    first, last = sorted(
        (part for part in manifest_in(archive)["parts"] if part.get("resource") == url),
        key=lambda part: int(part["state"]),
    )
    assert first["until"] == last["from"]
    assert "until" not in last
    assert first["agent"] == last["agent"] == people.storage.owner
    gone = [
        part for part in manifest_in(archive)["parts"] if part.get("resource", "").endswith("/brieven/weg")
    ]
    assert [("until" in part) for part in gone] == [True]


def test_the_manifest_is_linked_data_that_needs_nothing_from_elsewhere(
    people: People, archive: bytes
) -> None:
    triples = parse(files_in(archive)[NAME], "application/ld+json", "file:///archive/manifest.jsonld")
    about = [
        triple.subject
        for triple in triples
        if triple.object == NamedNode(f"{people.url}plannen/rust/plan")
        and triple.predicate == NamedNode("http://www.w3.org/ns/prov#specializationOf")
    ]
    assert NamedNode("file:///archive/documenten/plannen/rust/plan.ttl") in about
    assert len(about) == 2


def test_nobody_else_may_read_the_unpacked_files(archive: bytes) -> None:
    with zipfile.ZipFile(BytesIO(archive)) as found:
        assert {member.external_attr >> 16 for member in found.infolist()} == {0o100600}
        assert found.testzip() is None


def test_large_things_are_stored_and_texts_are_squeezed(people: People) -> None:
    write(people, "brieven/tekst", b"a" * 50_000, "text/plain")
    with zipfile.ZipFile(BytesIO(archive_of(people.context, people.storage.storage))) as found:
        assert found.getinfo("documenten/brieven/tekst.txt").compress_size < 1000
        assert found.getinfo("documenten/brieven/foto.png").compress_type == zipfile.ZIP_STORED


def test_a_storage_that_is_not_there_has_no_archive(people: People) -> None:
    out = BytesIO()
    with pytest.raises(NoSuchResource):
        export(people.context, StorageId("abcdefghjkmnpqrs"), KEY, out, quiet)
    assert out.getvalue() == b""


def test_a_storage_that_goes_out_of_sight_meanwhile_has_no_archive(people: People) -> None:
    catalogue = people.context.catalogue

    class Gone:
        """The catalogue, in which the storage goes between the journal line and the view."""

        write = catalogue.write

        def view(self) -> AbstractContextManager[CatalogueReader]:
            hide(people.context, people.storage.storage)
            return catalogue.view()

        def epochs(self, storage: StorageId) -> Epochs:
            return catalogue.epochs(storage)

    with pytest.raises(NoSuchResource):
        archive_of(replace(people.context, catalogue=Gone()), people.storage.storage)


def test_a_moment_before_zip_files_is_written_as_the_earliest(people: People) -> None:
    people.clock.wall_ms = 1_000
    write(people, "brieven/oud", b"<> a <#Oud> .")
    with zipfile.ZipFile(BytesIO(archive_of(people.context, people.storage.storage))) as found:
        assert found.getinfo("documenten/brieven/oud.ttl").date_time[:3] == (1980, 1, 1)


def test_two_exports_of_the_same_storage_differ_only_in_their_moment(people: People) -> None:
    first, second = (files_in(archive_of(people.context, people.storage.storage)) for _ in range(2))
    assert set(first) == set(second)
    same = {name for name in first if first[name] == second[name]}
    assert set(first) - same <= {NAME, JOURNAL}
