"""Conditional and range requests: which state is meant, and how much of it is wanted (`rfc-editor.org/rfc/rfc9110#section-13`)."""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime

from pod_server.http.requests import Request
from vault.errors import BadInput, UnsatisfiableRange
from vault.model.operation import ANY_VERSION, Preconditions
from vault.model.representation import NOTHING, Candidate, Span, Wanted
from vocab.media_types import JSON_LD, N_TRIPLES, TURTLE, essence

_SUFFIXES = {TURTLE: "t", JSON_LD: "j", N_TRIPLES: "n"}
_TAG = re.compile(r'\s*(W/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*')
_CLOCK = r"\d{2}:\d{2}:\d{2}"
_DATE = re.compile(
    rf"[A-Z][a-z]{{2}}, \d{{2}} [A-Z][a-z]{{2}} \d{{4}} {_CLOCK} GMT"
    rf"|[A-Z][a-z]{{5,8}}, \d{{2}}-[A-Z][a-z]{{2}}-\d{{2}} {_CLOCK} GMT"
    rf"|[A-Z][a-z]{{2}} [A-Z][a-z]{{2}} [ \d]\d {_CLOCK} \d{{4}}"
)
_RANGE = re.compile(r"bytes\s*=[\s,]*(\d*)-(\d*)[\s,]*", re.IGNORECASE)
max_range_digits = 18


def etag(version: str, media_type: str) -> str:
    """The entity tag of one representation of a version."""
    return f'"{version}.{_SUFFIXES.get(essence(media_type), "b")}"'


def read_preconditions(request: Request) -> Preconditions:
    """Read what must hold; of a tag only the version counts, whatever representation it names.

    If-None-Match is no obstacle to reading: there it is answered with 304 when all else is known.

    Raises:
        BadInput: no list of tags.
    """
    match, none_match = request.joined("if-match"), request.joined("if-none-match")
    none_versions = None if none_match is None else _versions(none_match, weak=True)
    return Preconditions(
        None if match is None else _versions(match, weak=False),
        None if request.is_reading else none_versions,
        read_date(request, "if-unmodified-since"),
    )


def read_tags(text: str) -> list[tuple[bool, str]]:
    """Read a list of entity tags: whether each is weak, and its text without quotes; `*` stands for itself.

    Raises:
        BadInput: it is no such list.
    """
    if text.strip() == ANY_VERSION:
        return [(False, ANY_VERSION)]
    parts = text.split(",")
    found = [part for part in map(_TAG.fullmatch, parts) if part is not None]
    if len(found) < len(parts):
        raise BadInput("a condition is * or a list of entity tags in quotes")
    return [(part.group(1) is not None, part.group(2)) for part in found]


def read_date(request: Request, name: str) -> int | None:
    """Read a header that is a date, in seconds since the epoch; one that is not counts as not sent."""
    found = request.values(name)
    if len(found) != 1 or not _DATE.fullmatch(found[0]):
        return None
    try:
        moment = parsedate_to_datetime(found[0])
    except ValueError:
        return None
    # All three forms are in universal time; one of them does not say so.
    return int(moment.replace(tzinfo=UTC).timestamp())


def is_unchanged(request: Request, tag: str, modified_ms: int | None) -> bool:
    """Whether a reader has this representation already: tags go before dates."""
    known = request.joined("if-none-match")
    if known is not None:
        return any(text in {ANY_VERSION, tag[1:-1]} for _, text in read_tags(known))
    since = read_date(request, "if-modified-since")
    return since is not None and modified_ms is not None and modified_ms // 1000 <= since


def wanted_by(request: Request) -> Wanted:
    """Make the choice of how much of a representation a reader is sent.

    A part is given of bytes as they are kept, one at a time: whoever asks for several, in another unit or in words
    that are no range gets the whole, as do those whose If-Range names another state.
    """

    def choose(candidate: Candidate) -> Span | None:
        tag = etag(candidate.version, candidate.media_type)
        if request.method == "HEAD" or is_unchanged(request, tag, candidate.modified_ms):
            return NOTHING
        asked = request.joined("range")
        if asked is None or candidate.size is None or not _is_same(request, tag, candidate):
            return None
        return find_span(asked, candidate.size)

    return choose


def find_span(asked: str, size: int) -> Span | None:
    """Find the bytes that a Range header asks for of so many; None when the whole answers it.

    Raises:
        UnsatisfiableRange: nothing of what was asked for is there.
    """
    found = _RANGE.fullmatch(asked)
    if found is None or found.groups() == ("", "") or len(asked) > 2 * max_range_digits:
        return None
    first, last = found.groups()
    if not first:
        return _last_bytes(int(last), size)
    start, end = int(first), int(last) + 1 if last else size
    if end <= start and last:
        return None
    if start >= size:
        raise UnsatisfiableRange("the range begins after the end", size)
    return Span(start, min(end, size) - start)


def _last_bytes(count: int, size: int) -> Span | None:
    if count == 0:
        raise UnsatisfiableRange("the range holds nothing", size)
    # Of nothing no part can be told in Content-Range, so the whole nothing is the answer.
    return Span(max(0, size - count), min(count, size)) if size else None


def _is_same(request: Request, tag: str, candidate: Candidate) -> bool:
    """Whether the state that If-Range names is this one, compared strongly (`rfc9110#name-if-range`)."""
    asked = request.joined("if-range")
    if asked is None:
        return True
    if '"' in asked:
        return asked.strip() == tag
    # Two states can share a second, so that a date tells which was meant only where there was just one.
    date = read_date(request, "if-range")
    return candidate.is_first_state and date is not None and date * 1000 == _whole_second(candidate)


def _whole_second(candidate: Candidate) -> int | None:
    return None if candidate.modified_ms is None else candidate.modified_ms // 1000 * 1000


def _versions(text: str, *, weak: bool) -> frozenset[str]:
    """The versions in a list of tags; without `weak` a weak tag matches nothing."""
    return frozenset(tag.rpartition(".")[0] or tag for is_weak, tag in read_tags(text) if weak or not is_weak)
