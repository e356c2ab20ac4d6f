from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner

from pod_server.commands_objects import storage
from pod_server.object_checks import Finding, Subject, Verdict, check_store, notes_on_service
from pod_server.object_stores import S3Location
from vault.errors import Unavailable
from vault.stores.objects_memory import MemoryStore


@dataclass
class Faulty:
    """A store in memory that does one thing wrong."""

    fault: str = ""
    store: MemoryStore = field(default_factory=MemoryStore)
    slow_s: int = 0

    def put(self, key: str, chunks: Iterable[bytes]) -> None:
        if self.fault == "away":
            raise Unavailable("the object store cannot be reached now")
        got: list[bytes] = []
        try:
            for chunk in chunks:
                got.append(chunk)
        finally:
            if self.fault == "keeps what was cut" or not key.endswith("cut"):
                self.store.put(key, got)

    def get(self, key: str, start: int = 0, size: int | None = None) -> Iterator[bytes]:
        if self.fault == "ignores ranges":
            start, size = 0, None
        for piece in self.store.get(key, start, size):
            is_spoilt = self.fault == f"spoils {key.rpartition('-')[2]}"
            yield piece[:-1] + bytes([piece[-1] ^ 1]) if is_spoilt and start == 0 else piece

    def delete(self, key: str) -> None:
        if self.fault != "keeps what was deleted":
            self.store.delete(key)

    def keys(self) -> Iterator[tuple[str, int]]:
        for key, written_s in self.store.keys():  # noqa: SIM118 -- not a mapping
            if not (self.fault == "lists late" and key.endswith("large")):
                yield key, written_s - self.slow_s

    def subject(self) -> Subject:
        """As it is checked."""
        listed = lambda prefix: [found for found in self.keys() if found[0].startswith(prefix)]  # noqa: E731
        return Subject(self, listed, str, lambda: 0)


def bad(findings: Iterable[Finding]) -> list[str]:
    return [found.sentence for found in findings if found.verdict is Verdict.BAD]


def test_a_store_that_does_all_is_good_and_left_as_it_was() -> None:
    store = Faulty()
    store.put("of a vault", (b"x",))
    found = list(check_store(store.subject()))
    assert [one.verdict for one in found] == [Verdict.GOOD] * 6
    assert [key for key, _ in store.store.keys()] == ["of a vault"]  # noqa: SIM118 -- not a mapping


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("away", "cannot be reached"),
        ("spoils small", "comes back changed"),
        ("ignores ranges", "something else"),
        ("spoils large", "large object comes back changed"),
        ("keeps what was cut", "leaves an object"),
        ("lists late", "not complete"),
        ("keeps what was deleted", "still there"),
    ],
)
def test_each_fault_is_found_and_told(fault: str, words: str) -> None:
    (sentence,) = bad(check_store(Faulty(fault).subject()))
    assert words in sentence


def test_a_clock_that_differs_is_bad() -> None:
    (sentence,) = bad(check_store(Faulty(slow_s=90).subject()))
    assert "clocks" in sentence


def test_nothing_is_tried_after_the_first_fault() -> None:
    assert len(list(check_store(Faulty("spoils small").subject()))) == 1


def test_what_an_operator_should_know_of_a_service_is_noted() -> None:
    far = S3Location("s3.example:9000", "kluis", "eu", is_secure=False)
    said = [one.sentence for one in notes_on_service(far, keeps_versions=True, has_lifecycle=True)]
    assert [
        words in " ".join(said) for words in ("not encrypted", "versions", "lifecycle", "cannot be seen")
    ] == [True] * 4
    near = S3Location("[::1]:9000", "kluis", "eu", is_secure=False)
    assert len(list(notes_on_service(near, keeps_versions=False, has_lifecycle=False))) == 1


def test_a_folder_is_checked_by_the_command(tmp_path: Path) -> None:
    done = CliRunner().invoke(storage, ["check", (tmp_path / "objects").as_uri()])
    assert (done.exit_code, done.output.count("good")) == (0, 6)
    assert "meets what a vault needs" in done.output


def test_an_url_with_keys_is_refused_by_the_command_without_repeating_them() -> None:
    done = CliRunner().invoke(storage, ["check", "s3://who:geheim@s3.example/kluis"])
    assert done.exit_code == 1
    assert "geheim" not in done.output
