"""The WebID card of a storage's owner: what it says at first, and what only the account page may change (`solidproject.org/TR/webid-profile`)."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import NamedNode, Triple

from vault.errors import Conflict
from vault.model.identifiers import ResourceIdentifier
from vocab.namespaces import FOAF, LDP, PIM_SPACE, RDF, SOLID

CARD_PATH = "profiel/card"
PREFERENCES_PATH = "mijn/voorkeuren"
INBOX_PATH = "berichten/"
_PROTECTED = frozenset({SOLID.oidcIssuer, SOLID.owner, PIM_SPACE.storage})


def owner_of(storage_url: str) -> str:
    """The WebID of the owner of a storage."""
    return f"{storage_url}{CARD_PATH}#me"


def card_triples(storage_url: str, issuer_url: str) -> tuple[Triple, ...]:
    """What a card says at first: nothing that tells who she is."""
    me = NamedNode(owner_of(storage_url))
    pairs = (
        (RDF.type, FOAF.Person),
        (SOLID.oidcIssuer, issuer_url),
        (PIM_SPACE.storage, storage_url),
        (PIM_SPACE.preferencesFile, f"{storage_url}{PREFERENCES_PATH}"),
        (LDP.inbox, f"{storage_url}{INBOX_PATH}"),
    )
    return tuple(Triple(me, NamedNode(predicate), NamedNode(value)) for predicate, value in pairs)


def is_card(identifier: ResourceIdentifier) -> bool:
    """Whether this is the card of the storage's owner."""
    return identifier.path == CARD_PATH


def check_card(before: Iterable[Triple], after: Iterable[Triple]) -> None:
    """Refuse a new card in which issuer, storage or owner changed, or a type went.

    Raises:
        Conflict: something that others rely on would change.
    """
    old, new = list(before), list(after)
    if _protected(old) != _protected(new) or not _types(old) <= _types(new):
        raise Conflict("issuer, storage, owner and type on the card are changed on the account page only")


def _protected(triples: Iterable[Triple]) -> set[Triple]:
    return {triple for triple in triples if triple.predicate.value in _PROTECTED}


def _types(triples: Iterable[Triple]) -> set[Triple]:
    return {triple for triple in triples if triple.predicate.value == RDF.type}
