"""Mijn Kluis: the citizen's app, an OIDC client among others, pages without scripts."""
