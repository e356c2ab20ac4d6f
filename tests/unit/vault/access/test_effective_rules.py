"""Which rules govern a resource."""

from __future__ import annotations

import pytest

from tests.support.catalogue_views import HOME, ISSUER, OWNER, at, view_of
from tests.support.rules import READ, rule
from vault.access.rules import subject_of
from vault.model.rules import CompiledAcl, Rule


def _rule(name: str) -> tuple[Rule, ...]:
    return (rule(READ, authorization=name),)


ACLS = {
    "": CompiledAcl(_rule("root"), _rule("root default")),
    "a/": CompiledAcl(_rule("a"), _rule("a default")),
    "a/b/x": CompiledAcl(_rule("x"), ()),
}
VIEW = view_of(("", "a/", "a/b/", "a/b/x", "a/b/y", "f"), ACLS)


@pytest.mark.requirement("wac", "server-acl-without-representation")
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", "root"),
        ("f", "root default"),
        ("a/", "a"),
        ("a/b/", "a default"),
        ("a/b/x", "x"),
        ("a/b/y", "a default"),
        ("nothing", "root default"),
        ("a/nothing", "a default"),
        ("a/b/no/thing/here", "a default"),
        ("a", "root default"),
    ],
)
def test_the_nearest_acl_governs_with_its_own_or_its_default_rules(path: str, expected: str) -> None:
    assert [found.authorization for found in subject_of(VIEW, HOME, at(path)).rules] == [expected]


@pytest.mark.parametrize(
    ("path", "subject"), [("a/.acl", "a/"), ("a/b/x.acl", "a/b/x"), ("a/b/y.meta", "a/b/y")]
)
def test_an_auxiliary_resource_is_governed_as_its_subject(path: str, subject: str) -> None:
    assert subject_of(VIEW, HOME, at(path)) == subject_of(VIEW, HOME, at(subject))


def test_a_subject_knows_the_owner_and_her_issuer() -> None:
    subject = subject_of(VIEW, HOME, at("f"))
    assert (subject.identifier, subject.owner, subject.owner_issuer) == (at("f"), OWNER, ISSUER)


def test_an_acl_without_rules_gives_nothing_to_what_it_governs() -> None:
    view = view_of(("", "a/"), {"": CompiledAcl(_rule("root"), _rule("d")), "a/": CompiledAcl()})
    assert subject_of(view, HOME, at("a/x")).rules == ()
