"""The groups that a document describes (`www.w3.org/TR/vcard-rdf/#d4e1058`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from pyoxigraph import NamedNode, Triple

from vault.errors import TooLarge
from vault.model.groups import Group, document_of
from vocab.namespaces import RDF, VCARD

_GROUP = NamedNode(VCARD.Group)


def read_groups(triples: Iterable[Triple], url: str, max_members: int) -> tuple[Group, ...]:
    """The groups that the document at a URL describes; of those of other documents it has nothing to say.

    Raises:
        TooLarge: one of them has too many members.
    """
    kinds, members = set[str](), defaultdict[str, set[str]](set)
    for triple in triples:
        if not isinstance(triple.subject, NamedNode) or document_of(triple.subject.value) != url:
            continue
        if triple.predicate.value == RDF.type and triple.object == _GROUP:
            kinds.add(triple.subject.value)
        elif triple.predicate.value == VCARD.hasMember and isinstance(triple.object, NamedNode):
            members[triple.subject.value].add(triple.object.value)
    found = tuple(Group(iri, frozenset(members[iri])) for iri in sorted(kinds))
    if any(len(group.members) > max_members for group in found):
        raise TooLarge(f"a group may have at most {max_members} members")
    return found
