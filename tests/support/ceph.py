"""A real S3 service for tests: Ceph from Debian's packages (monitor, one disk, gateway) on 127.0.0.1, in a folder.

`docs.ceph.com/en/pacific/install/manual-deployment/`, without copies: it serves one test run. "memory" keeps objects as long as it runs; "disk" survives kill -9.
"""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.servers import ending_with_parent, free_ports
from tests.support.waiting import wait_until

PROGRAMS = ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "monmaptool", "ceph-authtool")
ACCESS_KEY = "kluisproef"
SECRET_KEY = "een geheim dat nergens anders geldt"
BUCKET = "kluis"
_STORES = {"memory": "memstore", "disk": "bluestore"}
_RIGHTS: Mapping[str, Mapping[str, str]] = {
    "mon.": {"mon": "allow *"},
    "client.admin": {"mon": "allow *", "osd": "allow *", "mgr": "allow *"},
    "client.rgw.a": {"mon": "allow rw", "osd": "allow rwx", "mgr": "allow rw"},
    "osd.0": {"mon": "allow profile osd", "osd": "allow *", "mgr": "allow profile osd"},
}
_CONFIGURATION = """\
[global]
fsid = {cluster}
mon_initial_members = a
mon_host = [v2:127.0.0.1:{monitor}/0]
public_network = 127.0.0.0/8
ms_bind_msgr1 = false
ms_bind_port_min = {first}
ms_bind_port_max = {last}
keyring = {folder}/keyring
run_dir = {folder}
admin_socket = {folder}/$name.asok
log_file = {folder}/$name.log
mon_data = {folder}/mon
osd_data = {folder}/osd
osd_objectstore = {store}
bluestore_block_size = 12884901888
memstore_device_bytes = 6442450944
osd_memory_target = 939524096
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 8
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_data_avail_crit = 1
paxos_propose_interval = 0.05
paxos_min_wait = 0.01
osd_heartbeat_grace = 4
osd_heartbeat_interval = 1
osd_client_watch_timeout = 2

[client.rgw.a]
rgw_frontends = beast endpoint=127.0.0.1:{port} tcp_nodelay=1
rgw_data = {folder}/rgw
rgw_enable_usage_log = false
"""


@dataclass(slots=True)
class Ceph:
    """A cluster of one in a folder; `port` is the gateway's."""

    folder: Path
    keeps: str
    port: int
    monitor_port: int
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """What `--objects` takes."""
        return self.url_of(BUCKET)

    @property
    def environment(self) -> dict[str, str]:
        """The keys, as a server takes them."""
        return {"WIJKKLUIS_S3_ACCESS_KEY": ACCESS_KEY, "WIJKKLUIS_S3_SECRET_KEY": SECRET_KEY}

    def url_of(self, bucket: str) -> str:
        """The URL of a bucket."""
        return f"s3+http://127.0.0.1:{self.port}/{bucket}"

    def start(self) -> None:
        """Make the cluster, start its processes, and add the user."""
        self._configure()
        self._start("mon", "ceph-mon", "-i", "a")
        wait_until(lambda: self._try("ceph", "--connect-timeout", "5", "-s"), within_s=60)
        disk = str(uuid.uuid4())
        self._run("ceph", "osd", "new", disk, "0")
        self._run("ceph", "auth", "import", "-i", str(self.folder / "keyring"))
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", disk)
        self.start_disk()
        self.start_gateway()
        names = ("--uid", "kluis", "--display-name", "kluis")
        keys = ("--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY)
        self._run("radosgw-admin", "user", "create", *names, *keys)

    def start_disk(self) -> None:
        """Start the process that keeps the objects."""
        self._start("osd", "ceph-osd", "-i", "0")
        wait_until(lambda: "1 up" in self._run("ceph", "osd", "stat"), within_s=60)

    def start_gateway(self) -> None:
        """Start the process that speaks S3."""
        self._start("rgw", "radosgw", "-n", "client.rgw.a")
        wait_until(lambda: _listens(self.port), within_s=60)

    def kill(self, name: str) -> None:
        """kill -9 of "mon", "osd" or "rgw"."""
        process = self.running.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait(30)

    def pause(self, name: str) -> None:
        """Let a process stand still, without closing its connections."""
        self.running[name].send_signal(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """Let it go on."""
        self.running[name].send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End all processes; what they kept may be thrown away."""
        for name in ("rgw", "osd", "mon"):
            if name in self.running:
                self.kill(name)

    def admin(self, *arguments: str) -> str:
        """Run `radosgw-admin`."""
        return self._run("radosgw-admin", *arguments)

    def _configure(self) -> None:
        for name in ("mon", "osd", "rgw"):
            (self.folder / name).mkdir(parents=True)
        cluster = str(uuid.uuid4())
        values = {
            "cluster": cluster,
            "folder": self.folder,
            "store": _STORES[self.keeps],
            "port": self.port,
            "monitor": self.monitor_port,
            "first": self.monitor_port + 1,
            "last": self.monitor_port + 30,
        }
        (self.folder / "ceph.conf").write_text(_CONFIGURATION.format_map(values))
        keyring, monmap = str(self.folder / "keyring"), str(self.folder / "monmap")
        self._run("ceph-authtool", "--create-keyring", keyring)
        for name, rights in _RIGHTS.items():
            given = [word for service, right in rights.items() for word in ("--cap", service, right)]
            self._run("ceph-authtool", keyring, "--gen-key", "-n", name, *given)
        address = f"[v2:127.0.0.1:{self.monitor_port}]"
        self._run("monmaptool", "--create", "--addv", "a", address, "--fsid", cluster, monmap)
        self._run("ceph-mon", "-i", "a", "--mkfs", "--monmap", monmap, "--keyring", keyring)

    def _start(self, name: str, *command: str) -> None:
        with (self.folder / f"{name}.out").open("ab") as log:
            self.running[name] = subprocess.Popen(
                ending_with_parent(command[0], *self._conf(command[0]), *command[1:], "-f"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            [command[0], *self._conf(command[0]), *command[1:]],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stderr[-2000:]}"
        return done.stdout

    def _try(self, *command: str) -> bool:
        try:
            self._run(*command)
        except AssertionError:
            return False
        return True

    def _conf(self, program: str) -> tuple[str, ...]:
        takes_none = program in {"ceph-authtool", "monmaptool"}
        return () if takes_none else ("--conf", str(self.folder / "ceph.conf"))


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def _free_range() -> int:
    (first,) = free_ports(1)
    return first


@contextmanager
def running_ceph(keeps: str) -> Iterator[Ceph]:
    """Run a cluster that keeps objects in "memory" or on "disk" (in a folder that goes with it)."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    assert not missing, f"{missing} are not installed: run deploy/install-test-tools"
    # The path of a socket has at most 107 bytes, so not below a test's own folder.
    with TemporaryDirectory(prefix="ceph-") as folder:
        (port,) = free_ports(1)
        ceph = Ceph(Path(folder), keeps, port, _free_range())
        try:
            ceph.start()
            yield ceph
        finally:
            ceph.stop()
