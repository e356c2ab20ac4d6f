"""`make bench`: CPU of all server processes per request, and requests a second, at 1 and at 16 connections.

Each figure is the median of several runs, with the least and the most. A run in which a status or a body is wrong, or the
journal does not account for every request, fails.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.load import Storm, send_all
from bench.processes import Usage, resident_mib, usage
from bench.scenarios import SCENARIOS, Place, Scenario, raw_client, settle
from tests.support.agents import Agent
from tests.support.servers import RunningServer, free_ports, run_command
from tests.support.waiting import wait_until
from tests.support.world import new_account

sealed_within_s = 30.0


@dataclass(frozen=True, slots=True)
class Run:
    """One run: the storm, what it cost, and how many requests it was."""

    storm: Storm
    cost: Usage

    @property
    def cpu_us(self) -> float:
        """Server CPU per request in microseconds."""
        return self.cost.total_s / len(self.storm.trace_ids) * 1e6

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.storm.trace_ids) / self.storm.wall_s

    @property
    def first_byte_ms(self) -> float:
        """The median time to the first byte in milliseconds."""
        return statistics.median(self.storm.first_bytes_s) * 1e3


def main() -> None:
    """Start a server, measure, check, and print a table."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        server, seconds = _start(Path(folder))
        try:
            print(f"start to ready {seconds:.2f} s, idle memory {resident_mib(server):.0f} MiB\n", flush=True)
            _measure(server, Path(folder), options)
        finally:
            server.stop()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="", help="a part of the names of the scenarios to run")
    return parser.parse_args()


def _start(folder: Path) -> tuple[RunningServer, float]:
    port, identity_port = free_ports(2)
    server = RunningServer(folder / "data", port, identity_port)
    # The first start makes keys and tables; what a restart takes is what an operator feels.
    server.start()
    server.stop()
    started = time.perf_counter()
    server.start()
    return server, time.perf_counter() - started


def _measure(server: RunningServer, folder: Path, options: argparse.Namespace) -> None:
    owner, stranger = new_account(server, "Samira El Idrissi"), new_account(server, "Kevin Peters")
    traces: list[str] = []
    settle(_place(server, owner, stranger))
    print("| work | c1: CPU µs (least–most) | c1: /s | c16: CPU µs (least–most) | c16: /s | first byte ms |")
    print("|---|--:|--:|--:|--:|--:|", flush=True)
    for scenario in SCENARIOS:
        if options.only not in scenario.name:
            continue
        single = [_run(server, owner, stranger, scenario, 1) for _ in range(options.runs)]
        many = [_run(server, owner, stranger, scenario, 16) for _ in range(options.runs)]
        traces += [trace for run in (*single, *many) for trace in run.storm.trace_ids]
        print(_row(scenario, single, many), flush=True)
    _check_journal(server, owner, traces, folder / "journal.jsonl")


def _place(server: RunningServer, owner: Agent, stranger: Agent) -> Place:
    base_url = server.base_url
    return Place(raw_client(owner, base_url), raw_client(stranger, base_url), owner.pod, server.port)


def _run(server: RunningServer, owner: Agent, stranger: Agent, scenario: Scenario, connections: int) -> Run:
    place = _place(server, owner, stranger)
    count = scenario.count_1 if connections == 1 else scenario.count_16
    samples = list(scenario.make(place, count))
    before = usage(server)
    storm = send_all(place.port, samples, connections)
    # The keeper seals four times a second: what it does for these requests counts too.
    time.sleep(0.6)
    return Run(storm, usage(server).since(before))


def _row(scenario: Scenario, single: Sequence[Run], many: Sequence[Run]) -> str:
    cells = [scenario.name, _cpu(single), _rate(single), _cpu(many), _rate(many)]
    cells.append(f"{statistics.median(run.first_byte_ms for run in single):.1f}")
    return f"| {' | '.join(cells)} |"


def _cpu(runs: Sequence[Run]) -> str:
    found = sorted(run.cpu_us for run in runs)
    return f"{statistics.median(found):,.0f} ({found[0]:,.0f}–{found[-1]:,.0f})"


def _rate(runs: Sequence[Run]) -> str:
    return f"{statistics.median(run.rate for run in runs):,.0f}"


def _check_journal(server: RunningServer, owner: Agent, traces: Sequence[str], export: Path) -> None:
    """Every request is in one line, or counted in a line that folds equal ones."""
    counted = Counter[str]()

    def is_accounted() -> bool:
        counted.clear()
        run_command("journal", "export", "--data", str(server.data), owner.pod, str(export))
        for row in export.read_text(encoding="utf-8").splitlines():
            line = json.loads(row)
            if "traceId" in line:
                counted[line["traceId"]] += int(line.get("count", 1))
        return sum(counted[trace] for trace in set(traces)) == len(traces)

    wait_until(is_accounted, within_s=sealed_within_s)
    print(f"\nthe journal accounts for all {len(traces)} measured requests")


if __name__ == "__main__":
    main()
