"""The journal's example of the domain, and a vault of real parts with one storage."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.vaults import TestClock, add_storage, make_context
from vault.context import Context
from vault.model.records import StorageRecord
from vault.stores.catalogue import SqlCatalogue


@pytest.fixture
def example() -> Any:
    return json.loads((Path(__file__).parent / "examples" / "logregels.json").read_text(encoding="utf-8"))


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def context(tmp_path: Path, clock: TestClock) -> Iterator[Context]:
    context = make_context(tmp_path, clock)
    yield context
    assert isinstance(context.catalogue, SqlCatalogue)
    context.catalogue.close()


@pytest.fixture
def home(context: Context) -> StorageRecord:
    return add_storage(context)
