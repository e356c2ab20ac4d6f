"""Teams that were given access, as the owner sees them: how many they are, who came since (never who), and her yes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pod_server.authentication.errors import CannotFetch
from pod_server.storages.bodies import asking_of, check_method, read_body
from pod_server.storages.calls import Result, ServiceAnswer, ServiceCall
from vault.context import Context
from vault.errors import BadInput, Unavailable
from vault.grants.forms import refuse
from vault.grants.teams import CONFIRMED, admit_look, confirm_team
from vault.model.grant import instant_at
from vault.model.groups import Growth
from vault.model.identifiers import StorageId
from vault.stores.ports import CatalogueReader
from vocab.contexts import SERVICE_CONTEXT

Json = dict[str, Any]
CONFIRMATION = "TeamConfirmation"
# Fetches a group of the register or of another server now.
Look = Callable[[Context, str], None]
_SAY_WHICH_GROUP = "Zeg om welke groep het gaat."
_SAY_WHICH = "Zeg om welke groep het gaat, en hoeveel mensen u zag."


def team_of(view: CatalogueReader, storage: StorageId, group: str) -> Json | None:
    """How a group grew since it was given access here; None when its members are not known, or it was not."""
    growth = view.group_growth(storage, group)
    return None if growth is None else _document(growth)


def confirm(context: Context, call: ServiceCall, sent: Json) -> ServiceAnswer:
    """Answer a yes to a team: `{"type": "TeamConfirmation", "group": IRI, "members": how many she saw}`."""
    group, members = sent.get("group"), sent.get("members")
    is_known = set(sent) <= {"@context", "type", "group", "members"}
    if not is_known or not isinstance(group, str) or type(members) is not int:
        raise refuse("group", _SAY_WHICH)
    growth = confirm_team(context, asking_of(call), group, members)
    document = {"@context": SERVICE_CONTEXT, "type": CONFIRMATION, "group": group, "team": _document(growth)}
    return ServiceAnswer(Result.OK, document, activity=CONFIRMED, journalled=True)


def look_now(look: Look, context: Context, call: ServiceCall) -> ServiceAnswer:
    """Fetch a group now ("nu meteen"), so that who left is out at once: `{"group": IRI}`.

    Raises:
        Unavailable: it cannot be had; its members stay as they were, for ten minutes at most.
    """
    check_method(call, ("POST",), ())
    sent = read_body(call)
    group = sent.get("group")
    if set(sent) != {"group"} or not isinstance(group, str):
        raise refuse("group", _SAY_WHICH_GROUP)
    admit_look(context, call.caller, group)
    try:
        look(context, group)
    except (CannotFetch, BadInput) as error:
        raise Unavailable("the group cannot be had now") from error
    return ServiceAnswer(Result.NO_CONTENT)


def _document(growth: Growth) -> Json:
    return {
        "members": growth.members,
        "joined": [_moment(seconds) for seconds in growth.joined],
        "paused": _moment(growth.paused_s),
        "confirmed": _moment(growth.confirmed_s),
    }


def _moment(seconds: int | None) -> str | None:
    return None if seconds is None else instant_at(seconds).text
