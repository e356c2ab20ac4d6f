"""Objects on a real S3 service: the contract of all stores, and what only such a service can do wrong."""

from __future__ import annotations

import gc
import logging
import os
import signal
import time
import warnings
from collections.abc import Iterator
from dataclasses import replace

import pytest

from pod_server import object_stores
from pod_server.s3_keys import S3Keys
from tests.storage.conftest import KEYS, open_store
from tests.support.ceph import SECRET_KEY, Ceph
from tests.support.store_contract import StoreContract, many_bytes
from vault.errors import StorageFull, Unavailable
from vault.stores import objects_s3
from vault.stores.objects_s3 import OWNER, S3Store, explain

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(300)]


@pytest.fixture(autouse=True)
def _collect_what_a_broken_connection_left() -> Iterator[None]:
    """The client leaves a socket to the garbage collector where the service stood still: let that be here and now."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


class TestS3Store(StoreContract):
    pass


def keys_of(store: S3Store) -> list[str]:
    return sorted(dict(store.keys()))


def unfinished(store: S3Store) -> list[str]:
    return [key for key in keys_of(store) if ".part/" in key]


def put_and_die(url: str, key: str = "abcd") -> int:
    """Start a large put in a process of its own that is killed half-way; the signal that ended it."""

    def half() -> Iterator[bytes]:
        yield bytes(many_bytes)
        os.kill(os.getpid(), signal.SIGKILL)

    pid = os.fork()
    if pid == 0:
        open_store(url).put(key, half())
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    return os.WTERMSIG(status)


def test_a_put_cut_by_a_kill_is_listed_as_a_part_and_deleting_that_ends_it(
    bucket_url: str, store: S3Store
) -> None:
    assert put_and_die(bucket_url) == signal.SIGKILL
    (key,) = unfinished(store)
    assert key.startswith("abcd.part/")
    assert list(dict(store.listed(""))) == [OWNER]
    store.delete(key)
    assert unfinished(store) == []
    store.delete(key)


def test_a_listing_of_unfinished_uploads_that_does_not_go_on_ends(
    bucket_url: str, store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("abcd", "abce"):
        put_and_die(bucket_url, key)
    monkeypatch.setattr(objects_s3, "page_uploads", 1)
    while left := unfinished(store):
        store.delete(left[0])
    monkeypatch.undo()
    assert unfinished(store) == []


def test_an_upload_that_cannot_be_ended_is_not_taken_for_ended(ceph: Ceph) -> None:
    with pytest.raises(Unavailable):
        open_store(ceph.url_of("nowhere")).delete("abcd.part/2~x")


def test_what_has_no_time_is_never_old() -> None:
    assert objects_s3._second(None) > time.time() * 1000


def test_a_service_that_is_not_there_is_explained() -> None:
    with pytest.raises(Unavailable) as raised:
        open_store("s3+http://127.0.0.1:9/kluis").exists()
    assert explain(raised.value) == "the object store cannot be reached now (MaxRetryError)"


def test_a_new_bucket_keeps_no_versions_and_has_no_rules(store: S3Store) -> None:
    assert (store.exists(), store.keeps_versions(), store.has_lifecycle()) == (True, False, False)


def test_an_object_that_was_put_whole_has_no_unfinished_part(store: S3Store) -> None:
    store.put("abcd", (bytes(many_bytes),))
    assert keys_of(store) == ["abcd"]


def test_a_bucket_of_another_vault_is_not_listed_so_never_swept(bucket_url: str, store: S3Store) -> None:
    store.put("abcd", (b"x",))
    assert keys_of(store) == ["abcd"]
    other = open_store(bucket_url, owner="https://other.example/")
    with pytest.raises(Unavailable, match="another vault"):
        list(other.keys())
    assert b"".join(store.get("abcd")) == b"x"


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (S3Keys("nobody", SECRET_KEY), "does not know the access key"),
        (replace(KEYS, secret_key="wrong"), "refuses the secret key"),
    ],
)
def test_wrong_keys_are_refused_and_explained_without_showing_them(
    bucket_url: str, keys: S3Keys, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(Unavailable) as raised:
        open_store(bucket_url, keys).put("abcd", (b"x",))
    assert words in explain(raised.value)
    assert keys.secret_key not in caplog.text + explain(raised.value) + repr(raised.value.__cause__)


def test_a_missing_bucket_is_unavailable_and_no_missing_object(ceph: Ceph) -> None:
    store = open_store(ceph.url_of("nowhere"))
    assert not store.exists()
    with pytest.raises(Unavailable) as raised:
        list(store.get("abcd"))
    assert explain(raised.value) == "there is no such bucket"


def test_a_full_service_says_that_no_room_is_left(ceph: Ceph, store: S3Store, bucket_url: str) -> None:
    bucket = bucket_url.rsplit("/", 1)[1]
    quota = ("quota", "--quota-scope=bucket", f"--bucket={bucket}", "--max-objects=1")
    ceph.admin(quota[0], "set", *quota[1:])
    ceph.admin(quota[0], "enable", *quota[1:3])
    store.put("first", (b"x",))
    with pytest.raises(StorageFull):
        store.put("second", (b"x",))


def test_an_object_that_comes_in_half_is_unavailable_not_shorter(ceph: Ceph, store: S3Store) -> None:
    store.put("abcd", (bytes(many_bytes),))
    reading = store.get("abcd")
    next(reading)
    ceph.kill("rgw")
    try:
        with pytest.raises(Unavailable):
            b"".join(reading)
    finally:
        ceph.start_gateway()


def test_a_service_that_is_away_is_unavailable_and_is_found_again(ceph: Ceph, store: S3Store) -> None:
    store.put("abcd", (b"x",))
    ceph.kill("rgw")
    try:
        for attempt in (lambda: store.put("b", (b"y",)), lambda: list(store.get("abcd"))):
            with pytest.raises(Unavailable):
                attempt()
        with pytest.raises(Unavailable):
            list(store.keys())
        with pytest.raises(Unavailable):
            store.delete("abcd")
    finally:
        ceph.start_gateway()
    assert b"".join(store.get("abcd")) == b"x"
    assert keys_of(store) == ["abcd"]


def test_a_service_that_stands_still_is_not_waited_for_long(
    ceph: Ceph, bucket_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_stores, "answer_within_s", 0.5)
    store = open_store(bucket_url)
    store.put("abcd", (b"x",))
    ceph.pause("rgw")
    try:
        since = time.monotonic()
        with pytest.raises(Unavailable):
            list(store.get("abcd"))
        assert time.monotonic() - since < 5
    finally:
        ceph.resume("rgw")
    assert b"".join(store.get("abcd")) == b"x"


def test_a_listing_goes_on_after_its_first_page(store: S3Store) -> None:
    for number in range(1005):
        store.put(f"key{number:04}", (b"x",))
    assert len(list(store.keys())) == 1005
