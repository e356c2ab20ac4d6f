"""`make bench-auth`: CPU time of authenticating a request whose access token is known already, in this process.

Every request has a proof of its own; the answer of each is checked, and a proof used again must be refused. The proofs are
made beforehand. The figure is CPU time of the thread per request: the median of several runs, with the least and the most.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pod_server.authentication.authenticate import (
    AuthenticationParts,
    LocalIssuer,
    PresentedCredentials,
    authenticate,
    make_parts,
)
from pod_server.authentication.errors import InvalidToken
from pod_server.authentication.replay import ReplayStore
from tests.support.tokens import NOW_S, FakeWeb, Holder, Issuer
from vault.model.moments import Moment
from vault.model.requester import Credentials

BASE = "https://kluis.example/"
ANNA = f"{BASE}anna/profiel/card#me"
OUR = Issuer("https://aanmelden.example/")
NOW = Moment(NOW_S * 1000, NOW_S)


@dataclass(frozen=True, slots=True)
class Figure:
    """Microseconds of CPU time per request, of each run, in order."""

    runs_us: tuple[float, ...]

    @property
    def median_us(self) -> float:
        """The figure."""
        return statistics.median(self.runs_us)

    def __str__(self) -> str:
        return f"{self.median_us:.0f} µs ({self.runs_us[0]:.0f}–{self.runs_us[-1]:.0f})"


def main() -> None:
    """Measure, print a line, and fail when it is more than allowed."""
    parser = argparse.ArgumentParser(prog="bench.authentication")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--at-most", type=float, default=0.0, help="fail above so many µs; 0 never does")
    options = parser.parse_args()
    figure = measure(options.runs, options.requests)
    print(
        f"authenticating with a token that is known: {figure} of CPU, {options.runs} runs of {options.requests}"
    )
    if options.at_most and figure.median_us > options.at_most:
        raise SystemExit(f"more than {options.at_most:.0f} µs")


def measure(runs: int, requests: int) -> Figure:
    """Authenticate so many requests in so many runs.

    Raises:
        AssertionError: an answer is not what it must be.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        # As many buckets as a server has: what is looked up lies as far apart.
        replay = ReplayStore(Path(folder) / "replay", NOW_S - 10_000)
        try:
            parts = make_parts(_local_issuer(), replay, FakeWeb().fetch)
            holder = Holder()
            token = OUR.token(holder, ANNA)
            return Figure(tuple(sorted(_run(parts, _requests(holder, token, requests)) for _ in range(runs))))
        finally:
            replay.close()


def _local_issuer() -> LocalIssuer:
    return LocalIssuer(BASE, OUR.url, lambda: {OUR.kid: OUR.jwk}, lambda webid: webid == ANNA)


def _requests(holder: Holder, token: str, count: int) -> list[PresentedCredentials]:
    urls = [f"{BASE}anna/afspraken/{number}" for number in range(count)]
    return [
        PresentedCredentials("GET", url, (f"DPoP {token}",), (holder.proof("GET", url, token),))
        for url in urls
    ]


def _run(parts: AuthenticationParts, presented: Sequence[PresentedCredentials]) -> float:
    first, rest = presented[0], presented[1:]
    expected = authenticate(parts, first, NOW)
    assert (expected.agent, expected.issuer) == (ANNA, OUR.url)
    answers: list[Credentials] = []
    before = time.thread_time_ns()
    for one in rest:
        answers.append(authenticate(parts, one, NOW))
    used_ns = time.thread_time_ns() - before
    assert answers == [expected] * len(rest)
    _check_refused(parts, first)
    return used_ns / len(rest) / 1e3


def _check_refused(parts: AuthenticationParts, used: PresentedCredentials) -> None:
    try:
        authenticate(parts, used, NOW)
    except InvalidToken:
        return
    raise AssertionError("a proof was accepted twice")


if __name__ == "__main__":
    main()
