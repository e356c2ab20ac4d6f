"""How a citizen and somebody else met: an invitation by code, and the meeting that follows from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

invitation_lifetime_s = 15 * 60
confirmation_lifetime_s = 24 * 60 * 60
meeting_lifetime_s = 30 * 24 * 60 * 60


class InvitationStatus(StrEnum):
    """How an invitation stands."""

    OPEN = "Open"
    REDEEMED = "Redeemed"
    CONFIRMED = "Confirmed"
    CANCELLED = "Cancelled"
    EXPIRED = "Expired"


@dataclass(frozen=True, slots=True)
class Redeemer:
    """Who used a code: her WebID counts only with this issuer; the organisation is the one she acted for, if any."""

    webid: str
    issuer: str
    organisation: str | None


@dataclass(frozen=True, slots=True)
class Invitation:
    """A code that lets one person make herself known; wall seconds. `until` is the end of the meeting, policy seconds."""

    id: str
    made_at: int
    expires_at: int
    status: InvitationStatus = InvitationStatus.OPEN
    redeemer: Redeemer | None = None
    until: int | None = None

    def status_at(self, wall_s: int) -> InvitationStatus:
        """How it stands at a moment of wall time: a code lives for minutes, the question whether it is she for a day."""
        lives_until = {
            InvitationStatus.OPEN: self.expires_at,
            InvitationStatus.REDEEMED: self.made_at + confirmation_lifetime_s,
        }.get(self.status)
        return InvitationStatus.EXPIRED if lives_until is not None and wall_s > lives_until else self.status

    def with_status(self, status: InvitationStatus) -> Invitation:
        """The same invitation with another status."""
        return replace(self, status=status)


@dataclass(frozen=True, slots=True)
class Meeting:
    """The citizen said "yes, this is she". `until` (policy seconds) is how long she may be asked; `ended` if she ended it."""

    id: str
    met: Redeemer
    until: int
    ended: bool = False

    def is_live(self, policy_s: int) -> bool:
        """Whether it lets somebody ask at a moment of policy time."""
        return not self.ended and policy_s <= self.until
