"""The operator's commands for the register, on a register in memory and a web of fakes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pod_server.authentication.errors import CannotFetch
from pod_server.commands_organisation import organisation
from vault.model.moments import Moment
from vault.model.organisation import Membership, Organisation, Register, Worker

NOW_S = 1_800_000_000
WK = "https://kluis.example/ns/wijk#"
TEAM = {
    "--name": "Wijkteam Stadshagen",
    "--kind": "soort-wijkteam",
    "--number": "12345678",
    "--municipality": "Zwolle",
    "--issuer": "https://aanmelden.zwolle.example/",
    "--client": "https://wijkteam.example/client-id",
    "--group": "https://kluizen.zwolle.example/g/medewerkers",
}


@dataclass
class FakeRegister:
    """A catalogue that knows the register only; it is view, transaction and context in one."""

    base_url: str = "https://kluis.example/"
    organisations: dict[str, Organisation] = field(default_factory=dict)
    workers: dict[str, Membership] = field(default_factory=dict)
    group_problem: str | None = None

    @property
    def catalogue(self) -> FakeRegister:
        return self

    def clock(self) -> Moment:
        return Moment(NOW_S * 1000, NOW_S)

    def new_id(self) -> str:
        return f"team{len(self.organisations)}"

    @contextmanager
    def view(self) -> Iterator[FakeRegister]:
        yield self

    def write(self, change: Callable[[FakeRegister], Any]) -> Any:
        return change(self)

    def storage_epochs(self) -> Iterator[Any]:
        return iter(())

    def append_lines(self, entries: Sequence[Any]) -> None:
        assert not entries, "there are no storages"

    def register(self) -> Register:
        return Register(tuple(self.organisations.values()), self.workers)

    def put_organisation(self, new: Organisation) -> None:
        self.organisations[new.iri] = new

    def remove_organisation(self, iri: str) -> None:
        del self.organisations[iri]

    def put_workers(self, iri: str, workers: Sequence[Worker], fetched_at: int) -> None:
        self.workers[iri] = Membership(tuple(workers), fetched_at)


Run = Callable[..., Result]


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> FakeRegister:
    fake = FakeRegister()
    wiring, documents = ModuleType("pod_server.wiring"), ModuleType("pod_server.group_documents")

    def refresh_workers(context: FakeRegister, one: Organisation, *_: Any) -> None:
        if context.group_problem:
            raise CannotFetch(context.group_problem)
        context.put_workers(one.iri, [Worker("https://w.example/#me", "Femke")], NOW_S)

    monkeypatch.setattr(wiring, "open_context", lambda _: fake, raising=False)
    monkeypatch.setattr(wiring, "make_outbound", lambda _: type("Out", (), {"fetch": None}), raising=False)
    monkeypatch.setattr(documents, "refresh_workers", refresh_workers, raising=False)
    monkeypatch.setitem(sys.modules, "pod_server.wiring", wiring)
    monkeypatch.setitem(sys.modules, "pod_server.group_documents", documents)
    return fake


@pytest.fixture
def run(tmp_path: Path) -> Run:
    fixed = {"base_url": "https://kluis.example/", "issuer_url": "https://aanmelden.example/", "port": 1}
    (tmp_path / "settings.json").write_text(json.dumps(fixed | {"demo": False}))

    def invoke(command: str, *arguments: str) -> Result:
        return CliRunner().invoke(organisation, [command, "--data", str(tmp_path), *arguments])

    return invoke


def add(run: Run, *more: str, **changed: str) -> Result:
    given = TEAM | {f"--{name.replace('_', '-')}": value for name, value in changed.items()}
    return run("add", *(part for pair in given.items() for part in pair), *more)


def added(run: Run, *more: str) -> str:
    return str(json.loads(add(run, "--json", *more).stdout)["id"])


@pytest.mark.usefixtures("register")
def test_add_prints_the_organisation_with_the_workers_it_found(run: Run) -> None:
    shown = json.loads(add(run, "--json").stdout)
    assert shown == {
        "id": "https://kluis.example/.well-known/wijkkluis/organisaties/team0",
        "name": "Wijkteam Stadshagen",
        "kind": f"{WK}soort-wijkteam",
        "numberKind": "KvK",
        "number": "12345678",
        "municipality": "Zwolle",
        "issuers": ["https://aanmelden.zwolle.example/"],
        "clients": ["https://wijkteam.example/client-id"],
        "group": "https://kluizen.zwolle.example/g/medewerkers",
        "verifiedBy": "Beheerder van deze server",
        "verifiedAt": "2027-01-15T08:00:00Z",
        "suspendedAt": None,
        "workers": 1,
        "fetchedAt": "2027-01-15T08:00:00Z",
        "problem": None,
    }


def test_an_oin_and_a_full_kind_and_several_apps_are_kept(run: Run, register: FakeRegister) -> None:
    more = ("--client", "https://andere.example/id", "--id", "https://gemeente.example/#org")
    done = add(run, *more, number="0" * 20, number_kind="OIN", kind=f"{WK}soort-gemeente")
    assert done.exit_code == 0, done.output
    kept = register.organisations["https://gemeente.example/#org"]
    assert (kept.number_kind, kept.kind, len(kept.clients)) == ("OIN", f"{WK}soort-gemeente", 2)


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "soort-bakkerij"},
        {"kind": "soort-naaste"},
        {"number": "1234567"},
        {"number": "1234567a"},
        {"number": "12345678", "number_kind": "OIN"},
        {"issuer": "aanmelden"},
        {"group": "file:///etc/passwd"},
        {"client": "https://a:b@wijkteam.example/"},
        {"id": "team"},
        {"name": "x"},
        {"verified_by": "x"},
    ],
    ids=str,
)
def test_an_organisation_that_is_not_as_it_should_be_is_not_added(
    run: Run, register: FakeRegister, changed: dict[str, str]
) -> None:
    assert add(run, **changed).exit_code == 1
    assert register.organisations == {}


@pytest.mark.usefixtures("register")
def test_an_unknown_kind_is_answered_with_the_kinds_there_are(run: Run) -> None:
    output = add(run, kind="bakkerij").output
    assert "soort-gemeente, soort-jeugdhulp" in output
    assert "soort-naaste" not in output


@pytest.mark.usefixtures("register")
def test_the_same_organisation_is_not_added_twice(run: Run) -> None:
    iri = "https://gemeente.example/#org"
    add(run, "--id", iri)
    assert add(run, "--id", iri).exit_code == 1


def test_a_group_that_cannot_be_fetched_is_said_and_the_organisation_is_kept(
    run: Run, register: FakeRegister
) -> None:
    register.group_problem = "the server answers with status 404"
    done = add(run)
    assert done.exit_code == 0
    assert "could not be fetched: the server answers with status 404" in done.output
    assert len(register.organisations) == 1


def test_suspending_keeps_its_first_moment_and_resuming_ends_it(run: Run, register: FakeRegister) -> None:
    iri = added(run)
    shown = json.loads(run("suspend", iri, "--json").stdout)
    assert (shown["suspendedAt"], register.organisations[iri].suspended_at) == ("2027-01-15T08:00:00Z", NOW_S)
    assert "suspended since 2027" in run("suspend", iri).output
    assert json.loads(run("resume", iri, "--json").stdout)["suspendedAt"] is None


def test_a_removed_organisation_is_gone(run: Run, register: FakeRegister) -> None:
    first, second = added(run), added(run)
    assert run("remove", first).output == f"removed {first}\n"
    assert json.loads(run("remove", second, "--json").stdout) == {"id": second}
    assert register.organisations == {}


def test_refresh_fetches_the_group_again(run: Run, register: FakeRegister) -> None:
    iri = added(run)
    register.workers.clear()
    assert run("refresh", iri).output.endswith("1 workers\n")


@pytest.mark.usefixtures("register")
def test_the_list_shows_state_and_workers(run: Run) -> None:
    iri = added(run)
    run("suspend", iri)
    assert run("list").output == f"{iri}  Wijkteam Stadshagen  KvK 12345678  1 workers  suspended\n"
    assert [row["id"] for row in json.loads(run("list", "--json").stdout)] == [iri]


@pytest.mark.parametrize("command", ["suspend", "resume", "remove", "refresh"])
@pytest.mark.usefixtures("register")
def test_an_organisation_that_is_not_in_the_register_is_said_so(run: Run, command: str) -> None:
    done = run(command, "https://nergens.example/")
    assert done.exit_code == 1
    assert "is not in the register" in done.output
