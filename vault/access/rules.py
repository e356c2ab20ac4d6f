"""Finding the rules that govern a resource (`solidproject.org/TR/wac#effective-acl-resource`): one look-up at any depth."""

from __future__ import annotations

from vault.model.identifiers import ResourceIdentifier
from vault.model.records import ResourceRecord, StorageRecord
from vault.model.rules import Subject
from vault.stores.ports import CatalogueReader


def subject_of(view: CatalogueReader, storage: StorageRecord, identifier: ResourceIdentifier) -> Subject:
    """What a decision about a resource is about; of an absent one what it would inherit.

    An ACL resource is governed as its subject is.
    """
    governed = identifier.subject if identifier.is_auxiliary else identifier
    record = view.find_resource(governed)
    if record is None:
        above = view.nearest_container(governed)
        inherited = view.rules(governed.storage, above.acl_key)
        return Subject(governed, storage.owner, storage.issuer, inherited.default, inherited.writer)
    return subject_of_record(view, storage, record)


def subject_of_record(view: CatalogueReader, storage: StorageRecord, record: ResourceRecord) -> Subject:
    """What a decision about a resource that exists is about."""
    compiled = view.rules(record.identifier.storage, record.acl_key)
    rules = compiled.access_to if record.has_own_acl else compiled.default
    return Subject(record.identifier, storage.owner, storage.issuer, rules, compiled.writer)
