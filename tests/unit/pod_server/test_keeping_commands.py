"""The operator's commands that keep and take along, in process, on the data of an earlier version."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pod_server import commands_keeping, wiring_keeping
from pod_server.__main__ import main
from pod_server.identity import records
from pod_server.identity.accounts import find_account_of
from pod_server.identity.sessions import begin
from pod_server.progress import make_progress
from pod_server.settings import SettingsError, open_settings
from pod_server.wiring import erasing_parts, identity_parts, open_stores
from tests.support.data_fixtures import OldData, open_fixture
from vault.journal.lines import moment_text
from vault.keeping import rewind as rewind_module
from vault.keeping.erase import erase_due, out_of_sight_s
from vault.keeping.erasures import read_erasures
from vault.keeping.rewind import Deed, Step
from vault.model.identifiers import ResourceIdentifier, StorageId, identifier_from_url
from vault.model.moments import Moment
from vault.stores.files import locked


@pytest.fixture
def old(tmp_path: Path) -> Iterator[OldData]:
    made = open_fixture("0.1.0", tmp_path / "data")
    yield made
    made.stores.catalogue.close()


@pytest.fixture
def run(old: OldData) -> Callable[..., Result]:
    def invoke(*arguments: object, data: Path = old.folder, **more: str) -> Result:
        name, *rest = map(str, arguments)
        return CliRunner().invoke(main, [name, "--data", str(data), *rest], **more)  # type: ignore[arg-type]  # `input` only

    return invoke


def storage_of(old: OldData) -> StorageId:
    return identifier_from_url(old.found["pod"], old.context.base_url).storage


def test_a_server_is_backed_up_and_restored_by_two_commands(
    old: OldData, run: Callable[..., Result], tmp_path: Path
) -> None:
    made = run("backup", tmp_path / "backup", "--keys", tmp_path / "keys")
    assert made.exit_code == 0, made.output
    assert "objects in" in made.output
    new = tmp_path / "new"
    done = run("restore", tmp_path / "backup", "--keys", tmp_path / "keys", data=new)
    assert done.exit_code == 0, done.output
    assert "2 storages are back, 0 stay erased" in done.output
    assert "nobody but the owners" in done.output
    assert open_settings(new, {}).base_url == old.context.base_url
    rows = [
        json.loads(run("inventory", old.found["pod"], "--json", data=where).output)
        for where in (old.folder, new)
    ]
    assert rows[0] == rows[1]
    assert run("resume", old.found["pod"], "--yes", data=new).exit_code == 0
    assert run("resume", old.found["pod"], "--yes", data=new).exit_code == 1


def test_sign_ins_and_programs_do_not_come_back_unless_the_operator_says_so(
    old: OldData, run: Callable[..., Result], tmp_path: Path
) -> None:
    parts = identity_parts(open_settings(old.folder, {}), old.stores)
    account = find_account_of(parts, old.found["accounts"][0]["webid"])
    assert account is not None
    begin(parts, account.id, 0)
    parts.replay.close()
    run("backup", tmp_path / "backup", "--keys", tmp_path / "keys")
    for name, options, programs in (("new", (), 0), ("same", ("--access-as-in-backup",), 2)):
        done = run(
            "restore", tmp_path / "backup", "--keys", tmp_path / "keys", *options, data=tmp_path / name
        )
        assert done.exit_code == 0, done.output
        stores = open_stores(open_settings(tmp_path / name, {}))
        with stores.database.read() as connection:
            assert records.find_rows(connection, records.session) == []
            assert len(records.find_rows(connection, records.credential)) == programs
            assert len(records.find_rows(connection, records.account)) == 2
        stores.catalogue.close()


def test_a_bad_day_is_undone_by_one_command_that_first_tells_what_it_will_do(
    old: OldData, run: Callable[..., Result]
) -> None:
    pod, moment = old.found["pod"], "2030-01-01T00:00:00Z"
    assert run("restore", pod, "--at", moment, "--dry-run").output == ""
    assert run("restore", pod, "--at", moment).exit_code == 0
    early = run("restore", pod, "--at", "2020-01-01T00:00:00Z")
    assert "no such storage at that moment" in early.output
    with old.context.catalogue.view() as view:
        card = view.find_resource(ResourceIdentifier(storage_of(old), "profiel/card"))
    assert card is not None
    before = moment_text(card.created_ms)
    planned = run("restore", pod, "--at", before, "--dry-run").output.splitlines()
    assert "remove plannen/rust/plan" in planned
    assert len(planned) >= 5
    done = run("restore", pod, "--at", before)
    assert done.exit_code == 0, done.output
    assert run("restore", pod, "--at", before, "--dry-run").output == ""


def test_a_step_that_cannot_be_taken_is_told(
    old: OldData, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    step = Step(Deed.REMOVE, ResourceIdentifier(storage_of(old), "brieven/er-is-niets"))
    monkeypatch.setattr(rewind_module, "plan_rewind", lambda *_: (step,))
    done = run("restore", old.found["pod"], "--at", "2026-01-01T00:00:00Z")
    assert done.exit_code == 1
    assert "not done" in done.output


@pytest.mark.parametrize("options", [("--at", "gisteren"), ("--dry-run",), ()])
def test_restore_wants_a_folder_with_keys_or_a_storage_with_a_moment(
    run: Callable[..., Result], options: tuple[str, ...]
) -> None:
    assert run("restore", "iets", *options).exit_code == 2


def test_what_the_backup_or_the_server_lost_is_said_and_the_status_is_not_success(
    old: OldData, run: Callable[..., Result], tmp_path: Path
) -> None:
    lost = next((old.folder / "objects").glob("*/*"))
    kept = lost.read_bytes()
    lost.unlink()
    made = run("backup", tmp_path / "backup", "--keys", tmp_path / "keys")
    assert made.exit_code == 1
    assert "1 objects" in made.output
    done = run("restore", tmp_path / "backup", "--keys", tmp_path / "keys", data=tmp_path / "new")
    assert done.exit_code == 1
    assert "not in the backup" in done.output
    lost.write_bytes(kept)
    assert "the keys are not in it" in run("backup", tmp_path / "backup").output


def test_keys_that_are_gone_leave_the_keys_folder_and_are_asked_for_again(
    old: OldData, run: Callable[..., Result], tmp_path: Path
) -> None:
    run("backup", tmp_path / "backup", "--keys", tmp_path / "keys")
    old.stores.keyring.destroy(storage_of(old))
    run("backup", tmp_path / "backup", "--keys", tmp_path / "keys")
    assert not (tmp_path / "keys" / "wrapped" / f"{storage_of(old)}.key").exists()
    done = run("restore", tmp_path / "backup", "--keys", tmp_path / "keys", data=tmp_path / "new")
    assert "keys are missing" in done.output
    shutil.rmtree(tmp_path / "keys" / "wrapped")
    done = run("restore", tmp_path / "backup", "--keys", tmp_path / "keys", data=tmp_path / "other")
    assert "holds no keys of a server" in done.output


def test_a_root_key_kept_elsewhere_is_not_copied_and_must_be_given(
    old: OldData, run: Callable[..., Result], tmp_path: Path
) -> None:
    old.stores.folder.root_key.rename(tmp_path / "root.key")
    written = json.loads((old.folder / "settings.json").read_text()) | {
        "root_key_file": str(tmp_path / "root.key")
    }
    (old.folder / "settings.json").write_text(json.dumps(written))
    run("backup", tmp_path / "backup", "--keys", tmp_path / "keys")
    assert not (tmp_path / "keys" / "root.key").exists()
    arguments = ("restore", tmp_path / "backup", "--keys", tmp_path / "keys")
    assert "root key is missing" in run(*arguments, data=tmp_path / "new").output
    done = run(*arguments, "--root-key-file", tmp_path / "root.key", data=tmp_path / "new")
    assert done.exit_code == 0, done.output


def test_folders_inside_one_another_are_refused(
    old: OldData, run: Callable[..., Result], tmp_path: Path
) -> None:
    for folder, keys in ((old.folder / "backup", "keys"), (tmp_path / "backup", "backup/keys")):
        made = run("backup", folder, "--keys", tmp_path / keys)
        assert made.exit_code == 1
        assert "must lie apart" in made.output


def test_a_restore_needs_a_list_of_what_was_erased(
    old: OldData, run: Callable[..., Result], tmp_path: Path
) -> None:
    run("backup", tmp_path / "backup", "--keys", tmp_path / "keys")
    (tmp_path / "keys" / "erased.list").unlink()
    arguments = ("restore", tmp_path / "backup", "--keys", tmp_path / "keys")
    assert "no erasure list" in run(*arguments, data=tmp_path / "new").output
    newer = tmp_path / "erased.list"
    newer.write_text(f"{storage_of(old)}\n")
    done = run(*arguments, "--erasure-list", newer, data=tmp_path / "new")
    assert "1 storages are back, 1 stay erased" in done.output
    assert read_erasures(tmp_path / "new" / "keys" / "erased.list") == {storage_of(old)}
    stores = open_stores(open_settings(tmp_path / "new", {}))
    with stores.database.read() as connection:
        assert len(records.find_rows(connection, records.account)) == 1
    stores.catalogue.close()


def test_a_folder_into_which_a_restore_was_cut_is_not_used(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "restore.unfinished").touch()
    with pytest.raises(SettingsError, match="was cut"):
        open_settings(tmp_path / "new", {})


def test_a_journal_that_nobody_seals_stops_a_backup(
    old: OldData, run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring_keeping, "sealed_within_s", 0.0)
    with locked(old.stores.folder.intake):
        made = run("backup", tmp_path / "backup")
    assert made.exit_code == 1
    assert "is not being sealed" in made.output


def test_a_keeper_that_seals_is_waited_for(old: OldData, monkeypatch: pytest.MonkeyPatch) -> None:
    passed = iter((0, 0, 10**15))
    monkeypatch.setattr(wiring_keeping, "last_pass_ms", lambda _path: next(passed))
    with locked(old.stores.folder.intake):
        wiring_keeping.seal_first(old.stores)
    with pytest.raises(StopIteration):
        next(passed)


def test_erase_list_and_undo(old: OldData, run: Callable[..., Result]) -> None:
    pod = old.found["pod"]
    assert "nobody is here to ask" in run("erase", pod).output
    assert "out of sight" in run("erase", pod, "--yes").output
    assert pod in run("erase", "--list").output
    assert "no such storage" in run("erase", pod, "--yes").output
    assert "back in sight" in run("erase", pod, "--undo").output
    assert run("erase", "--list").output == ""


@pytest.mark.parametrize("arguments", [(), ("--list", "--undo"), ("https://x.example/", "--list")])
def test_erase_wants_one_thing(run: Callable[..., Result], arguments: tuple[str, ...]) -> None:
    assert run("erase", *arguments).exit_code == 2


def test_a_question_on_a_terminal_is_asked(
    old: OldData, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands_keeping, "is_terminal", lambda: True)
    assert run("erase", old.found["pod"], input="n\n").exit_code == 1
    assert run("erase", "--list").output == ""
    assert "out of sight" in run("erase", old.found["pod"], input="y\n").output


def test_an_account_goes_with_its_storage(old: OldData, run: Callable[..., Result]) -> None:
    settings = open_settings(old.folder, {})
    parts = identity_parts(settings, old.stores)
    account = find_account_of(parts, old.found["accounts"][0]["webid"])
    assert account is not None
    begin(parts, account.id, 0)
    parts.replay.close()
    run("erase", old.found["pod"], "--yes")
    erasing = erasing_parts(settings, old.stores)
    later = Moment((erasing.context.clock().wall_s + out_of_sight_s) * 1000 + 5000, 0)
    assert erase_due(replace(erasing, context=replace(erasing.context, clock=lambda: later))) == 1
    program = old.found["accounts"][0]
    with old.stores.database.read() as connection:
        assert len(records.find_rows(connection, records.account)) == 1
        assert records.find_rows(connection, records.session) == []
        assert [row["id"] for row in records.find_rows(connection, records.credential)] != [
            program["client_id"]
        ]
    with old.context.catalogue.view() as view:
        assert view.app_limit(program["webid"], program["client"]) is None
    old.context.catalogue.write(lambda tx: erasing.forget_account(tx, storage_of(old)))


def test_a_storage_is_taken_along_by_two_commands(
    old: OldData, run: Callable[..., Result], tmp_path: Path
) -> None:
    file = tmp_path / "kluis.zip"
    made = run("export", old.found["pod"], file)
    assert made.exit_code == 0, made.output
    assert f"files in {file}" in made.output
    assert file.stat().st_mode & 0o77 == 0
    done = run(
        "import",
        file,
        "--name",
        "Samira",
        "--email",
        "samira@x.example",
        "--password-stdin",
        "--json",
        input="fietsen-in-de-regen-9\n",
    )
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["imported"] > 3
    again = run("import", file, "--account", answer["webid"])
    assert again.exit_code == 0, again.output
    assert "imported 0" in again.output
    assert run("export", old.found["pod"], file).exit_code == 0, "it may be repeated"


def test_an_export_that_fails_leaves_nothing(
    old: OldData, run: Callable[..., Result], tmp_path: Path
) -> None:
    shutil.rmtree(old.folder / "objects")
    (old.folder / "objects").mkdir()
    file = tmp_path / "kluis.zip"
    assert run("export", old.found["pod"], file).exit_code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert run("export", f"{old.context.base_url}abcdefghjkmnpqrs/", file).exit_code == 1


@pytest.mark.parametrize("options", [(), ("--name", "A", "--account", "https://x.example/#me")])
def test_an_import_goes_to_one_account(
    run: Callable[..., Result], tmp_path: Path, options: tuple[str, ...]
) -> None:
    (tmp_path / "a.zip").touch()
    assert run("import", tmp_path / "a.zip", *options).exit_code == 2


@pytest.mark.parametrize(
    "webid",
    [
        "https://elsewhere.example/x#me",
        "{base}abcdefghjkmnpqrs/profiel/card",
        "{base}abcdefghjkmnpqrs/profiel/card#me",
    ],
)
def test_an_account_that_is_not_here_gets_nothing(
    old: OldData, run: Callable[..., Result], tmp_path: Path, webid: str
) -> None:
    file = tmp_path / "kluis.zip"
    run("export", old.found["pod"], file)
    done = run("import", file, "--account", webid.replace("{base}", old.context.base_url))
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")


class Terminal(io.StringIO):
    """A terminal that remembers what was shown."""

    def isatty(self) -> bool:
        return True


def test_progress_moves_on_a_terminal_and_is_a_few_lines_elsewhere() -> None:
    shown, plain = Terminal(), io.StringIO()
    for out in (shown, plain):
        tell = make_progress("objects", out)
        for done in range(1, 1001):
            tell(done, 1000)
    assert shown.getvalue().startswith("\robjects: 1 of 1000")
    assert shown.getvalue().endswith("\robjects: 1000 of 1000\n")
    assert plain.getvalue().splitlines()[0] == "objects: 100 of 1000"
    assert len(plain.getvalue().splitlines()) == 10
