"""The workers' group of an organisation as its own server publishes it (`www.w3.org/TR/vcard-rdf/#d4e1058`)."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import Literal, NamedNode, Triple

from vault.errors import TooLarge, UnacceptableContent
from vault.model.organisation import Worker
from vocab.namespaces import FOAF, ORG, RDF, VCARD

max_workers = 1000
max_text_length = 200


def read_workers(triples: Iterable[Triple], group: str) -> tuple[Worker, ...]:
    """The workers of a group, by WebID: members that could be a WebID, with a name and a role where there is one.

    Raises:
        UnacceptableContent: the triples do not describe this group.
        TooLarge: it has too many members.
    """
    said = _by_subject(triples)
    about = said.get(group, {})
    if VCARD.Group not in about.get(RDF.type, ()):
        raise UnacceptableContent("the document does not describe the group of workers")
    members = sorted(one for one in about.get(VCARD.hasMember, ()) if one.startswith(("https://", "http://")))
    if len(members) > max_workers:
        raise TooLarge(f"the group has more than {max_workers} workers")
    return tuple(_worker(webid, said.get(webid, {})) for webid in members)


def _worker(webid: str, about: dict[str, set[str]]) -> Worker:
    return Worker(webid, _first(about, VCARD.fn, FOAF.name), _first(about, VCARD.role, ORG.role))


def _first(about: dict[str, set[str]], *predicates: str) -> str | None:
    for predicate in predicates:
        texts = sorted(text.strip() for text in about.get(predicate, ()) if text.strip())
        if texts:
            return texts[0][:max_text_length]
    return None


def _by_subject(triples: Iterable[Triple]) -> dict[str, dict[str, set[str]]]:
    said: dict[str, dict[str, set[str]]] = {}
    for triple in triples:
        if isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode | Literal):
            about = said.setdefault(triple.subject.value, {})
            about.setdefault(triple.predicate.value, set()).add(triple.object.value)
    return said
