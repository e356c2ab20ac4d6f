"""Objects in a bucket of an S3 service (`docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html`)."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Protocol, cast

from minio import Minio
from minio.error import MinioException, S3Error

from vault.errors import StorageFull, Unavailable

logger = logging.getLogger(__name__)
# The least that S3 takes for a part: what is held in memory for each upload that runs. Ten thousand parts are 48 GiB.
part_bytes = 5 * 1024 * 1024
read_bytes = 256 * 1024
page_uploads = 1000
OWNER = ".owner"
_PART = ".part/"
_NO_ROOM = frozenset({"QuotaExceeded", "XMinioStorageFull", "InsufficientStorage"})
_WORDS = {
    "NoSuchBucket": "there is no such bucket",
    "InvalidAccessKeyId": "the service does not know the access key",
    "SignatureDoesNotMatch": "the service refuses the secret key",
    "AccessDenied": "the keys may not do this in the bucket",
    "RequestTimeTooSkewed": "the clocks of this machine and of the service differ by more than 15 minutes",
}


class Transport(Protocol):
    """A connection pool of urllib3, made where HTTP is known, with time-outs and bounded retries."""

    def clear(self) -> None:
        """Close its connections."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where a bucket is (`endpoint` is a host with its port), and what proves to the service who asks."""

    endpoint: str
    name: str
    region: str
    is_secure: bool
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wire:
    """The way to the service, and what is raised when it is not there."""

    transport: Transport
    failures: tuple[type[Exception], ...]


