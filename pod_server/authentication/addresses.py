"""Which network addresses a fetch may go to (`iana.org/assignments/iana-ipv6-special-registry`)."""

from __future__ import annotations

import ipaddress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# `is_global` alone says yes to several of these (NAT64, 6to4, IPv4-compatible, multicast, parts of 192.0.0.0/24).
_NEVER_PUBLIC = tuple(
    ip_network(text)
    for text in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "224.0.0.0/3",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
_PUBLIC_IPV6 = ip_network("2000::/3")
_PRIVATE_NETWORKS = tuple(
    ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)


def is_public(address: str) -> bool:
    """Whether an address is on the open internet, and not inside any network of ours by some notation."""
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address) and parsed not in _PUBLIC_IPV6:
        return False
    return parsed.is_global and not _is_in(parsed, _NEVER_PUBLIC)


def is_private_network(address: str) -> bool:
    """Whether an address is of an organisation's own network; never loopback, link-local or a cloud's metadata."""
    return _is_in(_parse(address), _PRIVATE_NETWORKS)


def is_loopback_address(address: str) -> bool:
    """Whether an address is this machine."""
    return _parse(address).is_loopback


def _parse(address: str) -> IPv4Address | IPv6Address:
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped
    return parsed


def _is_in(
    address: IPv4Address | IPv6Address, networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
) -> bool:
    return any(address in network for network in networks if network.version == address.version)
