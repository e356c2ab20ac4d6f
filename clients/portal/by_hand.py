"""What she, or an app of hers, set in access rules without giving access here: who, where, and with which app."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from clients.portal.containers import container_label
from clients.portal.here import portal, text
from clients.portal.people import Person, of
from clients.portal.teams import TeamView, team_view
from clients.solid.parties import Parties
from clients.solid.previews import SetByHand, Viewer
from vocab.namespaces import ACL, FOAF

_READ, _WRITES = ACL.Read, frozenset({ACL.Append, ACL.Write, ACL.Control})


@dataclass(frozen=True, slots=True)
class HandView:
    """One rule on a page: whom it lets in, where, what she may, and the sentence that says with which app it was set."""

    person: Person
    where: str
    may: str
    app: str
    team: TeamView | None = None


@dataclass(frozen=True, slots=True)
class ViewerView:
    """Somebody who can see a piece; `app` is "" when she sees it by what was given here alone."""

    person: Person
    app: str


def hand_views(rules: Iterable[SetByHand], parties: Parties) -> tuple[HandView, ...]:
    """Rules as they stand on a page, each once."""
    views = (
        HandView(
            _person(rule.agent, parties),
            container_label(rule.resource),
            _may(rule),
            _set_with([] if rule.app is None else [rule.app], parties),
            None if rule.team is None else team_view(rule.agent, rule.team, parties),
        )
        for rule in rules
    )
    return tuple(dict.fromkeys(views))


def viewer_view(viewer: Viewer, parties: Parties) -> ViewerView:
    """Who can see a piece, and whether that was set by hand."""
    app = _set_with(viewer.apps, parties) if viewer.is_set_by_hand else ""
    return ViewerView(_person(viewer.id, parties), app)


def _person(iri: str, parties: Parties) -> Person:
    if iri not in {FOAF.Agent, ACL.AuthenticatedAgent}:
        return of(iri, parties)
    name = text("zelf.iedereen" if iri == FOAF.Agent else "zelf.ingelogd")
    return Person(name, name, "", "unknown", verified=False)


def _may(rule: SetByHand) -> str:
    can_read, can_write = _READ in rule.modes, bool(_WRITES & set(rule.modes))
    if can_read:
        return text("zelf.lezen_schrijven" if can_write else "zelf.lezen")
    return text("zelf.schrijven")


def _set_with(apps: Iterable[str], parties: Parties) -> str:
    names = list(dict.fromkeys(_app(app, parties) for app in apps))
    if not names:
        return text("zelf.ingesteld")
    return text("zelf.met_app", app=f" {text('algemeen.en')} ".join(names))


def _app(client: str, parties: Parties) -> str:
    if client == portal().entrance.client.id:
        return text("app.naam")
    party = parties.get(client)
    if party is not None and party.organisation is not None:
        return text("logboek.app_van", organisatie=party.organisation.name)
    return text("logboek.andere_app")
