from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from pod_server.object_stores import S3Location, open_bucket, parse_location
from pod_server.s3_keys import S3Keys
from tests.support.ceph import ACCESS_KEY, SECRET_KEY, Ceph, running_ceph
from vault.stores.objects_s3 import S3Store

KEYS = S3Keys(ACCESS_KEY, SECRET_KEY)
OWNER = "https://vault.example/"
_numbers = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The same tests on another scale, for `make large-bodies` and `make kill-proof`."""
    parser.addoption("--large-mib", type=int, default=256, help="size of a large body")
    parser.addoption(
        "--kills", type=int, default=0, help="rounds of kill -9 in a storm, instead of the few of make test"
    )


def open_store(url: str, keys: S3Keys = KEYS, owner: str = OWNER) -> S3Store:
    """A bucket as a store."""
    location = parse_location(url)
    assert isinstance(location, S3Location)
    return open_bucket(location, keys, owner)


@pytest.fixture(scope="session")
def ceph() -> Iterator[Ceph]:
    """An S3 service that keeps its objects in memory."""
    with running_ceph("memory") as running:
        yield running


@pytest.fixture
def bucket_url(ceph: Ceph) -> str:
    """The URL of a new and empty bucket."""
    url = ceph.url_of(f"bucket-{next(_numbers)}")
    open_store(url).make_bucket()
    return url


@pytest.fixture
def reopen(bucket_url: str) -> Callable[[], S3Store]:
    """Opens the test's bucket."""
    return lambda: open_store(bucket_url)


@pytest.fixture
def store(bucket_url: str) -> S3Store:
    """The test's bucket as a store."""
    return open_store(bucket_url)
