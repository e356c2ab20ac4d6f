"""Teams that were given access: how many people, when each came who joined since, the citizen's yes, and looking now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clients.solid.description import LD_JSON, Storage, find_server
from clients.solid.session import Session
from clients.solid.values import Document, moment, number, objects, read_moment, texts

_SERVICE = "AccessGrantService"
_JSON = {"Content-Type": LD_JSON, "Accept": LD_JSON}


@dataclass(frozen=True, slots=True)
class Team:
    """A team as the owner sees it: never who is in it. `paused`: it more than doubled, and waits since then for her yes."""

    members: int
    joined: tuple[datetime, ...]
    paused: datetime | None
    confirmed: datetime | None


def read_team(document: Document) -> Team | None:
    """The team of a grant or of a rule set by hand, None where it has none.

    Raises:
        MalformedAnswer: it is not told as one.
    """
    found = next(iter(objects(document, "team")), None)
    if found is None:
        return None
    joined = tuple(read_moment(written) for written in texts(found, "joined"))
    return Team(number(found, "members"), joined, moment(found, "paused"), moment(found, "confirmed"))


def confirm_team(session: Session, storage: Storage, group: str, members: int) -> None:
    """Say yes to a team of so many people; it counts from here, and may look again if it was paused.

    Raises:
        Clash: there are more or fewer by now.
    """
    body = {"type": "TeamConfirmation", "group": group, "members": members}
    session.request("POST", storage.endpoint(_SERVICE), json=body, headers=_JSON)


def look_now(session: Session, group: str) -> None:
    """Let the vault fetch the group now, so that who left is out at once.

    Raises:
        Unreachable: it cannot be had now.
        TooOften: it was looked at just now.
    """
    connection = session.connection
    server = find_server(connection.http, connection.servers[0])
    session.request("POST", server.groups, json={"group": group}, headers=_JSON)
