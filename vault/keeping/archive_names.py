"""Readable names for the files of an archive, safe on every system, each once."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from mimetypes import MimeTypes
from urllib.parse import unquote

from vocab.media_types import JSON_LD, N_TRIPLES, OCTETS, TURTLE, essence

max_name_length = 120
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_DEVICE = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")
# The table of Python itself, never that of the machine: the same storage gives the same names everywhere.
_KNOWN = MimeTypes(filenames=())
_ENDINGS = {TURTLE: ".ttl", JSON_LD: ".jsonld", N_TRIPLES: ".nt", "text/plain": ".txt", "image/jpeg": ".jpg"}
_ENDINGS |= {OCTETS: ""}


@dataclass(slots=True)
class NameBook:
    """The names that were given so far, per folder; capitals make no difference, as on many systems."""

    _taken: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _folders: dict[str, str] = field(default_factory=dict)

    def folder(self, top: str, path: str) -> str:
        """The folder that stands for a container (its path without the last slash, "" for the root) under a top folder."""
        if not path:
            return top
        key = f"{top}//{path}"
        if key not in self._folders:
            above, _, name = path.rpartition("/")
            self._folders[key] = self._claim(self.folder(top, above), _safe(name), "")
        return self._folders[key]

    def file(self, top: str, path: str, ending: str = "") -> str:
        """A name for a file of a resource with this path under a top folder, with this ending unless it has it."""
        above, _, name = path.rpartition("/")
        safe = _safe(name)
        if ending and safe.casefold().endswith(ending):
            safe, ending = safe[: -len(ending)], safe[-len(ending) :]
        return self._claim(self.folder(top, above), safe, ending)

    def _claim(self, folder: str, name: str, ending: str) -> str:
        taken, number, found = self._taken[folder], 1, f"{name}{ending}"
        while found.casefold() in taken:
            number += 1
            found = f"{name}~{number}{ending}"
        taken.add(found.casefold())
        return f"{folder}/{found}"


def ending_of(media_type: str) -> str:
    """How the name of a file of this media type ends, so that people and programs know it; "" when there is none."""
    kind = essence(media_type)
    known = _ENDINGS.get(kind)
    return _KNOWN.guess_extension(kind) or "" if known is None else known


def _safe(name: str) -> str:
    """A segment of a path as the name of a file: percent-escapes read where that is possible."""
    plain = unquote(name, errors="strict") if _is_text(name) else name
    safe = _UNSAFE.sub("_", plain)[:max_name_length].rstrip(". ") or "_"
    return f"_{safe}" if _DEVICE.fullmatch(safe) else safe


def _is_text(name: str) -> bool:
    try:
        return unquote(name, errors="strict").isprintable()
    except UnicodeDecodeError:
        return False
