"""What a browser says of itself, as rough words by which its owner knows it again."""

from __future__ import annotations

from dataclasses import dataclass

# In this order: many say that they are others too.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_DEVICES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "Chromebook"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Device:
    """Names of a browser and of what it runs on; "" for what cannot be told."""

    browser: str
    system: str


def read_device(user_agent: str) -> Device:
    """Tell both from a `User-Agent` header."""
    return Device(_first(_BROWSERS, user_agent), _first(_DEVICES, user_agent))


def _first(known: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for sign, name in known if sign in user_agent), "")
