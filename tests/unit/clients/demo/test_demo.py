"""The demonstration as a whole: where everything is, what is started in which order, and what is printed."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from clients.demo import __main__ as demo
from clients.demo import processes as running
from clients.demo.people import CITIZENS, PASSWORD, WORKERS
from clients.demo.processes import Addresses, DemoError, Processes, clean_environment, first_line, stopping
from clients.demo.seed import Folders
from clients.solid.errors import Unreachable

ADDRESSES = Addresses(40000)


class Started:
    """Processes that only remember what they were asked to start."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.lines: dict[str, list[str]] = {}

    def start(self, name: str, arguments: list[str]) -> None:
        """Remember one."""
        self.names.append(name)
        self.lines[name] = arguments


@pytest.fixture
def seeded(monkeypatch: pytest.MonkeyPatch) -> list[Folders]:
    """The folders that were seeded."""
    found: list[Folders] = []
    monkeypatch.setattr(demo, "seed", lambda _, folders: found.append(folders))
    return found


def start(state: Path, port: int = 40000) -> Started:
    """Start the demonstration without processes."""
    state.mkdir(exist_ok=True)
    started = Started()
    demo.start(started, Addresses(port), state)  # type: ignore[arg-type]  # starts nothing
    return started


def option(arguments: list[str], name: str) -> list[str]:
    """All values of an option."""
    return [value for before, value in pairwise(arguments) if before == name]


def test_every_origin_is_a_port_of_its_own_after_the_start_page() -> None:
    found = [
        ADDRESSES.start_page,
        ADDRESSES.citizens,
        ADDRESSES.citizens_issuer,
        ADDRESSES.organisations,
        ADDRESSES.organisations_issuer,
        ADDRESSES.portal,
        ADDRESSES.professional,
    ]
    assert found == [f"http://localhost:{port}/" for port in range(40000, 40007)]


def test_servers_start_before_the_seed_and_the_start_page_last(tmp_path: Path, seeded: list[Folders]) -> None:
    started = start(tmp_path / "state")
    assert started.names == ["citizens", "organisations", "portal", "professional", "start-page"]
    assert seeded == [Folders(tmp_path / "state/citizens", tmp_path / "state/organisations")]


def test_each_server_trusts_its_own_app_and_knows_all_origins(tmp_path: Path, seeded: list[Folders]) -> None:
    lines = start(tmp_path).lines
    assert option(lines["citizens"], "--trusted-client") == ["http://localhost:40005/client-id"]
    assert option(lines["organisations"], "--trusted-client") == ["http://localhost:40006/client-id"]
    assert (option(lines["citizens"], "--port"), option(lines["organisations"], "--port")) == (
        ["40001"],
        ["40003"],
    )
    for name in ("citizens", "organisations"):
        assert option(lines[name], "--demo-origin") == [
            f"http://localhost:{port}" for port in range(40001, 40007)
        ]


def test_both_apps_look_at_the_citizens_vaults_with_issuers_of_their_own(
    tmp_path: Path, seeded: list[Folders]
) -> None:
    lines = start(tmp_path).lines
    for name, port, issuer in (("portal", "40005", "40002"), ("professional", "40006", "40004")):
        assert lines[name][0] == f"clients.{name}"
        assert option(lines[name], "--port") == [port]
        assert option(lines[name], "--issuer") == [f"http://localhost:{issuer}/"]
        assert option(lines[name], "--vault") == [ADDRESSES.citizens]
        assert option(lines[name], "--state") == [str(tmp_path / name)]
    assert option(lines["start-page"], "--data") == [
        str(tmp_path / "citizens"),
        str(tmp_path / "organisations"),
    ]


def test_it_is_seeded_once(tmp_path: Path, seeded: list[Folders]) -> None:
    start(tmp_path)
    start(tmp_path)
    assert len(seeded) == 1


def test_state_of_another_port_is_refused_before_anything_starts(
    tmp_path: Path, seeded: list[Folders]
) -> None:
    start(tmp_path)
    with pytest.raises(DemoError, match="made for port 40000"):
        start(tmp_path, 50000)


@pytest.mark.parametrize("error", [DemoError("taken"), Unreachable("no answer")])
def test_a_seed_that_fails_says_how_to_begin_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(demo, "seed", fail)
    with pytest.raises(DemoError, match=f"{error}; empty .*make demo-reset"):
        start(tmp_path)
    assert not (tmp_path / "seeded").exists()


