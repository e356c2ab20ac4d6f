from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pod_server.object_stores import (
    FolderLocation,
    S3Location,
    find_keys,
    open_objects,
    parse_location,
    prepare_objects,
)
from pod_server.s3_keys import ACCESS_KEY, SECRET_KEY, S3Keys, read_keys
from pod_server.settings import Settings, SettingsError, fix_settings, load_settings, open_settings
from vault.stores.objects_folder import FolderStore
from vault.stores.objects_s3 import S3Store

URL = "s3://s3.example:9000/kluis"


def settings_of(tmp_path: Path, **more: str) -> Settings:
    return load_settings({"data": str(tmp_path), "port": 8001, **more}, {})


@pytest.mark.parametrize(
    ("url", "location"),
    [
        (URL, S3Location("s3.example:9000", "kluis", "us-east-1", is_secure=True)),
        ("s3://h/bin?secure=false", S3Location("h", "bin", "us-east-1", is_secure=False)),
        ("s3://h/bin/?region=eu-1&secure=true", S3Location("h", "bin", "eu-1", is_secure=True)),
        ("s3+http://127.0.0.1:7/bin", S3Location("127.0.0.1:7", "bin", "us-east-1", is_secure=False)),
        ("s3+https://h/bin", S3Location("h", "bin", "us-east-1", is_secure=True)),
        ("file:///a%20b/c", FolderLocation(Path("/a b/c"))),
    ],
)
def test_an_url_names_a_store(url: str, location: S3Location | FolderLocation) -> None:
    assert parse_location(url) == location


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/a/folder",
        "file:a",
        "file://host/a",
        "http://h/b",
        "s3:b",
        "s3://h",
        "s3://h/",
        "s3://h/b/c",
        "s3://h/pg",
        "s3://h/Hoofd",
        "s3://h/bin?secure=maybe",
        "s3://h/bin?x=1",
        "s3+http://h/bin?secure=true",
    ],
)
def test_an_url_that_names_no_store_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="BUCKET"):
        parse_location(url)


def test_keys_in_an_url_are_refused_and_not_repeated() -> None:
    with pytest.raises(SettingsError, match="no place in a URL") as raised:
        parse_location("s3://who:geheim@s3.example/kluis")
    assert "geheim" not in str(raised.value)


def test_objects_rest_in_the_data_folder_unless_told_otherwise(tmp_path: Path) -> None:
    own = tmp_path / "objects"
    assert isinstance(open_objects(settings_of(tmp_path), own), FolderStore)
    assert own.is_dir()
    other = tmp_path / "other"
    store = open_objects(settings_of(tmp_path, objects=other.as_uri()), tmp_path / "unused")
    assert isinstance(store, FolderStore)
    assert other.is_dir()
    assert not (tmp_path / "unused").exists()


def test_a_bucket_is_opened_with_keys_from_the_environment_which_keeps_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ACCESS_KEY, "a")
    monkeypatch.setenv(SECRET_KEY, "b")
    assert isinstance(open_objects(settings_of(tmp_path, objects=URL), tmp_path), S3Store)
    assert ACCESS_KEY not in os.environ
    assert SECRET_KEY not in os.environ


def test_a_bucket_without_keys_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=SECRET_KEY):
        find_keys("", {})
    with pytest.raises(SettingsError, match="nowhere"):
        find_keys(str(tmp_path / "nowhere"), {})
    with pytest.raises(SettingsError, match="together"):
        find_keys("", {ACCESS_KEY: "a"})


def test_what_child_processes_are_given_has_no_keys_but_a_file_that_they_inherit(tmp_path: Path) -> None:
    environment = {ACCESS_KEY: "toegang", SECRET_KEY: "geheim"}
    prepared, inherited = prepare_objects(settings_of(tmp_path, objects=URL), environment)
    try:
        assert environment == {}
        assert "geheim" not in prepared.dump()
        assert "toegang" not in prepared.dump()
        read = "import json, sys; print(json.load(open(sys.argv[1]))['secret_key'])"
        done = subprocess.run(
            [sys.executable, "-c", read, prepared.s3_key_file],
            pass_fds=inherited,
            capture_output=True,
            check=True,
        )
        assert done.stdout == b"geheim\n"
        assert read_keys(Path(prepared.s3_key_file)) == S3Keys("toegang", "geheim")
    finally:
        os.close(inherited[0])


def test_nothing_is_handed_over_for_a_folder(tmp_path: Path) -> None:
    for settings in (settings_of(tmp_path), settings_of(tmp_path, objects="file:///x")):
        assert prepare_objects(settings, {}) == (settings, ())


def test_a_malformed_url_is_found_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="BUCKET"):
        prepare_objects(settings_of(tmp_path, objects="s3://h"), {})


def test_where_the_objects_rest_is_fixed_at_the_first_start(tmp_path: Path) -> None:
    fix_settings(settings_of(tmp_path, objects=URL, s3_key_file="/etc/keys"))
    assert settings_of(tmp_path).objects == URL
    with pytest.raises(SettingsError, match="fixed"):
        settings_of(tmp_path, objects="s3://elsewhere/kluis")
    opened = open_settings(tmp_path, {})
    assert (opened.objects, opened.s3_key_file) == (URL, "/etc/keys")


def test_a_folder_of_an_older_version_keeps_its_objects_where_they_are(tmp_path: Path) -> None:
    fix_settings(settings_of(tmp_path))
    path = tmp_path / "settings.json"
    path.write_text(path.read_text().replace('"objects": "",', ""))
    assert settings_of(tmp_path).objects == ""
    with pytest.raises(SettingsError, match="fixed"):
        settings_of(tmp_path, objects=URL)


def test_keys_in_the_environment_are_no_unknown_settings(tmp_path: Path) -> None:
    given = {"data": str(tmp_path), "port": 8001}
    assert "geheim" not in load_settings(given, {ACCESS_KEY: "a", SECRET_KEY: "geheim"}).dump()


def test_a_server_with_a_folder_never_loads_the_s3_client() -> None:
    loaded = "import sys, pod_server.wiring; print(sorted({'minio', 'urllib3', 'Crypto'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
