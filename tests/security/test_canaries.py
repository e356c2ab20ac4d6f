"""What a stolen disk shows: no text, name, WebID or BSN in any file, in any common encoding; and the search can find."""

from __future__ import annotations

import base64
import contextlib
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.servers import run_json
from tests.support.world import PURPOSE, World, running_world

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(300)]
NAME = "Samira El Idrissi"
TEXT = "Noah slaapt slecht na schooltijd"
REASON = "Marieke werkt het plan met mij bij na elk gesprek"
CANARY = "999990007"


def forms(text: str) -> Iterator[bytes]:
    """A text as it could stand on disk: plain, UTF-16, hex, base64 at each of three offsets."""
    plain = text.encode()
    yield plain
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")
    yield plain.hex().encode()
    yield plain.hex().upper().encode()
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + plain)
        yield encoded[4 if offset else 0 : -4]
        yield base64.urlsafe_b64encode(b"\0" * offset + plain)[4 if offset else 0 : -4]


def unzipped(data: bytes) -> Iterator[bytes]:
    """What lies in zlib, gzip or raw deflate streams inside a file."""
    for mark, bits in ((b"\x78\x9c", 15), (b"\x78\x01", 15), (b"\x78\xda", 15), (b"\x1f\x8b\x08", 31)):
        start = data.find(mark)
        while start >= 0:
            with contextlib.suppress(zlib.error):
                yield zlib.decompressobj(bits).decompress(data[start : start + 1_000_000])
            start = data.find(mark, start + 1)


def found_in(folder: Path, secrets: list[str]) -> set[tuple[str, str]]:
    """Which secrets stand in which files below a folder."""
    found = set()
    for path in (p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        for part in (data, *unzipped(data)):
            found |= {
                (path.name, secret) for secret in secrets if any(form in part for form in forms(secret))
            }
    return found


def live_through(world: World) -> list[str]:
    """A short life in the vault; gives what must not be found afterwards."""
    plan = f"{world.owner.pod}plannen/rust-in-huis/plan"
    body = f'<> <http://purl.org/dc/terms/title> "{TEXT}" ; <http://schema.org/text> "{CANARY}" .'
    assert world.owner.put_turtle(plan, body).is_success
    grant = world.give([plan], reason=REASON)
    assert world.worker.request("GET", plan, purpose=PURPOSE).status_code == 200
    assert world.worker.request("GET", plan).status_code == 403
    world.stop(grant)
    assert world.worker.request("GET", plan, purpose=PURPOSE).status_code == 403
    refused = world.owner.put_turtle(f"{world.owner.pod}brieven/{CANARY}", "<> a <#Brief> .")
    assert refused.status_code == 422
    return [NAME, TEXT, REASON, CANARY, world.worker.webid, "Marieke Bos", "rust-in-huis", PURPOSE]


def files_of(world: World) -> Path:
    """The citizens' data folder; the log of its processes is put beside it."""
    data = world.citizens.data
    (data / "copied.log").write_bytes(world.citizens.log.read_bytes())
    return data


def test_a_disk_and_the_logs_show_no_secret(tmp_path: Path) -> None:
    with running_world(tmp_path) as world:
        secrets = live_through(world)
        assert found_in(files_of(world), secrets) == set()
        world.citizens.stop()
        assert found_in(files_of(world), secrets) == set()
        world.citizens.start()
        assert run_json("inventory", "--data", str(world.citizens.data), world.owner.pod)


def test_the_same_search_finds_every_secret_when_encryption_is_off(tmp_path: Path) -> None:
    switched_off = {"PYTHONPATH": str(Path(__file__).parent / "plaintext")}
    with running_world(tmp_path, environment=switched_off) as world:
        secrets = live_through(world)
        world.citizens.stop()
        found = {secret for _, secret in found_in(files_of(world), secrets)}
        world.citizens.start()
    assert found == set(secrets)


@pytest.mark.parametrize("form", range(11))
def test_the_search_knows_every_form(tmp_path: Path, form: int) -> None:
    hidden = list(forms(TEXT))[form]
    (tmp_path / "file").write_bytes(b"before" + hidden + b"after")
    (tmp_path / "zipped").write_bytes(b"xx" + zlib.compress(b"before" + hidden) + b"yy")
    assert found_in(tmp_path, [TEXT]) == {("file", TEXT), ("zipped", TEXT)}
