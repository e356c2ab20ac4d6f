"""How many examples a generated test gets: few in `make check`, which everybody waits for, all of them in `make test`."""

from __future__ import annotations

import os

_SHARE = 1 if os.environ.get("EXAMPLES") == "all" else 5


def examples(thorough: int, fewest: int = 20) -> int:
    """All of them when asked by the environment, otherwise a fifth, but never fewer than `fewest`."""
    return max(fewest, thorough // _SHARE)
