"""What stands on the account page, in words: apps, browsers and programs, and what each may do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pod_server.identity import consent, credentials, sessions
from pod_server.identity.accounts import Account
from pod_server.identity.allowed_apps import AllowedApp, apps_of
from pod_server.identity.browsers import the_provider
from pod_server.identity.credentials import KnownCredential
from pod_server.identity.dates import day, moment
from pod_server.identity.devices import read_device
from pod_server.identity.languages import current_language, text
from pod_server.identity.sessions import OpenSession, Session
from vault.model.modes import AccessMode
from vault.model.organisation import Organisation
from vault.model.requester import AppLimit


class Kind(StrEnum):
    """What can be ended on the page, as its address says."""

    APP = "app"
    SESSION = "sessie"
    PROGRAM = "programma"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that lets somebody in; `may` is what it may do, `details` when and where.

    `organisation` is the one of the register whose app it is. `is_house` and `is_this` say that an app belongs to the
    house, and that a browser is the one that asks.
    """

    kind: Kind
    id: str
    name: str
    details: tuple[str, ...]
    may: tuple[str, ...] = ()
    host: str = ""
    organisation: Organisation | None = None
    is_house: bool = False
    is_this: bool = False


def app_items(_: Session, account: Account) -> list[Item]:
    """The apps that she let in."""
    return [_app_item(app) for app in apps_of(the_provider().parts, account)]


def session_items(session: Session, account: Account) -> list[Item]:
    """The browsers in which she is signed in, this one first."""
    found = sessions.sessions_of(the_provider().parts, account.id)
    items = [_session_item(one, is_this=one.id == session.id) for one in found]
    return sorted(items, key=lambda item: not item.is_this)


def program_items(_: Session, account: Account) -> list[Item]:
    """The credentials of her programs."""
    return [_program_item(one) for one in credentials.credentials_of(the_provider().parts, account)]


def item_of(session: Session, account: Account, kind: Kind, id_: str) -> Item | None:
    """One of them; None when it is over, or somebody else's."""
    items = {Kind.APP: app_items, Kind.SESSION: session_items, Kind.PROGRAM: program_items}[kind]
    return next((item for item in items(session, account) if item.id == id_), None)


def limit_words(limit: AppLimit | None) -> Iterator[str]:
    """What something may do at most."""
    if limit is None or not (limit.modes or limit.services):
        yield text("account.mag_niets")
        return
    if limit.containers is None or limit.containers:
        yield text("account.mag_waar", wat=text(f"app.{_mode_of(limit)}"), waar=_where(limit))
    if AccessMode.CONTROL in limit.modes:
        yield text("app.toegang")
    yield from (text(f"app.{service}") for service in sorted(limit.services))


def _mode_of(limit: AppLimit) -> str:
    """The narrowest choice of the consent page that says all of it."""
    content = limit.modes - {AccessMode.CONTROL}
    return next(name for name, modes in consent.MODES.items() if content <= modes)


def _where(limit: AppLimit) -> str:
    if limit.containers is None:
        return text("account.hele_kluis")
    names = dict(consent.places(current_language()))
    return ", ".join(names.get(path, path) for path in limit.containers)


def _app_item(app: AllowedApp) -> Item:
    with the_provider().parts.context.catalogue.view() as view:
        organisation = consent.organisation_with(view.register(), app.client_id)
    is_house = app.limit is None
    times = (text("account.sinds", dag=day(app.since_s)), text("account.gebruikt", moment=moment(app.used_s)))
    return Item(
        Kind.APP,
        app.app_hash.hex(),
        app.name,
        times,
        () if is_house else tuple(limit_words(app.limit)),
        app.host,
        organisation,
        is_house=is_house,
    )


def _session_item(one: OpenSession, *, is_this: bool) -> Item:
    device = read_device(one.browser)
    browser = device.browser or text("account.browser_onbekend")
    system = device.system or text("account.toestel_onbekend")
    times = (
        text("account.ingelogd", moment=moment(one.signed_in_s)),
        text("account.gezien", moment=moment(one.seen_s)),
    )
    name = text("account.browser", browser=browser, toestel=system)
    return Item(Kind.SESSION, one.id, name, times, is_this=is_this)


def _program_item(one: KnownCredential) -> Item:
    until = (
        text("account.geen_eind") if one.expires_s is None else text("account.tot", dag=day(one.expires_s))
    )
    used = (
        text("account.nooit") if one.used_s is None else text("account.gebruikt", moment=moment(one.used_s))
    )
    details = (text("account.gemaakt", dag=day(one.created_s)), until, used)
    return Item(
        Kind.PROGRAM, one.id, one.label or text("account.naamloos"), details, tuple(limit_words(one.limit))
    )
