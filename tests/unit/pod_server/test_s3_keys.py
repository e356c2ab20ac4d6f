from __future__ import annotations

import os
from pathlib import Path

import pytest

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

KEYS = S3Keys("who", "a \"secret\" with 'quotes'")


def test_keys_are_taken_out_of_the_environment() -> None:
    environment = {ACCESS_KEY: KEYS.access_key, SECRET_KEY: KEYS.secret_key, "HOME": "/"}
    assert take_keys(environment) == KEYS
    assert environment == {"HOME": "/"}
    assert take_keys(environment) is None


def test_one_key_without_the_other_is_refused() -> None:
    with pytest.raises(NoKeys, match="together"):
        take_keys({SECRET_KEY: "x"})


def test_keys_are_not_shown() -> None:
    assert KEYS.secret_key not in repr(KEYS)
    assert KEYS.access_key not in repr(KEYS)


def test_keys_handed_over_are_read_by_whoever_inherits_them_and_more_than_once() -> None:
    descriptor = hand_over(KEYS)
    try:
        assert read_keys(Path(path_of(descriptor))) == KEYS
        assert read_keys(Path(path_of(descriptor))) == KEYS
        assert not os.get_inheritable(descriptor)
    finally:
        os.close(descriptor)


@pytest.mark.parametrize(
    "text",
    ["no json", "[]", "{}", '{"access_key": "a"}', '{"access_key": "a", "secret_key": "SECRET"'],
)
def test_a_file_without_keys_is_refused_without_telling_what_is_in_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(NoKeys, match="access_key") as raised:
        read_keys(path)
    assert "SECRET" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text('{"access_key": "a", "secret_key": "b"}')
    path.chmod(0o640)
    with pytest.raises(NoKeys, match="chmod 600"):
        read_keys(path)
    path.chmod(0o600)
    assert read_keys(path) == S3Keys("a", "b")


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoKeys, match="nowhere"):
        read_keys(tmp_path / "nowhere")
