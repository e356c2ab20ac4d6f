"""Every sentence that people read here: one TOML file for each language, with the same names and the same parts."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent


class Language(StrEnum):
    """A language in which every page is there."""

    DUTCH = "nl"
    ENGLISH = "en"


@cache
def texts(language: Language) -> Mapping[str, str]:
    """All texts of a language by name ("nieuw.fout.naam"); parts in braces are filled in."""
    return dict(_flat(tomllib.loads((_HERE / f"texts_{language}.toml").read_text(encoding="utf-8")), ""))


def text_in(language: Language, name: str, /, **parts: object) -> str:
    """The text with its parts.

    Raises:
        KeyError: no such text, or a part is missing.
    """
    return texts(language)[name].format(**parts)


def _flat(table: Mapping[str, object], before: str) -> Iterable[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", str(value)
