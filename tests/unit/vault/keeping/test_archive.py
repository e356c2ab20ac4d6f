from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.support.archives import ELSEWHERE, archive_of, lived_in, made_archive, part
from tests.support.backups import quiet
from vault.errors import MalformedContent, TooLarge, VaultError
from vault.keeping import archive as module
from vault.keeping.archive import open_archive
from vault.keeping.archive_manifest import CONTEXT, NAME
from vault.keeping.archive_names import NameBook, ending_of

BODY = b"<> a <#A> ."
FILE = "documenten/a.ttl"
MANY = 10**9


def refused(file: Path) -> str:
    """Why an archive is refused, when it is opened or when its files are compared."""
    with pytest.raises(VaultError) as caught:
        compare(file)
    return str(caught.value)


def compare(file: Path) -> None:
    """Open an archive and compare every file."""
    opened = open_archive(file, MANY)
    with opened.zip:
        opened.verify(quiet)


def zip_with(place: Path, *members: tuple[zipfile.ZipInfo | str, bytes]) -> Path:
    """A zip with a manifest that names what is given, as far as it has a name."""
    named = [m.filename if isinstance(m, zipfile.ZipInfo) else m for m, _ in members]
    parts = [part(name, body) for name, (_, body) in zip(dict.fromkeys(named), members, strict=False)]
    manifest = {
        "@context": CONTEXT,
        "version": "1",
        "title": "",
        "created": "2026-11-01T00:00:00Z",
        "storage": ELSEWHERE,
        "owner": ELSEWHERE,
        "parts": parts,
    }
    with zipfile.ZipFile(place, "w") as out:
        for member, body in members:
            out.writestr(member, body)
        out.writestr(NAME, json.dumps(manifest))
    return place


def test_what_was_exported_is_whole(tmp_path: Path) -> None:
    people = lived_in(tmp_path / "vault")
    place = tmp_path / "kluis.zip"
    place.write_bytes(archive_of(people.context, people.storage.storage))
    told: list[tuple[int, int]] = []
    opened = open_archive(place, MANY)
    with opened.zip:
        opened.verify(lambda *n: told.append(n))
    assert opened.archive.storage == people.url
    assert opened.archive.owner == people.storage.owner
    assert told[-1] == (len(opened.parts), len(opened.parts))


def test_an_archive_that_was_unpacked_and_packed_again_is_whole(tmp_path: Path) -> None:
    place = zip_with(tmp_path / "a.zip", ("documenten/a.ttl", BODY))
    with zipfile.ZipFile(place, "a") as out:
        out.mkdir("documenten")
    opened = open_archive(place, MANY)
    with opened.zip:
        opened.verify(quiet)


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../weg.ttl", "documenten/../../weg", "documenten\\weg.ttl", "C:/weg.ttl", ""]
)
def test_a_name_that_leads_out_of_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    info = zipfile.ZipInfo("x")
    info.filename = name
    assert "leads out" in refused(zip_with(tmp_path / "a.zip", (info, BODY)))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_a_link_or_device_is_refused(tmp_path: Path, kind: int) -> None:
    info = zipfile.ZipInfo(FILE)
    info.external_attr = (kind | 0o777) << 16
    assert "a link or a device" in refused(zip_with(tmp_path / "a.zip", (info, BODY)))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    assert "twice" in refused(zip_with(tmp_path / "a.zip", (FILE, BODY), (FILE, b"other")))


def test_another_packing_than_the_usual_one_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo(FILE)
    info.compress_type = zipfile.ZIP_BZIP2
    place = zip_with(tmp_path / "a.zip", (info, BODY))
    assert "packed in a way" in refused(place)


