"""A catalogue in a temporary folder, and one storage in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.vaults import add_storage, make_context
from vault.context import Context
from vault.model.records import StorageRecord
from vault.stores.catalogue import SqlCatalogue


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    context = make_context(tmp_path)
    yield context
    assert isinstance(context.catalogue, SqlCatalogue)
    context.catalogue.close()


@pytest.fixture
def home(context: Context) -> StorageRecord:
    return add_storage(context)
