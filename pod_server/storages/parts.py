"""What the application of the storages works with, bundled once by the wiring."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from pod_server.authentication.authenticate import PresentedCredentials
from pod_server.http.gate import Gate
from pod_server.http.limits import Limits
from pod_server.storages.calls import Service
from vault.context import Context
from vault.model.moments import Moment
from vault.model.requester import Credentials

T = TypeVar("T")
# More than one agent may occupy with bodies that come slowly (`Limits.max_concurrent_per_agent`).
max_threads = 320


def _new_trace_id() -> str:
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class StoragesParts:
    """The vault, who tells who asks, and the services.

    `services` are found by their prefix within a storage, `server_services` by theirs under the base URL. `is_quick`
    tells whether `authenticate` will answer without waiting for anything; then it runs in the event loop. `public_key`
    (PEM) is the one that checkpoints are signed with. `reads_are_short` when objects rest on this machine: then a small
    document is read in the event loop. `gate` counts the requests of this process.
    """

    context: Context
    authenticate: Callable[[PresentedCredentials, Moment], Credentials]
    services: Mapping[str, Service]
    server_services: Mapping[str, Service]
    healthy: Callable[[], bool]
    public_key: bytes
    limits: Limits = field(default_factory=Limits)
    gate: Gate = field(default_factory=lambda: Gate(Limits(), time.monotonic))
    trusted_proxies: tuple[str, ...] = ()
    is_quick: Callable[[PresentedCredentials, Moment], bool] = lambda _presented, _now: False
    reads_are_short: bool = True
    new_trace_id: Callable[[], str] = _new_trace_id
    threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(max_threads, thread_name_prefix="storages")
    )

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Do what may take a while without keeping the others waiting."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)
