"""The operator's commands about a journal: what they print, and how they end."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pod_server.commands_journal import journal, write_journal
from pod_server.settings import SettingsError
from tests.support.journals import checkpoint_of, entry, export_of, make_signer, sealed
from tests.support.vaults import BASE_URL, add_storage, make_context
from vault.context import Context
from vault.errors import InvalidIdentifier, NoSuchResource
from vault.journal.checkpoints import checkpoint_for, open_signer
from vault.journal.lines import draft_of
from vault.model.journal import Redaction
from vault.model.records import StorageRecord

LINES = sealed([draft_of(entry()) for _ in range(3)])
SIGNER = make_signer()


def run(*arguments: object) -> Result:
    """Run a command of the group."""
    return CliRunner().invoke(journal, [str(argument) for argument in arguments])


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    """A vault that the commands open."""
    context = make_context(tmp_path)
    wiring = ModuleType("pod_server.wiring")
    monkeypatch.setattr(wiring, "open_context", lambda _: context, raising=False)
    folder = SimpleNamespace(signing_key=tmp_path / "journal-signing.pem")
    monkeypatch.setattr(wiring, "DataFolder", lambda _: folder, raising=False)
    monkeypatch.setitem(sys.modules, "pod_server.wiring", wiring)
    return context


@pytest.fixture
def home(context: Context) -> StorageRecord:
    """A storage with three lines in its journal."""
    home = add_storage(context)
    lines = sealed([draft_of(entry(home.storage)) for _ in range(3)])
    context.catalogue.write(lambda tx: tx.seal_lines(home.storage, lines))
    return home


@pytest.fixture
def keep(tmp_path: Path) -> Callable[[str, bytes], Path]:
    """Keep bytes in a file."""

    def write(name: str, data: bytes) -> Path:
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return write


def test_what_export_writes_verify_finds_whole(home: StorageRecord, tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    pod = f"{BASE_URL}{home.storage}/"
    assert run("export", "--data", tmp_path, pod, file).output == f"3 lines in {file}\n"
    done = run("verify", file)
    assert done.exit_code == 0
    assert f"whole: 3 lines of {pod}" in done.output


def test_an_export_is_for_its_owner_alone_and_replaces_an_older_one(
    context: Context, home: StorageRecord, tmp_path: Path
) -> None:
    file = tmp_path / "journal.jsonl"
    file.write_text("older")
    write_journal(context, f"{BASE_URL}{home.storage}/", file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_bytes().splitlines()) == 5
    assert not list(tmp_path.glob("*.part"))


def test_the_owner_sees_that_her_journal_was_written_out(
    context: Context, home: StorageRecord, tmp_path: Path
) -> None:
    write_journal(context, f"{BASE_URL}{home.storage}/", tmp_path / "journal.jsonl")
    with context.catalogue.view() as view:
        (line,) = (pending.entry for pending in view.pending_lines(10))
    assert (line.activity, line.agent, line.storage) == ("export-journal", None, home.storage)


def test_an_export_that_fails_leaves_the_older_one(
    context: Context, home: StorageRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "journal.jsonl"
    file.write_text("older")

    def torn(*_: object) -> Any:
        yield b"half"
        raise OSError("no room")

    monkeypatch.setattr("vault.journal.export.export", torn)
    done = run("export", "--data", tmp_path, f"{BASE_URL}{home.storage}/", file)
    assert (done.exit_code, done.output) == (1, "Error: no room\n")
    assert file.read_text() == "older"
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(
    ("pod", "error"),
    [(f"{BASE_URL}ncsv6x3mmnsnut6x/", NoSuchResource), ("https://elsewhere.example/", InvalidIdentifier)],
)
def test_a_storage_that_is_not_there_cannot_be_exported(
    context: Context, tmp_path: Path, pod: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        write_journal(context, pod, tmp_path / "journal.jsonl")
    assert not (tmp_path / "journal.jsonl").exists()


def test_a_folder_that_was_never_served_is_said_so(
    context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(_: Path) -> Context:
        raise SettingsError("no settings yet")

    monkeypatch.setattr(sys.modules["pod_server.wiring"], "open_context", never)
    done = run("export", "--data", tmp_path, BASE_URL, tmp_path / "journal.jsonl")
    assert (done.exit_code, done.output) == (1, "Error: no settings yet\n")


def test_verify_says_what_it_did_not_check(keep: Callable[[str, bytes], Path]) -> None:
    done = run("verify", keep("journal", export_of(LINES, checkpoint_of(LINES, SIGNER))))
    assert done.exit_code == 0
    assert "not checked: who signed" in done.output
    assert "not checked: whether the journal was made anew" in done.output


def test_with_key_and_checkpoint_everything_is_checked(keep: Callable[[str, bytes], Path]) -> None:
    now = checkpoint_of(LINES, SIGNER)
    done = run(
        *("verify", keep("journal", export_of(LINES, now)), "--key", keep("key", SIGNER.public_pem)),
        *("--checkpoint", keep("earlier", json.dumps(now.as_json()).encode())),
    )
    assert done.exit_code == 0
    assert "not checked" not in done.output


def test_a_changed_file_is_broken_and_says_so(keep: Callable[[str, bytes], Path]) -> None:
    done = run("verify", keep("journal", export_of(LINES).replace(b"#Read", b"#Read ", 1)))
    assert done.exit_code == 1
    assert "WRONG: line 1 was changed" in done.output
    assert "broken" in done.output
    assert "whole:" not in done.output


def test_a_cut_tail_is_broken_against_an_earlier_export(keep: Callable[[str, bytes], Path]) -> None:
    earlier = keep("earlier", export_of(LINES, checkpoint_of(LINES, SIGNER)))
    cut = keep("journal", export_of(LINES[:2]))
    assert run("verify", cut).exit_code == 0
    done = run("verify", cut, "--checkpoint", earlier)
    assert done.exit_code == 1
    assert "the end was cut off" in done.output


def test_a_key_or_checkpoint_that_is_none_ends_in_an_error(keep: Callable[[str, bytes], Path]) -> None:
    file, odd = keep("journal", export_of(LINES)), keep("odd", b"odd")
    for option in ("--key", "--checkpoint"):
        done = run("verify", file, option, odd)
        assert done.exit_code == 1
        assert done.output.startswith("Error: ")


def test_a_redaction_is_asked_for_and_kept_until_the_keeper_seals_it(
    context: Context, home: StorageRecord, tmp_path: Path
) -> None:
    pod = f"{BASE_URL}{home.storage}/"
    given = ("--data", tmp_path, "--field", "resource", "--field", "agent", "--reason", "third-party")
    done = run("redact", *given, pod, 2)
    assert (done.exit_code, done.output.splitlines()[0][:45]) == (
        0,
        "asked: from line 2 goes agent, resource, with",
    )
    with context.catalogue.view() as view:
        (pending,) = view.pending_lines(10)
    assert pending.entry.redaction == Redaction(2, 2, ("agent", "resource"), "third-party")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--field", "agent", "--reason", "third-party", f"{BASE_URL}{{}}/", "9"), "there is no line 9"),
        (("--field", "time", "--reason", "third-party", f"{BASE_URL}{{}}/", "1"), "'time' is not one of"),
        (("--field", "agent", "--reason", "ask Bob", f"{BASE_URL}{{}}/", "1"), "'ask Bob' is not one of"),
        (("--reason", "third-party", f"{BASE_URL}{{}}/", "1"), "Missing option '--field'"),
        (("--field", "agent", "--reason", "third-party", "https://elsewhere.example/", "1"), "Error"),
    ],
)
def test_what_cannot_be_redacted_is_said(
    home: StorageRecord, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = run("redact", "--data", tmp_path, *(part.format(home.storage) for part in arguments))
    assert done.exit_code != 0
    assert message in done.output


def test_a_checkpoint_is_signed_on_the_spot_and_only_what_everybody_may_have_is_printed(
    context: Context, home: StorageRecord, tmp_path: Path
) -> None:
    signer = open_signer(tmp_path / "journal-signing.pem")
    done = run("checkpoint", "--data", tmp_path)
    assert done.exit_code == 0, done.output
    shown = json.loads(done.output)
    assert set(shown) == {"time", "treeSize", "root", "signature"}
    with context.catalogue.view() as view:
        kept = view.latest_checkpoint()
    assert kept is not None
    checkpoint = checkpoint_for(kept, f"{BASE_URL}{home.storage}/")
    assert checkpoint is not None
    assert checkpoint.is_signed_by(signer.key.public_key())
    assert (checkpoint.root, checkpoint.tree_size, checkpoint.leaf.sequence) == (shown["root"], 1, 3)


def test_without_storages_there_is_nothing_to_sign(context: Context, tmp_path: Path) -> None:
    done = run("checkpoint", "--data", tmp_path)
    assert (done.exit_code, done.output) == (1, "Error: there are no storages yet\n")


def test_a_key_that_is_none_is_said(home: StorageRecord, tmp_path: Path) -> None:
    (tmp_path / "journal-signing.pem").write_text("no key")
    done = run("checkpoint", "--data", tmp_path)
    assert done.exit_code == 1
    assert "Error" in done.output
