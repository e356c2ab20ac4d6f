"""The journal line of a call that changes grants, requests or meetings; it is kept with the change itself."""

from __future__ import annotations

from dataclasses import dataclass

from vault.admission import Asking
from vault.context import Context
from vault.model.grant import Grant
from vault.model.journal import JournalEntry
from vault.model.modes import AccessMode
from vault.stores.ports import CatalogueReader


@dataclass(frozen=True, slots=True)
class Happening:
    """What a call does: one word, the URL of what it is about, and the grant or organisation it concerns."""

    activity: str
    resource: str
    mode: AccessMode = AccessMode.CONTROL
    grant: Grant | None = None
    organisation: str | None = None


def line(context: Context, view: CatalogueReader, asking: Asking, happening: Happening) -> JournalEntry:
    """Write down who does what, at the access epoch of the view."""
    credentials, grant = asking.caller.credentials, happening.grant
    return JournalEntry(
        storage=asking.storage,
        time_ms=context.clock().wall_ms,
        epoch=view.epochs(asking.storage).storage,
        trace_id=asking.caller.trace_id,
        activity=happening.activity,
        resource=happening.resource,
        mode=happening.mode,
        agent=credentials.agent,
        client=credentials.client,
        issuer=credentials.issuer,
        organisation=happening.organisation,
        grant=grant.id if grant else None,
        purpose=asking.caller.declared.purpose,
        legal_basis=grant.terms.legal_basis[0] if grant else None,
    )