def test_an_encrypted_file_is_refused(tmp_path: Path) -> None:
    place = zip_with(tmp_path / "a.zip", (FILE, BODY))
    data = bytearray(place.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    place.write_bytes(bytes(data))
    assert "encrypted" in refused(place)


def test_files_that_share_bytes_are_refused(tmp_path: Path) -> None:
    place = zip_with(tmp_path / "a.zip", ("a/1.ttl", BODY), ("a/2.ttl", BODY))
    data = bytearray(place.read_bytes())
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    data[second + 42 : second + 46] = bytes(4)
    place.write_bytes(bytes(data))
    assert "overlaps" in refused(place)


def test_more_than_there_is_room_for_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    info = zipfile.ZipInfo(FILE)
    info.compress_type = zipfile.ZIP_DEFLATED
    place = zip_with(tmp_path / "a.zip", (info, bytes(10_000_000)))
    assert place.stat().st_size < 50_000
    with pytest.raises(TooLarge):
        open_archive(place, 1_000_000)


def test_a_size_that_lies_is_found_before_and_while_unpacking(tmp_path: Path) -> None:
    files = {FILE: BODY}
    assert "not of the size" in refused(made_archive(tmp_path / "a.zip", files, [part(FILE, BODY, size=3)]))
    place = made_archive(tmp_path / "b.zip", {FILE: bytes(1000)}, [part(FILE, bytes(10))])
    data = bytearray(place.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    place.write_bytes(bytes(data))
    assert "is not what the manifest says" in refused(place) or "cannot be unpacked" in refused(place)


def test_other_bytes_than_the_manifest_says_are_refused(tmp_path: Path) -> None:
    place = made_archive(tmp_path / "a.zip", {FILE: b"<> a <#B> ."}, [part(FILE, BODY)])
    assert "is not what the manifest says" in refused(place)


def test_damaged_bytes_are_refused(tmp_path: Path) -> None:
    place = zip_with(tmp_path / "a.zip", (FILE, BODY))
    place.write_bytes(place.read_bytes().replace(BODY, b"<> a <#B> .", 1))
    assert "cannot be unpacked" in refused(place)


def test_what_the_manifest_does_not_name_is_refused_and_what_it_names_must_be_there(tmp_path: Path) -> None:
    assert "not named" in refused(made_archive(tmp_path / "a.zip", {FILE: BODY}, []))
    assert "missing" in refused(made_archive(tmp_path / "b.zip", {}, [part(FILE, BODY)]))
    twice = [part(FILE, BODY), part(FILE, BODY)]
    assert "twice" in refused(made_archive(tmp_path / "c.zip", {FILE: BODY}, twice))


def test_more_files_or_a_larger_manifest_than_is_read_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = zip_with(tmp_path / "a.zip", (FILE, BODY))
    monkeypatch.setattr(module, "max_files", 1)
    with pytest.raises(TooLarge, match="files"):
        open_archive(place, MANY)
    monkeypatch.setattr(module, "max_files", 10)
    monkeypatch.setattr(module, "max_manifest_bytes", 10)
    with pytest.raises(TooLarge, match="larger"):
        open_archive(place, MANY)


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_archive_of_a_storage_is_refused(tmp_path: Path, content: bytes) -> None:
    place = tmp_path / "a.zip"
    place.write_bytes(content)
    with pytest.raises(MalformedContent):
        open_archive(place, MANY)


@pytest.mark.parametrize(
    "change",
    [
        {"version": "2"},
        {"@context": "https://elsewhere.example/context"},
        {"storage": 5},
        {"created": "gisteren"},
        {"parts": [{"id": FILE}]},
        {"parts": [part(FILE, BODY, size=-1)]},
        {"parts": [part(FILE, BODY, size=True)]},
        {"parts": [part(FILE, BODY, resource="https://elsewhere.example/a")]},
        {"parts": [part(FILE, BODY, "a", **{"from": 5})]},
        {"parts": 5},
    ],
)
def test_a_manifest_that_cannot_be_read_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    place = made_archive(tmp_path / "a.zip", {FILE: BODY}, [part(FILE, BODY)], **change)
    with pytest.raises(MalformedContent):
        open_archive(place, MANY)


def test_a_damaged_manifest_is_refused(tmp_path: Path) -> None:
    place = zip_with(tmp_path / "a.zip", (FILE, BODY))
    place.write_bytes(place.read_bytes().replace(b'"version": "1"', b'"version": "9"', 1))
    with pytest.raises(MalformedContent):
        open_archive(place, MANY)


def test_names_are_given_once_whatever_capitals_and_forbidden_characters() -> None:
    book = NameBook()
    given = [
        book.file("d", "a", ".ttl"),
        book.file("d", "A.ttl", ".ttl"),
        book.file("d", "a.ttl/in", ""),
        book.file("d", "con", ""),
        book.file("d", "a%2Fb:c", ""),
        book.file("d", "%FF", ""),
        book.file("d", "punt.", ""),
        book.file("d", "x" * 300, ".txt"),
    ]
    assert given == [
        "d/a.ttl",
        "d/A~2.ttl",
        "d/a.ttl~2/in",
        "d/_con",
        "d/a_b_c",
        "d/%FF",
        "d/punt",
        f"d/{'x' * 120}.txt",
    ]


def test_a_container_has_one_folder() -> None:
    book = NameBook()
    assert [book.file("d", f"a/b/{n}", "") for n in "12"] == ["d/a/b/1", "d/a/b/2"]


@pytest.mark.parametrize(
    ("media_type", "ending"),
    [
        ("text/turtle;charset=utf-8", ".ttl"),
        ("application/pdf", ".pdf"),
        ("application/octet-stream", ""),
        ("application/x-vreemd", ""),
        ("IMAGE/PNG", ".png"),
    ],
)
def test_the_ending_follows_the_media_type(media_type: str, ending: str) -> None:
    assert ending_of(media_type) == ending
