"""Text with variables made readable for an RDF parser, which knows none; faults are told where the sender wrote them."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from pyoxigraph import Quad, RdfFormat
from pyoxigraph import parse as read_quads

from vault.errors import MalformedContent, Position, UnacceptableContent

# Every alternative takes all it can and never tries again, so that the time grows with the size only.
_TOKEN = re.compile(
    r"""
    (?P<iri> <[^\x00-\x20<>"{}|^`]*+> )
  | (?P<text> "{3}(?:[^"\\]|\\.|"{1,2}(?!"))*+"{3} | '{3}(?:[^'\\]|\\.|'{1,2}(?!'))*+'{3}
            | "(?:[^"\\\n\r]|\\.)*+" | '(?:[^'\\\n\r]|\\.)*+' )
  | (?P<comment> \#[^\n\r]*+ )
  | (?P<variable> [?$]\w++ )
  | (?P<number> [+-]?(?:\d++(?:\.\d++)?+|\.\d++)(?:[eE][+-]?\d++)?+ )
  | (?P<word> (?:\\.|[\w:%@-]|\.(?=[\w:%\\-]))++ )
  | (?P<mark> \^\^ | \S )
    """,
    re.VERBOSE | re.DOTALL,
)
_VARIABLES = "urn:variable:"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text: its kind, what it says, and from where to where it stands."""

    kind: str
    text: str
    start: int
    end: int


def read_tokens(source: str) -> list[Token]:
    """Take a text apart; comments and white space are left out."""
    return [
        Token(match.lastgroup or "", match.group(), match.start(), match.end())
        for match in _TOKEN.finditer(source)
        if match.lastgroup != "comment"
    ]


def decode(data: bytes) -> str:
    """Read bytes as UTF-8.

    Raises:
        MalformedContent: they are not.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedContent("the patch is not UTF-8") from error


def position_in(source: str, offset: int) -> Position:
    """Line and column of a place in a text, both counted from 1."""
    before = source[:offset]
    return Position(before.count("\n") + 1, offset - before.rfind("\n"))


def prefix_for_variables(source: str) -> str:
    """Find the beginning of IRIs that stand for variables; the text holds none like it."""
    prefix = _VARIABLES
    while prefix in source:
        prefix += ":"
    return prefix


@dataclass(slots=True)
class Rewriting:
    """Text for a parser, grown piece by piece from a source."""

    source: str
    variables: str
    _pieces: list[str] = field(default_factory=list)
    _origins: list[tuple[int, int]] = field(default_factory=list)
    _size: int = 0

    def copy(self, start: int, end: int) -> None:
        """Add a part of the source as it is."""
        self.add(self.source[start:end], start)

    def add(self, text: str, origin: int) -> None:
        """Add other text, in place of what stands at a place in the source."""
        self._origins.append((self._size, origin))
        self._pieces.append(text)
        self._size += len(text)

    def add_variable(self, token: Token) -> None:
        """Add the IRI that stands for a variable."""
        self.add(f"<{self.variables}{token.text[1:]}>", token.start)

    def read(self, form: RdfFormat, base: str) -> list[Quad]:
        """Parse what was gathered.

        Raises:
            MalformedContent: it cannot be read, with the place in the source.
            UnacceptableContent: it can, but holds what is no triple.
        """
        text = "".join(self._pieces)
        try:
            return list(read_quads(text, form, base_iri=base))
        except SyntaxError as error:
            if error.lineno is None:
                raise UnacceptableContent("the patch holds something that is no triple") from error
            position = self._position(text, error.lineno, error.offset or 1)
            raise MalformedContent("the patch cannot be read", position) from error

    def _position(self, text: str, line: int, column: int) -> Position:
        offset = sum(len(one) + 1 for one in text.split("\n")[: line - 1]) + column - 1
        start, origin = self._origins[max(bisect_right(self._origins, (offset, len(self.source))) - 1, 0)]
        return position_in(self.source, min(origin + offset - start, len(self.source)))
