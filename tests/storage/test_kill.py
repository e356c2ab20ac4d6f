"""kill -9 under 16 readers and 16 writers: nothing acknowledged is lost or torn, no line is missing, the chain is whole."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.storage.conftest import open_store
from tests.support.ceph import ACCESS_KEY, SECRET_KEY, Ceph, running_ceph
from tests.support.servers import RunningServer, free_ports, run_json
from tests.support.storms import (
    Storm,
    blowing,
    body_of,
    check_documents,
    check_journal,
    kill_one,
    version_in,
    wait_for_wind,
)
from tests.support.world import new_account

logger = logging.getLogger(__name__)
pytestmark = [pytest.mark.sockets, pytest.mark.timeout(3600)]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    port, identity_port = free_ports(2)
    running = RunningServer(tmp_path / "data", port, identity_port).start()
    yield running
    running.stop()


def test_nothing_acknowledged_is_lost_and_no_line_is_missing_on_a_folder(
    server: RunningServer, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    rounds = request.config.getoption("--kills", 0) or 20
    deeds = [partial(kill_one, server, role) for role in ("storages", "keeper", "storages", "identity")]
    endure(server, [*deeds, partial(kill_everything, server)], rounds=rounds, least_answered=200)


def test_nothing_acknowledged_is_lost_and_no_line_is_missing_on_s3(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    rounds = request.config.getoption("--kills", 0) or 6
    with running_ceph("disk") as ceph:
        server = server_on(ceph, tmp_path)
        try:
            deeds = [
                partial(kill_one, server, "storages"),
                partial(kill_gateway, ceph),
                partial(kill_one, server, "keeper"),
                partial(kill_one, server, "storages"),
                partial(kill_disk, ceph),
                partial(kill_everything, server),
            ]
            endure(server, deeds, rounds=rounds, least_answered=40)
        finally:
            server.stop()


def server_on(ceph: Ceph, tmp_path: Path) -> RunningServer:
    """A server with its objects on S3, and its keys in a file, which the operator's commands find too."""
    open_store(ceph.url).make_bucket()
    keys = tmp_path / "s3.json"
    keys.write_text(json.dumps({"access_key": ACCESS_KEY, "secret_key": SECRET_KEY}))
    keys.chmod(0o600)
    port, identity_port = free_ports(2)
    options = ("--objects", ceph.url, "--s3-key-file", str(keys))
    return RunningServer(tmp_path / "data", port, identity_port, options=options).start()


def endure(
    server: RunningServer, deeds: Sequence[Callable[[], None]], *, rounds: int, least_answered: int
) -> None:
    """Kill in the wind, round after round, then look at everything."""
    owner = new_account(server, "Samira El Idrissi")
    owner.sign_in()
    storm = Storm(owner, server.base_url)
    with blowing(storm):
        for round_ in range(rounds):
            wait_for_wind(storm, least_answered)
            deeds[round_ % len(deeds)]()
        wait_for_wind(storm, least_answered)
    check_documents(storm)
    check_journal(server, storm, server.data.parent / "journal.jsonl")
    logger.info(
        "%d kills: %d requests answered, %d unanswered, %d documents written, none lost or torn",
        rounds,
        len(storm.answered),
        len(storm.unanswered),
        len(storm.acknowledged),
    )


def kill_everything(server: RunningServer) -> None:
    """kill -9 of every process at once, and start anew."""
    server.kill_everything()
    server.start()


def kill_gateway(ceph: Ceph) -> None:
    """kill -9 of what speaks S3, and start it anew."""
    ceph.kill("rgw")
    ceph.start_gateway()


def kill_disk(ceph: Ceph) -> None:
    """kill -9 of what keeps the objects of the S3 service, and start it anew."""
    ceph.kill("osd")
    ceph.start_disk()


def test_the_measure_of_a_whole_body_sees_half_a_one() -> None:
    whole = body_of("u", 7)
    assert version_in(whole) == 7
    with pytest.raises(AssertionError, match="torn"):
        version_in(whole[:-1])


def test_restart_after_a_kill_of_everything_needs_no_repair(server: RunningServer) -> None:
    owner = new_account(server, "Kevin Peters")
    url = f"{owner.pod}brieven/bewaard"
    assert owner.put_turtle(url, "<> a <#Brief> .").status_code == 201
    server.kill_everything()
    server.start()
    assert owner.request("GET", url).status_code == 200
    assert run_json("inventory", "--data", str(server.data), owner.pod)
