"""Who asks: DPoP proofs, access tokens, issuers and WebIDs, and the one guarded way out (`solidproject.org/TR/oidc`)."""
