"""Switches encryption off in every process of a test's server, so that the search for secrets is seen to find them."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import aead

_TAG = b"\0" * 16


class Plaintext:
    """Looks like AES-GCM and changes nothing but the length."""

    def __init__(self, key: bytes) -> None:
        self.key = key

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Append an empty tag."""
        return bytes(data) + _TAG

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Take the tag away."""
        return bytes(data)[: -len(_TAG)]


aead.AESGCM = Plaintext  # type: ignore[assignment]  # this is the point of the file
