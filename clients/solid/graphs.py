"""Turtle from a storage, parsed with care: what others wrote may be hostile (`www.w3.org/TR/turtle/`)."""

from __future__ import annotations

from rdflib import Graph

from clients.solid.errors import MalformedAnswer

max_turtle_bytes = 1024 * 1024


def parse_turtle(data: bytes, base: str) -> Graph:
    """Parse a Turtle document; relative IRIs are resolved against its URL.

    Raises:
        MalformedAnswer: not Turtle, too deep, or too large to read here.
    """
    if len(data) > max_turtle_bytes:
        raise MalformedAnswer("the document is too large to read here")
    try:
        return Graph().parse(data=data, format="turtle", publicID=base)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise MalformedAnswer("the document is not Turtle") from error
