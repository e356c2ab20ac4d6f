"""What a browser answers for a passkey, checked: made for this site, by somebody the device recognised (`w3.org/TR/webauthn-3/#sctn-rp-operations`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Protocol
from urllib.parse import urlsplit

import webauthn
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from webauthn.helpers import (
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    encode_cbor,
    parse_attestation_object,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

max_answer_length = 16_000
timeout_ms = 300_000
# Attestation is not asked for; a device may still vouch for itself.
_FORMATS = frozenset({AttestationFormat.NONE, AttestationFormat.PACKED})
# What the library lets through of a malformed answer.
_MALFORMED = (
    WebAuthnException,
    UnsupportedAlgorithm,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


class InvalidPasskey(Exception):
    """The answer proves nothing here."""


@dataclass(frozen=True, slots=True)
class Site:
    """The site that passkeys are for."""

    id: str
    origin: str
    name: str


@dataclass(frozen=True, slots=True)
class Holder:
    """For whom a passkey is made: an opaque id, and the names the device shows."""

    id: str
    login: str
    name: str


class KeptPasskey(Protocol):
    """What is known of a passkey."""

    @property
    def credential_id(self) -> bytes:
        """How the device calls it."""

    @property
    def public_key(self) -> bytes:
        """Its public key, as COSE."""

    @property
    def sign_count(self) -> int:
        """How often the device says it was used."""

    @property
    def transports(self) -> tuple[str, ...]:
        """How the device is reached."""


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey that a device just made."""

    credential_id: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    sign_count: int
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """What an answer says before it is checked: which passkey, of whom; `text` is the answer."""

    credential_id: bytes = field(repr=False)
    holder: str | None
    text: str = field(repr=False)


def site_of(issuer: str, name: str) -> Site:
    """The site of an issuer."""
    parts = urlsplit(issuer)
    return Site(parts.hostname or "", f"{parts.scheme}://{parts.netloc}", name)


def creation_options(site: Site, holder: Holder, challenge: bytes, kept: list[KeptPasskey]) -> str:
    """What a device needs to make a passkey, as JSON; not one that has one of these already."""
    transports = {item.value: item for item in AuthenticatorTransport}
    options = webauthn.generate_registration_options(
        rp_id=site.id,
        rp_name=site.name,
        user_id=holder.id.encode(),
        user_name=holder.login,
        user_display_name=holder.name,
        challenge=challenge,
        timeout=timeout_ms,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(
                id=one.credential_id, transports=[transports[name] for name in one.transports]
            )
            for one in kept
        ],
    )
    return webauthn.options_to_json(options)


def request_options(site: Site, challenge: bytes) -> str:
    """What a device needs to let a person choose one of her passkeys for this site, as JSON; names nobody."""
    options = webauthn.generate_authentication_options(
        rp_id=site.id,
        challenge=challenge,
        timeout=timeout_ms,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def check_creation(site: Site, challenge: bytes, answer: str) -> NewPasskey:
    """The passkey that was made.

    Raises:
        InvalidPasskey: it was made for something else, without checking who holds the device, or is malformed.
    """
    try:
        asked = parse_registration_credential_json(_bounded(answer))
        if parse_attestation_object(asked.response.attestation_object).fmt not in _FORMATS:
            raise InvalidPasskey("an attestation that was not asked for")
        made = webauthn.verify_registration_response(
            credential=asked,
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
        # The library reads it only when it is used.
        decoded_public_key_to_cryptography(decode_credential_public_key(made.credential_public_key))
    except _MALFORMED as error:
        raise InvalidPasskey(type(error).__name__) from error
    transports = tuple(one.value for one in asked.response.transports or ())
    return NewPasskey(made.credential_id, made.credential_public_key, made.sign_count, transports)


def read_claim(answer: str) -> Claim:
    """What an answer says.

    Raises:
        InvalidPasskey: it is malformed.
    """
    try:
        asked = parse_authentication_credential_json(_bounded(answer))
        handle = asked.response.user_handle
        return Claim(asked.raw_id, None if handle is None else handle.decode(), answer)
    except _MALFORMED as error:
        raise InvalidPasskey(type(error).__name__) from error


def check_answer(site: Site, challenge: bytes, claim: Claim, kept: KeptPasskey | None) -> int:
    """The new count of a passkey that signed the challenge; without a kept one it takes as long, and is none.

    Raises:
        InvalidPasskey: it did not, or not for this site, or without checking who holds the device, or a copy of it did.
    """
    try:
        checked = webauthn.verify_authentication_response(
            credential=claim.text,
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            credential_public_key=_nobodys_key() if kept is None else kept.public_key,
            credential_current_sign_count=0 if kept is None else kept.sign_count,
            require_user_verification=True,
        )
    except _MALFORMED as error:
        raise InvalidPasskey(type(error).__name__) from error
    if kept is None:
        raise InvalidPasskey("unknown")
    return checked.new_sign_count


def _bounded(answer: str) -> str:
    if len(answer) > max_answer_length:
        raise InvalidPasskey("too long")
    return answer


@cache
def _nobodys_key() -> bytes:
    numbers = generate_private_key(SECP256R1()).public_key().public_numbers()
    x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
    return encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})
