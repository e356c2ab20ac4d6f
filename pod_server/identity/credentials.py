"""Client credentials of an account, for programs without a browser (`rfc-editor.org/rfc/rfc6749#section-4.4`)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from hmac import compare_digest

from pod_server.identity import records
from pod_server.identity.accounts import Account, tidy
from pod_server.identity.parts import IdentityParts
from vault.model.requester import EVERYTHING, AppLimit
from vault.stores.ports import CatalogueTransaction

secret_bytes = 32
max_label_length = 100
_touched_every_s = 3600


@dataclass(frozen=True, slots=True)
class NewCredential:
    """What is told once: how a program names itself, its secret, and the IRI that its tokens carry."""

    client_id: str
    client_secret: str = field(repr=False)
    client: str


@dataclass(frozen=True, slots=True)
class CredentialClient:
    """A program with a secret, as Authlib asks of a client; it acts for one account, until `expires_s` if there is an end."""

    id: str
    iri: str
    account: str
    expires_s: int | None
    parts: IdentityParts = field(repr=False)
    secret_hash: bytes = field(repr=False)

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether this is its secret."""
        return compare_digest(self.secret_hash, _secret_hash(self.parts, self.id, client_secret))

    def check_endpoint_auth_method(self, method: str, _: str) -> bool:
        """Whether it may prove itself like this, at every endpoint."""
        return method == "client_secret_basic"

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether it may ask for tokens like this."""
        return grant_type == "client_credentials"

    def check_redirect_uri(self, _: str) -> bool:
        """Whether a browser may be sent there: nowhere."""
        return False

    def get_default_redirect_uri(self) -> None:
        """Where a browser goes: nowhere."""


def create(parts: IdentityParts, account: Account, label: str, limit: AppLimit = EVERYTHING) -> NewCredential:
    """Make credentials that may do for the account at most what the limit says, until its end."""
    return parts.context.catalogue.write(lambda tx: create_in(parts, tx, account, label, limit))


def create_in(
    parts: IdentityParts, tx: CatalogueTransaction, account: Account, label: str, limit: AppLimit
) -> NewCredential:
    """The same, in a transaction."""
    connection = records.connection_of(tx)
    client_id, secret = parts.context.new_id(), secrets.token_urlsafe(secret_bytes)
    made = NewCredential(client_id, secret, client_iri(parts, client_id))
    sealed = parts.cipher.encrypt(None, f"credential {client_id}", tidy(label)[:max_label_length].encode())
    records.add_row(
        connection,
        records.credential,
        id=client_id,
        account=account.id,
        secret_hash=_secret_hash(parts, client_id, secret),
        created_s=parts.now_s,
        sealed=sealed,
        expires_s=limit.until_s,
    )
    tx.put_app_limit(account.webid, made.client, limit)
    return made


def find(parts: IdentityParts, client_id: str) -> CredentialClient | None:
    """The program with this client_id; None also when its end has come."""
    with parts.database.read() as connection:
        row = records.find_row(connection, records.credential, id=client_id)
    if row is None or (row["expires_s"] is not None and row["expires_s"] <= parts.now_s):
        return None
    iri, secret_hash = client_iri(parts, client_id), bytes(row["secret_hash"])
    return CredentialClient(client_id, iri, row["account"], row["expires_s"], parts, secret_hash)


@dataclass(frozen=True, slots=True)
class KnownCredential:
    """Credentials of an account, for the page that tells of them; `expires_s` is None for those without an end."""

    id: str
    label: str
    created_s: int
    expires_s: int | None
    used_s: int | None
    limit: AppLimit | None


def credentials_of(parts: IdentityParts, account: Account) -> list[KnownCredential]:
    """The credentials of an account, newest first; those whose end came too."""
    with parts.context.catalogue.view() as view, parts.database.read() as connection:
        rows = records.rows_where(connection, records.credential, account=account.id)
        found = [
            KnownCredential(
                row["id"],
                parts.cipher.decrypt(None, f"credential {row['id']}", row["sealed"]).decode(),
                row["created_s"],
                row["expires_s"],
                row["used_s"],
                view.app_limit(account.webid, client_iri(parts, row["id"])),
            )
            for row in rows
        ]
    return sorted(found, key=lambda one: (-one.created_s, one.id))


def touch(parts: IdentityParts, client_id: str) -> None:
    """Note that credentials were used, to the hour."""

    with parts.database.read() as connection:
        row = records.find_row(connection, records.credential, id=client_id)
    if row is None or (row["used_s"] or 0) >= parts.now_s - _touched_every_s:
        return
    where: dict[str, object] = {"id": client_id}
    parts.database.write(
        lambda connection: records.change_rows(connection, records.credential, where, used_s=parts.now_s)
    )


def client_iri(parts: IdentityParts, client_id: str) -> str:
    """The IRI that tokens carry: our own, so that it is never a Client ID Document's URL."""
    return f"{parts.issuer}.oidc/clients/{client_id}"


def _secret_hash(parts: IdentityParts, client_id: str, secret: str) -> bytes:
    # Not argon2: the secret is 256 random bits, and is checked with every token.
    return parts.cipher.lookup_hash(None, f"credential secret {client_id}", secret)
