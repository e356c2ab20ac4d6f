"""Where Authorizations of grants stand: what every ACL of the vault should say (`solidproject.org/TR/wac#effective-acl-resource`).

The nearest ACL governs alone. So an ACL that the vault makes for a grant repeats what it would otherwise cut off: what the
nearest ACL written by a person gives to what inherits from it, and what other grants give there. An ACL written by a
person is a boundary: only grants on exactly its resource, and those she left in it, stand in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Triple

from vault.grants.graphs import repeated, without_derived
from vault.grants.materialise import Derived, derive, triples_below, triples_on_target
from vault.model.grant import Grant

GRANTS = "toegang/"


@dataclass(frozen=True, slots=True)
class Tree:
    """What placing starts from.

    `written` holds the ACL graphs that people wrote, by URL of the subject; `exists` tells whether there is a resource.
    """

    storage_url: str
    written: Mapping[str, Sequence[Triple]]
    exists: Callable[[str], bool]

    @property
    def grants_prefix(self) -> str:
        """How the IRI of every grant of this storage begins."""
        return self.storage_url + GRANTS


def place(tree: Tree, in_force: Iterable[Grant]) -> dict[str, tuple[Triple, ...]]:
    """The graph of each ACL that people wrote or that the grants in force need, by URL of its subject."""
    derived = tuple(one for grant in sorted(in_force, key=lambda g: g.id) for one in derive(grant))
    own = {url: without_derived(triples, tree.grants_prefix) for url, triples in tree.written.items()}
    made = {url for url in _needed(derived) if url not in own and tree.exists(url)}
    wanted = {url: (*triples, *_placed(derived, url)) for url, triples in own.items()}
    for url in made:
        wanted[url] = (*_inherited(tree, own, url), *_placed(derived, url))
    return wanted


def boundaries_below(tree: Tree, grant: Grant) -> tuple[str, ...]:
    """Where a grant given now stays out: the resources inside its targets with an ACL that a person wrote."""
    targets = [target for target in grant.terms.targets() if target.endswith("/")]
    return tuple(sorted(url for url in tree.written if any(is_inside(url, target) for target in targets)))


def reaches(grant: Grant, target: str, url: str) -> bool:
    """Whether what a grant gives inside one of its targets holds for a URL: inside, and behind no exception."""
    return is_inside(url, target) and not any(
        is_inside(exception, target) and (url == exception or is_inside(url, exception))
        for exception in grant.exceptions
    )


def is_inside(url: str, container: str) -> bool:
    """Whether a URL lies anywhere inside a container."""
    return url != container and container.endswith("/") and url.startswith(container)


def standing_at(grant: Grant, url: str) -> tuple[Derived, ...]:
    """The Authorizations of a grant that belong in an ACL of this resource: on it, or reaching it from above."""
    return tuple(d for d in derive(grant) if d.target == url or _reaches_from_above(d, url))


def triples_at(derived: Derived, url: str) -> Iterator[Triple]:
    """An Authorization as it stands in the ACL of a resource."""
    return triples_on_target(derived) if derived.target == url else triples_below(derived, url)


def _needed(derived: Iterable[Derived]) -> set[str]:
    grants = {one.grant.id: one.grant for one in derived}.values()
    return {url for grant in grants for url in (*grant.terms.targets(), *grant.exceptions)}


def _placed(derived: Iterable[Derived], url: str) -> Iterator[Triple]:
    for one in derived:
        if one.target == url or _reaches_from_above(one, url):
            yield from triples_at(one, url)


def _reaches_from_above(derived: Derived, url: str) -> bool:
    return derived.on_members and reaches(derived.grant, derived.target, url)


def _inherited(tree: Tree, own: Mapping[str, Sequence[Triple]], url: str) -> Iterator[Triple]:
    for above in _containers_above(tree.storage_url, url):
        if above in own:
            return repeated(own[above], above, url)
    return iter(())


def _containers_above(storage_url: str, url: str) -> Iterator[str]:
    path = url[len(storage_url) :].removesuffix("/")
    while path:
        path = path.rpartition("/")[0]
        yield f"{storage_url}{path}/" if path else storage_url
