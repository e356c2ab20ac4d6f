"""Which groups count: by who wrote the ACL, by whether she may read them, by how old they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import cast

import pytest

from tests.support.catalogue_views import HOME, ISSUER, OWNER, ROOT, PlainView, at
from tests.support.rules import ALICE, APP, BOB, READ, WORK_ISSUER, WRITE, rule
from vault.access.groups import GroupSight, check_groups, is_remote, with_groups
from vault.errors import UnacceptableContent
from vault.model.identifiers import StorageId
from vault.model.limits import VaultLimits
from vault.model.organisation import Organisation, Register
from vault.model.records import StorageRecord
from vault.model.requester import ANONYMOUS, Credentials, Requester
from vault.model.rules import ClientCondition, CompiledAcl, IssuerCondition, Rule, Subject
from vault.stores.ports import CatalogueReader

BASE = "https://vault.example/"
HERE, ELSEWHERE, TEAM = f"{ROOT}team#g", "https://groups.example/team#g", "https://work.example/team"
EVERYBODY = "http://xmlns.com/foaf/0.1/Agent"
NOW = 10_000
ANY = frozenset({"x:anything"})
REGISTERED = Organisation("x:o", "O", "x:k", "KvK", "1", "N", frozenset(), frozenset(), TEAM, "somebody", 0)


@dataclass(frozen=True)
class GroupView(PlainView):
    """A view that also knows groups: their members, and when those of other servers were fetched."""

    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    fetched: Mapping[str, int] = field(default_factory=dict)
    paused: frozenset[str] = frozenset()

    def is_member(self, group: str, who: str) -> bool:
        """Whether somebody is in a group."""
        return who in self.members.get(group, ())

    def group_fetched_at(self, group: str) -> int | None:
        """When a group was fetched."""
        return self.fetched.get(group)

    def is_group_paused(self, storage: StorageId, group: str) -> bool:
        """Whether a group waits for a yes in the one storage there is."""
        return storage == HOME.storage and group in self.paused

    def find_storage(self, storage: StorageId) -> StorageRecord | None:
        """The one storage there is."""
        return HOME if storage == HOME.storage else None


def sight(
    *rules: Rule,
    members: Mapping[str, frozenset[str]] | None = None,
    fetched_at: int | None = NOW,
    paused: frozenset[str] = frozenset(),
) -> GroupSight:
    """A sight in which these rules govern what is in the storage, and Alice, her app and her issuer are in every group."""
    everyone = dict.fromkeys((HERE, ELSEWHERE, TEAM), frozenset({ALICE, APP, WORK_ISSUER}))
    view = GroupView(
        frozenset({"", "team"}),
        {"": CompiledAcl((), rules)},
        Register((REGISTERED,)),
        members=everyone if members is None else members,
        fetched={} if fetched_at is None else {ELSEWHERE: fetched_at},
        paused=paused,
    )
    # Only the methods that are used here are there; any other would raise AttributeError.
    return GroupSight(cast(CatalogueReader, view), BASE, NOW)


def subject(*groups: str, writer: str | None = None, rules: tuple[Rule, ...] = ()) -> Subject:
    """Something for which rules name these groups."""
    return Subject(at("plan"), OWNER, ISSUER, (rule(READ, groups=frozenset(groups)), *rules), writer)


def asking(
    agent: str | None = ALICE, client: str | None = APP, issuer: str | None = WORK_ISSUER
) -> Requester:
    """Alice, who is in no group yet."""
    return Requester(Credentials(agent, client, issuer))


def test_who_is_in_a_named_group_that_the_owner_may_read_is_in_it() -> None:
    assert with_groups(sight(), asking(), subject(HERE)).groups == {HERE}
    assert with_groups(sight(), asking(agent=BOB), subject(HERE)).groups == frozenset()
    assert with_groups(sight(members={}), asking(), subject(HERE)).groups == frozenset()


def test_groups_that_are_hers_already_stay() -> None:
    acting = replace(asking(), groups=frozenset({TEAM}))
    assert with_groups(sight(), acting, subject(HERE)).groups == {HERE, TEAM}
    assert with_groups(sight(), acting, subject()) is acting


def test_a_group_that_waits_for_a_yes_counts_for_nothing() -> None:
    acting = replace(asking(), groups=frozenset({TEAM}))
    conditions = (ClientCondition(ANY, frozenset({HERE})), IssuerCondition(ANY, frozenset({ELSEWHERE})))
    named = subject(TEAM, HERE, rules=(rule(READ, conditions=conditions),))
    met = with_groups(sight(paused=frozenset({TEAM, ELSEWHERE})), acting, named)
    here = frozenset({HERE})
    assert (met.groups, met.client_groups, met.issuer_groups) == (here, here, frozenset())
    assert met.paused_groups == {TEAM, ELSEWHERE}
    unnamed = with_groups(sight(paused=frozenset({TEAM})), acting, subject(HERE))
    assert unnamed.groups == {HERE, TEAM}, "nothing here hangs on it"


def test_nobody_who_is_not_signed_in_is_in_a_group() -> None:
    nobody = Requester(ANONYMOUS)
    named = (rule(READ, everyone=True, conditions=(ClientCondition(ANY, frozenset({HERE})),)),)
    assert with_groups(sight(), nobody, subject(HERE, rules=named)) is nobody


def test_a_group_of_the_register_counts_through_the_register_only() -> None:
    assert with_groups(sight(rule(READ, everyone=True)), asking(), subject(TEAM)).groups == frozenset()
    assert not is_remote(sight(), TEAM)
    assert not is_remote(sight(), HERE)
    assert is_remote(sight(), ELSEWHERE)


def test_clients_and_issuers_are_in_the_groups_of_their_conditions_and_of_no_others() -> None:
    conditions = (ClientCondition(ANY, frozenset({HERE})), IssuerCondition(ANY, frozenset({ELSEWHERE})))
    met = with_groups(sight(), asking(), subject(rules=(rule(READ, conditions=conditions),)))
    assert (met.client_groups, met.issuer_groups) == (frozenset({HERE}), frozenset({ELSEWHERE}))
    assert met.groups == frozenset()
    unnamed = asking(client=None, issuer=None)
    met = with_groups(sight(), unnamed, subject(rules=(rule(READ, conditions=conditions),)))
    assert (met.client_groups, met.issuer_groups) == (frozenset(), frozenset())
    others = asking(client="x:c", issuer="x:i")
    met = with_groups(sight(), others, subject(rules=(rule(READ, conditions=conditions),)))
    assert (met.client_groups, met.issuer_groups) == (frozenset(), frozenset())


@pytest.mark.parametrize(
    ("writer", "reading", "counts"),
    [
        (None, (), True),
        (OWNER, (), True),
        (BOB, (), False),
        (BOB, (rule(READ, agents=frozenset({BOB})),), True),
        (BOB, (rule(WRITE, agents=frozenset({BOB})),), False),
        (BOB, (rule(READ, agents=frozenset({ALICE})),), False),
        (BOB, (rule(READ, signed_in=True),), True),
        (BOB, (rule(READ, everyone=True),), True),
        (BOB, (rule(READ, groups=frozenset({HERE})),), False),
        (BOB, (rule(READ, agents=frozenset({BOB}), origins=frozenset({"https://a.example"})),), False),
        (BOB, (rule(READ, everyone=True, conditions=(ClientCondition(ANY, everyone=True),)),), False),
        (EVERYBODY, (rule(READ, signed_in=True),), False),
        (EVERYBODY, (rule(READ, agents=frozenset({EVERYBODY})),), False),
        (EVERYBODY, (rule(READ, everyone=True),), True),
    ],
)
def test_a_group_here_counts_while_the_writer_may_read_it_whatever_she_uses(
    writer: str | None, reading: tuple[Rule, ...], counts: bool
) -> None:
    met = with_groups(sight(*reading), asking(), subject(HERE, writer=writer))
    assert met.groups == (frozenset({HERE}) if counts else frozenset())


@pytest.mark.parametrize("group", [f"{BASE}a//b#g", f"{BASE}#g", f"{BASE}bcdefghjkmnpqrst/team#g"])
def test_a_group_of_this_server_that_is_nowhere_does_not_count(group: str) -> None:
    seen = sight(rule(READ, everyone=True), members={group: frozenset({ALICE})})
    assert with_groups(seen, asking(), subject(group)).groups == frozenset()


@pytest.mark.parametrize(
    ("fetched_at", "counts"), [(None, False), (NOW, True), (NOW - 600, True), (NOW - 601, False)]
)
def test_a_group_of_another_server_counts_for_ten_minutes(fetched_at: int | None, counts: bool) -> None:
    met = with_groups(sight(fetched_at=fetched_at), asking(), subject(ELSEWHERE, writer=BOB))
    assert met.groups == (frozenset({ELSEWHERE}) if counts else frozenset())


def naming(*groups: str) -> CompiledAcl:
    """An ACL that names groups."""
    return CompiledAcl((rule(READ, groups=frozenset(groups)),))


def test_an_acl_names_only_so_many_groups() -> None:
    limits = VaultLimits(max_acl_groups=2)
    check_groups(sight(), naming(HERE, TEAM), (), limits)
    with pytest.raises(UnacceptableContent) as caught:
        check_groups(sight(), naming(HERE, TEAM, ELSEWHERE), (), limits)
    assert caught.value.violations[0].field == "agentGroup"


def test_a_storage_names_only_so_many_groups_of_other_servers() -> None:
    limits, more = VaultLimits(max_remote_groups=1), "https://groups.example/more"
    check_groups(sight(), naming(ELSEWHERE, HERE, TEAM), (HERE, TEAM), limits)
    check_groups(sight(), naming(ELSEWHERE), (ELSEWHERE, more), limits)
    for named in ((more,), (more, HERE)):
        with pytest.raises(UnacceptableContent):
            check_groups(sight(), naming(ELSEWHERE), named, limits)
    with pytest.raises(UnacceptableContent):
        check_groups(sight(), naming(ELSEWHERE, more), (), limits)
