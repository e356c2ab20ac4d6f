"""Objects on an S3 service: the contract of all stores, and what only such a service can do wrong."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator

import pytest
from urllib3.exceptions import ProtocolError

from tests.support.s3_service import NAME, Call, Refused, S3Service, open_store
from tests.support.store_contract import StoreContract, many_bytes
from vault.errors import StorageFull, Unavailable
from vault.stores import objects_s3
from vault.stores.objects_s3 import OWNER, S3Store, explain


@pytest.fixture
def service() -> S3Service:
    return S3Service({NAME: {}})


@pytest.fixture
def store(service: S3Service) -> S3Store:
    return open_store(service)


class TestS3Store(StoreContract):
    pass


def _keys_of(store: S3Store) -> list[str]:
    return sorted(dict(store.keys()))


def _when(does: Callable[[Call], bool], failure: Exception) -> Callable[[Call], None]:
    def disturb(call: Call) -> None:
        if does(call):
            raise failure

    return disturb


def _always(_call: Call) -> bool:
    return True


def test_an_upload_that_a_killed_process_left_is_listed_as_a_part_and_deleting_that_ends_it(
    service: S3Service, store: S3Store
) -> None:
    service.uploads["2~x"] = "abcd", {1: b"half"}

    assert _keys_of(store) == ["abcd.part/2~x"]
    assert list(dict(store.listed(""))) == [OWNER]
    store.delete("abcd.part/2~x")
    assert service.uploads == {}
    store.delete("abcd.part/2~x")


def test_unfinished_uploads_of_any_number_are_listed(
    service: S3Service, store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.uploads.update({f"2~{key}": (key, {}) for key in ("a", "b", "c")})
    monkeypatch.setattr(objects_s3, "page_uploads", 1)
    assert _keys_of(store) == ["a.part/2~a", "b.part/2~b", "c.part/2~c"]


def test_a_listing_of_unfinished_uploads_that_does_not_go_on_ends(
    service: S3Service, store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.uploads.update({f"2~{key}": (key, {}) for key in ("a", "b")})
    service.goes_on = False
    monkeypatch.setattr(objects_s3, "page_uploads", 1)
    assert _keys_of(store) == ["a.part/2~a"]


def test_an_upload_that_cannot_be_ended_is_not_taken_for_ended(service: S3Service) -> None:
    with pytest.raises(Unavailable):
        open_store(service, name="nowhere").delete("abcd.part/2~x")


def test_what_has_no_time_is_never_old() -> None:
    assert objects_s3._second(None) == sys.maxsize


def test_a_put_that_is_cut_leaves_no_unfinished_upload_and_says_what_cut_it(
    service: S3Service, store: S3Store
) -> None:
    def chunks() -> Iterator[bytes]:
        yield bytes(many_bytes)
        raise StorageFull("no room")

    with pytest.raises(StorageFull, match="no room"):
        store.put("abcd", chunks())
    assert (service.buckets[NAME], service.uploads) == ({}, {})


def test_whoever_sends_hears_her_own_failure_though_the_service_fails_as_well(
    service: S3Service, store: S3Store
) -> None:
    def chunks() -> Iterator[bytes]:
        yield bytes(many_bytes)
        raise ConnectionError("the client is gone")

    service.disturb = _when(lambda call: call.method == "DELETE", ProtocolError("gone"))
    with pytest.raises(ConnectionError, match="the client is gone"):
        store.put("abcd", chunks())


@pytest.mark.parametrize("code", ["QuotaExceeded", "XMinioStorageFull", "InsufficientStorage"])
def test_a_full_service_says_that_no_room_is_left(service: S3Service, store: S3Store, code: str) -> None:
    service.disturb = _when(_always, Refused(403, code))
    with pytest.raises(StorageFull):
        store.put("abcd", (b"x",))


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (Refused(403, "InvalidAccessKeyId"), "the service does not know the access key"),
        (Refused(403, "SignatureDoesNotMatch"), "the service refuses the secret key"),
        (Refused(403, "SomethingElse"), "the service answers SomethingElse"),
        (ProtocolError("gone"), "the object store cannot be reached now (ProtocolError)"),
    ],
)
def test_a_service_that_refuses_or_is_away_is_unavailable_and_explained(
    service: S3Service,
    store: S3Store,
    caplog: pytest.LogCaptureFixture,
    failure: Exception,
    words: str,
) -> None:
    service.disturb = _when(_always, failure)
    attempts: tuple[Callable[[], object], ...] = (
        lambda: store.put("abcd", (b"x",)),
        lambda: list(store.get("abcd")),
        lambda: list(store.keys()),
        lambda: store.delete("abcd"),
        lambda: store.delete("abcd.part/2~x"),
        store.exists,
        store.make_bucket,
        store.keeps_versions,
        store.has_lifecycle,
    )
    for attempt in attempts:
        with caplog.at_level(logging.DEBUG), pytest.raises(Unavailable) as raised:
            attempt()
        assert explain(raised.value) == words
    assert "geheim" not in caplog.text


def test_what_no_answer_is_behind_explains_itself() -> None:
    assert explain(ValueError("too few")) == "too few (ValueError)"


def test_an_object_that_comes_in_half_is_unavailable_not_shorter(service: S3Service, store: S3Store) -> None:
    store.put("abcd", (bytes(many_bytes),))
    service.cuts_after = many_bytes // 2
    with pytest.raises(Unavailable):
        b"".join(store.get("abcd"))


def test_a_bucket_that_is_not_there_is_no_missing_object_and_can_be_made(service: S3Service) -> None:
    store = open_store(service, name="nowhere")
    with pytest.raises(Unavailable) as raised:
        list(store.get("abcd"))
    assert explain(raised.value) == "there is no such bucket"
    assert not store.exists()

    store.make_bucket()

    assert store.exists()
    assert store.owner() is None


def test_a_bucket_of_another_vault_is_not_listed_so_never_swept(service: S3Service, store: S3Store) -> None:
    store.put("abcd", (b"x",))
    assert _keys_of(store) == ["abcd"]
    with pytest.raises(Unavailable, match="another vault"):
        list(open_store(service, owner="https://other.example/").keys())
    assert _keys_of(store) == ["abcd"]


@pytest.mark.parametrize(
    ("versioning", "keeps"),
    [("<Status>Enabled</Status>", True), ("<Status>Suspended</Status>", False), ("", False)],
)
def test_a_bucket_says_whether_it_keeps_what_is_deleted(
    service: S3Service, store: S3Store, versioning: str, keeps: bool
) -> None:
    service.configuration["versioning"] = f"<VersioningConfiguration>{versioning}</VersioningConfiguration>"
    assert store.keeps_versions() is keeps


def test_a_bucket_says_whether_the_service_deletes_by_rules_of_its_own(
    service: S3Service, store: S3Store
) -> None:
    assert store.has_lifecycle() is False
    rule = "<Rule><ID>a</ID><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>"
    service.configuration["lifecycle"] = f"<LifecycleConfiguration>{rule}</LifecycleConfiguration>"
    assert store.has_lifecycle() is True
