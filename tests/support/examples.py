"""How many examples a generated test gets: few in `make check`, which everybody waits for, all of them in `make test`."""

from __future__ import annotations

import os

_SHARE = 1 if os.environ.get("EXAMPLES") == "all" else 5
_FEWEST = 20


def examples(thorough: int) -> int:
    """All of them when asked by the environment, otherwise a fifth."""
    return max(_FEWEST, thorough // _SHARE)
