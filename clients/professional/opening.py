"""Opening a document: why the worker may, and asking the vault at every click, so that a stop is felt at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import abort

from clients.professional.here import Opened, worker
from clients.professional.residents import Resident, covering, find_resident, opened_by, remember, shown_of
from clients.solid.documents import Document
from clients.solid.resources import Member, Representation, read


@dataclass(frozen=True, slots=True)
class Reading:
    """A document that was just read; `resident` is None when nothing of hers is in force any more."""

    resident: Resident | None
    why: Opened
    representation: Representation

    def may_open(self, address: str) -> bool:
        """Whether an address that the document names lies within what the resident shares."""
        return self.resident is not None and covering(self.resident, address) is not None

    def others(self, addresses: Iterable[str]) -> Iterable[Document]:
        """The documents that this one names, as far as they are shared and can be read."""
        here = worker()
        for address in addresses:
            if not self.may_open(address):
                continue
            found = here.memory.describe(here.session, Member(address, None), self.why.purpose)
            if found is not None:
                yield found


def open_document(ref: str, reference: str) -> Reading:
    """Read the document that a reference in a link stands for, or show the page for what cannot be opened.

    What was opened before in this visit is asked from the vault even when no grant is left: the refusal belongs in
    the resident's log.

    Raises:
        Absent, Refused: the vault does not give it.
    """
    here, resident = worker(), find_resident(ref)
    address = here.references.find(reference)
    if address is None and resident is not None:
        shown_of(resident)  # after signing in again nothing is known yet
        address = here.references.find(reference)
    if address is None:
        abort(404)
    grant = covering(resident, address) if resident is not None else None
    if resident is not None and grant is not None:
        remember(address, opened_by(resident, grant))
    why = here.opened.get(address)
    if why is None or why.ref != ref:
        abort(404)
    return Reading(resident, why, read(here.session, address, purpose=why.purpose))
