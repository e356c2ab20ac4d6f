"""What an app may do at most."""

from __future__ import annotations

import pytest

from tests.support.catalogue_views import at
from tests.support.rules import APPEND, READ, WRITE, requester
from vault.access.limits import modes_within_limit
from vault.model.modes import ALL_MODES
from vault.model.requester import EVERYTHING, NOTHING, AppLimit

PLANS_ONLY = AppLimit(frozenset({READ}), ("plannen/", "brieven/"), frozenset())


def test_agents_of_other_issuers_have_no_limit() -> None:
    assert modes_within_limit(requester(limit=None), at("x")) == ALL_MODES


def test_everything_is_every_mode_everywhere_and_nothing_is_none() -> None:
    assert modes_within_limit(requester(limit=EVERYTHING), at("")) == ALL_MODES
    assert modes_within_limit(requester(limit=NOTHING), at("x")) == frozenset()


@pytest.mark.parametrize("path", ["plannen/", "plannen/x", "plannen/a/b/c", "brieven/y"])
def test_a_limit_to_containers_reaches_everything_in_them(path: str) -> None:
    assert modes_within_limit(requester(limit=PLANS_ONLY), at(path)) == {READ}


@pytest.mark.parametrize("path", ["", "plannen", "plannenx/y", "x/plannen/y", "Plannen/x", "plannen%2Fx"])
def test_a_limit_to_containers_reaches_nothing_outside_them(path: str) -> None:
    assert modes_within_limit(requester(limit=PLANS_ONLY), at(path)) == frozenset()


def test_an_app_that_may_write_may_append() -> None:
    limit = AppLimit(frozenset({WRITE}), None, frozenset())
    assert modes_within_limit(requester(limit=limit), at("x")) == {WRITE, APPEND}
