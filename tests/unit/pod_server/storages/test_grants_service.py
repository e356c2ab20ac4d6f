"""Giving, narrowing and stopping through the grant service, and what a receiver sees of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pod_server.storages import grants, invitations, previews, requests
from pod_server.storages.calls import Result
from tests.support.grants import CLIENT, GROUP, ISSUER, ORGANISATION, PURPOSE, WORKER
from tests.support.people import (
    COLLEAGUE,
    People,
    document_of,
    register,
    short,
    stranger,
    worker,
)
from vault.errors import (
    AccessRefused,
    Conflict,
    MethodNotAllowed,
    NoSuchResource,
    NotSignedIn,
    PreconditionFailed,
    TooLarge,
    UnacceptableContent,
    UnsupportedMediaType,
)
from vault.model.modes import AccessMode
from vault.model.requester import ANONYMOUS, AppLimit, Caller, Declared
from vault.model.rules import RefusalReason, Refused
from vocab.namespaces import WK


def sentences(error: pytest.ExceptionInfo[UnacceptableContent]) -> set[str]:
    """The sentences for people of a refusal."""
    return {violation.sentence for violation in error.value.violations}


def test_a_worker_reads_what_was_given_and_nothing_else(people: People) -> None:
    plan, letter = people.add("plannen/p1/plan"), people.add("brieven/b1")
    people.meet()
    assert not people.may(worker(), plan)
    people.give(plan)
    assert people.may(worker(), plan)
    assert not people.may(worker(), letter)
    assert not people.may(worker(), plan, AccessMode.WRITE)
    assert not people.may(worker(COLLEAGUE), plan)


def test_giving_fills_in_what_only_the_server_says(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    given = people.give(plan)
    assert given["givenBy"] == people.storage.owner
    assert given["openedBy"] == WK["reden-inwoner-gaf"]
    assert (given["organisation"], given["issuer"]) == (ORGANISATION, [ISSUER])
    clients = [c for c in given["access"][0]["constraint"] if c["leftOperand"] == "client"]
    assert clients == [{"leftOperand": "client", "operator": "eq", "rightOperand": CLIENT}]
    assert (given["status"], given["giverName"]) == ("Active", "Samira")
    assert given["id"].startswith(f"{people.url}toegang/")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("givenBy", "https://elsewhere.example/#me"),
        ("givenAt", "2020-01-01T00:00:00Z"),
        ("openedBy", WK["reden-vertegenwoordiger-gaf"]),
        ("issuer", ["https://elsewhere.example/"]),
        ("organisation", "https://elsewhere.example/organisatie"),
        ("id", "https://elsewhere.example/toegang/x"),
        ("status", "Active"),
    ],
)
def test_what_only_the_server_says_cannot_be_sent_otherwise(people: People, name: str, value: Any) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    with pytest.raises(UnacceptableContent) as error:
        people.preview(people.draft(plan, **{name: value}))
    assert name in {violation.field for violation in error.value.violations} | {"organisation"}


def test_another_app_than_the_registers_cannot_be_named(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    draft = people.draft(plan)
    draft["access"][0]["constraint"].append(
        {"leftOperand": "client", "operator": "eq", "rightOperand": "https://evil.example/app"}
    )
    with pytest.raises(UnacceptableContent):
        people.preview(draft)


def test_without_a_meeting_nothing_can_be_given(people: People) -> None:
    plan = people.add("plannen/p1")
    with pytest.raises(UnacceptableContent) as error:
        people.preview(people.draft(plan))
    assert "Toegang voor een organisatie noemt de organisatie, haar app en haar aanmelddienst." in sentences(
        error
    )


def test_a_suspended_organisation_can_be_given_nothing(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    register(people, suspended_at=people.clock().wall_s)
    with pytest.raises(UnacceptableContent):
        people.preview(people.draft(plan))


def test_a_worker_cannot_be_given_something_as_a_person(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    with pytest.raises(UnacceptableContent) as error:
        people.preview(people.draft(plan, assigneeKind="Person"))
    assert any("aanmelddienst" in sentence for sentence in sentences(error))


def test_somebody_she_knows_is_met_by_her_issuer(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet(stranger())
    webid = str(stranger().credentials.agent)
    given = people.give(plan, assigneeKind="Person", assignee=webid, purpose=WK["doel-samen-lezen"])
    assert given["issuer"] == [stranger().credentials.issuer]
    assert "organisation" not in given
    asked = replace(
        stranger(), declared=Declared(WK["doel-samen-lezen"], frozenset({WK["doel-samen-lezen"]}))
    )
    assert people.may(asked, plan)
    other = replace(asked.credentials, issuer=ISSUER)
    assert not people.may(replace(asked, credentials=other), plan)


def test_a_team_is_given_something_through_its_group(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    people.give(plan, assigneeKind="Team", assignee=GROUP)
    assert people.may(worker(COLLEAGUE), plan)
    assert not people.may(stranger(), plan)


def test_a_group_that_is_not_the_registers_is_refused(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    with pytest.raises(UnacceptableContent):
        people.preview(people.draft(plan, assigneeKind="Team", assignee="https://elsewhere.example/groep"))


@pytest.mark.parametrize(
    "path",
    ["", "mijn/", "profiel/", "toegang/", "plannen/.acl", "plannen/%70", "plannen/../mijn/", "nergens/"],
)
def test_a_target_that_nobody_can_be_given_is_refused(people: People, path: str) -> None:
    people.meet()
    with pytest.raises(UnacceptableContent):
        people.preview(people.draft(people.url + path))


def test_a_target_that_is_not_there_is_refused(people: People) -> None:
    people.meet()
    with pytest.raises(UnacceptableContent) as error:
        people.preview(people.draft(f"{people.url}plannen/weg"))
    assert sentences(error) == {"Dit stuk is er niet (meer)."}


def test_a_target_in_another_storage_is_refused(people: People) -> None:
    people.meet()
    with pytest.raises(UnacceptableContent):
        people.preview(people.draft(f"{people.context.base_url}sabcdefghjkmnpqr/plannen/"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"end": "2020-03-31T23:59:59+02:00"}, "Kies een einddatum die nog komt."),
        ({"purpose": WK["doel-archief"]}, "Dit doel opent de kluis niet."),
        ({"purpose": WK["doel-verboden-fraude"]}, "Dit doel mag niet via de kluis."),
        ({"reason": "kort"}, "Schrijf in één of twee zinnen waarom."),
        (
            {"reason": "Bel 999990007 voor meer uitleg."},
            "Hier staat een getal dat een BSN kan zijn. Haal het weg.",
        ),
        ({"surprise": 1}, "Dit onderdeel kent de kluis hier niet."),
        ({"assigneeKind": "Everybody"}, "Dit woord kent de kluis hier niet."),
        ({"start": "2028-01-01T00:00:00+01:00"}, "Het einde moet na het begin liggen."),
        ({"end": "31-03-2027"}, "Schrijf een moment met datum, tijd en tijdzone."),
        ({"action": ["delete"]}, "Nieuwe stukken toevoegen of weggooien kan alleen in een map."),
        ({"target_kind": "Container"}, "De soort past niet bij het adres."),
        ({"@context": ["https://elsewhere.example/"]}, "Gebruik precies de twee contexten van de kluis."),
        (
            {"strict": False},
            "Bij een organisatie, team of medewerker controleert de kluis het doel altijd streng.",
        ),
        ({"strict": "ja"}, "Dit onderdeel heeft een andere vorm dan de kluis leest."),
        ({"access": {}}, "Dit onderdeel heeft een andere vorm dan de kluis leest."),
    ],
)
def test_a_draft_against_a_rule_is_refused_with_a_sentence(
    people: People, changes: dict[str, Any], sentence: str
) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    with pytest.raises(UnacceptableContent) as error:
        people.preview(people.draft(plan, **changes))
    assert sentence in sentences(error)


@pytest.mark.parametrize("operand", ["type", "mediaType"])
def test_constraints_of_the_general_profile_are_refused(people: People, operand: str) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    draft = people.draft(plan)
    draft["access"][0]["constraint"].append({"leftOperand": operand, "operator": "eq", "rightOperand": "x:y"})
    with pytest.raises(UnacceptableContent) as error:
        people.preview(draft)
    assert "De kluis kent alleen voorwaarden over tijd, app en doel." in sentences(error)


def test_giving_needs_exactly_what_was_previewed(people: People) -> None:
    plan = people.add("plannen/p1/plan")
    people.meet()
    draft = people.draft(f"{people.url}plannen/p1/")
    digests = [entry["digest"] for entry in people.preview(draft)["visible"]]
    people.add("plannen/p1/later")
    for wrong in (digests, [], [*digests, "sha256:00"]):
        with pytest.raises(Conflict):
            people.call(grants.handle, "POST", draft | {"previewed": wrong})
    assert not people.may(worker(), plan)
    with pytest.raises(UnacceptableContent):
        people.call(grants.handle, "POST", draft)


def test_the_answer_of_giving_says_where_it_is_and_is_in_the_journal_once(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    draft = people.draft(plan)
    digests = [entry["digest"] for entry in people.preview(draft)["visible"]]
    answer = people.call(grants.handle, "POST", draft | {"previewed": digests})
    document = document_of(answer)
    assert (answer.result, answer.location, answer.journalled) == (Result.CREATED, document["id"], True)
    lines = [line for line in people.lines() if line.activity == "give"]
    assert [(line.grant, line.agent, line.trace_id) for line in lines] == [
        (document["id"], people.storage.owner, "f" * 32)
    ]
    assert document["parties"][0]["name"] == "Marieke Bos"


def test_a_stop_works_at_once_and_leaves_no_acl_behind(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    given = people.give(plan)
    assert people.acl("plannen/p1")
    people.stop(given)
    assert not people.may(worker(), plan)
    assert not people.acl("plannen/p1")
    shown = document_of(people.call(grants.handle, "GET", rest=short(given)))
    assert shown["status"] == "Stopped"
    assert [line.activity for line in people.lines()][-1] == "stop"


def test_stopping_twice_changes_nothing(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    given = people.give(plan)
    people.stop(given)
    stopped_at = document_of(people.call(grants.handle, "GET", rest=short(given)))["stoppedAt"]
    people.clock.forward(60)
    people.stop(given)
    assert document_of(people.call(grants.handle, "GET", rest=short(given)))["stoppedAt"] == stopped_at


def test_stopping_what_is_not_there_is_no_such_resource(people: People) -> None:
    with pytest.raises(NoSuchResource):
        people.call(grants.handle, "DELETE", rest="aaaaaaaaaaaaaaaa")


def test_every_stop_raises_the_access_epoch(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    given = people.give(plan)
    with people.context.catalogue.view() as view:
        before = view.epochs(people.storage.storage).storage
    people.stop(given)
    with people.context.catalogue.view() as view:
        assert view.epochs(people.storage.storage).storage > before


@pytest.mark.parametrize(
    "changes",
    [{"client": "https://other.example/app"}, {"issuer": "https://other.example/"}, {"client": None}],
)
def test_another_app_or_issuer_gets_nothing(people: People, changes: dict[str, Any]) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    people.give(plan)
    assert people.may(worker(), plan)
    assert not people.may(worker(**changes), plan)


def test_a_purpose_that_is_missing_or_other_gets_nothing(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    people.give(plan)
    missing = people.decision(worker(purpose=None), plan)
    other = people.decision(worker(purpose=WK["doel-schuldhulp"]), plan)
    assert isinstance(missing, Refused)
    assert missing.reason is RefusalReason.PURPOSE_MISSING
    assert isinstance(other, Refused)
    assert other.reason is RefusalReason.OTHER_PURPOSE


def test_a_planned_grant_opens_and_closes_by_itself(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    start, day = people.clock().policy_s + 86_400, 86_400
    from vault.model.grant import instant_at

    given = people.give(plan, start=instant_at(start).text, end=instant_at(start + day).text)
    assert given["status"] == "Planned"
    assert not people.may(worker(), plan)
    people.clock.policy_s = start
    assert people.may(worker(), plan)
    people.clock.policy_s = start + day + 1
    assert not people.may(worker(), plan)
    assert document_of(people.call(grants.handle, "GET", rest=short(given)))["status"] == "Ended"


def narrower(given: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A grant as it was shown, with other actions, targets or end."""
    policy = given["access"][0] | {k: v for k, v in changes.items() if k in {"action", "target"}}
    if "end" in changes:
        kept = [c for c in policy["constraint"] if c["operator"] != "lteq"]
        bound = {"leftOperand": "dateTime", "operator": "lteq", "rightOperand": changes["end"]}
        policy = policy | {"constraint": [*kept, bound]}
    return given | {"access": [policy]}


