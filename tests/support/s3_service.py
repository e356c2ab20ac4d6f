"""An S3 service in memory, spoken to through what the client takes for its connection pool: no socket, no process.

`docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html`, as far as the store asks. Signatures are
not looked at; a real service meets the same contract in `tests/storage`.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from urllib3 import HTTPResponse, PoolManager
from urllib3.exceptions import HTTPError

from vault.stores.objects_s3 import Bucket, S3Store, Wire

OWNER = "https://vault.example/"
NAME = "kluis"
_WRITTEN = datetime(2027, 1, 15, 8, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


@dataclass(frozen=True, slots=True)
class Call:
    """A request to the service: the key is empty when the bucket itself is meant."""

    method: str
    bucket: str
    key: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def number(self, header: str) -> tuple[int, int | None]:
        """The first and last byte of a Range."""
        first, _, last = self.headers[header].removeprefix("bytes=").partition("-")
        return int(first), int(last) if last else None


@dataclass(slots=True)
class Refused(Exception):
    """An answer that is none, with the code by which S3 names the reason."""

    status: int
    code: str


@dataclass(slots=True)
class S3Service:
    """Buckets with objects and unfinished uploads; `disturb` sees each call first, and raises what goes wrong."""

    buckets: dict[str, dict[str, bytes]] = field(default_factory=dict)
    uploads: dict[str, tuple[str, dict[int, bytes]]] = field(default_factory=dict)
    configuration: dict[str, str] = field(default_factory=dict)
    disturb: Callable[[Call], None] = lambda _call: None
    cuts_after: int | None = None
    goes_on: bool = True
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, *, is_whole: bool
    ) -> HTTPResponse:
        """Answer a call; not `is_whole` when the client reads on as it pleases, so that the answer can be cut."""
        parts = urlsplit(url)
        bucket, _, key = unquote(parts.path).strip("/").partition("/")
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        lowered = {name.lower(): value for name, value in headers.items()}
        call = Call(method, bucket, key, query, lowered, bytes(body or b""))
        try:
            self.disturb(call)
            with self._lock:
                status, more, content = self._answer(call)
        except Refused as refused:
            status, more = refused.status, {}
            content = f"<Error><Code>{refused.code}</Code><Message>no</Message></Error>".encode()
        announced = {"content-type": "application/xml", "content-length": str(len(content)), **more}
        cut = content if self.cuts_after is None or is_whole else content[: self.cuts_after]
        return HTTPResponse(BytesIO(cut), announced, status, preload_content=is_whole)

    def _answer(self, call: Call) -> tuple[int, dict[str, str], bytes]:
        if not call.key and call.method == "PUT":
            self.buckets[call.bucket] = {}
            return 200, {}, b""
        if call.bucket not in self.buckets:
            raise Refused(404, "NoSuchBucket")
        return self._on_object(call) if call.key else self._on_bucket(call)

    def _on_bucket(self, call: Call) -> tuple[int, dict[str, str], bytes]:
        for kind in ("versioning", "lifecycle"):
            if kind in call.query:
                if kind not in self.configuration:
                    raise Refused(404, "NoSuchLifecycleConfiguration")
                return 200, {}, self.configuration[kind].encode()
        if "uploads" in call.query:
            return 200, {}, self._list_uploads(call).encode()
        found = sorted(key for key in self.buckets[call.bucket] if key.startswith(call.query["prefix"]))
        rows = "".join(
            f"<Contents><Key>{key}</Key><LastModified>{_WRITTEN}</LastModified></Contents>" for key in found
        )
        return (
            200,
            {},
            f"<ListBucketResult><Name>{call.bucket}</Name>{rows}</ListBucketResult>".encode(),
        )

    def _list_uploads(self, call: Call) -> str:
        marker, most = call.query.get("key-marker", ""), int(call.query["max-uploads"])
        found = sorted(
            (key, upload) for upload, (key, _) in self.uploads.items() if not self.goes_on or key > marker
        )
        rows = "".join(
            f"<Upload><Key>{key}</Key><UploadId>{upload}</UploadId><Initiated>{_WRITTEN}</Initiated></Upload>"
            for key, upload in found[:most]
        )
        is_more = str(len(found) > most).lower()
        last = f"<NextKeyMarker>{found[:most][-1][0]}</NextKeyMarker>" if found else ""
        return f"<ListMultipartUploadsResult>{rows}{last}<IsTruncated>{is_more}</IsTruncated></ListMultipartUploadsResult>"

    def _on_object(self, call: Call) -> tuple[int, dict[str, str], bytes]:
        if "uploads" in call.query or "uploadId" in call.query:
            return self._on_upload(call)
        objects = self.buckets[call.bucket]
        if call.method == "PUT":
            objects[call.key] = call.body
            return 200, {"etag": '"1"'}, b""
        if call.method == "DELETE":
            objects.pop(call.key, None)
            return 204, {}, b""
        if call.key not in objects:
            raise Refused(404, "NoSuchKey")
        return self._part(call, objects[call.key])

    def _part(self, call: Call, whole: bytes) -> tuple[int, dict[str, str], bytes]:
        if "range" not in call.headers:
            return 200, {}, whole
        first, last = call.number("range")
        if first >= len(whole):
            raise Refused(416, "InvalidRange")
        return 206, {}, whole[first:] if last is None else whole[first : last + 1]

    def _on_upload(self, call: Call) -> tuple[int, dict[str, str], bytes]:
        if "uploads" in call.query:
            upload = f"2~{next(self._numbers)}"
            self.uploads[upload] = call.key, {}
            return (
                200,
                {},
                f"<R><Bucket>{call.bucket}</Bucket><Key>{call.key}</Key><UploadId>{upload}</UploadId></R>".encode(),
            )
        upload = call.query["uploadId"]
        if upload not in self.uploads:
            raise Refused(404, "NoSuchUpload")
        if call.method == "PUT":
            self.uploads[upload][1][int(call.query["partNumber"])] = call.body
            return 200, {"etag": '"1"'}, b""
        key, parts = self.uploads.pop(upload)
        if call.method == "DELETE":
            return 204, {}, b""
        self.buckets[call.bucket][key] = b"".join(parts[number] for number in sorted(parts))
        return 200, {}, b"<R><ETag>1</ETag></R>"


class _Pool(PoolManager):
    """What the client insists on calling, and calls nothing of but this."""

    def __init__(self, service: S3Service) -> None:
        super().__init__()
        self._service = service

    def urlopen(  # type: ignore[override]  # as in urllib3 itself
        self, method: str, url: str, redirect: bool = True, **more: Any
    ) -> HTTPResponse:
        """Ask the service."""
        assert redirect, "the client follows by itself"
        return self._service.answer(
            method, url, more["headers"], more["body"], is_whole=more["preload_content"]
        )


def open_store(service: S3Service, owner: str = OWNER, name: str = NAME) -> S3Store:
    """A bucket of the service as a store."""
    bucket = Bucket(
        "s3.example", name, "us-east-1", is_secure=True, access_key="toegang", secret_key="geheim"
    )
    return S3Store(bucket, Wire(_Pool(service), (HTTPError,)), owner)