def test_what_is_printed_begins_with_the_start_page_and_names_every_login() -> None:
    printed = demo.page(ADDRESSES).splitlines()
    assert printed[0] == f"demo ready {ADDRESSES.start_page}"
    for person in (*CITIZENS, *WORKERS):
        row = next(line for line in printed if person.name in line)
        assert row.split()[-2:] == [person.login, PASSWORD]
    assert printed[-1].startswith("Ctrl-C stops everything")


class Ended:
    """Processes of which one has ended by itself."""

    logs = Path("logs")

    def __init__(self, _: Path) -> None:
        self.stopped = False

    def ended(self) -> bool:
        """Yes."""
        return True

    def stop(self) -> None:
        """Nothing to do."""


def run(tmp_path: Path) -> tuple[int, str]:
    """Run the command."""
    found = CliRunner().invoke(demo.main, ["--port", "40000", "--state", str(tmp_path)])
    return found.exit_code, found.output


@pytest.fixture
def no_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the signals of the test's own process alone."""
    monkeypatch.setattr("clients.demo.__main__.signal.signal", lambda *_: None)


def test_a_process_that_ends_ends_the_demonstration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_signals: None
) -> None:
    monkeypatch.setattr(demo, "Processes", Ended)
    monkeypatch.setattr(demo, "start", lambda *_: None)
    monkeypatch.setattr(demo, "_look_every_s", 0)
    status, printed = run(tmp_path)
    assert status == 1
    assert printed.startswith("demo ready")
    assert "a process ended; the logs are in" in printed


def test_a_signal_ends_it_in_peace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handlers: list[object] = []
    monkeypatch.setattr("clients.demo.__main__.signal.signal", lambda _, handler: handlers.append(handler))
    monkeypatch.setattr(demo, "Processes", Ended)
    monkeypatch.setattr(demo, "start", lambda *_: handlers[0](2, None))  # type: ignore[operator]
    assert run(tmp_path)[0] == 0


def test_what_cannot_start_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_signals: None
) -> None:
    def fail(*_: object) -> None:
        raise DemoError("citizens did not start; its log is citizens.log")

    monkeypatch.setattr(demo, "start", fail)
    assert run(tmp_path) == (1, "Error: citizens did not start; its log is citizens.log\n")


def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> str:
    """A module that can be started."""
    (tmp_path / "one_process.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "one_process"


def test_a_process_is_started_when_it_says_that_it_is_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = module(tmp_path, monkeypatch, "print('ready', flush=True)\nimport time\ntime.sleep(60)\n")
    with stopping(Processes(tmp_path / "logs")) as started:
        started.start("one", [name])
        assert not started.ended()
    assert started.ended()


def test_a_process_that_does_not_get_ready_is_an_error_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = module(tmp_path, monkeypatch, "import sys\nsys.exit('the port is taken')\n")
    message = r"one did not start; its log is .*one\.log"
    with stopping(Processes(tmp_path)) as started, pytest.raises(DemoError, match=message):
        started.start("one", [name])
    assert "the port is taken" in (tmp_path / "one.log").read_text()


def test_a_process_that_does_not_want_to_stop_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stubborn = (
        "import signal, time\nsignal.signal(15, signal.SIG_IGN)\nprint('ready', flush=True)\ntime.sleep(60)\n"
    )
    monkeypatch.setattr(running, "stop_within_s", 0.1)
    with stopping(Processes(tmp_path)) as started:
        started.start("one", [module(tmp_path, monkeypatch, stubborn)])
    assert started.running[0].returncode == -9


def test_a_process_without_output_is_stopped_and_has_no_first_line(tmp_path: Path) -> None:
    quiet = subprocess.Popen([sys.executable, "-c", ""], text=True)
    assert first_line(quiet, 1) == ""
    processes = Processes(tmp_path, [quiet])
    processes.stop()
    assert processes.ended()


def test_settings_of_another_server_are_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIJKKLUIS_DATA", "/elsewhere")
    monkeypatch.setenv("WIJK", "stays")
    assert "WIJKKLUIS_DATA" not in clean_environment()
    assert clean_environment()["WIJK"] == "stays"
