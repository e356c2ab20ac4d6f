"""RDF documents as triples: Turtle, N-Triples, JSON-LD in and out (`solidproject.org/TR/protocol#resource-representations`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from pyld import jsonld
from pyoxigraph import DefaultGraph, Quad, RdfFormat, Triple
from pyoxigraph import parse as read_quads
from pyoxigraph import serialize as write_triples

from vault.errors import (
    MalformedContent,
    Position,
    TooLarge,
    UnacceptableContent,
    UnsupportedMediaType,
    Violation,
)
from vault.rdf.depth import check_json_depth, check_triple_terms
from vocab.contexts import UnknownContext, document_loader, load_context
from vocab.media_types import JSON_LD, N_TRIPLES, RDF_TYPES, TURTLE

_FORMATS = {TURTLE: RdfFormat.TURTLE, N_TRIPLES: RdfFormat.N_TRIPLES, JSON_LD: RdfFormat.JSON_LD}
# What the JSON-LD processor raises where a member has a value of a type that it did not expect.
_STUMBLES = (ValueError, TypeError, AttributeError, LookupError)


def parse(data: bytes, media_type: str, base: str, max_triples: int | None = None) -> list[Triple]:
    """Read a document; relative IRIs are resolved against `base`. JSON-LD contexts come from the bundle only.

    `max_triples` is for what comes from outside.

    Raises:
        UnsupportedMediaType: no RDF type that is read here.
        MalformedContent: not what the media type says, with the place.
        UnacceptableContent: JSON-LD with another context or with named graphs.
        TooLarge: nested too deeply, or too many triples.
    """
    if media_type not in _FORMATS:
        raise UnsupportedMediaType("not a media type of linked data", RDF_TYPES)
    form = _FORMATS[media_type]
    if media_type == JSON_LD:
        data, form = _ready_json_ld(data, base)
    else:
        check_triple_terms(data)
    quads = _read(data, form, base, max_triples)
    # The other types have no way to name one.
    if media_type == JSON_LD and any(quad.graph_name != DefaultGraph() for quad in quads):
        raise UnacceptableContent("a document holds triples, not named graphs")
    return [quad.triple for quad in quads]


def serialize(triples: Iterable[Triple], media_type: str, base: str | None = None) -> bytes:
    """Write triples as a document; with `base`, Turtle is written relative to it."""
    base_iri = base if media_type == TURTLE else None
    return write_triples(triples, format=_FORMATS[media_type], base_iri=base_iri) or b""


def to_sorted_ntriples(triples: Iterable[Triple]) -> bytes:
    """Write triples as N-Triples, sorted and each once."""
    lines = serialize(triples, N_TRIPLES).splitlines(keepends=True)
    return b"".join(sorted(set(lines)))


def _read(data: bytes, form: RdfFormat, base: str, most: int | None) -> list[Quad]:
    try:
        quads = list(islice(read_quads(data, form, base_iri=base), None if most is None else most + 1))
    except SyntaxError as error:
        position = None if error.lineno is None else Position(error.lineno, error.offset or 1)
        raise MalformedContent("the document cannot be read", position) from error
    except ValueError as error:
        raise MalformedContent("the document cannot be read") from error
    if most is not None and len(quads) > most:
        raise TooLarge(f"a document may hold at most {most} triples: divide it over several documents")
    return quads


def _ready_json_ld(data: bytes, base: str) -> tuple[bytes, RdfFormat]:
    """Leave the parser nothing to load: as it was sent, or as N-Quads when it names a bundled context."""
    check_json_depth(data)
    document = _read_json(data)
    try:
        if not _names_context(document):
            return data, RdfFormat.JSON_LD
    except UnknownContext as error:
        violation = Violation(
            "@context", "Gebruik alleen de contexten van de kluis, of schrijf de context uit."
        )
        raise UnacceptableContent(str(error), (violation,)) from error
    options = {"base": base, "documentLoader": document_loader, "format": "application/n-quads"}
    try:
        written: str = jsonld.to_rdf(document, options)
        return written.encode(), RdfFormat.N_QUADS
    except (jsonld.JsonLdError, *_STUMBLES) as error:
        raise MalformedContent("the document is not JSON-LD") from error


def _read_json(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8"))
    except json.JSONDecodeError as error:
        raise MalformedContent("the document is not JSON", Position(error.lineno, error.colno)) from error
    except ValueError as error:
        raise MalformedContent("the document is not JSON in UTF-8, or has a number without end") from error


def _names_context(document: Any) -> bool:
    """Whether a context is named by its URL somewhere. Raises UnknownContext for one that is not bundled."""
    urls = set(_context_urls(document, in_context=False))
    for url in urls:
        load_context(url)
    return bool(urls)


def _context_urls(value: Any, *, in_context: bool) -> Iterator[str]:
    if isinstance(value, str) and in_context:
        yield value
    elif isinstance(value, list):
        for entry in value:
            yield from _context_urls(entry, in_context=in_context)
    elif isinstance(value, dict):
        if "@import" in value:
            raise UnknownContext("a context may not import another one")
        for key, entry in value.items():
            yield from _context_urls(entry, in_context=key == "@context")
