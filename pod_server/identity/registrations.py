"""Clients that register themselves (`rfc-editor.org/rfc/rfc7591`): known by nothing but the origin they send people to."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from hmac import compare_digest
from typing import Any, Literal
from urllib.parse import quote

from sqlalchemy import Connection, delete

from pod_server.identity import records
from pod_server.identity.clients import (
    SCOPES,
    Client,
    describe,
    is_target,
    max_addresses,
    origin_text,
    read_keys,
    words,
)
from pod_server.identity.keys import ALGORITHMS
from pod_server.identity.parts import IdentityParts

PUBLIC, BY_SECRET, BY_KEY = AUTH_METHODS = ("none", "client_secret_basic", "private_key_jwt")
GRANT_TYPES = ("authorization_code", "refresh_token")
secret_bytes = 32
max_uri_length = 2048
unused_lifetime_s = 7 * 24 * 3600
used_lifetime_s = 365 * 24 * 3600
_touched_every_s = 24 * 3600
_FAULT = Literal["invalid_redirect_uri", "invalid_client_metadata"]


class InvalidRegistration(Exception):
    """A client that cannot be registered like this; `code` is the error of RFC 7591, the message one of our own."""

    def __init__(self, code: _FAULT, description: str) -> None:
        super().__init__(description)
        self.code: _FAULT = code
        self.description = description


@dataclass(frozen=True, slots=True)
class NewRegistration:
    """What is answered once: the id, the secret of a client that chose one, and what was understood of it."""

    client_id: str
    issued_s: int
    metadata: Mapping[str, Any]
    client_secret: str | None = field(default=None, repr=False)

    def answer(self) -> dict[str, Any]:
        """The body of the answer (`rfc-editor.org/rfc/rfc7591#section-3.2.1`)."""
        told = {**self.metadata, "client_id": self.client_id, "client_id_issued_at": self.issued_s}
        if self.client_secret is not None:
            told |= {"client_secret": self.client_secret, "client_secret_expires_at": 0}
        return told


def register(parts: IdentityParts, asked: object) -> NewRegistration:
    """Register a client, and forget those that nobody uses.

    Raises:
        InvalidRegistration: what it asks for is not possible here.
    """
    if not isinstance(asked, dict):
        raise _fault("the body is not a JSON object")
    metadata = _understood(asked)
    has_secret = metadata["token_endpoint_auth_method"] == BY_SECRET
    secret = secrets.token_urlsafe(secret_bytes) if has_secret else None
    made = NewRegistration(parts.context.new_id(), parts.now_s, metadata, secret)
    sealed = parts.cipher.encrypt(None, _label(made.client_id), json.dumps(metadata).encode())

    def change(connection: Connection) -> None:
        _forget_unused(connection, parts.now_s)
        records.add_row(
            connection,
            records.registered_client,
            id=made.client_id,
            secret_hash=None if secret is None else _secret_hash(parts, made.client_id, secret),
            created_s=parts.now_s,
            sealed=sealed,
        )

    parts.database.write(change)
    return made


def find(parts: IdentityParts, client_id: str) -> Client | None:
    """The client with this id."""
    with parts.database.read() as connection:
        row = records.find_row(connection, records.registered_client, id=client_id)
    if row is None:
        return None
    metadata = json.loads(parts.cipher.decrypt(None, _label(client_id), row["sealed"]))
    origin = origin_text(metadata["redirect_uris"][0])
    auth_method = metadata["token_endpoint_auth_method"]
    client = replace(
        describe(metadata, client_id, origin),
        iri=client_iri(parts, origin),
        auth_method=auth_method,
        keys=read_keys(metadata) if auth_method == BY_KEY else (),
    )
    if row["secret_hash"] is None:
        return client
    return replace(
        client, check_client_secret=partial(_is_secret, parts, client_id, bytes(row["secret_hash"]))
    )


def touch(parts: IdentityParts, connection: Connection, client_id: str) -> None:
    """Note that somebody let a client in, so that it stays registered."""
    row = records.find_row(connection, records.registered_client, id=client_id)
    if row is not None and (row["used_s"] or 0) < parts.now_s - _touched_every_s:
        records.change_rows(connection, records.registered_client, {"id": client_id}, used_s=parts.now_s)


def client_iri(parts: IdentityParts, origin: str) -> str:
    """What tokens call a registered client: the origin it sends people to, under our own name."""
    return f"{parts.issuer}.oidc/origins/{quote(origin, safe='')}"


def _understood(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a description: only what is known here, in one form."""
    redirect_uris = _redirect_uris(asked)
    understood: dict[str, Any] = {
        "redirect_uris": list(redirect_uris),
        "token_endpoint_auth_method": _chosen(asked, "token_endpoint_auth_method", AUTH_METHODS, BY_SECRET),
        "grant_types": _grant_types(asked),
        "response_types": _response_types(asked),
        "id_token_signed_response_alg": _chosen(asked, "id_token_signed_response_alg", ALGORITHMS, "RS256"),
        "subject_type": _chosen(asked, "subject_type", ("public",), "public"),
        "scope": _scope(asked),
    }
    home = origin_text(redirect_uris[0])
    understood |= _addresses(asked, home)
    understood["client_name"] = describe(asked, "", home).name
    if understood["token_endpoint_auth_method"] == BY_KEY:
        understood["jwks"] = _jwks(asked)
    return understood