def put(
    people: People, given: dict[str, Any], sent: dict[str, Any], etag: str | None = None
) -> dict[str, Any]:
    """PUT a grant, by default with the right If-Match."""
    found = people.call(grants.handle, "GET", rest=short(given)).etag
    return document_of(people.call(grants.handle, "PUT", sent, rest=short(given), if_match=etag or found))


def test_a_grant_can_be_made_shorter_and_narrower(people: People) -> None:
    plan = people.add("plannen/p1/plan")
    people.meet()
    given = people.give(f"{people.url}plannen/", action=["read", "modify"])
    assert people.may(worker(), plan, AccessMode.WRITE)
    target = {"type": "Container", "value": [f"{people.url}plannen/p1/"]}
    end = "2026-12-31T23:59:59+01:00"
    changed = put(people, given, narrower(given, action=["read"], target=target, end=end))
    assert changed["access"][0]["target"]["value"] == [f"{people.url}plannen/p1/"]
    assert people.may(worker(), plan)
    assert not people.may(worker(), plan, AccessMode.WRITE)
    assert not people.acl("plannen/")
    assert people.acl("plannen/p1/")


@pytest.mark.parametrize(
    "changes",
    [
        {"action": ["read", "append"]},
        {"end": "2029-12-31T23:59:59+01:00"},
        {"target": {"type": "Container", "value": ["PLANNEN"]}},
    ],
)
def test_wider_or_longer_is_a_conflict(people: People, changes: dict[str, Any]) -> None:
    plan = people.add("plannen/p1/plan")
    people.meet()
    given = people.give(plan)
    if "target" in changes:
        changes = {"target": {"type": "Container", "value": [f"{people.url}plannen/"]}}
    with pytest.raises(Conflict):
        put(people, given, narrower(given, **changes))


