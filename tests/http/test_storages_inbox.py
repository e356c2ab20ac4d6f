"""The inbox as a receiver of Linked Data Notifications (`www.w3.org/TR/ldn/#receiver`)."""

from __future__ import annotations

import json

import pytest

from tests.support.asgi import Answer, Home
from vocab.contexts import ACTIVITY_STREAMS_CONTEXT
from vocab.namespaces import LDP

JSON_LD = {"Content-Type": "application/ld+json"}
NOTE = {
    "@context": ACTIVITY_STREAMS_CONTEXT,
    "id": "",
    "type": "Announce",
    "actor": "https://bob.example/profile#me",
    "object": "https://bob.example/brief",
}
AS = "https://www.w3.org/ns/activitystreams#"


@pytest.fixture
def inbox(home: Home) -> Home:
    """A storage whose owner lets everybody leave notifications."""
    home.let("berichten/", "Append", agent="everyone")
    return home


def notify(home: Home, body: bytes | None = None, headers: dict[str, str] = JSON_LD) -> Answer:
    """Leave a notification as Bob."""
    return home.as_bob("POST", "berichten/", headers, json.dumps(NOTE).encode() if body is None else body)


@pytest.mark.requirement("protocol", "server-ldn")
def test_a_notification_gets_an_address_and_is_listed_and_read(inbox: Home) -> None:
    answer = notify(inbox)
    assert (answer.status, answer.headers["location"].startswith(f"{inbox.url}berichten/")) == (201, True)
    listed = inbox.as_owner("GET", "berichten/", {"Accept": "application/ld+json"})
    assert listed.headers["content-type"] == "application/ld+json"
    contained = [member["@id"] for node in json.loads(listed.body) for member in node.get(LDP.contains, [])]
    assert contained == [answer.headers["location"]]
    path = answer.headers["location"].removeprefix(inbox.url)
    read = inbox.as_owner("GET", path, {"Accept": "application/ld+json"})
    assert json.loads(read.body) == NOTE
    assert f"<{AS}Announce>" in inbox.as_owner("GET", path, {"Accept": "text/turtle"}).text


@pytest.mark.requirement("protocol", "server-ldn")
def test_the_card_tells_everybody_where_the_inbox_is(inbox: Home) -> None:
    card = inbox.ask("GET", "profiel/card", {"Accept": "application/n-triples"}).text
    assert f"<{inbox.owner}> <{LDP.inbox}> <{inbox.url}berichten/>" in card


@pytest.mark.requirement("protocol", "server-ldn")
def test_an_inbox_says_what_it_takes(inbox: Home) -> None:
    headers = inbox.as_owner("OPTIONS", "berichten/").headers
    assert headers["accept-post"] == "*/*"
    assert "POST" in headers["allow"]


@pytest.mark.requirement("protocol", "server-ldn")
@pytest.mark.parametrize(
    "media_type", ["text/turtle", 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"']
)
def test_notifications_come_in_other_forms_too(inbox: Home, media_type: str) -> None:
    body = b"<> a <#Thing> ." if "turtle" in media_type else None
    assert notify(inbox, body, {"Content-Type": media_type}).status == 201


@pytest.mark.requirement("protocol", "server-ldn")
@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b'{"@context": "https://elders.example/context"}', 422), (b'{"a": [}', 400)],
)
def test_what_is_no_notification_is_refused_and_not_kept(inbox: Home, body: bytes, status: int) -> None:
    assert notify(inbox, body).status == status
    assert LDP.contains not in inbox.as_owner("GET", "berichten/").text


@pytest.mark.requirement("protocol", "server-ldn")
def test_who_leaves_notifications_reads_none_and_changes_none(inbox: Home) -> None:
    path = notify(inbox).headers["location"].removeprefix(inbox.url)
    assert inbox.as_bob("GET", "berichten/").status == 403
    assert inbox.as_bob("GET", path).status == 403
    assert inbox.as_bob("PUT", path, JSON_LD, b"{}").status == 403
    assert inbox.as_bob("DELETE", path).status == 403


@pytest.mark.requirement("protocol", "server-ldn")
def test_an_inbox_that_nobody_opened_takes_nothing(home: Home) -> None:
    assert notify(home).status == 403
    assert home.ask("POST", "berichten/", JSON_LD, b"{}").status == 401
