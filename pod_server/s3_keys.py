"""The keys of the S3 service: from the environment or a file, into no log, no command line and no inherited environment."""

from __future__ import annotations

import json
import os
from collections.abc import MutableMapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

ACCESS_KEY = "WIJKKLUIS_S3_ACCESS_KEY"
SECRET_KEY = "WIJKKLUIS_S3_SECRET_KEY"  # noqa: S105 -- the name of the variable
SECRETS = (ACCESS_KEY, SECRET_KEY)


class NoKeys(Exception):
    """The keys of the S3 service are missing or cannot be read."""


@dataclass(frozen=True, slots=True)
class S3Keys:
    """What proves to the service who asks."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)


def take_keys(environment: MutableMapping[str, str]) -> S3Keys | None:
    """Take both keys out of the environment; None when they are not there.

    Raises:
        NoKeys: one is there without the other.
    """
    access_key, secret_key = (environment.pop(name, "") for name in SECRETS)
    if bool(access_key) != bool(secret_key):
        raise NoKeys(f"{ACCESS_KEY} and {SECRET_KEY} are given together or not at all")
    return S3Keys(access_key, secret_key) if access_key else None


def hand_over(keys: S3Keys) -> int:
    """Put keys into a file without a name, for child processes that inherit its descriptor.

    So they stand in no environment, which frameworks print and every program started from there inherits, and on no disk.
    """
    descriptor = os.memfd_create("keys")
    os.write(descriptor, json.dumps(asdict(keys)).encode())
    return descriptor


def path_of(descriptor: int) -> str:
    """Where a process that inherited a descriptor finds its file."""
    return f"/dev/fd/{descriptor}"


def read_keys(path: Path) -> S3Keys:
    """Read a key file: a JSON object with `access_key` and `secret_key`.

    Raises:
        NoKeys: it cannot be read, or others than its owner may.
    """
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            # One without a name is nobody else's to read, whatever its mode says.
            if found.st_nlink and found.st_mode & 0o077:
                raise NoKeys(f"{path} can be read by others: chmod 600 it")
            values = json.load(file)
        return S3Keys(str(values["access_key"]), str(values["secret_key"]))
    except (OSError, ValueError, TypeError, KeyError) as error:
        # Without what was found in it: that may be a key.
        raise NoKeys(f"{path} holds no access_key and secret_key ({type(error).__name__})") from None
