"""Finding the rules that govern a resource (`solidproject.org/TR/wac#effective-acl-resource`): one look-up at any depth."""

from __future__ import annotations

from vault.model.identifiers import ResourceIdentifier
from vault.model.records import ResourceRecord, StorageRecord
from vault.model.rules import Rule, Subject
from vault.stores.ports import CatalogueReader


def subject_of(view: CatalogueReader, storage: StorageRecord, identifier: ResourceIdentifier) -> Subject:
    """What a decision about a resource is about; of an absent one what it would inherit.

    An ACL resource is governed as its subject is.
    """
    governed = identifier.subject if identifier.is_auxiliary else identifier
    record = view.find_resource(governed)
    if record is None:
        return Subject(governed, storage.owner, storage.issuer, inherited_rules(view, governed))
    return subject_of_record(view, storage, record)


def subject_of_record(view: CatalogueReader, storage: StorageRecord, record: ResourceRecord) -> Subject:
    """What a decision about a resource that exists is about."""
    compiled = view.rules(record.identifier.storage, record.acl_key)
    rules = compiled.access_to if record.has_own_acl else compiled.default
    return Subject(record.identifier, storage.owner, storage.issuer, rules)


def inherited_rules(view: CatalogueReader, identifier: ResourceIdentifier) -> tuple[Rule, ...]:
    """The rules that a resource has, or would have, without an ACL of its own; none for the root."""
    if identifier.is_root:
        return ()
    above = view.nearest_container(identifier)
    return view.rules(identifier.storage, above.acl_key).default


def subject_as_if_absent(
    view: CatalogueReader, storage: StorageRecord, identifier: ResourceIdentifier
) -> Subject:
    """The subject that the same path would have if nothing were there: for answers that must not tell."""
    governed = identifier.subject if identifier.is_auxiliary else identifier
    return Subject(governed, storage.owner, storage.issuer, inherited_rules(view, governed))
