"""What the journal calls a request that got no further."""

from __future__ import annotations

import pytest

from pod_server.storages.resources import attempt
from vault.model.identifiers import ResourceIdentifier, StorageId, random_id
from vault.model.modes import AccessMode

LETTER = ResourceIdentifier(StorageId(random_id()), "brieven/a")


@pytest.mark.parametrize(
    ("method", "activity", "mode"),
    [
        ("GET", "read", AccessMode.READ),
        ("HEAD", "read", AccessMode.READ),
        ("POST", "create", AccessMode.APPEND),
        ("PATCH", "change", AccessMode.WRITE),
        ("DELETE", "delete", AccessMode.WRITE),
        ("PUT", "replace", AccessMode.WRITE),
        ("BREW", "replace", AccessMode.WRITE),
    ],
)
def test_an_attempt_is_called_what_it_would_have_done(method: str, activity: str, mode: AccessMode) -> None:
    tried = attempt(method, LETTER)
    assert (tried.activity, tried.mode, tried.target) == (activity, mode, LETTER)
    on_rules = attempt(method, LETTER.acl)
    assert (on_rules.activity, on_rules.mode) == (activity, AccessMode.CONTROL)


@pytest.mark.parametrize("is_nowhere", [True, False])
def test_an_attempt_says_whether_it_was_on_a_place_that_cannot_be(is_nowhere: bool) -> None:
    assert attempt("GET", LETTER, is_nowhere=is_nowhere).is_nowhere is is_nowhere
