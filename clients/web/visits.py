"""Visits of browsers, kept in this process; the cookie holds an opaque id and nothing else."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession
from werkzeug.datastructures import MultiDict

from clients.solid.login import PendingLogin

idle_s = 15 * 60
lifetime_s = 12 * 3600
max_people = 10_000
max_strangers = 1_000
max_typed_bytes = 64 * 1024

P = TypeVar("P")


@dataclass(slots=True)
class Visit(Generic[P]):
    """One browser: `person` is who signed in (the app decides what she is), None before and after.

    `values` is what Flask calls the session; it stays in this process. `typed` keeps a form that was sent when nobody was signed in any more,
    by the path of its page, until she signs in again as `webid`.
    """

    id: str
    started_s: int
    seen_s: int
    values: SecureCookieSession = field(default_factory=SecureCookieSession)
    pending: PendingLogin | None = None
    return_to: str = "/"
    person: P | None = None
    webid: str | None = None
    typed: dict[str, MultiDict[str, str]] = field(default_factory=dict)

    def keep_typed(self, path: str, form: MultiDict[str, str]) -> None:
        """Keep one form for after signing in again, unless it is very large."""
        if sum(len(value) for _, value in form.items(multi=True)) <= max_typed_bytes:
            self.typed = {path: form}
            self.return_to = path

    def take_typed(self, path: str) -> MultiDict[str, str] | None:
        """What was typed on this page before signing in again; given once."""
        return self.typed.pop(path, None)


@dataclass(slots=True)
class Visits(Generic[P]):
    """All visits, bounded: the one that was quiet longest goes first. `now` gives seconds since the epoch.

    Visits of people and of those who did not sign in are bounded apart, so that strangers cannot push people out.
    """

    now: Callable[[], int]
    strangers: OrderedDict[str, Visit[P]] = field(default_factory=OrderedDict)
    people: OrderedDict[str, Visit[P]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, visit_id: str | None) -> Visit[P] | None:
        """The visit of a cookie; who was quiet for 15 minutes is signed out, after 12 hours it is forgotten."""
        with self._lock:
            kept = self.people if (visit_id or "") in self.people else self.strangers
            visit = kept.get(visit_id or "")
            if visit is None:
                return None
            now_s = self.now()
            if now_s - visit.started_s > lifetime_s:
                del kept[visit.id]
                return None
            if now_s - visit.seen_s > idle_s:
                visit.person = None
            visit.seen_s = now_s
            kept.move_to_end(visit.id)
            return visit

    def begin(self) -> Visit[P]:
        """A new visit of somebody who is not signed in."""
        now_s = self.now()
        visit: Visit[P] = Visit(secrets.token_urlsafe(32), now_s, now_s)
        self._keep(self.strangers, visit, max_strangers)
        return visit

    def admit(self, person: P, webid: str) -> Visit[P]:
        """A new visit, with a new id, of somebody who just signed in."""
        now_s = self.now()
        visit = Visit(secrets.token_urlsafe(32), now_s, now_s, person=person, webid=webid)
        self._keep(self.people, visit, max_people)
        return visit

    def forget(self, visit: Visit[P]) -> None:
        """End a visit."""
        with self._lock:
            self.people.pop(visit.id, None)
            self.strangers.pop(visit.id, None)

    def _keep(self, kept: OrderedDict[str, Visit[P]], visit: Visit[P], most: int) -> None:
        with self._lock:
            kept[visit.id] = visit
            while len(kept) > most:
                kept.popitem(last=False)


@dataclass(frozen=True, slots=True)
class VisitSessions(Generic[P]):
    """What Flask asks of a session interface, on top of visits."""

    visits: Visits[P]
    cookie: str
    secure: bool
    pickle_based: bool = False

    def find(self, request: Request) -> Visit[P] | None:
        """The visit of a request."""
        return self.visits.find(request.cookies.get(self.cookie))

    def open_session(self, _: Flask, request: Request) -> SecureCookieSession:
        """The values of the visit; a new browser gets a visit when something is put in."""
        visit = self.find(request)
        return SecureCookieSession() if visit is None else visit.values

    def make_null_session(self, _: Flask) -> SecureCookieSession:
        """Values that are never kept."""
        return SecureCookieSession()

    def is_null_session(self, _: object) -> bool:
        """Flask may always save: `save_session` does nothing."""
        return False

    def save_session(self, *_: object) -> None:
        """Nothing to do: the values are those of the visit itself."""

    def remember(self, response: Response, visit: Visit[P]) -> Response:
        """Give the browser the cookie of a visit."""
        response.set_cookie(self.cookie, visit.id, httponly=True, samesite="Lax", secure=self.secure)
        return response

    def expire(self, response: Response) -> Response:
        """Take our own cookie away from the browser; those of other apps on this host stay."""
        response.delete_cookie(self.cookie, httponly=True, samesite="Lax", secure=self.secure)
        return response
