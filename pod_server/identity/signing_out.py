"""Where the browser goes after signing out for an app (`openid.net/specs/openid-connect-rpinitiated-1_0.html#RedirectionAfterLogout`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pod_server.identity.clients import origin_text
from pod_server.identity.oauth import Provider


@dataclass(frozen=True, slots=True)
class AfterSigningOut:
    """An address that an app names in its document or registration, with the app's own state."""

    client_id: str
    address: str
    state: str | None

    @property
    def host(self) -> str:
        """Where that is, as people read it."""
        return origin_text(self.address).partition("://")[2]

    def fields(self) -> dict[str, str]:
        """What a form has to carry for the app to be found again."""
        kept = {"client_id": self.client_id, "post_logout_redirect_uri": self.address}
        return kept if self.state is None else {**kept, "state": self.state}

    def url(self, provider: Provider) -> str:
        """Where the browser is sent."""
        return self.address if self.state is None else provider.with_state(self.address, self.state)


def read_target(provider: Provider, client_id: str, asked: Mapping[str, str]) -> AfterSigningOut | None:
    """Where an app wants the browser to go; None when it does not say, or names an address that is not its own."""
    address = asked.get("post_logout_redirect_uri")
    client = provider.find_app(client_id) if address and client_id else None
    if client is None or address not in client.post_logout_redirect_uris:
        return None
    return AfterSigningOut(client_id, str(address), asked.get("state"))
