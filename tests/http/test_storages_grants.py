"""Grants as they are felt over HTTP: a worker reads with hers, ACLs that a person edits, and places where none reaches."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pod_server.authentication.authenticate import PresentedCredentials
from tests.support.asgi import Home, authenticate, make_parts, who
from tests.support.grants import CLIENT, ISSUER, LEGAL_BASIS, ORGANISATION, PURPOSE, WORKER
from tests.support.people import People, make_people
from vault.grants.known import find_grant
from vault.model.modes import AccessMode
from vault.model.moments import Moment
from vault.model.requester import AppLimit, Credentials
from vault.model.rules import RefusalReason

TURTLE = {"Content-Type": "text/turtle"}
WORKS = {**who(WORKER, CLIENT, ISSUER), "Purpose-Of-Use": PURPOSE}
PLAN = "plannen/rust/plan"


@pytest.fixture
def people(tmp_path: Path) -> People:
    """A citizen who met a worker."""
    made = make_people(tmp_path)
    made.meet()
    return made


@pytest.fixture
def housed(people: People) -> Home:
    """The storage of these people behind the application."""
    return Home(people.context, people.storage.storage, make_parts(people.context))


def test_a_line_of_a_read_by_grant_says_for_which_organisation_and_on_which_ground(
    people: People, housed: Home
) -> None:
    url = people.add(PLAN)
    grant = people.give(url)
    assert housed.ask("GET", PLAN, WORKS).status == 200
    assert housed.ask("GET", PLAN, WORKS).status == 200
    lines = [line for line in housed.lines if line.agent == WORKER and line.activity == "read"]
    assert len(lines) == 2
    for line in lines:
        assert (line.organisation, line.grant) == (ORGANISATION, grant["id"])
        assert (line.legal_basis, line.purpose) == (LEGAL_BASIS, PURPOSE)


def test_the_same_worker_with_another_app_is_refused_like_nothing(people: People, housed: Home) -> None:
    people.give(people.add(PLAN))
    other = {**WORKS, **who(WORKER, "https://other.example/id", ISSUER)}
    refused, absent = housed.ask("GET", PLAN, other), housed.ask("GET", "plannen/rust/niets", other)
    assert refused.status == 403
    assert refused.without_trace() == absent.without_trace()
    reasons = {
        (line.refusal, line.organisation) for line in housed.lines if line.agent == WORKER and line.refusal
    }
    assert (RefusalReason.OTHER_CLIENT, ORGANISATION) in reasons


@pytest.mark.parametrize(
    "changed",
    [
        who(WORKER, CLIENT, "https://other.example/"),
        who("https://organisations.example/iemand#me", CLIENT, ISSUER),
        {"Purpose-Of-Use": "https://kluis.example/ns/wijk#doel-schuldhulp"},
        {"Purpose-Of-Use": "https://onbekend.example/doel"},
    ],
)
def test_with_one_thing_other_the_worker_is_refused(
    people: People, housed: Home, changed: dict[str, str]
) -> None:
    people.give(people.add(PLAN))
    assert housed.ask("GET", PLAN, {**WORKS, **changed}).status == 403
    assert housed.ask("GET", PLAN, WORKS).status == 200


def test_without_a_purpose_and_after_a_stop_the_worker_is_refused(people: People, housed: Home) -> None:
    grant = people.give(people.add(PLAN))
    assert housed.ask("GET", PLAN, who(WORKER, CLIENT, ISSUER)).status == 403
    people.stop(grant)
    assert housed.ask("GET", PLAN, WORKS).status == 403


def test_removing_a_derived_authorization_ends_its_grant(people: People, housed: Home) -> None:
    grant = people.give(people.add(PLAN))
    text = housed.as_owner("GET", f"{PLAN}.acl").text
    assert WORKER in text
    own = f"<#o> a <http://www.w3.org/ns/auth/acl#Authorization> ; <http://www.w3.org/ns/auth/acl#agent> <{housed.owner}>"
    assert housed.as_owner("PUT", f"{PLAN}.acl", TURTLE, f"{own} .".encode()).status == 204
    assert housed.ask("GET", PLAN, WORKS).status == 403
    assert _status(people, grant) == "Stopped"


def test_deleting_an_acl_ends_the_grant_on_it(people: People, housed: Home) -> None:
    grant = people.give(people.add(PLAN))
    assert housed.as_owner("DELETE", f"{PLAN}.acl").status == 204
    assert housed.ask("GET", PLAN, WORKS).status == 403
    assert _status(people, grant) == "Stopped"


def _status(people: People, grant: dict[str, object]) -> str:
    with people.context.catalogue.view() as view:
        known = find_grant(view, people.storage.storage, str(grant["id"]).rsplit("/", 1)[-1])
    assert known is not None
    return known.grant.status_at(people.clock().policy_s).value


def test_copying_a_rule_without_its_conditions_is_refused_and_changes_nothing(
    people: People, housed: Home
) -> None:
    people.give(people.add(PLAN))
    text = housed.as_owner("GET", f"{PLAN}.acl").text
    copied = f"""{text}
