"""How much one party may ask at a time, and how often in vain; kept per worker process, in bounded memory.

A party is an agent with the app she uses, once she is recognised, else a network address. An agent answers for nobody
but herself, so she is turned away. An address is shared: who comes from it is only not told any more why she was refused,
and gets everything she may have.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from pod_server.http.limits import Limits
from vault.errors import TooManyRequests, Unavailable

window_s = 60
max_parties = 16_384
_REFUSALS = frozenset({401, 403, 404})
_IPV6_NEIGHBOURS = 64
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Party:
    """Who asks: a name, and whether somebody was recognised by it."""

    name: str
    is_recognised: bool


@dataclass(slots=True)
class Gate:
    """Counts the requests of one process; `now` in seconds, from any beginning. Used by the event loop only."""

    limits: Limits
    now: Callable[[], float]
    _inside: dict[str, Party] = field(default_factory=dict)
    _counted: set[str] = field(default_factory=set)
    _running: Counter[Party] = field(default_factory=Counter)
    _refusals: dict[bool, dict[Party, int]] = field(default_factory=lambda: {True: {}, False: {}})
    _window: int = 0

    def enter(self, request_id: str, address: str) -> None:
        """Let a request in, for now on account of where it comes from.

        Raises:
            Unavailable: too many are inside, whoever they are.
        """
        if len(self._inside) >= self.limits.max_concurrent:
            raise Unavailable("too many requests are being answered", retry_after_s=1)
        self._inside[request_id] = Party(_neighbourhood(address), is_recognised=False)

    def recognise(self, request_id: str, agent: str | None, client: str | None) -> None:
        """Take a request on account of who asks (None: nobody in particular).

        Raises:
            TooManyRequests: she asks too much at a time, or was refused too often.
        """
        if agent is not None:
            self._inside[request_id] = Party(f"{agent} {client}", is_recognised=True)
        party = self._inside[request_id]
        if party.is_recognised and self._refused(party) >= self.limits.max_refusals_per_minute:
            raise self._too_often()
        self._counted.add(request_id)
        self._running[party] += 1
        if self._running[party] > self.limits.max_concurrent_per_agent:
            raise TooManyRequests(
                f"at most {self.limits.max_concurrent_per_agent} requests are answered at a time: "
                "wait for answers before asking more",
                retry_after_s=1,
            )

    def tell(self, request_id: str, status: int) -> None:
        """Note how a request is about to be answered.

        Raises:
            TooManyRequests: with that instead, as so many before it were refused.
        """
        party = self._inside.get(request_id)
        if party is None or status not in _REFUSALS:
            return
        if self._refused(party) >= self.limits.max_refusals_per_minute:
            raise self._too_often()
        counted = self._refusals[party.is_recognised]
        if party not in counted and len(counted) >= max_parties:
            # Whoever was counted first is forgotten: a flood of new names does not lock anybody out.
            del counted[next(iter(counted))]
        counted[party] = counted.get(party, 0) + 1

    def leave(self, request_id: str) -> None:
        """Let a request out."""
        party = self._inside.pop(request_id, None)
        if party is not None and request_id in self._counted:
            self._counted.remove(request_id)
            self._running[party] -= 1
            if self._running[party] == 0:
                del self._running[party]

    def _refused(self, party: Party) -> int:
        window = int(self.now() // window_s)
        if window != self._window:
            self._window, self._refusals = window, {True: {}, False: {}}
        return self._refusals[party.is_recognised].get(party, 0)

    def _too_often(self) -> TooManyRequests:
        wait = window_s - int(self.now() % window_s)
        most = self.limits.max_refusals_per_minute
        return TooManyRequests(f"more than {most} requests were refused within a minute: wait", wait)


def address_of(peer: str, forwarded: Iterable[str], trusted: Iterable[str]) -> str:
    """Where a request comes from: the last address in X-Forwarded-For that no trusted proxy has, if one sent it."""
    networks = _networks(tuple(trusted))
    address = peer
    for hop in reversed([part.strip() for line in forwarded for part in line.split(",")]):
        if not _is_in(address, networks) or not _is_address(hop):
            return address
        address = hop
    return address


@lru_cache(maxsize=8)
def _networks(texts: tuple[str, ...]) -> tuple[_Network, ...]:
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def _is_in(address: str, networks: Iterable[_Network]) -> bool:
    return _is_address(address) and any(ipaddress.ip_address(address) in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def _neighbourhood(address: str) -> str:
    """Addresses that one subscriber can choose from at will count as one."""
    if not _is_address(address) or ipaddress.ip_address(address).version == 4:
        return address
    return str(ipaddress.ip_network(f"{address.partition('%')[0]}/{_IPV6_NEIGHBOURS}", strict=False))
