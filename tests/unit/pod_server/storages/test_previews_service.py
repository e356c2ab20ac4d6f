"""What the preview service shows is what the vault decides."""

from __future__ import annotations

from typing import Any

import pytest

from pod_server.storages import previews
from tests.support.grants import GROUP, WORKER
from tests.support.people import COLLEAGUE, People, document_of, register, short, stranger, worker
from tests.support.vaults import add_resource
from vault.errors import NoSuchResource, UnacceptableContent
from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import AccessMode
from vault.model.rules import CompiledAcl, Rule
from vocab.concepts import fixed_containers
from vocab.namespaces import ACL, FOAF, WK


def visible(preview: dict[str, Any]) -> set[str]:
    """The addresses in a preview."""
    return {entry["id"] for entry in preview["visible"]}


def query(people: People, **asked: str) -> dict[str, Any]:
    """Ask the preview service."""
    return document_of(people.call(previews.handle, "GET", query=asked))


def test_a_draft_shows_exactly_what_the_receiver_reads_after_giving(people: People) -> None:
    plan, letter = people.add("plannen/p1/plan"), people.add("brieven/b1")
    goal = people.add("plannen/p1/doel")
    people.meet()
    draft = people.draft(f"{people.url}plannen/p1/")
    preview = people.preview(draft)
    assert visible(preview) == {f"{people.url}plannen/p1/", plan, goal}
    assert all(entry["isNew"] for entry in preview["visible"])
    people.give(f"{people.url}plannen/p1/")
    for url in (plan, goal, letter, f"{people.url}plannen/p1/", f"{people.url}plannen/", people.url):
        assert people.may(worker(), url) == (url in visible(preview))


