"""Files in forms stay in memory, and only who is signed in may send a large one."""

from __future__ import annotations

import io
from typing import IO

from flask import Flask, Request, request

from clients.web.signing_in import Entrance, P

max_form_bytes = 256 * 1024


class MemoryRequest(Request):
    """A request whose files never touch a disk, where they would rest unencrypted. Flask wants a subclass for this."""

    def _get_file_stream(self, *_: object, **__: object) -> IO[bytes]:
        return io.BytesIO()


def wire_uploads(app: Flask, entrance: Entrance[P], path: str, max_bytes: int) -> None:
    """Allow large forms on one path only; call it before form tokens are checked, since that reads the form."""
    app.request_class = MemoryRequest
    app.config["MAX_CONTENT_LENGTH"] = max_form_bytes

    def allow() -> None:
        if request.path == path and entrance.is_signed_in():
            request.max_content_length = max_bytes

    app.before_request(allow)
