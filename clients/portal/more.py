"""Meer and Hulp."""

from __future__ import annotations

from flask import Blueprint

from clients.portal.here import page, portal, resident

pages = Blueprint("more", __name__)


@pages.get("/meer")
def show() -> str:
    """What else one can do."""
    resident()
    return page("more.html", "/meer", account=f"{portal().entrance.issuer_url}account")


@pages.get("/hulp")
def help_page() -> str:
    """Help and contact; readable without signing in."""
    return page("help.html", "/meer")
