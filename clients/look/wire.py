"""Wiring the look into a Flask app: static files, templates, filters, texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Flask
from markupsafe import Markup

from clients.look import dates
from clients.look.texts import Catalogue, load_catalogue

HERE = Path(__file__).parent
TEXTS = HERE / "texts_nl.toml"


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """One item of the navigation bar: where to, its icon and the name of its text."""

    path: str
    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class Look:
    """How one app looks: its class (`wk-app--kluis`), its own texts, its bar, and whether it has "Snel weg"."""

    css_class: str
    texts: Path
    navigation: tuple[NavigationItem, ...]
    has_quick_exit: bool = False


def wire_look(app: Flask, look: Look, waiting: Callable[[], int]) -> Catalogue:
    """Give an app the shared look and its texts; `waiting` counts what waits on the second item of the bar."""
    look_files = Blueprint(
        "look", __name__, static_folder="static", static_url_path="/vormgeving", template_folder="templates"
    )
    app.register_blueprint(look_files)
    catalogue = load_catalogue((TEXTS, look.texts))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        t=catalogue.text, tn=catalogue.count, look=look, waiting=waiting, navigation=look.navigation
    )
    app.jinja_env.filters.update(
        day=dates.day,
        short_day=dates.short_day,
        week_day=dates.week_day,
        clock=dates.clock,
        initials=initials,
        lines=lines,
    )
    return catalogue


def initials(name: str) -> str:
    """The first letters of the first and the last word of a name."""
    words = [word for word in name.split() if word[:1].isalpha()]
    letters = [word[0].upper() for word in words]
    return "".join(letters[:1] + letters[1:][-1:])


def lines(text: str) -> Markup:
    """Text with its line ends kept, everything in it escaped."""
    return Markup("<br>").join(text.splitlines())