def test_narrowing_needs_the_version_that_was_read(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    given = people.give(plan)
    sent = narrower(given, end="2026-12-31T23:59:59+01:00")
    with pytest.raises(PreconditionFailed):
        people.call(grants.handle, "PUT", sent, rest=short(given))
    with pytest.raises(PreconditionFailed):
        put(people, given, sent, etag='"other-1"')
    assert put(people, given, sent, etag="*")["status"] == "Active"


def test_what_is_not_access_cannot_be_changed_by_narrowing(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    given = people.give(plan)
    with pytest.raises(UnacceptableContent):
        put(people, given, given | {"reason": "Een heel andere reden dan eerst."})


def test_a_stopped_grant_cannot_be_narrowed(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    given = people.give(plan)
    people.stop(given)
    shown = document_of(people.call(grants.handle, "GET", rest=short(given)))
    with pytest.raises(Conflict):
        put(people, given, narrower(shown, end="2026-12-31T23:59:59+01:00"))


def test_stopping_everything_ends_grants_requests_and_invitations(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    people.give(plan)
    asked = people.ask(f"{people.url}brieven/")
    open_one = document_of(people.call(invitations.handle, "POST"))
    answer = people.call(grants.handle, "DELETE")
    assert (answer.result, answer.journalled) == (Result.NO_CONTENT, True)
    assert not people.may(worker(), plan)
    assert document_of(people.call(requests.handle, "GET", rest=short(asked)))["status"] == "Refused"
    shown = document_of(people.call(invitations.handle, "GET", rest=short(open_one)))
    assert shown["status"] == "Cancelled"
    assert [line.activity for line in people.lines()].count("stop-all") == 1


def test_a_receiver_sees_her_own_grants_and_nothing_of_others(people: People) -> None:
    plan, other = people.add("plannen/p1"), people.add("plannen/p2")
    people.meet()
    people.meet(worker(COLLEAGUE))
    mine = people.give(plan)
    people.give(other, assignee=COLLEAGUE)
    listed = document_of(people.call(grants.handle, "GET", by=worker()))
    assert [item["id"] for item in listed["items"]] == [mine["id"]]
    assert listed["items"][0]["giverName"] == "Samira"
    assert "exceptions" not in listed["items"][0]
    anywhere = document_of(people.call(grants.handle_server, "GET", by=worker(), storage=None))
    assert [item["id"] for item in anywhere["items"]] == [mine["id"]]


def test_while_a_storage_is_paused_a_receiver_sees_none_of_her_grants(people: People) -> None:
    people.meet()
    given = people.give(people.add("plannen/p1"))
    people.pause()
    with pytest.raises(NoSuchResource):
        people.call(grants.handle, "GET", by=worker())
    people.context.catalogue.write(lambda tx: tx.resume_storage(people.storage.storage))
    listed = document_of(people.call(grants.handle, "GET", by=worker()))
    assert [item["id"] for item in listed["items"]] == [given["id"]]


def test_a_stopped_grant_is_gone_for_its_receiver_without_a_line(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    given = people.give(plan)
    people.stop(given)
    anywhere = document_of(people.call(grants.handle_server, "GET", by=worker(), storage=None))
    assert anywhere["items"] == []
    with pytest.raises(NoSuchResource):
        people.call(grants.handle, "GET", by=worker())


@pytest.mark.parametrize(
    "changes", [{"issuer": "https://other.example/"}, {"client": "https://other.example/app"}]
)
def test_a_receiver_with_another_issuer_or_app_sees_no_grants(
    people: People, changes: dict[str, Any]
) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    given = people.give(plan)
    with pytest.raises(NoSuchResource):
        people.call(grants.handle, "GET", by=worker(**changes), rest=short(given))


def test_a_team_member_sees_the_teams_grants(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    given = people.give(plan, assigneeKind="WholeOrganisation", assignee=GROUP)
    listed = document_of(people.call(grants.handle, "GET", by=worker(COLLEAGUE)))
    assert [item["id"] for item in listed["items"]] == [given["id"]]
    assert listed["parties"][0]["name"] == "Stichting Samen Verder"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_to_a_stranger_a_storage_is_as_one_that_does_not_exist(people: People, method: str) -> None:
    from vault.model.identifiers import StorageId

    body = people.draft(f"{people.url}plannen/") | {"previewed": []} if method == "POST" else None
    errors = []
    for storage in (people.storage.storage, StorageId("sabcdefghjkmnpqr")):
        with pytest.raises(NoSuchResource) as error:
            people.call(grants.handle, method, body, by=stranger(), storage=storage)
        errors.append(type(error.value))
    assert errors[0] is errors[1]


def test_nobody_is_let_in_without_signing_in(people: People) -> None:
    nobody = Caller(ANONYMOUS, Declared(), "a" * 32)
    for handler in (grants.handle, requests.handle, previews.handle, invitations.handle):
        with pytest.raises(NotSignedIn):
            people.call(handler, "GET", by=nobody)
    with pytest.raises(NotSignedIn):
        people.call(grants.handle_server, "GET", by=nobody, storage=None)


def test_the_owner_with_another_issuer_is_a_stranger(people: People) -> None:
    credentials = replace(people.owner.credentials, issuer=ISSUER, is_local=False)
    with pytest.raises(NoSuchResource):
        people.call(grants.handle, "GET", by=replace(people.owner, credentials=credentials))


def limited(people: People, *services: str) -> Caller:
    """The owner with an app that may use some services only."""
    limit = AppLimit(frozenset({AccessMode.READ}), None, frozenset(services))
    client = "https://small.example/app"
    people.context.catalogue.write(lambda tx: tx.put_app_limit(people.storage.owner, client, limit))
    credentials = replace(people.owner.credentials, client=client, is_trusted_client=False)
    return replace(people.owner, credentials=credentials)


def test_an_app_may_only_use_the_services_that_were_ticked(people: People) -> None:
    reader = limited(people)
    for handler in (grants.handle, requests.handle, invitations.handle, previews.handle):
        with pytest.raises(AccessRefused):
            people.call(handler, "GET", by=reader)
    with pytest.raises(AccessRefused):
        people.call(grants.handle, "DELETE", by=reader)
    assert people.call(grants.handle, "GET", by=limited(people, "AccessGrantService")).result is Result.OK


def test_a_request_is_accepted_by_the_grant_that_answers_it(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    asked = people.ask(f"{people.url}plannen/")
    given = people.give(plan, inResponseTo=asked["id"], end="2026-12-31T23:59:59+01:00")
    assert given["inResponseTo"] == asked["id"]
    assert document_of(people.call(requests.handle, "GET", rest=short(asked)))["status"] == "Accepted"
    with pytest.raises(Conflict):
        people.give(plan, inResponseTo=asked["id"])


@pytest.mark.parametrize(
    "changes",
    [
        {"purpose": WK["doel-jeugdhulp"]},
        {"action": ["read", "append"]},
        {"assignee": COLLEAGUE},
        {"end": "2028-03-31T23:59:59+02:00"},
    ],
)
def test_accepting_cannot_give_something_else_than_was_asked(people: People, changes: dict[str, Any]) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    people.meet(worker(COLLEAGUE))
    asked = people.ask(f"{people.url}plannen/")
    with pytest.raises(UnacceptableContent) as error:
        people.preview(people.draft(plan, inResponseTo=asked["id"], **changes))
    assert sentences(error) == {"Dit is iets anders dan er werd gevraagd."}


@pytest.mark.parametrize("member", ["inResponseTo", "replaces"])
def test_a_draft_cannot_point_at_what_is_not_there(people: People, member: str) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    with pytest.raises(UnacceptableContent) as error:
        people.preview(people.draft(plan, **{member: f"{people.url}verzoeken/aaaaaaaaaaaaaaaa"}))
    assert {violation.field for violation in error.value.violations} == {member}


def test_giving_again_needs_no_new_meeting(people: People) -> None:
    plan = people.add("plannen/p1")
    id_ = people.meet()
    first = people.give(plan)
    people.stop(first)
    people.call(invitations.handle, "DELETE", rest=id_)
    again = people.give(plan, replaces=first["id"])
    assert again["replaces"] == first["id"]
    assert people.may(worker(), plan)


def test_methods_that_are_not_there_are_refused_for_everybody(people: People) -> None:
    with pytest.raises(MethodNotAllowed) as error:
        people.call(grants.handle, "PATCH", {}, by=stranger())
    assert error.value.allowed == ("GET", "POST", "DELETE")
    with pytest.raises(NoSuchResource):
        people.call(grants.handle, "GET", rest="a/b")


def test_a_service_reads_json_only(people: People) -> None:
    with pytest.raises(UnsupportedMediaType):
        people.call(grants.handle, "POST", {}, media_type="text/turtle")


def test_a_narrower_declared_purpose_is_enough_and_a_broader_one_is_not(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    people.give(plan, purpose=WK["doel-ondersteuning-geven"])
    assert people.may(worker(purpose=PURPOSE), plan) == (
        WK["doel-ondersteuning-geven"] in worker(purpose=PURPOSE).declared.purposes
    )
    assert people.may(worker(purpose=WK["doel-ondersteuning-geven"]), plan)
    assert not people.may(worker(WORKER, purpose="https://elsewhere.example/doel"), plan)


def test_a_draft_that_names_nobody_is_refused_in_the_words_of_the_shapes(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    draft = people.draft(plan)
    del draft["access"][0]["assignee"]
    with pytest.raises(UnacceptableContent) as error:
        people.preview(draft)
    assert "Zet erbij wie toegang krijgt: precies één." in sentences(error)


def test_a_receiver_cannot_look_up_a_grant_of_somebody_else(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    people.meet(worker(COLLEAGUE))
    people.give(plan)
    other = people.give(plan, assignee=COLLEAGUE)
    with pytest.raises(NoSuchResource):
        people.call(grants.handle, "GET", rest=short(other), by=worker())


def test_a_service_of_a_storage_is_nowhere_without_one(people: People) -> None:
    with pytest.raises(NoSuchResource):
        people.call(grants.handle, "GET", storage=None)


def test_a_document_for_a_service_is_not_large(people: People) -> None:
    with pytest.raises(TooLarge):
        people.call(grants.handle, "POST", {"reason": "a" * 70_000, "previewed": []})
