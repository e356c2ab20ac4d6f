"""Public keys that may sign proofs and tokens: which kinds, and with which algorithms (`rfc-editor.org/rfc/rfc8725`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

SIGNING_ALGORITHMS = ("ES256", "ES384", "RS256", "PS256")
_CURVES = {"P-256": "ES256", "P-384": "ES384"}
_RSA_ALGORITHMS = frozenset({"RS256", "PS256"})
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_ECDSA = {"ES256": (ec.ECDSA(hashes.SHA256()), 32), "ES384": (ec.ECDSA(hashes.SHA384()), 48)}
_PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=hashes.SHA256.digest_size)
min_rsa_bits, max_rsa_bits = 2048, 4096
max_rsa_exponent = 2**32


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A public key with the algorithms it may be used for and its RFC 7638 thumbprint; `kid` may be absent."""

    key: ECKey | RSAKey
    algorithms: frozenset[str]
    thumbprint: str
    kid: str | None = None

    def has_signed(self, algorithm: str, signature: bytes, signed: bytes) -> bool:
        """Whether the signature over the bytes is this key's, by an algorithm it may be used for."""
        if algorithm not in self.algorithms:
            return False
        public = self.key.public_key
        try:
            if isinstance(public, RSAPublicKey):
                scheme = _PSS if algorithm == "PS256" else padding.PKCS1v15()
                public.verify(signature, signed, scheme, hashes.SHA256())
                return True
            ecdsa, size = _ECDSA[algorithm]
            if len(signature) != 2 * size:
                return False
            r, s = int.from_bytes(signature[:size]), int.from_bytes(signature[size:])
            public.verify(encode_dss_signature(r, s), signed, ecdsa)
        except InvalidSignature:
            return False
        return True


def read_public_key(jwk: Mapping[str, Any]) -> VerifyingKey:
    """Read a public JWK (`rfc-editor.org/rfc/rfc7517`).

    Raises:
        ValueError: a private or symmetric key, one of a kind or size that is not accepted, or no key at all.
    """
    if _PRIVATE_MEMBERS & jwk.keys():
        raise ValueError("a private or symmetric key")
    try:
        match jwk.get("kty"):
            case "EC":
                key: ECKey | RSAKey = ECKey.import_key(dict(jwk))
                algorithms = frozenset({_CURVES[str(jwk.get("crv"))]})
            case "RSA":
                key = RSAKey.import_key(dict(jwk))
                algorithms = _RSA_ALGORITHMS
                _check_size(key.public_key)
            case _:
                raise ValueError("not an EC or RSA key")
        _ = key.public_key
        thumbprint = key.thumbprint()
    except (JoseError, KeyError, TypeError) as error:
        raise ValueError("not a usable public key") from error
    return VerifyingKey(key, _narrowed(jwk, algorithms), thumbprint, _text_or_none(jwk.get("kid")))


def _check_size(public: RSAPublicKey) -> None:
    if not min_rsa_bits <= public.key_size <= max_rsa_bits or public.public_numbers().e >= max_rsa_exponent:
        raise ValueError("an RSA key of a size that is not accepted")


def _narrowed(jwk: Mapping[str, Any], algorithms: frozenset[str]) -> frozenset[str]:
    if jwk.get("use", "sig") != "sig":
        return frozenset()
    return algorithms & {jwk["alg"]} if isinstance(jwk.get("alg"), str) else algorithms


def _text_or_none(value: Any) -> str | None:
    return value if isinstance(value, str) else None
