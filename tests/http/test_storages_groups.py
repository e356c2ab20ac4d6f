"""Groups over HTTP: who is in one gets what it gets, as long as the writer of the ACL may read it, and no longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.asgi import BOB, BOBS_ISSUER, Answer, Home, make_home, who
from tests.support.groups import acl_text, group_text, to_group
from tests.support.vaults import TestClock, keyring_of
from vault.model.groups import Group
from vault.model.identifiers import StorageId
from vault.operations.provision import create_storage, prepare_storage

CAROL = "https://carol.example/profile#me"
TURTLE = {"Content-Type": "text/turtle"}
REMOTE = "https://groups.example/team#team"


def write_acl(home: Home, path: str, *authorizations: str) -> Answer:
    """Write an ACL as the owner."""
    text = acl_text(home.url + path, home.owner, *authorizations)
    return home.as_owner("PUT", f"{path}.acl", TURTLE, text.encode())


def as_carol(home: Home, method: str, path: str, body: bytes | None = None) -> Answer:
    """Ask as one more person of another server."""
    return home.ask(method, path, {**who(CAROL), **TURTLE}, body)


@pytest.fixture
def team(home: Home) -> str:
    """A group with Bob in it, named by the ACL of `plannen/`."""
    home.put("groepen/team", group_text(BOB))
    home.put("plannen/plan")
    group = f"{home.url}groepen/team#team"
    assert write_acl(home, "plannen/", to_group(group)).status == 201
    return group


def test_a_member_of_a_group_gets_what_the_group_gets_and_nobody_else(home: Home, team: str) -> None:
    assert home.as_bob("GET", "plannen/plan").status == 200
    assert as_carol(home, "GET", "plannen/plan").status == 403
    assert home.ask("GET", "plannen/plan").status == 401
    assert home.as_bob("PUT", "plannen/plan", TURTLE, b"<> a <#X> .").status == 403


def test_access_follows_the_members_at_once(home: Home, team: str) -> None:
    home.put("groepen/team", group_text(CAROL))
    assert home.as_bob("GET", "plannen/plan").status == 403
    assert as_carol(home, "GET", "plannen/plan").status == 200
    assert home.as_owner("DELETE", "groepen/team").status == 204
    assert as_carol(home, "GET", "plannen/plan").status == 403


def test_a_listing_shows_what_a_group_lets_one_see_as_far_as_the_writer_may_know(home: Home) -> None:
    home.put("groepen/team", group_text(CAROL))
    home.put("plannen/plan")
    group = f"{home.url}groepen/team#team"
    write_acl(home, "plannen/", f"acl:agent <{CAROL}> ; acl:mode acl:Read")
    write_acl(home, "plannen/plan", f"acl:agent <{BOB}> ; acl:mode acl:Control")
    text = acl_text(f"{home.url}plannen/plan", home.owner, to_group(group))
    assert home.as_bob("PUT", "plannen/plan.acl", TURTLE, text.encode()).status == 204
    assert f"{home.url}plannen/plan" not in as_carol(home, "GET", "plannen/").text
    home.let("groepen/team", "Read")
    assert f"{home.url}plannen/plan" in as_carol(home, "GET", "plannen/").text


def test_wac_allow_tells_what_a_group_gives(home: Home, team: str) -> None:
    assert home.as_bob("GET", "plannen/plan").headers["wac-allow"] == 'user="read",public=""'


def test_a_document_that_is_no_linked_data_any_more_describes_no_group(home: Home, team: str) -> None:
    home.put("groepen/team", "niets", "text/plain")
    assert home.as_bob("GET", "plannen/plan").status == 403


@pytest.mark.parametrize(
    "text",
    [
        f"<#team> <http://www.w3.org/2006/vcard/ns#hasMember> <{BOB}> .",
        group_text(BOB, name="#others"),
        group_text(BOB, name="https://else.example/team#team"),
    ],
)
def test_only_a_group_that_the_document_itself_describes_counts(home: Home, team: str, text: str) -> None:
    home.put("groepen/team", text)
    assert home.as_bob("GET", "plannen/plan").status == 403


def test_a_document_says_nothing_of_the_group_of_another_document(home: Home, team: str) -> None:
    home.put("groepen/vals", group_text(CAROL, name=team))
    assert as_carol(home, "GET", "plannen/plan").status == 403


def test_a_group_counts_only_while_who_wrote_the_acl_may_read_it(home: Home) -> None:
    home.put("groepen/team", group_text(CAROL))
    home.put("plannen/plan")
    group = f"{home.url}groepen/team#team"
    write_acl(home, "plannen/", f"acl:agent <{BOB}> ; acl:mode acl:Read, acl:Control")
    text = acl_text(
        f"{home.url}plannen/", home.owner, f"acl:agent <{BOB}> ; acl:mode acl:Control", to_group(group)
    )
    assert home.as_bob("PUT", "plannen/.acl", TURTLE, text.encode()).status == 204
    assert as_carol(home, "GET", "plannen/plan").status == 403
    home.let("groepen/team", "Read")
    assert as_carol(home, "GET", "plannen/plan").status == 200
    home.let("groepen/team")
    assert as_carol(home, "GET", "plannen/plan").status == 403


@pytest.mark.parametrize(
    "reading",
    [
        f"acl:agent <{BOB}> ; acl:mode acl:Read ; acl:origin <https://bob.example>",
        f"acl:agent <{BOB}> ; acl:mode acl:Read ; acl:condition [ a acl:IssuerCondition ; acl:issuer <{BOBS_ISSUER}> ]",
        f"acl:agent <{BOB}> ; acl:mode acl:Append",
        "acl:agentGroup <STORAGEgroepen/team#team> ; acl:mode acl:Read",
    ],
)
def test_reading_that_hangs_on_anything_but_who_the_writer_is_does_not_count(
    home: Home, reading: str
) -> None:
    home.put("groepen/team", group_text(CAROL, BOB))
    home.put("plannen/plan")
    write_acl(home, "groepen/team", reading.replace("STORAGE", home.url))
    write_acl(home, "plannen/", f"acl:agent <{BOB}> ; acl:mode acl:Control")
    group = f"{home.url}groepen/team#team"
    text = acl_text(
        f"{home.url}plannen/", home.owner, f"acl:agent <{BOB}> ; acl:mode acl:Control", to_group(group)
    )
    assert home.as_bob("PUT", "plannen/.acl", TURTLE, text.encode()).status == 204
    assert as_carol(home, "GET", "plannen/plan").status == 403
    write_acl(home, "groepen/team", f"acl:agent <{BOB}> ; acl:mode acl:Read")
    assert as_carol(home, "GET", "plannen/plan").status == 200


def test_what_anybody_wrote_counts_for_groups_that_anybody_may_read(home: Home) -> None:
    home.put("groepen/team", group_text(CAROL))
    home.put("plannen/plan")
    open_for_all = "acl:agentClass foaf:Agent ; acl:mode acl:Control"
    write_acl(home, "plannen/", open_for_all)
    group = f"{home.url}groepen/team#team"
    text = acl_text(f"{home.url}plannen/", home.owner, open_for_all, to_group(group))
    assert home.ask("PUT", "plannen/.acl", TURTLE, text.encode()).status == 204
    assert as_carol(home, "GET", "plannen/plan").status == 403
    home.let("groepen/team", "Read", agent="everyone")
    assert as_carol(home, "GET", "plannen/plan").status == 200


def add_neighbour(home: Home) -> Home:
    """One more storage of the same server."""
    storage = StorageId(home.context.new_id())
    prepared = prepare_storage(home.context, storage, "Buurvrouw", keyring_of(home.context).create)
    home.context.catalogue.write(lambda tx: create_storage(tx, prepared))
    return Home(home.context, storage, home.parts)


def test_a_group_in_the_storage_of_another_counts_while_its_owner_lets_the_writer_read_it(home: Home) -> None:
    neighbour = add_neighbour(home)
    neighbour.put("groepen/team", group_text(BOB))
    home.put("plannen/plan")
    write_acl(home, "plannen/", to_group(f"{neighbour.url}groepen/team#team"))
    assert home.as_bob("GET", "plannen/plan").status == 403
    neighbour.let("groepen/team", "Read", agent=home.owner)
    assert home.as_bob("GET", "plannen/plan").status == 200
    before = home.context.catalogue
    with before.view() as view:
        epoch = view.server_epoch()
    neighbour.let("groepen/team")
    with before.view() as view:
        assert view.server_epoch() > epoch
    assert home.as_bob("GET", "plannen/plan").status == 403


def test_an_owner_elsewhere_who_writes_an_acl_may_name_her_own_groups(home: Home) -> None:
    neighbour = add_neighbour(home)
    neighbour.put("groepen/team", group_text(BOB))
    home.put("plannen/plan")
    write_acl(home, "plannen/", f"acl:agent <{neighbour.owner}> ; acl:mode acl:Control")
    text = acl_text(f"{home.url}plannen/", home.owner, to_group(f"{neighbour.url}groepen/team#team"))
    identity = who(neighbour.owner, issuer=home.context.issuer_url)
    assert home.ask("PUT", "plannen/.acl", {**identity, **TURTLE}, text.encode()).status == 204
    assert home.as_bob("GET", "plannen/plan").status == 200


@pytest.mark.parametrize("fragment", ["onbekend/team#team", "a//b#team", "aaaaaaaaaaaaaaaa/team#team"])
def test_a_group_of_this_server_that_is_nowhere_is_nobody(home: Home, fragment: str) -> None:
    home.put("plannen/plan")
    write_acl(home, "plannen/", to_group(f"{home.context.base_url}{fragment}"))
    assert home.as_bob("GET", "plannen/plan").status == 403


def keep_remote(home: Home, *members: str, at_s: int) -> None:
    """Keep a group as the keeper fetched it."""
    home.context.catalogue.write(lambda tx: tx.put_group(Group(REMOTE, frozenset(members)), at_s))


def test_a_group_of_another_server_counts_for_ten_minutes_after_it_was_fetched(tmp_path: Path) -> None:
    clock = TestClock()
    home = make_home(tmp_path, clock)
    home.put("plannen/plan")
    write_acl(home, "plannen/", to_group(REMOTE))
    assert home.as_bob("GET", "plannen/plan").status == 403
    keep_remote(home, BOB, at_s=clock.wall_ms // 1000)
    assert home.as_bob("GET", "plannen/plan").status == 200
    assert as_carol(home, "GET", "plannen/plan").status == 403
    clock.forward(600)
    assert home.as_bob("GET", "plannen/plan").status == 200
    clock.forward(1)
    assert home.as_bob("GET", "plannen/plan").status == 403


def test_a_group_that_nobody_names_any_more_is_forgotten(home: Home) -> None:
    home.put("plannen/plan")
    write_acl(home, "plannen/", to_group(REMOTE))
    now_s = home.context.clock().wall_s
    keep_remote(home, BOB, at_s=now_s)
    write_acl(home, "plannen/")
    keep_remote(home, CAROL, at_s=now_s)
    write_acl(home, "plannen/", to_group(REMOTE))
    assert home.as_bob("GET", "plannen/plan").status == 403
    assert as_carol(home, "GET", "plannen/plan").status == 403


def test_clients_and_issuers_are_let_in_by_their_groups(home: Home) -> None:
    home.put("plannen/plan")
    home.put("groepen/apps", group_text("https://app.example/id"))
    home.put("groepen/issuers", group_text(BOBS_ISSUER))
    by_group = "acl:condition [ a acl:ClientCondition ; acl:clientGroup <{1}> ], [ a acl:IssuerCondition ; acl:issuerGroup <{2}> ]"
    by_group = by_group.replace("{1}", f"{home.url}groepen/apps#team").replace(
        "{2}", f"{home.url}groepen/issuers#team"
    )
    write_acl(home, "plannen/", f"acl:agent <{BOB}> ; acl:mode acl:Read ; {by_group}")
    assert home.as_bob("GET", "plannen/plan").status == 200
    for client, issuer in (
        ("https://x.example/id", BOBS_ISSUER),
        ("https://app.example/id", "https://x.example/"),
    ):
        assert home.ask("GET", "plannen/plan", who(BOB, client, issuer)).status == 403
    home.put("groepen/apps", group_text())
    assert home.as_bob("GET", "plannen/plan").status == 403


# Changing a group that an ACL names takes Control.


@pytest.fixture
def writable_team(home: Home, team: str) -> str:
    """The same group, in a container in which Bob may write."""
    home.let("groepen/", "Read", "Write")
    return team


def test_who_may_only_write_does_not_change_who_is_in_a_group_that_an_acl_names(
    home: Home, writable_team: str
) -> None:
    text = group_text(BOB, CAROL).encode()
    assert home.as_bob("PUT", "groepen/team", TURTLE, text).status == 403
    assert home.as_bob("DELETE", "groepen/team").status == 403
    assert as_carol(home, "GET", "plannen/plan").status == 403
    assert home.as_bob("PUT", "groepen/andere", TURTLE, text).status == 201


def test_who_has_control_of_a_group_changes_it(home: Home, writable_team: str) -> None:
    home.let("groepen/", "Read", "Write", "Control")
    assert home.as_bob("PUT", "groepen/team", TURTLE, group_text(CAROL).encode()).status == 204
    assert as_carol(home, "GET", "plannen/plan").status == 200
    assert home.as_bob("DELETE", "groepen/team").status == 204


def test_once_no_acl_names_it_a_group_is_a_document_like_any(home: Home, writable_team: str) -> None:
    assert home.as_owner("DELETE", "plannen/.acl").status == 204
    assert home.as_bob("PUT", "groepen/team", TURTLE, group_text(BOB, CAROL).encode()).status == 204


def test_a_group_that_is_named_but_not_there_is_not_made_by_who_may_only_write(home: Home) -> None:
    home.put("groepen/iets")
    home.let("groepen/", "Read", "Write")
    home.put("plannen/plan")
    write_acl(home, "plannen/", to_group(f"{home.url}groepen/straks#team"))
    text = group_text(BOB).encode()
    assert home.as_bob("PUT", "groepen/straks", TURTLE, text).status == 403
    assert home.as_bob("GET", "plannen/plan").status == 403
    home.put("groepen/straks", group_text(BOB))
    assert home.as_bob("GET", "plannen/plan").status == 200


def test_a_wished_name_never_makes_a_group_that_an_acl_names(home: Home) -> None:
    home.put("groepen/leeg")
    write_acl(home, "plannen/", to_group(f"{home.url}groepen/straks#team"))
    answer = home.as_owner("POST", "groepen/", {**TURTLE, "Slug": "straks"}, group_text(BOB).encode())
    assert answer.status == 201
    assert not answer.headers["location"].endswith("/straks")


# Caps.


def test_an_acl_with_too_many_groups_is_refused(home: Home) -> None:
    most = home.context.limits.max_acl_groups
    groups = [f"https://groups.example/{number}" for number in range(most + 1)]
    answer = write_acl(home, "plannen/", *(to_group(group) for group in groups))
    assert answer.status == 422
    assert write_acl(home, "plannen/", *(to_group(group) for group in groups[1:])).status == 201


def test_a_storage_names_only_so_many_groups_of_other_servers(home: Home) -> None:
    most = home.context.limits.max_remote_groups
    groups = [f"https://groups.example/{number}" for number in range(most)]
    assert write_acl(home, "plannen/", *(to_group(group) for group in groups)).status == 201
    assert write_acl(home, "brieven/", to_group("https://groups.example/more")).status == 422
    assert write_acl(home, "brieven/", to_group(groups[0])).status == 201
    assert write_acl(home, "brieven/", to_group(f"{home.url}groepen/team#team")).status == 204


def test_a_group_with_too_many_members_is_refused(home: Home) -> None:
    most = home.context.limits.max_group_members
    text = group_text(*(f"https://m.example/{number}" for number in range(most + 1)))
    assert home.as_owner("PUT", "groepen/team", TURTLE, text.encode()).status == 413
