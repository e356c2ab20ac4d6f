"""Data folders made by earlier versions, copied out so that the code of now may open and migrate them."""

from __future__ import annotations

import json
import tarfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pod_server.settings import open_settings
from pod_server.wiring import NoIntake, Stores, make_context, open_stores
from tests.support.vaults import RecordingIntake
from vault.context import Context
from vault.model.moments import Moment
from vault.model.requester import ANONYMOUS, Caller, Credentials, Declared
from vocab.concepts import satisfied_purposes

FIXTURES = Path(__file__).parents[1] / "fixtures"


def fixture_versions() -> list[str]:
    """The versions of which a data folder was kept."""
    return sorted(path.stem.removeprefix("data-") for path in FIXTURES.glob("data-*.json"))


@dataclass(frozen=True, slots=True)
class OldData:
    """A copied folder, opened as the server opens it, at the moment at which it was made; `found` is what must be there."""

    folder: Path
    found: dict[str, Any]
    stores: Stores
    context: Context
    intake: RecordingIntake = field(default_factory=RecordingIntake)


def open_fixture(version: str, folder: Path) -> OldData:
    """Unpack what a version left behind into a folder and open it, which migrates it."""
    with tarfile.open(FIXTURES / f"data-{version}.tar.gz") as tar:
        tar.extractall(folder, filter="data")
    found = json.loads((FIXTURES / f"data-{version}.json").read_text(encoding="utf-8"))
    settings = open_settings(folder, {})
    stores = open_stores(settings)
    then = Moment(found["time_ms"], found["time_ms"] // 1000)
    intake = RecordingIntake()
    context = replace(make_context(settings, stores, NoIntake()), clock=lambda: then, intake=intake)
    return OldData(folder, found, stores, context, intake)


def caller_of(old: OldData, decision: dict[str, Any]) -> Caller:
    """Who asked when a decision was made."""
    asker, purpose = decision["asker"], decision["purpose"]
    if asker is None:
        return Caller(ANONYMOUS, Declared(), "a" * 32)
    is_local = asker["issuer"] == old.found["issuer_url"]
    credentials = Credentials(asker["webid"], asker["client"], asker["issuer"], is_local=is_local)
    return Caller(credentials, Declared(purpose, satisfied_purposes(purpose)), "a" * 32)
