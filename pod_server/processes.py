"""The processes that `serve` supervises: storages (ASGI), identity (WSGI) and the keeper."""

from __future__ import annotations

import signal
import threading

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from pod_server.settings import Settings
from pod_server.supervisor import die_with_parent

_max_head_bytes = 64 * 1024
_stop_within_s = 5
_respawn_after_s = 0.5


def run_storages(settings: Settings) -> None:
    """Serve the storages in W worker processes until a signal."""
    die_with_parent()
    Granian(
        "pod_server.wiring:storages_application",
        factory=True,
        address="127.0.0.1",
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        http=HTTPModes.http1,
        websockets=False,
        http1_settings=HTTP1Settings(max_buffer_size=_max_head_bytes),
        log_enabled=False,
        respawn_failed_workers=True,
        respawn_interval=_respawn_after_s,
        workers_kill_timeout=_stop_within_s,
    ).serve()


def run_identity(settings: Settings) -> None:
    """Serve the OpenID provider and the account pages in one worker process until a signal."""
    die_with_parent()
    Granian(
        "pod_server.wiring:identity_application",
        factory=True,
        address="127.0.0.1",
        port=settings.identity_port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=8,
        http=HTTPModes.http1,
        websockets=False,
        http1_settings=HTTP1Settings(max_buffer_size=_max_head_bytes),
        log_enabled=False,
        respawn_failed_workers=True,
        respawn_interval=_respawn_after_s,
        workers_kill_timeout=_stop_within_s,
    ).serve()


def run_keeper_process(settings: Settings) -> None:
    """Seal the journal, sign checkpoints, sweep orphans and refresh groups until a signal."""
    from pod_server.wiring import keeper_application

    die_with_parent()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    keeper_application(settings)(stopping)
