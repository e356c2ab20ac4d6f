"""A house for every test, with passwords that are hashed quickly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pod_server.identity import passwords
from tests.support.identity import QUICK_HASHER, House, opened


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(passwords, "HASHER", QUICK_HASHER)
    yield from opened(House(tmp_path))
