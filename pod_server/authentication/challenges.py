"""The `WWW-Authenticate` value of a 401 (`solidproject.org/TR/oidc#authorization-server-discovery`)."""

from __future__ import annotations

from pod_server.authentication.errors import InvalidToken
from pod_server.authentication.keys import SIGNING_ALGORITHMS


def challenge(error: InvalidToken | None, issuer: str) -> str:
    """Say how to sign in here; with the error when something was presented."""
    parameters = {"algs": " ".join(SIGNING_ALGORITHMS), "as_uri": issuer}
    if error is not None:
        parameters |= {"error": error.code, "error_description": error.description}
    return "DPoP " + ", ".join(f'{name}="{value}"' for name, value in parameters.items())
