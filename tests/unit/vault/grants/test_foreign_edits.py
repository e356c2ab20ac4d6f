"""What people write into an ACL themselves is judged against the grants that stand there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from tests.support.grants import GROUP, STORAGE, WORKER, make_grant, policy
from vault.errors import Conflict, UnacceptableContent
from vault.grants.foreign_edits import EditVerdict, judge_edit
from vault.grants.place import standing_at, triples_at
from vault.model.grant import Action, AssigneeKind, Grant, instant_at
from vault.rdf.documents import parse
from vocab.media_types import TURTLE
from vocab.namespaces import ACL, PROV, WKT, XSD

NOW = 1_790_000_000
PLAN, PLANS = f"{STORAGE}plannen/p1", f"{STORAGE}plannen/"
FRIEND = "https://friends.example/card#me"
BOTH = (Action.READ, Action.APPEND)


def standing(grant: Grant, url: str = PLAN) -> list[Triple]:
    """What a grant brings into the ACL of a resource."""
    return [triple for derived in standing_at(grant, url) for triple in triples_at(derived, url)]


def rule(agent: str, url: str = PLAN, mode: str = ACL.Read, who: str = ACL.agent) -> list[Triple]:
    """A plain Authorization."""
    text = f"<#r> a <{ACL.Authorization}> ; <{who}> <{agent}> ; <{ACL.accessTo}> <{url}> ; <{ACL.mode}> <{mode}> ."
    return parse(text.encode(), TURTLE, f"{url}.acl")


def judge(
    before: Sequence[Triple] | None, after: Sequence[Triple] | None, *grants: Grant, url: str = PLAN
) -> EditVerdict:
    """Judge an edit of the ACL of the plan."""
    return judge_edit(url, before, after, grants, NOW)


def without(triples: Iterable[Triple], value: str) -> list[Triple]:
    """Triples but those with a value."""
    return [triple for triple in triples if triple.object != NamedNode(value)]


def test_an_edit_that_leaves_the_derived_ones_changes_no_grant() -> None:
    grant = make_grant("a", policy("plannen/p1"))
    assert judge(standing(grant), [*standing(grant), *rule(FRIEND)], grant) == EditVerdict()


def test_removing_the_only_authorization_ends_the_grant() -> None:
    grant = make_grant("a", policy("plannen/p1"))
    assert judge(standing(grant), rule(FRIEND), grant) == EditVerdict(ended=(grant.id,))
    assert judge(standing(grant), None, grant) == EditVerdict(ended=(grant.id,))


def test_removing_one_of_two_targets_narrows_the_grant() -> None:
    grant = make_grant("a", policy("plannen/p1", "plannen/p2"))
    verdict = judge(standing(grant), [], grant)
    assert [narrowed.terms.targets() for narrowed in verdict.narrowed] == [(f"{STORAGE}plannen/p2",)]
    assert judge(standing(grant), None, grant).narrowed == verdict.narrowed


def test_a_new_acl_without_the_grant_from_above_is_an_exception_of_it() -> None:
    grant = make_grant("a", policy("plannen/"))
    verdict = judge(None, rule(FRIEND), grant)
    assert [narrowed.exceptions for narrowed in verdict.narrowed] == [(PLAN,)]
    assert judge(None, standing(grant), grant) == EditVerdict()


def test_deleting_an_acl_leaves_a_grant_from_above_as_it_is() -> None:
    grant = make_grant("a", policy("plannen/"))
    assert judge(standing(grant), None, grant) == EditVerdict()


def test_leaving_fewer_modes_narrows_the_actions_here() -> None:
    grant = make_grant("a", policy("plannen/p1", actions=BOTH))
    verdict = judge(standing(grant), without(standing(grant), ACL.Append), grant)
    assert [narrowed.terms.actions_on(PLAN) for narrowed in verdict.narrowed] == [{Action.READ}]


def test_leaving_fewer_modes_below_a_container_keeps_the_rest_of_it() -> None:
    grant = make_grant("a", policy("plannen/", actions=(*BOTH, Action.DELETE)))
    after = without(without(standing(grant), ACL.Append), ACL.Write)
    narrowed = judge(standing(grant), after, grant).narrowed[0]
    assert narrowed.exceptions == (PLAN,)
    assert narrowed.terms.actions_on(PLAN) == {Action.READ}
    assert narrowed.terms.actions_on(PLANS) == {*BOTH, Action.DELETE}


def test_leaving_fewer_modes_on_a_sub_container_may_keep_creating() -> None:
    grant, url = make_grant("a", policy("plannen/", actions=(Action.READ, Action.CREATE))), f"{PLANS}x/"
    after = without(standing(grant, url), ACL.Read)
    narrowed = judge(standing(grant, url), after, grant, url=url).narrowed[0]
    assert narrowed.terms.actions_on(url) == {Action.CREATE}


def test_modes_that_no_action_stands_for_leave_nothing() -> None:
    grant = make_grant("a", policy("plannen/p1", actions=[Action.MODIFY]))
    after = without(standing(grant), ACL.Read)
    assert judge(standing(grant), after, grant) == EditVerdict(ended=(grant.id,))


@pytest.mark.parametrize(
    "more",
    [
        Triple(NamedNode(f"{PLAN}.acl#a-1"), NamedNode(ACL.mode), NamedNode(ACL.Write)),
        Triple(NamedNode(f"{PLAN}.acl#a-1"), NamedNode(ACL.agent), NamedNode(FRIEND)),
        Triple(NamedNode(f"{PLAN}.acl#a-1"), NamedNode(ACL.origin), Literal("https://app.example")),
        Triple(BlankNode("ax1ClientCondition"), NamedNode(ACL.client), NamedNode("https://more.example/")),
    ],
)
def test_a_derived_authorization_that_says_something_else_is_a_conflict(more: Triple) -> None:
    grant = make_grant("a", policy("plannen/p1"))
    with pytest.raises(Conflict):
        judge(standing(grant), [*standing(grant), more], grant)


@pytest.mark.parametrize("kind", [ACL.ClientCondition, WKT.TimeCondition, WKT.OrganisationCondition])
def test_a_derived_authorization_that_lost_a_condition_is_a_conflict(kind: str) -> None:
    grant = make_grant("a", policy("plannen/p1"))
    lost = {t.subject for t in standing(grant) if t.object == NamedNode(kind)}
    after = [t for t in standing(grant) if t.subject not in lost and t.object not in lost]
    with pytest.raises(Conflict):
        judge(standing(grant), after, grant)


def test_a_later_end_is_a_conflict() -> None:
    grant = make_grant("a", policy("plannen/p1"))
    end = Literal(grant.terms.period.end.text, datatype=NamedNode(XSD.dateTime))
    later = Literal("2030-01-01T00:00:00Z", datatype=NamedNode(XSD.dateTime))
    after = [Triple(t.subject, t.predicate, later if t.object == end else t.object) for t in standing(grant)]
    with pytest.raises(Conflict):
        judge(standing(grant), after, grant)


def test_copying_a_derived_authorization_to_another_resource_is_a_conflict() -> None:
    grant, other = make_grant("a", policy("plannen/p1")), f"{STORAGE}brieven/b1"
    copied = [
        Triple(t.subject, t.predicate, NamedNode(other) if t.object == NamedNode(PLAN) else t.object)
        for t in standing(grant)
    ]
    with pytest.raises(Conflict):
        judge(None, copied, grant, url=other)


def test_an_authorization_of_a_stopped_or_unknown_grant_is_a_conflict() -> None:
    grant = make_grant("a", policy("plannen/p1"))
    with pytest.raises(Conflict):
        judge(None, standing(grant), make_grant("a", policy("plannen/p1"), stopped_at=instant_at(NOW)))
    with pytest.raises(Conflict):
        judge(None, standing(grant))


def test_what_still_stands_of_a_grant_that_ended_by_itself_does_no_harm() -> None:
    grant = make_grant("a", policy("plannen/p1"))
    after = [*standing(grant), *rule(FRIEND)]
    assert judge_edit(PLAN, standing(grant), after, [grant], 1_900_000_000) == EditVerdict()


def test_an_authorization_does_not_hide_behind_a_grant_that_has_ended() -> None:
    grant, later = make_grant("a", policy("plannen/p1")), 1_900_000_000
    stripped = [t for t in standing(grant) if t.predicate.value != ACL.condition]
    with pytest.raises(Conflict):
        judge_edit(PLAN, standing(grant), stripped, [grant], later)
    with pytest.raises(Conflict):
        judge_edit(PLAN, None, [*standing(grant), *also_read(grant, FRIEND)], [grant], later)


def also_read(grant: Grant, agent: str) -> list[Triple]:
    """A plain Authorization that says of itself that it follows from a grant."""
    derivation = Triple(NamedNode(f"{PLAN}.acl#r"), NamedNode(PROV.wasDerivedFrom), NamedNode(grant.id))
    return [*rule(agent), derivation]


def test_an_authorization_does_not_hide_behind_a_grant_elsewhere_or_behind_two() -> None:
    here, elsewhere = make_grant("a", policy("plannen/p1")), make_grant("b", policy("brieven/b1"))
    with pytest.raises(Conflict):
        judge(standing(here), [*standing(here), *also_read(elsewhere, WORKER)], here, elsewhere)
    with pytest.raises(Conflict):
        judge(standing(here), [*standing(here), *also_read(here, WORKER)], here, elsewhere)
    both = [*also_read(here, WORKER), *also_read(elsewhere, WORKER)]
    with pytest.raises(Conflict):
        judge(standing(here), [*standing(here), *both], here, elsewhere)


def test_a_plain_authorization_for_somebody_with_a_grant_here_is_a_conflict() -> None:
    grant = make_grant("a", policy("plannen/"))
    with pytest.raises(Conflict):
        judge(standing(grant), [*standing(grant), *rule(WORKER)], grant)
    with pytest.raises(Conflict):
        judge(None, rule(WORKER), grant)
    team = make_grant("b", policy("plannen/p1"), assignee=GROUP, assignee_kind=AssigneeKind.TEAM)
    with pytest.raises(Conflict):
        judge(standing(team), [*standing(team), *rule(GROUP, who=ACL.agentGroup)], team)


def test_a_plain_authorization_that_stood_there_before_the_grant_stays() -> None:
    grant = make_grant("a", policy("plannen/p1"))
    before = [*standing(grant), *rule(WORKER)]
    assert judge(before, before, grant) == EditVerdict()


def test_a_plain_authorization_for_somebody_without_a_grant_here_is_kept() -> None:
    grant = make_grant("a", policy("brieven/b1"))
    assert judge(None, rule(WORKER), grant) == EditVerdict()


def test_a_condition_that_cannot_be_honoured_is_refused() -> None:
    condition = [
        Triple(NamedNode(f"{PLAN}.acl#r"), NamedNode(ACL.condition), BlankNode("c")),
        Triple(
            BlankNode("c"), NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), NamedNode("x:Y")
        ),
    ]
    with pytest.raises(UnacceptableContent):
        judge(None, [*rule(FRIEND), *condition])
