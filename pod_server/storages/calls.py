"""What a service of a storage receives and answers, apart from HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from vault.context import Context
from vault.model.identifiers import StorageId
from vault.model.requester import Caller

max_service_body_bytes = 256 * 1024


class Result(Enum):
    """How a call went; the HTTP layer gives it a status."""

    OK = auto()
    CREATED = auto()
    ACCEPTED = auto()
    NO_CONTENT = auto()


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """A call of a service: `method` as in HTTP, `rest` the path after the service's endpoint ("" for itself).

    `storage` is None for the server's own addresses. `body` is empty when there was none.
    """

    method: str
    storage: StorageId | None
    rest: str
    query: Mapping[str, str]
    media_type: str
    body: bytes
    if_match: str | None
    caller: Caller


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes that people stored, in the media type they were stored in."""

    media_type: str
    size: int
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """What a service answers: a JSON(-LD) document or `content`, where it is, and one word for the journal.

    `journalled` says that the call wrote its own line in its transaction; otherwise the HTTP layer writes one, with
    `activity`.
    """

    result: Result
    document: Mapping[str, Any] | None = None
    location: str | None = None
    etag: str | None = None
    activity: str = "read"
    journalled: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    content: Content | None = None


Service = Callable[[Context, ServiceCall], ServiceAnswer]
