"""From a draft of the citizen to the grant that would follow from it (`kluis.example/ns/toegang#AccessProfile`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from vault.context import Context
from vault.errors import Conflict, UnacceptableContent, Violation
from vault.grants.documents import Place, complete, read_sent_grant, without
from vault.grants.forms import check_grant_form, refuse
from vault.grants.known import KnownRequest, find_grant, find_request
from vault.grants.layout import storage_url
from vault.grants.place import GRANTS
from vault.grants.standing import Receiver, Standing, find_standing
from vault.model.grant import AssigneeKind, Grant, RequestStatus, Terms, instant_at, last_segment
from vault.model.identifiers import StorageId, identifier_from_url
from vault.model.records import StorageRecord
from vault.stores.ports import CatalogueReader
from vocab.namespaces import WK

Json = dict[str, Any]
REQUESTS = "verzoeken/"
# What the server says beside a grant.
BESIDE = frozenset({"parties", "team", "paused"})
_ANOTHER_QUESTION = "Dit is iets anders dan er werd gevraagd."
_UNKNOWN_REQUEST = "Dit verzoek is er niet."
_UNKNOWN_GRANT = "Deze toegang is er niet."
_GONE = "Dit stuk is er niet (meer)."


@dataclass(frozen=True, slots=True)
class Draft:
    """A grant that was not given yet, with the request it answers."""

    grant: Grant
    answers: KnownRequest | None


def place_of(context: Context, storage: StorageId) -> Place:
    """Where grants and requests of a storage belong."""
    return Place(context.base_url, storage_url(context, storage), context.clock().policy_s)


def read_draft(context: Context, view: CatalogueReader, storage: StorageRecord, sent: Json) -> Draft:
    """Read a draft and complete it with what only the server says.

    Raises:
        UnacceptableContent: against a rule; every field is named with a sentence.
        Conflict: the request it answers was answered or withdrawn.
    """
    check_grant_form(sent)
    answers = _answered_request(view, storage.storage, sent)
    request = answers.request if answers else None
    receiver = _receiver(sent)
    standing = find_standing(view, storage.storage, receiver, request) if receiver else Standing()
    said = _said_by_vault(context, storage, standing)
    place = place_of(context, storage.storage)
    grant = read_sent_grant(complete(without(sent, BESIDE), said, standing.clients), place)
    grant = replace(grant, giver_name=storage.name)
    _check_answer(grant.terms, answers)
    check_targets_exist(context, view, grant)
    if grant.replaces is not None and find_grant(view, storage.storage, last_segment(grant.replaces)) is None:
        raise refuse("replaces", _UNKNOWN_GRANT)
    return Draft(grant, answers)


def check_targets_exist(context: Context, view: CatalogueReader, grant: Grant) -> None:
    """Refuse a grant on something that is not there: nothing could say so in an ACL.

    Raises:
        UnacceptableContent: with the targets that are not there.
    """
    for target in grant.terms.targets():
        if view.find_resource(identifier_from_url(target, context.base_url)) is None:
            raise UnacceptableContent("a target does not exist", (Violation("access/target", _GONE),))


def _answered_request(view: CatalogueReader, storage: StorageId, sent: Json) -> KnownRequest | None:
    if "inResponseTo" not in sent:
        return None
    known = find_request(view, storage, last_segment(sent["inResponseTo"]))
    if known is None or known.request.id != sent["inResponseTo"]:
        raise refuse("inResponseTo", _UNKNOWN_REQUEST)
    if known.request.status is not RequestStatus.WAITING:
        raise Conflict("the request does not wait for an answer any more")
    return known


def _receiver(sent: Mapping[str, Any]) -> Receiver | None:
    """Whom a draft names; None when it names nobody, which the shapes then say."""
    policies = sent.get("access") or [{}]
    assignee, kind = policies[0].get("assignee"), sent.get("assigneeKind")
    if assignee is None or kind is None:
        return None
    return Receiver(assignee, AssigneeKind(kind), sent.get("organisation"))


def _said_by_vault(context: Context, storage: StorageRecord, standing: Standing) -> Json:
    id_ = context.new_id()
    return {
        "id": f"{storage_url(context, storage.storage)}{GRANTS}{id_}",
        "storage": storage_url(context, storage.storage),
        "givenBy": storage.owner,
        "givenAt": instant_at(context.clock().wall_s).text,
        "giverName": None,
        "openedBy": WK["reden-inwoner-gaf"],
        "organisation": standing.organisation.iri if standing.organisation else None,
        "issuer": list(standing.issuers),
        "status": None,
        "stoppedAt": None,
        "exceptions": None,
    }


def _check_answer(terms: Terms, answers: KnownRequest | None) -> None:
    """Accepting may narrow what was asked, never widen it or change who it is for."""
    if answers is None:
        return
    asked = answers.request.terms
    is_same = (terms.assignee, terms.assignee_kind, terms.purpose) == (
        asked.assignee,
        asked.assignee_kind,
        asked.purpose,
    )
    wanted = {action for policy in asked.policies for action in policy.actions}
    given = {action for policy in terms.policies for action in policy.actions}
    if not is_same or not given <= wanted or terms.period.end.seconds > asked.period.end.seconds:
        raise refuse("inResponseTo", _ANOTHER_QUESTION)
