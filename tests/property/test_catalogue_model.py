"""Whatever is done to a storage, the catalogue says what a naive tree says: who is there, in which order, under whose ACL."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.support.examples import examples
from tests.support.vaults import GONE, add_storage, make_context
from vault.context import Context
from vault.errors import ConcurrentChange, Conflict
from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import AccessMode
from vault.model.records import NewRevision, ResourceKind, ResourceRecord
from vault.model.rules import CompiledAcl, Rule
from vault.stores.ports import CatalogueReader

SEGMENTS = st.sampled_from(["a", "b", "c", "a/", "b/", "c/", "absent/a"])
# Not integers: those are mostly small, and would pick the root again and again.
PICKS = st.sampled_from(range(120))


@dataclass
class Node:
    """What the naive tree knows of a resource."""

    record: ResourceRecord
    acl: CompiledAcl | None = None


def parent(path: str) -> str:
    """The path of the container, worked out from the text alone."""
    return path.rstrip("/").rpartition("/")[0] + "/" if "/" in path.rstrip("/") else ""


class CatalogueMachine(RuleBasedStateMachine):
    """Creates, replaces, deletes and (un)governs at random, in a catalogue and in a dictionary."""

    context: ClassVar[Context]

    def __init__(self) -> None:
        super().__init__()
        self.storage = add_storage(self.context).storage
        with self.context.catalogue.view() as view:
            self.nodes = {"": Node(view.nearest_container(self.at("x")))}
            self.epoch = view.epochs(self.storage).storage
        self.stale: list[ResourceRecord] = []
        self.counter = 0
        for path in ("a/", "a/b/", "a/b/c/", "a/b/c/d"):
            self.add(path)

    def at(self, path: str) -> ResourceIdentifier:
        return ResourceIdentifier(self.storage, path)

    def revision(self) -> NewRevision:
        self.counter += 1
        return NewRevision(self.context.new_id(), "text/plain", None, None, self.counter)

    def may_create(self, path: str) -> bool:
        twin = path[:-1] if path.endswith("/") else path + "/"
        return parent(path) in self.nodes and path not in self.nodes and twin not in self.nodes

    def pick(self, number: int) -> str:
        return sorted(self.nodes)[number % len(self.nodes)]

    @rule(number=PICKS, segment=SEGMENTS)
    def create(self, number: int, segment: str) -> None:
        containers = [path for path in sorted(self.nodes) if not path or path.endswith("/")]
        self.add(containers[number % len(containers)] + segment)

    def add(self, path: str) -> None:
        kind = ResourceKind.CONTAINER if path.endswith("/") else ResourceKind.DOCUMENT
        new, key = self.revision(), self.context.new_id()
        try:
            made = self.context.catalogue.write(lambda tx: tx.create_resource(self.at(path), kind, new, key))
        except ConcurrentChange:
            assert not self.may_create(path)
        else:
            assert self.may_create(path)
            self.nodes[path] = Node(made)

    @rule(number=PICKS)
    def replace(self, number: int) -> None:
        node, new = self.nodes[self.pick(number)], self.revision()
        self.stale.append(node.record)
        node.record = self.context.catalogue.write(lambda tx: tx.replace_resource(node.record, new))

    @rule(number=PICKS)
    def delete(self, number: int) -> None:
        path = self.pick(number)
        if not path:
            return
        record = self.nodes[path].record
        try:
            self.context.catalogue.write(lambda tx: tx.delete_resource(record, GONE))
        except Conflict:
            assert any(parent(other) == path for other in self.nodes if other)
        else:
            assert not any(parent(other) == path for other in self.nodes if other)
            self.epoch += self.nodes.pop(path).acl is not None
            self.stale.append(record)

    @rule(data=st.data())
    def write_on_what_is_stale(self, data: st.DataObject) -> None:
        if not self.stale:
            return
        record, new = data.draw(st.sampled_from(self.stale)), self.revision()
        for change in (
            lambda tx: tx.replace_resource(record, new),
            lambda tx: tx.delete_resource(record, GONE),
        ):
            try:
                self.context.catalogue.write(change)
            except Conflict:
                continue
            raise AssertionError("a stale record was written on")

    @rule(number=PICKS, mode=st.sampled_from(AccessMode))
    def put_rules(self, number: int, mode: AccessMode) -> None:
        path = self.pick(number)
        node = self.nodes[path]
        node.acl = CompiledAcl((Rule(path, frozenset({mode})),), (Rule("default", frozenset({mode})),))
        self.context.catalogue.write(lambda tx: tx.put_rules(node.record, node.acl or CompiledAcl()))
        self.epoch += 1

    @rule(number=PICKS)
    def drop_rules(self, number: int) -> None:
        node = self.nodes[self.pick(number)]
        node.acl = None
        self.context.catalogue.write(lambda tx: tx.drop_rules(node.record))
        self.epoch += 1

    def governing(self, path: str) -> str:
        while path and self.nodes[path].acl is None:
            path = parent(path)
        return path

    @invariant()
    def it_says_what_the_tree_says(self) -> None:
        with self.context.catalogue.view() as view:
            for path, node in self.nodes.items():
                self.check_resource(view, path, node)
                self.check_listing(view, path, node)
            assert view.epochs(self.storage).storage == self.epoch
            every = [record.identifier.path for record in view.descendants(self.nodes[""].record)]
            assert every == sorted(path for path in self.nodes if path)

    def check_resource(self, view: CatalogueReader, path: str, node: Node) -> None:
        found = view.find_resource(self.at(path))
        assert found is not None
        governing = self.nodes[self.governing(path)]
        assert (found.revision, found.acl_key) == (node.record.revision, governing.record.key)
        assert view.rules(self.storage, found.acl_key) == (governing.acl or CompiledAcl())
        twin = self.at(path[:-1] if path.endswith("/") else path + "/") if path else self.at("")
        assert view.slash_twin_exists(twin) == bool(path)
        assert view.find_resource(twin) is None or not path

    def check_listing(self, view: CatalogueReader, path: str, node: Node) -> None:
        page = view.member_page(node.record, 0, len(self.nodes) + 1, lambda _: True)
        members = [member.path for member in page.members]
        # A dictionary keeps the order of insertion, as the catalogue keeps that of creation.
        assert members == [other for other in self.nodes if other and parent(other) == path]


def test_the_catalogue_says_what_a_naive_tree_says(tmp_path: Path) -> None:
    CatalogueMachine.context = make_context(tmp_path)
    chosen = settings(
        max_examples=examples(100),
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(CatalogueMachine, settings=chosen)
