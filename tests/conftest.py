"""What a measured run of the tests needs of them."""

from __future__ import annotations

import coverage
import pytest


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Write down what coverage saw: a worker of pytest-xdist gets ten seconds to end, and then is killed."""
    measuring = coverage.Coverage.current()
    if measuring is not None:
        measuring.stop()
        measuring.save()
