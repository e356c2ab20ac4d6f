"""A catalogue of texts: one TOML file a language and app, every sentence that people see."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Texts by name ("verzoek.waarom"); parts in braces are filled in."""

    texts: Mapping[str, str]

    def text(self, name: str, /, **parts: object) -> str:
        """The text with its parts.

        Raises:
            KeyError: no such text, or a part is missing.
        """
        return self.texts[name].format(**parts)

    def count(self, name: str, number: int, /, **parts: object) -> str:
        """The text for one (`name.een`) or for more (`name.meer`); the number is the part `n`."""
        return self.text(f"{name}.{'een' if number == 1 else 'meer'}", n=number, **parts)


def load_catalogue(files: Iterable[Path]) -> Catalogue:
    """Read TOML files into one catalogue; a later file may not change a text of an earlier one.

    Raises:
        ValueError: a text is there twice.
    """
    texts: dict[str, str] = {}
    for file in files:
        for name, text in _flat(tomllib.loads(file.read_text(encoding="utf-8")), ""):
            if name in texts:
                raise ValueError(f"text {name} is there twice")
            texts[name] = text
    return Catalogue(texts)


def _flat(table: Mapping[str, object], before: str) -> Iterable[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", str(value)
