"""Opening a data folder: who may enter where the keys rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from pod_server.settings import load_settings
from pod_server.wiring import open_stores


def modes(data: Path) -> set[int]:
    """Who may enter the data folder and where its keys rest, after it was opened."""
    stores = open_stores(load_settings({"data": str(data), "port": 8001}, {}))
    stores.catalogue.close()
    return {path.stat().st_mode & 0o777 for path in (data, data / "keys", data / "keys" / "wrapped")}


def test_nobody_but_its_owner_enters_where_keys_rest(tmp_path: Path) -> None:
    assert modes(tmp_path / "data") == {0o700}


@pytest.mark.parametrize("before", [0o755, 0o750, 0o701])
def test_keys_of_an_earlier_version_are_closed_to_others(tmp_path: Path, before: int) -> None:
    data = tmp_path / "data"
    modes(data)
    (data / "keys").chmod(before)
    assert modes(data) == {0o700}