def test_previewing_changes_nothing(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    with people.context.catalogue.view() as view:
        before = view.epochs(people.storage.storage)
    people.preview(people.draft(plan))
    with people.context.catalogue.view() as view:
        assert view.epochs(people.storage.storage) == before
    assert not people.may(worker(), plan)
    assert not people.acl("plannen/p1")


def test_what_she_sees_already_is_not_new(people: People) -> None:
    plan, other = people.add("plannen/p1"), people.add("plannen/p2")
    people.meet()
    people.give(plan)
    preview = people.preview(people.draft(plan, other))
    assert {entry["id"]: entry["isNew"] for entry in preview["visible"]} == {plan: False, other: True}
    assert preview["changes"]["new"] == [other]


def test_a_planned_grant_is_previewed_as_it_will_be(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    preview = people.preview(people.draft(plan, start="2026-12-01T00:00:00+01:00"))
    assert visible(preview) == {plan}


def test_a_digest_changes_with_the_content_and_differs_by_address(people: People) -> None:
    first, second = people.add("plannen/p1", b"<> a <#A> ."), people.add("plannen/p2", b"<> a <#A> .")
    people.meet()
    preview = people.preview(people.draft(first, second))
    digests = {entry["digest"] for entry in preview["visible"]}
    assert len(digests) == 2
    assert all(digest.startswith("sha256:") and len(digest) == 71 for digest in digests)


def test_what_is_not_shared_is_told_by_container_and_without_counts(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    before = people.preview(people.draft(plan))["invisible"]
    people.add("brieven/b1")
    assert people.preview(people.draft(plan))["invisible"] == before
    by_path = {container.path: container.iri for container in fixed_containers()}
    assert by_path["plannen/"] not in before
    assert {by_path["brieven/"], by_path["mijn/"], by_path["leefgebieden/geld/"]} <= set(before)
    assert by_path["logboek/"] not in before


def test_the_public_card_is_not_part_of_what_somebody_is_shown_to_see(people: People) -> None:
    assert people.may(worker(), f"{people.url}profiel/card")
    assert visible(query(people, agent=WORKER)) == set()


def test_a_nearer_acl_of_hers_is_named_as_an_exception(people: People) -> None:
    people.add("plannen/p1/plan")
    secret = ResourceIdentifier(people.storage.storage, "plannen/p2/")
    add_own_acl(people, secret)
    people.meet()
    preview = people.preview(people.draft(f"{people.url}plannen/"))
    assert preview["changes"]["exceptions"] == [f"{people.url}plannen/p2/"]
    assert f"{people.url}plannen/p2/" not in visible(preview)


def add_own_acl(people: People, identifier: ResourceIdentifier, *rules: Rule) -> None:
    """Add a resource with an ACL that was there before any grant."""
    add_resource(
        people.context, identifier, None if identifier.is_container else b"", CompiledAcl(rules, rules)
    )


def test_by_agent_shows_what_she_sees_through_all_her_grants(people: People) -> None:
    plan, letter = people.add("plannen/p1"), people.add("brieven/b1")
    people.add("geld/g1")
    people.meet()
    people.give(plan)
    people.give(letter, purpose=WK["doel-ondersteuning-geven"])
    assert visible(query(people, agent=WORKER)) == {plan, letter}
    assert visible(query(people, agent=COLLEAGUE)) == set()


def test_by_agent_shows_just_what_the_vault_lets_her_read(people: People) -> None:
    only_it = Rule("#it", frozenset({AccessMode.READ}), agents=frozenset({WORKER}))
    paths = ("plannen/p1/plan", "plannen/p1/dicht/a", "brieven/b1", "brieven/open/b2", "geld/g1")
    people.add("plannen/p1/x")
    add_own_acl(people, ResourceIdentifier(people.storage.storage, "plannen/p1/dicht/"))
    open_box = ResourceIdentifier(people.storage.storage, "brieven/open/")
    add_resource(people.context, open_box, None, CompiledAcl((only_it,), ()))
    for path in paths:
        people.add(path)
    people.meet()
    people.give(f"{people.url}plannen/p1/")
    with people.context.catalogue.view() as view:
        root = view.nearest_container(ResourceIdentifier(people.storage.storage, "x"))
        urls = [record.identifier.url(people.context.base_url) for record in view.descendants(root)]
    seen = visible(query(people, agent=WORKER))
    assert seen == {url for url in urls if "profiel/" not in url and people.may(worker(), url)}
    box = f"{people.url}brieven/open/"
    assert {box, f"{people.url}plannen/p1/plan"} <= seen
    assert not seen & {f"{box}b2", f"{people.url}plannen/p1/dicht/a", f"{people.url}geld/g1"}
    people.pause()
    assert visible(query(people, agent=WORKER)) == set()


def test_by_agent_shows_what_her_team_was_given(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    people.give(plan, assigneeKind="Team", assignee=GROUP)
    for party in (GROUP, WORKER, COLLEAGUE):
        assert visible(query(people, agent=party)) == {plan}


@pytest.mark.parametrize("party", [WORKER, GROUP])
def test_nobody_of_a_suspended_organisation_sees_anything(people: People, party: str) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    people.give(plan)
    people.give(plan, assigneeKind="Team", assignee=GROUP)
    register(people, suspended_at=1)
    assert visible(query(people, agent=party)) == set()
    assert query(people, resource=plan)["agents"] == []


def test_by_resource_shows_who_and_through_which_grants(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    one = people.give(plan)
    two = people.give(f"{people.url}plannen/", assigneeKind="Team", assignee=GROUP)
    found = query(people, resource=plan)
    assert {agent["id"]: agent["grants"] for agent in found["agents"]} == {
        WORKER: [one["id"]],
        GROUP: [two["id"]],
    }
    assert {party["name"] for party in found["parties"]} == {"Marieke Bos", "Stichting Samen Verder"}


def test_by_resource_shows_what_was_set_by_hand(people: People) -> None:
    friend, read = "https://friend.example/#me", frozenset({AccessMode.READ})
    letter = ResourceIdentifier(people.storage.storage, "brieven/b1")
    rules = (
        Rule("a", read, agents=frozenset({friend, people.storage.owner})),
        Rule("b", read, everyone=True, signed_in=True),
        Rule("c", frozenset({AccessMode.APPEND}), agents=frozenset({"https://writer.example/#me"})),
    )
    add_own_acl(people, letter, *rules)
    found = query(people, resource=f"{people.url}brieven/b1")
    by_hand = {agent["id"] for agent in found["agents"] if agent["setByHand"]}
    assert by_hand == {friend, FOAF.Agent, ACL.AuthenticatedAgent}


def test_a_stopped_or_ended_grant_lets_nobody_see(people: People) -> None:
    plan, other = people.add("plannen/p1"), people.add("plannen/p2")
    people.meet()
    people.stop(people.give(plan))
    people.give(other, end="2026-12-31T23:59:59+01:00")
    people.clock.policy_s = 1_900_000_000
    assert visible(query(people, agent=WORKER)) == set()
    assert query(people, resource=plan)["agents"] == query(people, resource=other)["agents"] == []


@pytest.mark.parametrize("path", ["plannen/weg", "plannen/../mijn/"])
def test_who_sees_what_is_not_there_is_no_such_resource(people: People, path: str) -> None:
    with pytest.raises(NoSuchResource):
        query(people, resource=people.url + path)
    with pytest.raises(NoSuchResource):
        query(people, resource="https://elsewhere.example/x")


@pytest.mark.parametrize("asked", [{"agent": WORKER, "resource": "x"}, {"other": "x"}])
def test_a_query_asks_one_thing(people: People, asked: dict[str, str]) -> None:
    with pytest.raises(UnacceptableContent):
        query(people, **asked)


def test_only_the_owner_looks(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    people.give(plan)
    for other in (worker(), stranger()):
        with pytest.raises(NoSuchResource):
            people.call(previews.handle, "GET", by=other, query={"agent": WORKER})


def test_a_preview_tells_who_the_receiver_is(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    draft = people.draft(plan)
    party = people.preview(draft | {"previewed": ["ignored"]})["parties"][0]
    assert (party["name"], party["organisation"]["verifiedBy"]) == ("Marieke Bos", "Beheerder")
    assert short({"id": party["id"]}) == "card#me"
