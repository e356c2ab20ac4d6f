"""Migrations lead to the schema, once, wholly or not at all."""

from __future__ import annotations

import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from vault.stores import sqlite
from vault.stores.driver import make_engine
from vault.stores.schema import metadata
from vault.stores.usage import revision_bytes

BROKEN = """
from alembic import op
revision = "9999"
down_revision = "{before}"

def upgrade() -> None:
    op.execute("CREATE TABLE half (id INTEGER)")
    op.execute("this is no statement")
"""


def tables(path: Path) -> set[str]:
    """Names of the tables in a file."""
    connection = sqlite3.connect(path)
    found = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    return found


def test_migrations_make_the_tables_that_the_code_expects(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    sqlite.migrate(path)
    with make_engine(path, 1000).connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_known})
        assert compare_metadata(context, metadata) == []


def is_known(_: object, name: str, kind: str, __: object, ___: object) -> bool:
    """Whether a table is one of the vault's: others may share the file."""
    return kind != "table" or name in metadata.tables


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    sqlite.migrate(path)
    before = path.read_bytes()
    sqlite.migrate(path)
    assert path.read_bytes() == before


def test_several_that_start_at_once_make_it_once(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(sqlite.migrate, [path] * 8))
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM server").fetchone() == (1,)
    connection.close()


def test_a_migration_that_fails_leaves_nothing_of_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, folder = tmp_path / "catalogue.sqlite", tmp_path / "migrations"
    sqlite.migrate(path)
    before = tables(path)
    shutil.copytree(sqlite._MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9999_broken.py").write_text(BROKEN.format(before=sqlite.newest_revision()))
    monkeypatch.setattr(sqlite, "_MIGRATIONS", folder)
    with pytest.raises(Exception, match="syntax error"):
        sqlite.migrate(path)
    assert tables(path) == before


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    sqlite.migrate(tmp_path / "catalogue.sqlite")
    assert (tmp_path / "catalogue.sqlite").stat().st_mode & 0o777 == 0o600


def migrate_up_to(path: Path, last: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Migrate as a version of the past did."""
    shutil.copytree(sqlite._MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (folder / "versions").glob("[0-9]*.py"):
        if file.name[:4] > last:
            file.unlink()
    with monkeypatch.context() as patch:
        patch.setattr(sqlite, "_MIGRATIONS", folder)
        sqlite.migrate(path)


def test_revisions_of_the_past_get_their_order_and_their_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "catalogue.sqlite"
    migrate_up_to(path, "0002", tmp_path / "migrations", monkeypatch)
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO storage (id, epoch, sealed) VALUES ('s', 1, x'00')")
    for id_, key, time_ms in (("z", "live", 10), ("g", "gone", 15), ("a", "live", 20), ("m", "live", 30)):
        connection.execute(
            "INSERT INTO revision (id, storage, resource, media_type, size, modified_ms, sealed) "
            "VALUES (?, 's', ?, 'text/plain', 5, ?, x'00')",
            (id_, key, time_ms),
        )
    connection.execute(
        "INSERT INTO resource (storage, key, path_hash, path, kind, revision, acl_key, created_ms) "
        "VALUES ('s', 'live', x'00', x'00', 'document', 'm', 'live', 10)"
    )
    connection.commit()
    connection.close()
    sqlite.migrate(path)
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT id, ordinal, replaced_ms FROM revision ORDER BY resource, ordinal")
    assert found.fetchall() == [("g", 1, 15), ("z", 1, 20), ("a", 2, 30), ("m", 3, None)]
    used = connection.execute("SELECT storage, party_hash, bytes FROM usage").fetchall()
    assert used == [("s", b"", 4 * (5 + revision_bytes))]
    connection.close()
