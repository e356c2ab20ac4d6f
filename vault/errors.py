"""The whole tree of domain errors; they name facts, `pod_server.http.problems` gives them a status.

VaultError
├── BadInput                  what was sent cannot be understood
│   ├── InvalidIdentifier     a path that names no possible resource
│   ├── MalformedContent      bytes that are not what their media type says (line, column)
│   ├── UnsupportedMediaType  a media type that is not accepted here
│   ├── UnacceptableContent   understood, but against a rule (violations)
│   ├── StalledContent        the rest of what was being sent did not come in time
│   └── TooLarge              over a limit
├── NotSignedIn               nobody is signed in, and that is needed
├── AccessRefused             somebody is signed in, and may not
├── NoSuchResource            nothing is there, or nothing that may be known
├── MethodNotAllowed          the resource does not support the method
├── NotAcceptable             no representation the client accepts
├── UnsatisfiableRange        nothing of the part that was asked for is there
├── PreconditionFailed        a condition of the request does not hold
├── Conflict                  the state of the storage forbids it
│   └── ConcurrentChange      somebody else changed it first
├── TooManyRequests           asked too often
├── StorageFull               no room left
└── Unavailable               cannot be done now, try again
"""

from __future__ import annotations

from dataclasses import dataclass


class VaultError(Exception):
    """Any fact that keeps the vault from doing what was asked."""


class BadInput(VaultError):
    """What was sent cannot be understood."""


class InvalidIdentifier(BadInput):
    """A path that names no possible resource."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where in the sent bytes a fault is, both counted from 1."""

    line: int
    column: int


class MalformedContent(BadInput):
    """Bytes that are not what their media type says."""

    def __init__(self, message: str, position: Position | None = None) -> None:
        super().__init__(message)
        self.position = position


class UnsupportedMediaType(BadInput):
    """A media type that is not accepted for this resource."""

    def __init__(self, message: str, accepted: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.accepted = accepted


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: the field it concerns (a JSON pointer, a term or an IRI) and a sentence."""

    field: str
    sentence: str


class UnacceptableContent(BadInput):
    """Understood, but against a rule of the vault."""

    def __init__(self, message: str, violations: tuple[Violation, ...] = ()) -> None:
        super().__init__(message)
        self.violations = violations


class StalledContent(BadInput):
    """The rest of what was being sent did not come in time."""


class TooLarge(BadInput):
    """Over a limit, which the message names."""


class NotSignedIn(VaultError):
    """Nobody is signed in, and reading here needs it."""


class AccessRefused(VaultError):
    """Somebody is signed in and may not do this here."""


class NoSuchResource(VaultError):
    """Nothing is there, or nothing of which the requester may know."""


class MethodNotAllowed(VaultError):
    """The resource does not support the method; `allowed` names those it does."""

    def __init__(self, message: str, allowed: tuple[str, ...]) -> None:
        super().__init__(message)
        self.allowed = allowed


class NotAcceptable(VaultError):
    """No representation that the client accepts exists."""


class UnsatisfiableRange(VaultError):
    """Nothing of the part that was asked for is there; `size` is that of the whole."""

    def __init__(self, message: str, size: int) -> None:
        super().__init__(message)
        self.size = size


class PreconditionFailed(VaultError):
    """A condition of the request (on the version, or on the time of its last change) does not hold."""


class Conflict(VaultError):
    """The state of the storage forbids it."""


class ConcurrentChange(Conflict):
    """Somebody else changed the resource between reading and writing."""


class TooManyRequests(VaultError):
    """Asked too often; `retry_after_s` says when again."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class StorageFull(VaultError):
    """No room is left for what was sent."""


class Unavailable(VaultError):
    """Cannot be done now; `retry_after_s` says when again."""

    def __init__(self, message: str, retry_after_s: int = 5) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
