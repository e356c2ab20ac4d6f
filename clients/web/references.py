"""Short random-looking names for addresses, so that no address of a vault stands in a link or on a page."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

max_references = 5000


@dataclass(slots=True)
class References:
    """The names that one visit has used, bounded: the one that was not used longest goes first."""

    key: bytes = field(repr=False)
    known: OrderedDict[str, str] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def name(self, address: str) -> str:
        """The reference of an address; the same for as long as the app keeps its secret."""
        reference = hmac.new(self.key, address.encode("utf-8"), hashlib.sha256).hexdigest()[:16]
        with self._lock:
            self.known[reference] = address
            self.known.move_to_end(reference)
            while len(self.known) > max_references:
                self.known.popitem(last=False)
        return reference

    def find(self, reference: str) -> str | None:
        """The address of a reference that was named in this visit."""
        with self._lock:
            return self.known.get(reference)
