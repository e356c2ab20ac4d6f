"""The note that an import leaves: what had been shared in the old storage, in words, for its owner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pyoxigraph import NamedNode, Triple

from vault.keeping.archive import OpenedArchive
from vault.keeping.archive_manifest import Part
from vault.model.identifiers import ACL_SUFFIX
from vault.rdf.documents import parse
from vocab.media_types import TURTLE
from vocab.namespaces import ACL, FOAF

_HEAD = """Wat was gedeeld in uw vorige kluis
==================================

Uw documenten zijn hier ingelezen. Niemand anders kan ze hier zien.
Wilt u iets weer delen? Geef dan opnieuw toegang.

In documenten kunnen nog adressen van de vorige kluis staan. Die zijn niet veranderd.
Het oude logboek staat in logboek.jsonl, uw oude kaart in kaart.ttl.

"""
_WHO = (ACL.agent, ACL.agentGroup, ACL.agentClass)
_NAMES = {FOAF.Agent: "iedereen", ACL.AuthenticatedAgent: "iedereen die is ingelogd"}
_MODES = {ACL.Read: "lezen", ACL.Append: "toevoegen", ACL.Write: "wijzigen", ACL.Control: "regels beheren"}
_NOTHING = "Er was niets gedeeld met anderen.\n"


def note_of(opened: OpenedArchive) -> bytes:
    """Write the note."""
    archive = opened.archive
    lines = [
        f"- {_shown(part)}: {who}: {modes}"
        for part in opened.parts
        if part.path is not None and part.path.endswith(ACL_SUFFIX) and part.until_ms is None and part.file
        for who, modes in _shared(_triples(opened, part), archive.owner)
    ]
    rules = "\n".join(lines) + "\n" if lines else _NOTHING
    return f"{_HEAD}Adres van de vorige kluis: {archive.storage}\n\n{rules}".encode()


def _triples(opened: OpenedArchive, part: Part) -> list[Triple]:
    return parse(b"".join(opened.read(part)), TURTLE, opened.archive.storage + (part.path or ""))


def _shown(part: Part) -> str:
    subject = (part.path or "").removesuffix(ACL_SUFFIX)
    return subject or "de hele kluis"


def _shared(triples: list[Triple], owner: str) -> Iterator[tuple[str, str]]:
    """Who but the owner had what, of each Authorization."""
    rules: defaultdict[str, list[Triple]] = defaultdict(list)
    for triple in triples:
        rules[str(triple.subject)].append(triple)
    for rule in rules.values():
        modes = sorted({_MODES[value] for value in _values(rule, ACL.mode) if value in _MODES})
        names = {name for predicate in _WHO for name in _values(rule, predicate)} - {owner}
        for name in sorted(names):
            yield _NAMES.get(name, name), ", ".join(modes)


def _values(rule: list[Triple], predicate: str) -> Iterator[str]:
    for triple in rule:
        if triple.predicate.value == predicate and isinstance(triple.object, NamedNode):
            yield triple.object.value
