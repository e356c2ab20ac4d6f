"""The groups that a document describes (`www.w3.org/TR/vcard-rdf/#d4e1058`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from pyoxigraph import NamedNode, Triple

from vault.errors import TooLarge
from vault.model.groups import Group, document_of
from vocab.namespaces import RDF, VCARD

_GROUP, _TYPE, _HAS_MEMBER = NamedNode(VCARD.Group), NamedNode(RDF.type), NamedNode(VCARD.hasMember)
_PREDICATES = (_TYPE, _HAS_MEMBER)


def read_groups(triples: Iterable[Triple], url: str, max_members: int) -> tuple[Group, ...]:
    """The groups that the document at a URL describes; of those of other documents it has nothing to say.

    Raises:
        TooLarge: one of them has too many members.
    """
    kinds, members = set[str](), defaultdict[str, set[str]](set)
    for triple in triples:
        predicate = triple.predicate
        if predicate not in _PREDICATES or not isinstance(triple.subject, NamedNode):
            continue
        if document_of(triple.subject.value) != url:
            continue
        if predicate == _TYPE and triple.object == _GROUP:
            kinds.add(triple.subject.value)
        elif predicate == _HAS_MEMBER and isinstance(triple.object, NamedNode):
            members[triple.subject.value].add(triple.object.value)
    found = tuple(Group(iri, frozenset(members[iri])) for iri in sorted(kinds))
    if any(len(group.members) > max_members for group in found):
        raise TooLarge(f"a group may have at most {max_members} members")
    return found
