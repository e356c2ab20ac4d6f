"""Room on the disk that is kept for access changes and the journal: what people store stops before it is gone."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from vault.stores.files import naming_disk_failures

_enough_for_both = 3


@dataclass(frozen=True, slots=True)
class Reserve:
    """A file that takes its room for nothing, so that it can be given up when somebody else fills the disk.

    While it is there, content is let in as long as `size_bytes` are free beside it. `tend` gives the file up when hardly
    anything is left, and takes the room again when there is enough for both.
    """

    path: Path
    size_bytes: int

    def has_room(self) -> bool:
        """Whether more content may come in; asked again and again while it comes."""
        return self._is_held() and self._free_bytes() >= self.size_bytes

    def tend(self) -> bool:
        """Give the file up or take its room again, as the disk is; whether it is held afterwards.

        Raises:
            StorageFull: somebody else was faster in taking the room.
            Unavailable: the disk cannot be written.
        """
        free_bytes, is_held = self._free_bytes(), self._is_held()
        if is_held and free_bytes < self.size_bytes // 2:
            self.path.unlink(missing_ok=True)
            return False
        if not is_held and free_bytes >= _enough_for_both * self.size_bytes:
            self._take()
            return True
        return is_held

    def _take(self) -> None:
        with naming_disk_failures():
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, self.size_bytes)
            finally:
                os.close(descriptor)

    def _is_held(self) -> bool:
        try:
            return os.stat(self.path).st_size >= self.size_bytes
        except FileNotFoundError:
            return False

    def _free_bytes(self) -> int:
        found = os.statvfs(self.path.parent)
        return found.f_bavail * found.f_frsize
