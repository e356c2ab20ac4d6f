"""Media types, and reading Content-Type and Accept (`rfc-editor.org/rfc/rfc9110#field.accept`)."""

from __future__ import annotations

import re
from dataclasses import dataclass

TURTLE = "text/turtle"
JSON_LD = "application/ld+json"
N_TRIPLES = "application/n-triples"
JSON = "application/json"
PROBLEM = "application/problem+json"
OCTETS = "application/octet-stream"
N3 = "text/n3"
SPARQL_UPDATE = "application/sparql-update"
RDF_TYPES = (TURTLE, JSON_LD, N_TRIPLES)
PATCH_TYPES = (N3, SPARQL_UPDATE)
# What stands between separators; a text in quotes may hold them too, and one that is not closed goes to the end.
_PIECE = {mark: re.compile(rf'(?:[^"{mark}]|"(?:[^"\\]|\\.)*(?:"|$))+') for mark in ",;"}


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One range of an Accept header with its weight from 0 to 1."""

    type: str
    quality: float

    @property
    def specificity(self) -> int:
        """How narrow it is: a type 2, a family 1, anything 0."""
        return 0 if self.type == "*/*" else 1 if self.type.endswith("/*") else 2

    def matches(self, media_type: str) -> bool:
        """Whether a media type without parameters lies in the range."""
        if self.specificity == 2:
            return self.type == media_type
        return self.specificity == 0 or media_type.startswith(self.type[:-1])


def essence(content_type: str) -> str:
    """The media type without parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def parse_accept(header: str) -> tuple[MediaRange, ...]:
    """Read an Accept header; a malformed weight counts as 0, other parameters (a profile) do not narrow a range."""
    return tuple(_range(part) for part in _PIECE[","].findall(header) if part.strip())


def _range(part: str) -> MediaRange:
    name, *parameters = (piece.strip() for piece in _PIECE[";"].findall(part))
    quality = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "q":
            quality = _weight(value.strip())
    return MediaRange(name.lower(), quality)


def _weight(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0


def quality_of(media_type: str, accepted: tuple[MediaRange, ...]) -> float:
    """How welcome a media type is: by its most specific range; 1 when nothing was said."""
    if not accepted:
        return 1.0
    fitting = [found for found in accepted if found.matches(media_type)]
    return max(fitting, key=lambda found: found.specificity).quality if fitting else 0.0