class S3Store:
    """Keeps objects in a bucket; durable on return of `put`, as far as the service keeps its word.

    No check relies on an ETag, and no condition is ever sent: minio 7.2 would take it for metadata and overwrite. Keys
    are unique, and what rests under them proves itself. A put that is cut by the end of its process leaves an unfinished
    upload, which `keys` lists as `KEY.part/UPLOAD`; deleting that ends it. An object `.owner` says whose bucket it is, so
    that no two vaults sweep each other's objects.
    """

    def __init__(self, bucket: Bucket, wire: Wire, owner: str) -> None:
        self._client = Minio(
            bucket.endpoint,
            bucket.access_key,
            bucket.secret_key,
            secure=bucket.is_secure,
            # Given, because asking the service for it is one more call, which not every key may make.
            region=bucket.region,
            http_client=wire.transport,  # type: ignore[arg-type]  # a PoolManager, of which the vault knows nothing
        )
        self._bucket = bucket.name
        self._failures: tuple[type[Exception], ...] = (MinioException, *wire.failures)
        self._owner = owner

    def put(self, key: str, chunks: Iterable[bytes]) -> None:
        """Keep the chunks under a new key, in parts when they are many.

        Raises:
            StorageFull: the service has no room left.
            Unavailable: it cannot be reached, or refuses.
        """
        source = _Source(iter(chunks))
        try:
            with self._naming_failures():
                # It calls nothing but `read`.
                file = cast(BinaryIO, source)
                self._client.put_object(
                    self._bucket, key, file, -1, part_size=part_bytes, num_parallel_uploads=1
                )
        finally:
            # The client ends the upload and then raises what it met last; who sends the chunks must hear his own failure.
            if source.failure is not None:
                raise source.failure from None

    def get(self, key: str, start: int = 0, size: int | None = None) -> Iterator[bytes]:
        """Give bytes from a place on, in chunks. Raises KeyError when there is no such object."""
        if size == 0:
            return
        with self._naming_failures(key):
            try:
                response = self._client.get_object(self._bucket, key, offset=start, length=size or 0)
            except S3Error as error:
                if error.code == "InvalidRange":
                    return
                raise
            try:
                yield from response.stream(read_bytes)
            finally:
                # Before its end this closes the connection: nobody else may get the rest of it.
                response.close()
                response.release_conn()

    def delete(self, key: str) -> None:
        """Remove the object, or end the unfinished upload; nothing happens when it is absent."""
        name, is_unfinished, upload = key.partition(_PART)
        with self._naming_failures():
            if not is_unfinished:
                self._client.remove_object(self._bucket, key)
                return
            try:
                self._client._abort_multipart_upload(self._bucket, name, upload)
            except S3Error as error:
                if error.code != "NoSuchUpload":
                    raise

    def keys(self) -> Iterator[tuple[str, int]]:
        """Every key with the second it was written by the service's clock, streamed; unfinished uploads at the end.

        Raises:
            Unavailable: the bucket is another vault's, or the service cannot be reached.
        """
        self._check_owner()
        yield from (found for found in self.listed("") if found[0] != OWNER)
        yield from self._unfinished()

    def listed(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Finished objects whose key begins so, whoever's bucket it is."""
        with self._naming_failures():
            for found in self._client.list_objects(self._bucket, prefix, recursive=True):
                yield found.object_name or "", _second(found.last_modified)

    def exists(self) -> bool:
        """Whether the bucket is there."""
        try:
            self.owner()
        except Unavailable as error:
            if _code_of(error.__cause__) == "NoSuchBucket":
                return False
            raise
        return True

    def make_bucket(self) -> None:
        """Make the bucket."""
        with self._naming_failures():
            self._client.make_bucket(self._bucket)

    def keeps_versions(self) -> bool:
        """Whether the bucket keeps what is deleted: then nothing that is erased is gone."""
        with self._naming_failures():
            return self._client.get_bucket_versioning(self._bucket).status == "Enabled"

    def has_lifecycle(self) -> bool:
        """Whether the service deletes or moves objects by rules of its own."""
        with self._naming_failures():
            found = self._client.get_bucket_lifecycle(self._bucket)
            return found is not None and bool(found.rules)

    def owner(self) -> str | None:
        """Whose bucket it is; None when nobody said so yet."""
        try:
            return b"".join(self.get(OWNER)).decode()
        except KeyError:
            return None

    def _check_owner(self) -> None:
        owner = self.owner()
        if owner is None:
            self.put(OWNER, (self._owner.encode(),))
        elif owner != self._owner:
            raise Unavailable("the bucket belongs to another vault: give each a bucket of its own")

    def _unfinished(self) -> Iterator[tuple[str, int]]:
        marker: str | None = None
        with self._naming_failures():
            while True:
                # Not public in minio 7.2, and the only way to see what a killed process left.
                page = self._client._list_multipart_uploads(
                    self._bucket, key_marker=marker, max_uploads=page_uploads
                )
                for upload in page.uploads:
                    yield f"{upload.object_name}{_PART}{upload.upload_id}", _second(upload.initiated_time)
                last, marker = marker, page.next_key_marker
                # Ceph 16 does not go on behind the marker when that is all there is: then the next sweep sees the rest.
                if not page.is_truncated or marker == last:
                    return

    @contextmanager
    def _naming_failures(self, key: str = "") -> Iterator[None]:
        try:
            yield
        except self._failures as error:
            code = _code_of(error)
            if code == "NoSuchKey" and key:
                raise KeyError(key) from error
            logger.warning("the object store fails", extra={"error": code or type(error).__name__})
            if code in _NO_ROOM:
                raise StorageFull("no room is left in the object store") from error
            raise Unavailable("the object store cannot be reached now") from error


@dataclass(slots=True)
class _Source:
    """Chunks as a file to read from; remembers what they raised."""

    chunks: Iterator[bytes]
    failure: BaseException | None = None
    _waiting: bytearray = field(default_factory=bytearray)

    def read(self, size: int) -> bytes:
        try:
            while len(self._waiting) < size and (chunk := next(self.chunks, None)) is not None:
                self._waiting += chunk
        except BaseException as error:
            self.failure = error
            raise
        with memoryview(self._waiting) as waiting:
            piece = bytes(waiting[:size])
        del self._waiting[:size]
        return piece


def explain(error: Exception) -> str:
    """Say to an operator what is behind a failure of the store."""
    cause = error.__cause__
    code = _code_of(cause)
    if code is None:
        return f"{error} ({type(cause or error).__name__})"
    return _WORDS.get(code, f"the service answers {code}")


def _second(moment: datetime | None) -> int:
    # Of what has no time nobody can say that it is old enough to be swept.
    return sys.maxsize if moment is None else int(moment.timestamp())


def _code_of(error: BaseException | None) -> str | None:
    return error.code if isinstance(error, S3Error) else None
