"""`wijkkluis storage check`: in words, and with an exit status, whether a store meets what the vault needs."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.storage.conftest import open_store
from tests.support.ceph import ACCESS_KEY, SECRET_KEY, Ceph
from tests.support.servers import COMMAND, clean_environment
from vault.stores.objects_s3 import S3Store

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(120)]


def check(url: str, *options: str, environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run the command: its status, and all that it said."""
    command = [*COMMAND, "storage", "check", url, *options]
    done = subprocess.run(
        command, capture_output=True, text=True, env=clean_environment(environment), timeout=90, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_a_service_that_does_all_is_good_and_what_cannot_be_seen_is_said(
    ceph: Ceph, bucket_url: str, store: S3Store
) -> None:
    store.put("abcd", (b"of a vault",))
    status, said = check(bucket_url, environment=ceph.environment)
    assert status == 0, said
    assert said.count("good") == 6
    assert "BAD" not in said
    assert "cannot be seen from here" in said
    assert "meets what a vault needs" in said
    assert list(dict(store.listed(""))) == ["abcd"]


def test_a_bucket_of_a_vault_is_named_as_such(ceph: Ceph, bucket_url: str, store: S3Store) -> None:
    list(store.keys())
    assert (
        "in use by the vault at https://vault.example/" in check(bucket_url, environment=ceph.environment)[1]
    )


def test_a_missing_bucket_is_bad_and_can_be_made(ceph: Ceph) -> None:
    url = ceph.url_of("not-made-yet")
    status, said = check(url, environment=ceph.environment)
    assert (status, "--make-bucket" in said) == (1, True)
    status, said = check(url, "--make-bucket", environment=ceph.environment)
    assert status == 0, said
    assert open_store(url).exists()


@pytest.mark.parametrize(
    ("access", "secret", "words"),
    [("nobody", SECRET_KEY, "does not know the access key"), (ACCESS_KEY, "wrong", "refuses the secret key")],
)
def test_wrong_keys_are_told_apart_and_not_repeated(
    bucket_url: str, access: str, secret: str, words: str
) -> None:
    keys = {"WIJKKLUIS_S3_ACCESS_KEY": access, "WIJKKLUIS_S3_SECRET_KEY": secret}
    status, said = check(bucket_url, environment=keys)
    assert (status, words in said) == (1, True), said
    assert secret not in said


def test_keys_come_from_a_file_too(bucket_url: str, tmp_path: Path) -> None:
    path = tmp_path / "s3.json"
    path.write_text(json.dumps({"access_key": ACCESS_KEY, "secret_key": SECRET_KEY}))
    status, said = check(bucket_url, "--s3-key-file", str(path))
    assert (status, "chmod 600" in said) == (1, True)
    path.chmod(0o600)
    assert check(bucket_url, "--s3-key-file", str(path))[0] == 0


def test_no_keys_at_all_is_said_with_the_way_out(bucket_url: str) -> None:
    status, said = check(bucket_url)
    assert (status, "WIJKKLUIS_S3_ACCESS_KEY" in said) == (1, True)


def test_a_service_that_is_not_there_is_bad(ceph: Ceph) -> None:
    status, said = check("s3+http://127.0.0.1:9/kluis", environment=ceph.environment)
    assert (status, "cannot be reached" in said) == (1, True)


def test_versions_and_lifecycle_rules_are_noted(ceph: Ceph, bucket_url: str) -> None:
    set_versions_and_lifecycle(bucket_url)
    status, said = check(bucket_url, environment=ceph.environment)
    assert status == 0, said
    assert "keeps versions" in said
    assert "lifecycle rules" in said


def set_versions_and_lifecycle(url: str) -> None:
    """Make the service keep versions and expire what is named so."""
    from minio.commonconfig import ENABLED, Filter
    from minio.lifecycleconfig import Expiration, LifecycleConfig, Rule
    from minio.versioningconfig import VersioningConfig

    store, bucket = open_store(url), url.rsplit("/", 1)[1]
    store._client.set_bucket_versioning(bucket, VersioningConfig(ENABLED))
    rule = Rule(ENABLED, rule_filter=Filter(prefix="old/"), rule_id="old", expiration=Expiration(days=9))
    store._client.set_bucket_lifecycle(bucket, LifecycleConfig([rule]))


def test_a_folder_is_checked_the_same_way(tmp_path: Path) -> None:
    status, said = check((tmp_path / "objects").as_uri())
    assert (status, said.count("good")) == (0, 6), said


@pytest.mark.parametrize(
    "url", ["ftp://x/y", "s3://host", "s3://host/a/b", "s3://host/a?colour=red", "file:x"]
)
def test_an_url_that_names_no_store_is_refused_with_the_form(url: str) -> None:
    status, said = check(url)
    assert (status, "s3://HOST" in said) == (1, True)
