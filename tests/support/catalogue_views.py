"""A view of a catalogue made of plain values, for deciding without a database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.organisation import Register
from vault.model.records import ResourceKind, ResourceRecord, StorageRecord
from vault.model.requester import AppLimit
from vault.model.rules import CompiledAcl
from vault.stores.ports import CatalogueReader

STORAGE = StorageId("abcdefghjkmnpqrs")
ISSUER = "https://id.vault.example/"
ROOT = f"https://vault.example/{STORAGE}/"
OWNER = f"{ROOT}profiel/card#me"
HOME = StorageRecord(STORAGE, OWNER, ISSUER, "Samira", 1)


def at(path: str) -> ResourceIdentifier:
    """A path in the storage of these tests."""
    return ResourceIdentifier(STORAGE, path)


@dataclass(frozen=True)
class PlainView:
    """Existing paths and the compiled ACLs of some of them; only what deciding needs."""

    paths: frozenset[str]
    acls: Mapping[str, CompiledAcl]
    known: Register = field(default_factory=Register)
    limits: Mapping[tuple[str, str], AppLimit] = field(default_factory=dict)
    ended: Mapping[str, int] = field(default_factory=dict)

    def find_resource(self, identifier: ResourceIdentifier) -> ResourceRecord | None:
        """The resource with this path."""
        return self._record(identifier) if identifier.path in self.paths else None

    def nearest_container(self, identifier: ResourceIdentifier) -> ResourceRecord:
        """The nearest existing container above a path."""
        return next(self._record(above) for above in identifier.ancestors() if above.path in self.paths)

    def rules(self, storage: StorageId, acl_key: str) -> CompiledAcl:
        """The compiled ACL of the resource with this key, which is its path here."""
        return self.acls[acl_key] if storage == STORAGE else CompiledAcl()

    def register(self) -> Register:
        """The register of organisations."""
        return self.known

    def app_limit(self, agent: str, client: str) -> AppLimit | None:
        """What a client may do at most."""
        return self.limits.get((agent, client))

    def sign_outs(self, agent: str) -> int:
        """How often an agent ended everything."""
        return self.ended.get(agent, 0)

    def _record(self, identifier: ResourceIdentifier) -> ResourceRecord:
        governing = next(one.path for one in (identifier, *identifier.ancestors()) if one.path in self.acls)
        kind = ResourceKind.CONTAINER if identifier.is_container else ResourceKind.DOCUMENT
        return ResourceRecord(
            identifier.path, identifier, kind, "r", "text/turtle", None, 0, 0, None, governing
        )


def view_of(
    paths: Iterable[str],
    acls: Mapping[str, CompiledAcl],
    register: Register | None = None,
    limits: Mapping[tuple[str, str], AppLimit] | None = None,
    ended: Mapping[str, int] | None = None,
) -> CatalogueReader:
    """A view in which these paths exist."""
    view = PlainView(frozenset(paths), acls, register or Register(), limits or {}, ended or {})
    # Only the methods that deciding uses are there; any other would raise AttributeError.
    return cast(CatalogueReader, view)
