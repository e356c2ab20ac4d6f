"""What can name a resource."""

from __future__ import annotations

import pytest

from vault.errors import InvalidIdentifier
from vault.model.identifiers import ResourceIdentifier, StorageId, max_path_length

STORAGE = StorageId("abcdefghjkmnpqrs")


def test_a_path_has_a_longest() -> None:
    longest = "a/" * (max_path_length // 2)
    assert ResourceIdentifier(STORAGE, longest).path == longest
    with pytest.raises(InvalidIdentifier, match="too long"):
        ResourceIdentifier(STORAGE, f"{longest}a")
