"""Whether what many clients saw of one resource can have happened one after the other.

`cs.brown.edu/people/mph/HerlihyW90/p463-herlihy.pdf`: a history is linearizable when each operation can be given one
moment between its beginning and its end so that all together they are what one client alone could have seen. Searched
as Wing and Gong did, remembering the states that were tried.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

NOTHING = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One operation on the resource.

    `method` is GET, PUT, DELETE or one of two patches: ADD puts a value beside what is there, and MOVE replaces what was
    put, which it must find, and keeps what was added. `value` is what was written or read, as `state_of` tells it. `only_if`
    is the state that If-Match named, `only_if_absent` says If-None-Match: *. `status` is None when no answer came: then it
    may have had its effect, at any later moment, or none.
    """

    method: str
    began: float
    ended: float
    status: int | None
    value: str = NOTHING
    only_if: str | None = None
    only_if_absent: bool = False


def state_of(put: str, added: Iterable[str]) -> str:
    """What is there: a value that was put or moved to (or NOTHING), and those that were added."""
    return "+".join((put, *sorted(added)))


def after(state: str, event: Event) -> str | None:
    """The state that follows when the event happens now with its answer; None when it cannot have had that answer."""
    if event.method in {"ADD", "MOVE"}:
        return _patched(state, event)
    if event.status == 409:
        # Somebody else changed it meanwhile; nothing was done.
        return state
    if event.method == "GET":
        return state if (event.value, event.status) == (state, 200 if state else 404) else None
    if event.method == "DELETE":
        return _deleted(state, event)
    return _written(state, event)


def _deleted(state: str, event: Event) -> str | None:
    if event.status == 404:
        return None if state else state
    if event.status == 412:
        return state if event.only_if not in {None, state} else None
    return NOTHING if state and event.only_if in {None, state} else None


def _written(state: str, event: Event) -> str | None:
    if event.status == 412:
        return None if _is_allowed(state, event) else state
    return event.value if _is_done(state, event) else None


def _patched(state: str, event: Event) -> str | None:
    put, *added = state.split("+")
    fits = event.method == "ADD" or put != NOTHING
    if event.status == 412:
        return None if _is_allowed(state, event) else state
    if event.status == 409:
        # A patch that met another is tried again: nobody hears of it.
        return None if fits else state
    if not fits or not _is_done(state, event):
        return None
    return state_of(event.value, added) if event.method == "MOVE" else state_of(put, (*added, event.value))


def _is_allowed(state: str, event: Event) -> bool:
    return event.only_if in {None, state} and not (event.only_if_absent and state)


def _is_done(state: str, event: Event) -> bool:
    """Whether its conditions hold, and the answer (if any) says rightly whether it made the resource."""
    return _is_allowed(state, event) and event.status in {None, 204 if state else 201}


def is_linearizable(events: Sequence[Event], start: str = NOTHING) -> bool:
    """Whether the events, in some order that keeps their times, lead from the start on."""
    # The order in which they ended is mostly a right one; what was pushed last is tried first.
    events = sorted(events, key=lambda event: event.ended, reverse=True)
    answered = sum(1 << index for index, event in enumerate(events) if event.status is not None)
    tried: set[tuple[int, str]] = set()
    waiting = [(0, start)]
    while waiting:
        done, state = waiting.pop()
        if done & answered == answered:
            return True
        if (done, state) not in tried:
            tried.add((done, state))
            following = _following(events, done, state)
            # One that changes nothing may as well come now: wherever else it fits, all others fit without it.
            quiet = [one for one in following if one[1] == state]
            waiting.extend(quiet[-1:] or following)
    return False


def _following(events: Sequence[Event], done: int, state: str) -> list[tuple[int, str]]:
    """What can come next: what is done then, and the state."""
    left = [index for index in range(len(events)) if not done >> index & 1]
    first_end = min(math.inf if events[at].status is None else events[at].ended for at in left)
    found = ((at, after(state, events[at])) for at in left if events[at].began <= first_end)
    return [(done | 1 << at, then) for at, then in found if then is not None]
