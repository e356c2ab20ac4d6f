"""Reading JSON from outside into values with a type; anything unexpected is a malformed answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx2

from clients.solid.errors import MalformedAnswer

Document = Mapping[str, Any]


def read_document(response: httpx2.Response) -> Document:
    """The JSON object of an answer.

    Raises:
        MalformedAnswer: it is not a JSON object.
    """
    try:
        found = response.json()
    except ValueError as error:
        raise MalformedAnswer("the answer is not JSON") from error
    if not isinstance(found, dict):
        raise MalformedAnswer("the answer is not a JSON object")
    return found


def text(document: Document, name: str) -> str:
    """A member that must be text.

    Raises:
        MalformedAnswer: it is absent or something else.
    """
    found = document.get(name)
    if not isinstance(found, str):
        raise MalformedAnswer(f"member {name} is not text")
    return found


def maybe_text(document: Document, name: str) -> str | None:
    """A member that is text, or absent."""
    return None if document.get(name) is None else text(document, name)


def texts(document: Document, name: str) -> tuple[str, ...]:
    """A member that is one text or a list of texts; empty when absent."""
    found = document.get(name)
    if found is None:
        return ()
    listed = found if isinstance(found, list) else [found]
    if not all(isinstance(one, str) for one in listed):
        raise MalformedAnswer(f"member {name} is not a list of texts")
    return tuple(listed)


def objects(document: Document, name: str) -> tuple[Document, ...]:
    """A member that is one object or a list of objects; empty when absent."""
    found = document.get(name)
    if found is None:
        return ()
    listed = found if isinstance(found, list) else [found]
    if not all(isinstance(one, dict) for one in listed):
        raise MalformedAnswer(f"member {name} is not a list of objects")
    return tuple(listed)


def number(document: Document, name: str, otherwise: int = 0) -> int:
    """A member that is a whole number; a default when absent."""
    found = document.get(name, otherwise)
    if not isinstance(found, int) or isinstance(found, bool):
        raise MalformedAnswer(f"member {name} is not a whole number")
    return found


def flag(document: Document, name: str, *, otherwise: bool = False) -> bool:
    """A member that is true or false; a default when absent."""
    found = document.get(name, otherwise)
    if not isinstance(found, bool):
        raise MalformedAnswer(f"member {name} is not true or false")
    return found


def moment(document: Document, name: str) -> datetime | None:
    """A member that is a moment with a zone, None when absent.

    Raises:
        MalformedAnswer: it is not a moment.
    """
    written = maybe_text(document, name)
    return None if written is None else read_moment(written)


def read_moment(written: str) -> datetime:
    """Read an xsd:dateTime with a zone.

    Raises:
        MalformedAnswer: it is not a moment with a zone.
    """
    try:
        found = datetime.fromisoformat(written)
    except ValueError as error:
        raise MalformedAnswer("a moment is not written as one") from error
    if found.tzinfo is None:
        raise MalformedAnswer("a moment has no zone")
    return found