def _redirect_uris(asked: Mapping[str, Any]) -> tuple[str, ...]:
    uris = words(asked.get("redirect_uris"), ())
    if not 1 <= len(uris) <= max_addresses:
        raise InvalidRegistration("invalid_redirect_uri", "one to fifty redirect URIs are needed")
    if not all(is_target(uri) and "*" not in uri and len(uri) <= max_uri_length for uri in uris):
        description = "a redirect URI is not an https or loopback URL, or has a fragment or a wildcard"
        raise InvalidRegistration("invalid_redirect_uri", description)
    # What a person allows is kept by this origin: it is all that is known of the client.
    if len({origin_text(uri) for uri in uris}) != 1:
        raise InvalidRegistration("invalid_redirect_uri", "the redirect URIs are not of one origin")
    return uris


def _chosen(asked: Mapping[str, Any], name: str, known: tuple[str, ...], default: str) -> str:
    value = asked.get(name, default)
    if not isinstance(value, str) or value not in known:
        raise _fault(f"{name} must be one of: {', '.join(known)}")
    return value


def _grant_types(asked: Mapping[str, Any]) -> list[str]:
    types = words(asked.get("grant_types"), ("authorization_code",))
    if "authorization_code" not in types:
        raise _fault("a client that registers itself needs the grant type authorization_code")
    return [one for one in GRANT_TYPES if one in types]


def _response_types(asked: Mapping[str, Any]) -> list[str]:
    if "code" not in words(asked.get("response_types"), ("code",)):
        raise _fault("the only response type is code")
    return ["code"]


def _scope(asked: Mapping[str, Any]) -> str:
    scope = asked.get("scope")
    asked_for = scope.split() if isinstance(scope, str) else SCOPES
    return " ".join(word for word in SCOPES if word in asked_for)


def _addresses(asked: Mapping[str, Any], home: str) -> dict[str, list[str]]:
    """Where people may be sent else: only within the origin of the redirect URIs."""
    after = words(asked.get("post_logout_redirect_uris"), ())
    if not all(is_target(uri) and origin_text(uri) == home for uri in after) or len(after) > max_addresses:
        raise _fault("an address for after signing out is not of the origin of the redirect URIs")
    return {"post_logout_redirect_uris": list(after)} if after else {}


def _jwks(asked: Mapping[str, Any]) -> dict[str, Any]:
    try:
        read_keys(asked)
    except ValueError as error:
        raise _fault("private_key_jwt needs jwks with one to ten public keys, not jwks_uri") from error
    return {"keys": asked["jwks"]["keys"]}


def _forget_unused(connection: Connection, now_s: int) -> None:
    column = records.registered_client.c
    is_unused = column.used_s.is_(None) & (column.created_s < now_s - unused_lifetime_s)
    is_left = column.used_s < now_s - used_lifetime_s
    connection.execute(delete(records.registered_client).where(is_unused | is_left))


def _is_secret(parts: IdentityParts, client_id: str, secret_hash: bytes, secret: str) -> bool:
    return compare_digest(secret_hash, _secret_hash(parts, client_id, secret))


def _secret_hash(parts: IdentityParts, client_id: str, secret: str) -> bytes:
    # Not argon2: the secret is 256 random bits, and is checked with every token.
    return parts.cipher.lookup_hash(None, f"registration secret {client_id}", secret)


def _label(client_id: str) -> str:
    return f"registered client {client_id}"


def _fault(description: str) -> InvalidRegistration:
    return InvalidRegistration("invalid_client_metadata", description)
