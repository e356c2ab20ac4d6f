"""An authenticator in software: makes passkeys and signs with them as a phone does, or wrongly where a test says so."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

from tests.support.identity import ISSUER

_PRESENT, _VERIFIED, _ATTESTED = 1, 4, 64


@dataclass(slots=True)
class Authenticator:
    """One device with at most one passkey; whatever a test changes is what it then does wrong."""

    origin: str = ISSUER.removesuffix("/")
    count: int = 0
    verifies: bool = True
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    holder: bytes = b""

    def create(self, options: str, **changed: Any) -> str:
        """Make a passkey; `changed`: rp_id, challenge, type, fmt, algorithm, public_key, id."""
        asked = json.loads(options)
        self.holder = decoded(asked["user"]["id"])
        rp_id = changed.get("rp_id", asked["rp"]["id"])
        id_ = changed.get("id", self.credential_id)
        attested = bytes(16) + len(id_).to_bytes(2, "big") + id_
        attested += changed.get("public_key", self.public_key(changed.get("algorithm", -7)))
        auth_data = self._auth_data(rp_id, _ATTESTED) + attested
        client_data = self._client_data(asked, "webauthn.create", changed)
        attestation = {"fmt": changed.get("fmt", "none"), "attStmt": {}, "authData": auth_data}
        response = {
            "clientDataJSON": encoded(client_data),
            "attestationObject": encoded(encode_cbor(attestation)),
            "transports": ["internal", "of-tomorrow"],
        }
        return self._answer(response)

    def get(self, options: str, **changed: Any) -> str:
        """Sign with the passkey; `changed`: rp_id, challenge, type, key, holder."""
        asked = json.loads(options)
        self.count += 1
        auth_data = self._auth_data(changed.get("rp_id", asked["rpId"]))
        client_data = self._client_data(asked, "webauthn.get", changed)
        signed = auth_data + hashlib.sha256(client_data).digest()
        key: EllipticCurvePrivateKey = changed.get("key", self.key)
        response = {
            "clientDataJSON": encoded(client_data),
            "authenticatorData": encoded(auth_data),
            "signature": encoded(key.sign(signed, ECDSA(SHA256()))),
            "userHandle": encoded(changed.get("holder", self.holder)),
        }
        return self._answer(response)

    def public_key(self, algorithm: int = -7) -> bytes:
        """The public key as COSE."""
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        return encode_cbor({1: 2, 3: algorithm, -1: 1, -2: x, -3: y})

    def _auth_data(self, rp_id: str, flags: int = 0) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.verifies else 0)
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client_data(self, asked: Mapping[str, Any], type_: str, changed: Mapping[str, Any]) -> bytes:
        told = {
            "type": changed.get("type", type_),
            "challenge": changed.get("challenge", asked["challenge"]),
            "origin": self.origin,
            "crossOrigin": False,
        }
        return json.dumps(told).encode()

    def _answer(self, response: Mapping[str, Any]) -> str:
        id_ = encoded(self.credential_id)
        return json.dumps({"id": id_, "rawId": id_, "type": "public-key", "response": response})


@dataclass(frozen=True, slots=True)
class AskedForm:
    """What a page asks a device: the options, and the hidden fields that travel with the answer."""

    options: str
    fields: Mapping[str, str]
    answer_field: str

    def answered(self, answer: str) -> dict[str, str]:
        """The form as the script sends it."""
        return {**self.fields, self.answer_field: answer}


def asked_form(page: str) -> AskedForm:
    """The form of a page that a device answers."""
    form = re.search(
        r'<form[^>]* data-passkey="(?:get|create)" data-options="([^"]+)">(.*?)</form>', page, re.S
    )
    assert form, page
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form[2]))
    answer = re.search(r'name="([^"]+)" data-passkey-answer', form[2])
    assert answer, form[2]
    return AskedForm(unescape(form[1]), {name: unescape(value) for name, value in fields.items()}, answer[1])


def encoded(value: bytes) -> str:
    """Base64url without padding, as browsers write it."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """What such a text stands for."""
    return urlsafe_b64decode(text + "==")
