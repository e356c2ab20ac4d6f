"""Where the objects rest, from a URL: a folder, or a bucket of an S3 service with a connection pool of its own."""

from __future__ import annotations

import os
import re
from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from pod_server.s3_keys import (
    ACCESS_KEY,
    SECRET_KEY,
    NoKeys,
    S3Keys,
    hand_over,
    path_of,
    read_keys,
    take_keys,
)
from pod_server.settings import Settings, SettingsError
from vault.stores.objects_folder import FolderStore

if TYPE_CHECKING:
    from vault.stores.objects_s3 import S3Store
    from vault.stores.ports import ObjectStore

_SCHEMES = {"s3": None, "s3+https": True, "s3+http": False}
_FORM = "s3://HOST[:PORT]/BUCKET[?region=NAME&secure=false] or file:///FOLDER"
# `docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html`
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
connect_within_s = 3.0
# A service that takes longer for one call is away, for whoever waits.
answer_within_s = 20.0
pool_connections = 64


@dataclass(frozen=True, slots=True)
class FolderLocation:
    """A folder on this machine."""

    path: Path


@dataclass(frozen=True, slots=True)
class S3Location:
    """A bucket of an S3 service; `endpoint` is a host with its port."""

    endpoint: str
    bucket: str
    region: str
    is_secure: bool


Location = FolderLocation | S3Location


def parse_location(url: str) -> Location:
    """Read the URL of an object store.

    Raises:
        SettingsError: it is malformed, or holds keys.
    """
    parts = urlsplit(url)
    if "@" in parts.netloc:
        # Not repeated: what stands before the @ is a secret.
        raise SettingsError(f"objects: keys have no place in a URL; give {ACCESS_KEY} and {SECRET_KEY}")
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return FolderLocation(Path(unquote(parts.path)))
    if parts.scheme in _SCHEMES and parts.netloc:
        return _s3_location(url)
    raise SettingsError(f"objects: {url!r} must be {_FORM}")


def _s3_location(url: str) -> S3Location:
    parts = urlsplit(url)
    bucket = parts.path.strip("/")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    region, secure = options.pop("region", "us-east-1"), options.pop("secure", None)
    by_scheme = _SCHEMES[parts.scheme]
    contradicts = by_scheme is not None and secure is not None
    if not _BUCKET.fullmatch(bucket) or options or contradicts or secure not in {None, "true", "false"}:
        raise SettingsError(f"objects: {url!r} must be {_FORM}")
    return S3Location(parts.netloc, bucket, region, secure != "false" if by_scheme is None else by_scheme)


def open_objects(settings: Settings, own_folder: Path) -> ObjectStore:
    """Open where the objects rest: the data folder's own folder when no URL is set.

    Raises:
        SettingsError: the URL is malformed, or the keys are missing.
    """
    if not settings.objects:
        return FolderStore(own_folder)
    location = parse_location(settings.objects)
    if isinstance(location, FolderLocation):
        return FolderStore(location.path)
    return open_bucket(location, find_keys(settings.s3_key_file), settings.base_url)


def open_bucket(location: S3Location, keys: S3Keys, owner: str) -> S3Store:
    """Open a bucket, with nothing asked of the service yet."""
    # Here, so that a server with a folder does not wait for what it does not use.
    import ssl

    import urllib3

    from vault.stores.objects_s3 import Bucket, S3Store, Wire

    pool = urllib3.PoolManager(
        maxsize=pool_connections,
        timeout=urllib3.Timeout(connect=connect_within_s, read=answer_within_s),
        retries=urllib3.Retry(
            total=2,
            read=1,
            redirect=0,
            backoff_factor=0.1,
            status_forcelist=(500, 502, 503, 504),
            respect_retry_after_header=False,
        ),
        ssl_context=ssl.create_default_context() if location.is_secure else None,
    )
    bucket = Bucket(
        location.endpoint,
        location.bucket,
        location.region,
        location.is_secure,
        keys.access_key,
        keys.secret_key,
    )
    return S3Store(bucket, Wire(pool, (urllib3.exceptions.HTTPError,)), owner)


def find_keys(key_file: str, environment: MutableMapping[str, str] = os.environ) -> S3Keys:
    """Find the keys, in the environment first; there they are not left.

    Raises:
        SettingsError: they are missing or cannot be read.
    """
    try:
        keys = take_keys(environment) or (read_keys(Path(key_file)) if key_file else None)
    except NoKeys as error:
        raise SettingsError(str(error)) from error
    if keys is None:
        raise SettingsError(f"the object store needs {ACCESS_KEY} and {SECRET_KEY}, or s3_key_file")
    return keys


def prepare_objects(
    settings: Settings, environment: MutableMapping[str, str] = os.environ
) -> tuple[Settings, tuple[int, ...]]:
    """Check the URL and the keys before anything starts; give settings for child processes, and what they must inherit.

    Raises:
        SettingsError: the URL is malformed, or the keys are missing.
    """
    if not settings.objects or isinstance(parse_location(settings.objects), FolderLocation):
        return settings, ()
    descriptor = hand_over(find_keys(settings.s3_key_file, environment))
    return replace(settings, s3_key_file=path_of(descriptor)), (descriptor,)
