"""What can go wrong between an app and a storage.

SolidError
├── Unreachable        no answer, or the server cannot now: try again later
├── SignedOut          the session is over: sign in again
├── LoginFailed        the answer of the issuer is not the one that was asked for
├── ForeignAddress     an address outside the servers for which the session may speak
├── MalformedAnswer    an answer that is not what its standard says
└── Problem            the server refused (`www.rfc-editor.org/rfc/rfc9457`)
    ├── Refused        may not
    ├── Absent         nothing is there, or nothing of which one may know
    ├── Clash          the state of the storage forbids it
    ├── Changed        somebody else changed it first
    ├── Unacceptable   understood, but against a rule (violations)
    ├── TooLarge       over a limit
    ├── TooOften       asked too often
    └── Full           no room left
"""

from __future__ import annotations

from dataclasses import dataclass

import httpx2


class SolidError(Exception):
    """Anything that keeps an app from doing what was asked."""


class Unreachable(SolidError):
    """No answer came, or the server cannot answer now."""


class SignedOut(SolidError):
    """The session is over."""


class LoginFailed(SolidError):
    """The issuer's answer is not the one that was asked for."""


class ForeignAddress(SolidError):
    """An address outside the servers for which the session may speak."""


class MalformedAnswer(SolidError):
    """An answer that is not what its standard says."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: the field it concerns and a sentence for people."""

    field: str
    sentence: str


class Problem(SolidError):
    """The server refused; `status` as in HTTP, `trace_id` for the help desk."""

    def __init__(
        self, status: int, title: str, violations: tuple[Violation, ...] = (), trace_id: str = ""
    ) -> None:
        super().__init__(f"{status} {title}")
        self.status = status
        self.violations = violations
        self.trace_id = trace_id


class Refused(Problem):
    """May not."""


class Absent(Problem):
    """Nothing is there, or nothing of which one may know."""


class Clash(Problem):
    """The state of the storage forbids it."""


class Changed(Problem):
    """Somebody else changed it first."""


class Unacceptable(Problem):
    """Understood, but against a rule."""


class TooLarge(Problem):
    """Over a limit."""


class TooOften(Problem):
    """Asked too often."""


class Full(Problem):
    """No room is left."""


_BY_STATUS: dict[int, type[Problem]] = {
    400: Unacceptable,
    403: Refused,
    404: Absent,
    409: Clash,
    410: Absent,
    412: Changed,
    413: TooLarge,
    415: Unacceptable,
    422: Unacceptable,
    429: TooOften,
    507: Full,
}


def check(response: httpx2.Response) -> httpx2.Response:
    """Give the response back when it is a success.

    Raises:
        SignedOut: 401.
        Unreachable: 5xx other than 507.
        Problem: any other refusal.
    """
    if response.is_success:
        return response
    if response.status_code == 401:
        raise SignedOut("the server does not know who asks")
    if response.status_code >= 500 and response.status_code not in _BY_STATUS:
        raise Unreachable(f"the server answered {response.status_code}")
    title, violations = _read(response)
    problem = _BY_STATUS.get(response.status_code, Problem)
    raise problem(response.status_code, title, violations, response.headers.get("Trace-Id", ""))


def _read(response: httpx2.Response) -> tuple[str, tuple[Violation, ...]]:
    try:
        document = response.json()
    except ValueError:
        return response.reason_phrase, ()
    if not isinstance(document, dict):
        return response.reason_phrase, ()
    listed = document.get("violations")
    found = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    violations = tuple(Violation(str(e.get("field", "")), str(e.get("sentence", ""))) for e in found)
    return str(document.get("title", response.reason_phrase)), violations
