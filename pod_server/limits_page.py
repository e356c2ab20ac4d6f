"""The page of the documentation that tells every limit, written from the limits themselves (`make limits`)."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from pod_server.http.requests import max_purpose_length
from pod_server.limit_settings import LIMITS, Limit
from pod_server.settings import PREFIX
from pod_server.storages.bodies import max_document_bytes
from pod_server.storages.calls import max_service_body_bytes
from pod_server.storages.services import max_query_fields
from vault.operations.content import max_media_type_length
from vault.operations.create import max_name_length
from vault.rdf.depth import max_json_depth, max_triple_terms
from vault.rdf.workers import max_workers

_UNITS = ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB"))
_DAY = 24 * 3600
_FIXED = (
    ("nesting of JSON", f"{max_json_depth} levels", "413"),
    ("triple terms in Turtle", str(max_triple_terms), "413"),
    ("a document for a service", f"{max_document_bytes // 1024} KiB", "413"),
    ("any body for a service", f"{max_service_body_bytes // 1024} KiB", "413"),
    ("fields of a query", str(max_query_fields), "400"),
    ("a media type", f"{max_media_type_length} characters", "415"),
    ("a declared purpose", f"{max_purpose_length} characters", "400"),
    ("a name wished with Slug", f"{max_name_length} characters", "cut off"),
    ("workers in the group of an organisation", str(max_workers), "the group counts as absent"),
)
_INTRODUCTION = f"""# Limits

This page is written by `make limits` from the settings themselves; do not edit it.

Each is set in the environment (`{PREFIX}MAX_BODY_BYTES=…`) or in the TOML file (`max_body_bytes = …`). A value out of
bounds keeps the server from starting. Over a limit the answer is a problem (RFC 9457) that names the limit and the way
out; nothing is half written. `-` stands for limits over which nothing is answered: they decide what is still kept.

| setting | default | from | to | answer | what it limits |
|---|---|---|---|---|---|
"""
_FIXED_INTRODUCTION = """
Members of a container are not limited. These limits are fixed:

| what | limit | answer |
|---|---|---|
"""


def write_page() -> str:
    """Write the page."""
    rows = "".join(map(_row, LIMITS))
    fixed = "".join(f"| {what} | {limit} | {answer} |\n" for what, limit, answer in _FIXED)
    return _INTRODUCTION + rows + _FIXED_INTRODUCTION + fixed


def _row(limit: Limit) -> str:
    numbers = (_readable(limit.name, number) for number in (limit.default, limit.least, limit.most))
    return f"| `{limit.name}` | {' | '.join(numbers)} | {limit.answer} | {limit.meaning} |\n"


def _readable(name: str, number: float) -> str:
    if name.endswith("_bytes"):
        return next(_in_units(int(number)))
    if name.endswith("_s") and not name.endswith("_per_s"):
        return f"{number // _DAY:g} × 24 h" if number >= _DAY else f"{number:g} s"
    return f"{int(number):,}"


def _in_units(number: int) -> Iterator[str]:
    for size, unit in _UNITS:
        if number >= size and number % size == 0:
            yield f"{number // size:,} {unit}"
    yield f"{number:,} bytes"


if __name__ == "__main__":
    sys.stdout.write(write_page())
