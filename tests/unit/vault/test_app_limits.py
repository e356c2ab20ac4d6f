"""How far an app's limit reaches: what was recorded for it, and nothing for one that cannot be told from another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.vaults import ISSUER_URL, TestClock, add_storage, make_context
from vault.model.requester import EVERYTHING, NOTHING, AppLimit, Caller, Credentials, Declared
from vault.organisations import resolve

OWNER, APP = "the owner", "https://app.example/id"
RECORDED = AppLimit(frozenset(), ("plannen/",), frozenset())


@pytest.mark.parametrize(
    ("credentials", "limit"),
    [
        (Credentials(OWNER, APP, ISSUER_URL, is_local=True), RECORDED),
        (Credentials(OWNER, "https://other.example/id", ISSUER_URL, is_local=True), NOTHING),
        (Credentials(OWNER, None, ISSUER_URL, is_local=True), NOTHING),
        (Credentials(OWNER, APP, ISSUER_URL, is_local=True, is_trusted_client=True), EVERYTHING),
        (Credentials(OWNER, APP, "https://elsewhere.example/"), None),
    ],
)
def test_an_app_has_the_limit_that_was_recorded_for_it_or_may_nothing(
    tmp_path: Path, credentials: Credentials, limit: AppLimit | None
) -> None:
    context = make_context(tmp_path, clock=TestClock())
    storage = add_storage(context)
    owned = replace(credentials, agent=storage.owner)
    context.catalogue.write(lambda tx: tx.put_app_limit(storage.owner, APP, RECORDED))
    with context.catalogue.view() as view:
        assert resolve(view, Caller(owned, Declared(), "0" * 32), context.clock()).limit == limit
