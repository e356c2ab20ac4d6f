"""SPARQL Update on one document: the part of it whose cost can be bounded (`www.w3.org/TR/sparql11-update/#sparqlUpdateLanguage`).

Patterns of triples, and nothing that reaches outside the document or beyond a plain match.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pyoxigraph import BlankNode, RdfFormat, Variable

from vault.errors import MalformedContent, UnacceptableContent
from vault.rdf.depth import check_triple_terms
from vault.rdf.patterns import Change, GraphPatch, Pattern, open_nodes, read_patterns
from vault.rdf.rewriting import Rewriting, Token, decode, position_in, prefix_for_variables, read_tokens

max_operations = 100
max_conditional_operations = 10
_ELSEWHERE = frozenset(
    {"LOAD", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD", "WITH", "USING", "FROM", "GRAPH", "SERVICE"}
)
_BEYOND = frozenset({"FILTER", "OPTIONAL", "UNION", "MINUS", "BIND", "VALUES", "SELECT", "EXISTS", "NOT"})
_PATHS = frozenset("/|^*+!")
_WORDS = frozenset({"a", "true", "false"})
_DIRECTIVES = frozenset({"@prefix", "@base", "@version"})


def parse_sparql_update(data: bytes, base: str) -> GraphPatch:
    """Read a SPARQL Update; relative IRIs are resolved against `base`.

    Raises:
        MalformedContent: it is no SPARQL Update, with the place.
        UnacceptableContent: it asks for more than is done here.
        TooLarge: nested too deeply.
    """
    check_triple_terms(data)
    source = decode(data)
    return GraphPatch(_Reader(source, read_tokens(source), base).read(), is_exact=False)


@dataclass(slots=True)
class _Reader:
    """Reads the operations of an update one by one; `prologue` holds what was declared so far."""

    source: str
    tokens: list[Token]
    base: str
    at: int = 0
    prologue: list[Token] = field(default_factory=list)

    def read(self) -> tuple[Change, ...]:
        changes: list[Change] = []
        self._declare()
        while self.at < len(self.tokens):
            if len(changes) == max_operations:
                raise UnacceptableContent(f"an update holds at most {max_operations} operations")
            changes.append(self._operation())
            if self.at < len(self.tokens):
                self._expect(";")
            self._declare()
        if sum(bool(change.where) for change in changes) > max_conditional_operations:
            raise UnacceptableContent(f"at most {max_conditional_operations} operations have a WHERE")
        return tuple(changes)

    def _declare(self) -> None:
        while self._keyword() in {"PREFIX", "BASE"}:
            size = 3 if self._keyword() == "PREFIX" else 2
            declared = self.tokens[self.at : self.at + size]
            if len(declared) < size or declared[-1].kind != "iri":
                raise self._fault()
            self.prologue += declared
            self.at += size

    def _operation(self) -> Change:
        match self._keyword(), self._keyword(1):
            case "INSERT", "DATA":
                return Change(inserts=self._data(2))
            case "DELETE", "DATA":
                return Change(deletes=_without_blanks(self._data(2)))
            case "DELETE", "WHERE":
                found = _without_blanks(self._group(2))
                return Change(where=found, deletes=found)
            case (("INSERT" | "DELETE"), _):
                return self._modify()
            case word, _ if word in _ELSEWHERE:
                raise UnacceptableContent(f"{word} reaches beyond this document: patch each document itself")
        raise self._fault()

    def _modify(self) -> Change:
        deletes: tuple[Pattern, ...] = ()
        inserts: tuple[Pattern, ...] = ()
        if self._keyword() == "DELETE":
            deletes = _without_blanks(self._group(1))
        if self._keyword() == "INSERT":
            inserts = self._group(1)
        if self._keyword() in _ELSEWHERE:
            raise UnacceptableContent(f"{self._keyword()} reaches beyond this document: leave it out")
        return Change(self._group(1 if self._keyword() == "WHERE" else 0), deletes, inserts)

    def _data(self, skip: int) -> tuple[Pattern, ...]:
        found = self._group(skip)
        if any(isinstance(node, Variable) for pattern in found for node in pattern):
            raise UnacceptableContent("data cannot hold variables: use a WHERE")
        return found

    def _group(self, skip: int) -> tuple[Pattern, ...]:
        """Read a group of triple patterns between braces, after some words."""
        self.at += skip
        opening = self._expect("{")
        rewriting = Rewriting(self.source, prefix_for_variables(self.source))
        for token in self.prologue:
            rewriting.add(f"{token.text} ", token.start)
        at, before = opening.end, opening
        while (token := self._next()).text != "}":
            self._check(token)
            rewriting.copy(at, token.start)
            if token.kind == "variable":
                rewriting.add_variable(token)
            else:
                rewriting.add(token.text.lower() if _is_boolean(token) else token.text, token.start)
            at, before = token.end, token
        rewriting.add("\n" if before.text in {".", "{"} else "\n.", at)
        triples = (quad.triple for quad in rewriting.read(RdfFormat.TURTLE, self.base))
        return read_patterns(triples, rewriting.variables)

    def _check(self, token: Token) -> None:
        word = token.text.upper()
        if word in _ELSEWHERE:
            raise UnacceptableContent(f"{word} reaches beyond this document: leave it out")
        if word in _BEYOND or token.text == "{":
            name = word if word in _BEYOND else "a group in a group"
            raise UnacceptableContent(
                f"{name} is not done here: read the document, and change what you found"
            )
        if token.kind == "mark" and token.text in _PATHS:
            raise UnacceptableContent("property paths are not done here: write each step as a triple")
        is_bare = token.kind == "word" and ":" not in token.text and not token.text.startswith("@")
        if (is_bare and token.text not in _WORDS and not _is_boolean(token)) or token.text in _DIRECTIVES:
            raise self._fault(token)

    def _keyword(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.tokens[at].text.upper() if at < len(self.tokens) else ""

    def _next(self) -> Token:
        if self.at >= len(self.tokens):
            raise self._fault()
        self.at += 1
        return self.tokens[self.at - 1]

    def _expect(self, text: str) -> Token:
        token = self._next()
        if token.text != text:
            raise self._fault(token)
        return token

    def _fault(self, token: Token | None = None) -> MalformedContent:
        here = token or (self.tokens[self.at] if self.at < len(self.tokens) else None)
        offset = len(self.source) if here is None else here.start
        return MalformedContent("the update cannot be read", position_in(self.source, offset))


def _is_boolean(token: Token) -> bool:
    return token.kind == "word" and token.text.lower() in {"true", "false"}


def _without_blanks(patterns: tuple[Pattern, ...]) -> tuple[Pattern, ...]:
    if any(isinstance(node, BlankNode) for pattern in patterns for node in open_nodes(pattern)):
        raise UnacceptableContent("a blank node cannot be deleted by name: find it by a variable in a WHERE")
    return patterns
