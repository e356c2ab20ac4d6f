"""The form of a sent grant or request: which members, which words, which types; what they mean is for the shapes.

`kluis.example/ns/toegang#AccessProfile`
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from vault.bsn import holds_bsn
from vault.errors import MalformedContent, Position, UnacceptableContent, Violation
from vault.model.grant import Action, AssigneeKind, TargetKind, instant_seconds
from vault.rdf.depth import check_json_depth
from vocab.contexts import SERVICE_CONTEXT

Json = dict[str, Any]
_UNKNOWN = "Dit onderdeel kent de kluis hier niet."
_OTHER_FORM = "Dit onderdeel heeft een andere vorm dan de kluis leest."
_OTHER_WORD = "Dit woord kent de kluis hier niet."
_MOMENT = "Schrijf een moment met datum, tijd en tijdzone."
_BSN = "Hier staat een getal dat een BSN kan zijn. Haal het weg."
_CONTEXT = "Gebruik precies de twee contexten van de kluis."

_Check = Callable[[str, Any], Iterator[Violation]]


def read_json(body: bytes) -> Json:
    """Read a JSON object.

    Raises:
        MalformedContent: not JSON, or not an object.
        TooLarge: nested too deeply.
    """
    check_json_depth(body)
    try:
        document = json.loads(body)
    except json.JSONDecodeError as error:
        raise MalformedContent("the document is not JSON", Position(error.lineno, error.colno)) from error
    except UnicodeDecodeError as error:
        raise MalformedContent("the document is not JSON in UTF-8") from error
    if not isinstance(document, dict):
        raise MalformedContent("the document is not a JSON object")
    return document


def check_grant_form(document: Json) -> None:
    """Refuse a grant with unknown members, words or types, or with what may be a BSN.

    Raises:
        UnacceptableContent: with a violation for each field.
    """
    _refuse_any(_members(_GRANT)("", document))


def check_request_form(document: Json) -> None:
    """Refuse an access request with unknown members, words or types, or with what may be a BSN.

    Raises:
        UnacceptableContent: with a violation for each field.
    """
    _refuse_any(_members(_REQUEST)("", document))


def refuse(field: str, sentence: str) -> UnacceptableContent:
    """The error for one broken rule."""
    return UnacceptableContent(f"against a rule: {field}", (Violation(field, sentence),))


def _refuse_any(found: Iterator[Violation]) -> None:
    violations = tuple(found)
    if violations:
        fields = ", ".join(sorted({violation.field for violation in violations if violation.field}))
        raise UnacceptableContent(f"not the form of such a document: {fields}"[:300], violations)


def _text(field: str, value: Any) -> Iterator[Violation]:
    if not isinstance(value, str):
        yield Violation(field, _OTHER_FORM)
    elif holds_bsn(value):
        yield Violation(field, _BSN)


def _texts(field: str, value: Any) -> Iterator[Violation]:
    if not isinstance(value, list):
        yield from _text(field, value)
        return
    for number, entry in enumerate(value):
        yield from _text(f"{field}/{number}", entry)


def _flag(field: str, value: Any) -> Iterator[Violation]:
    if not isinstance(value, bool):
        yield Violation(field, _OTHER_FORM)


def _context(field: str, value: Any) -> Iterator[Violation]:
    if value != SERVICE_CONTEXT:
        yield Violation(field, _CONTEXT)


def _one_of(words: frozenset[str]) -> _Check:
    def check(field: str, value: Any) -> Iterator[Violation]:
        for entry in value if isinstance(value, list) else [value]:
            if not isinstance(entry, str) or entry not in words:
                yield Violation(field, _OTHER_WORD)

    return check


def _word_of(words: frozenset[str]) -> _Check:
    def check(field: str, value: Any) -> Iterator[Violation]:
        if not isinstance(value, str) or value not in words:
            yield Violation(field, _OTHER_WORD)

    return check


def _each(check: _Check) -> _Check:
    def check_all(field: str, value: Any) -> Iterator[Violation]:
        if not isinstance(value, list):
            yield Violation(field, _OTHER_FORM)
            return
        for number, entry in enumerate(value):
            yield from check(f"{field}/{number}", entry)

    return check_all


def _members(known: Mapping[str, _Check]) -> _Check:
    def check(field: str, value: Any) -> Iterator[Violation]:
        if not isinstance(value, dict):
            yield Violation(field, _OTHER_FORM)
            return
        for name, entry in value.items():
            place = f"{field}/{name}" if field else name
            if name in known:
                yield from known[name](place, entry)
            else:
                # A name that nobody knows is not repeated: it could hold anything.
                yield Violation(field or "document", _UNKNOWN)

    return check


def _constraint(field: str, value: Any) -> Iterator[Violation]:
    found = list(_members(_CONSTRAINT)(field, value))
    yield from found
    if found or value.get("leftOperand") != "dateTime":
        return
    operand = value.get("rightOperand")
    for moment in operand if isinstance(operand, list) else [operand]:
        if not _is_moment(moment):
            yield Violation(f"{field}/rightOperand", _MOMENT)


def _is_moment(value: Any) -> bool:
    try:
        instant_seconds(value if isinstance(value, str) else "")
    except (ValueError, OverflowError):
        return False
    return True


_CONSTRAINT: Mapping[str, _Check] = {
    # Those that the general profile also knows pass here: the shapes say in words why they are refused.
    "leftOperand": _word_of(frozenset({"dateTime", "client", "purpose", "type", "mediaType"})),
    "operator": _word_of(frozenset({"eq", "isAnyOf", "lteq", "gteq"})),
    "rightOperand": _texts,
}
_TARGET: Mapping[str, _Check] = {
    "type": _word_of(frozenset(kind.value for kind in TargetKind)),
    "value": _texts,
}
_POLICY: Mapping[str, _Check] = {
    "type": _one_of(frozenset({"AccessPolicy"})),
    "action": _one_of(frozenset(action.value for action in Action)),
    "assignee": _text,
    "target": _members(_TARGET),
    "constraint": _each(_constraint),
}
_BOTH: Mapping[str, _Check] = {
    "@context": _context,
    "id": _text,
    "storage": _text,
    "organisation": _text,
    "assigneeKind": _word_of(frozenset(kind.value for kind in AssigneeKind)),
    "access": _each(_members(_POLICY)),
    "legalBasis": _texts,
    "reason": _text,
    "status": _text,
}
_GRANT: Mapping[str, _Check] = {
    **_BOTH,
    "type": _one_of(frozenset({"AccessGrant"})),
    "inResponseTo": _text,
    "replaces": _text,
    "givenBy": _text,
    "givenAt": _text,
    "giverName": _text,
    "openedBy": _text,
    "issuer": _texts,
    "strict": _flag,
    "exceptions": _texts,
    "stoppedAt": _text,
    # What the server says beside a grant, and nobody need take out again.
    **dict.fromkeys(("parties", "team", "paused"), lambda _field, _value: iter(())),
}
_REQUEST: Mapping[str, _Check] = {
    **_BOTH,
    "type": _one_of(frozenset({"AccessRequest"})),
    "inbox": _text,
    "requestedBy": _text,
    "requestedAt": _text,
    "consequenceOfRefusal": _text,
}