<#kopie> a <http://www.w3.org/ns/auth/acl#Authorization> ; <http://www.w3.org/ns/auth/acl#agent> <{WORKER}> ;
  <http://www.w3.org/ns/auth/acl#accessTo> <{housed.url}{PLAN}> ;
  <http://www.w3.org/ns/auth/acl#mode> <http://www.w3.org/ns/auth/acl#Write> ."""
    assert housed.as_owner("PUT", f"{PLAN}.acl", TURTLE, copied.encode()).status == 409
    assert housed.as_owner("GET", f"{PLAN}.acl").text == text
    assert housed.as_owner("PUT", f"{PLAN}.acl", TURTLE, text.encode()).status == 204
    assert housed.ask("GET", PLAN, WORKS).status == 200


def test_a_grant_reaches_what_is_made_inside_it_later(people: People, housed: Home) -> None:
    people.give(f"{housed.url}plannen/")
    housed.put(PLAN)
    assert housed.ask("GET", PLAN, WORKS).status == 200


def test_what_was_kept_out_of_a_grant_stays_out_when_it_is_made_again(people: People, housed: Home) -> None:
    housed.put(PLAN)
    housed.let(PLAN)
    people.give(f"{housed.url}plannen/")
    assert housed.ask("GET", PLAN, WORKS).status == 404
    assert housed.as_owner("DELETE", PLAN).status == 204
    housed.put(PLAN, "<> a <#Nieuw> .")
    assert housed.ask("GET", PLAN, WORKS).status == 404
    housed.put("plannen/rust/ander")
    assert housed.ask("GET", "plannen/rust/ander", WORKS).status == 200


def test_deleting_a_nearer_acl_lets_no_grant_reach_in(people: People, housed: Home) -> None:
    housed.put(PLAN)
    housed.let(PLAN)
    people.give(f"{housed.url}plannen/")
    assert housed.as_owner("DELETE", f"{PLAN}.acl").status == 204
    assert housed.ask("GET", PLAN, WORKS).status == 404
    assert housed.as_owner("GET", PLAN).status == 200


def test_a_granted_document_that_is_made_again_is_granted_again(people: People, housed: Home) -> None:
    people.give(people.add(PLAN))
    assert housed.as_owner("DELETE", PLAN).status == 204
    housed.put(PLAN, "<> a <#Nieuw> .")
    assert housed.ask("GET", PLAN, WORKS).status == 200
    assert housed.ask("GET", "plannen/rust/ander", WORKS).status == 403


def limited(housed: Home, modes: set[AccessMode], containers: tuple[str, ...] | None) -> dict[str, str]:
    """Record a limit for an app of the owner; the headers of that app."""
    limit = AppLimit(frozenset(modes), containers, frozenset())
    housed.context.catalogue.write(
        lambda tx: tx.put_app_limit(housed.owner, "https://klein.example/id", limit)
    )
    return who(housed.owner, "https://klein.example/id", housed.context.issuer_url)


def recognise_untrusted(presented: PresentedCredentials, now: Moment) -> Credentials:
    """Recognise whom the test says, with an app that gets nothing by configuration."""
    return replace(authenticate(presented, now), is_trusted_client=False)


def test_an_app_with_a_limit_does_no_more_than_that_for_the_owner(people: People, housed: Home) -> None:
    small = Home(people.context, housed.storage, make_parts(people.context, authenticate=recognise_untrusted))
    headers = limited(small, {AccessMode.READ}, ("plannen/",))
    people.add(PLAN)
    people.add("brieven/a")
    assert small.ask("GET", PLAN, headers).status == 200
    assert small.ask("GET", "plannen/", headers).status == 200
    assert small.ask("GET", "brieven/a", headers).status == 403
    assert small.ask("PUT", PLAN, {**headers, **TURTLE}, b"").status == 403
    assert small.ask("PUT", f"{PLAN}.acl", {**headers, **TURTLE}, b"").status == 403
    assert (
        small.ask(
            "GET", PLAN, who(small.owner, "https://onbekend.example/id", people.context.issuer_url)
        ).status
        == 403
    )
    assert {line.refusal for line in small.lines if line.refusal} == {RefusalReason.OTHER_CLIENT}


def test_where_a_grant_has_ended_by_itself_what_is_made_again_inherits_as_usual(
    people: People, housed: Home
) -> None:
    people.give(people.add(PLAN))
    people.clock.forward(400 * 24 * 3600)
    assert housed.as_owner("DELETE", PLAN).status == 204
    housed.put(PLAN)
    assert housed.ask("GET", PLAN, WORKS).status == 403
    assert housed.as_owner("GET", f"{PLAN}.acl").status == 404
