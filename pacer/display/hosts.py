"""Names and addresses under which this machine is reached, and whether a request may use one.

A page on the internet can make a browser ask this machine under a name of its own (DNS rebinding), and would
then read the run. So a request's Host must be one of ours.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection

import ifaddr

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def addresses() -> list[str]:
    """Lists the addresses of this machine, those a phone can reach first; IPv4 before IPv6."""
    found = [ip.ip if isinstance(ip.ip, str) else ip.ip[0] for a in ifaddr.get_adapters() for ip in a.ips]
    return sorted(set(found), key=_reach)


def _reach(address: str) -> tuple[int, int, str]:
    ip = ipaddress.ip_address(address)
    return (2 if ip.is_loopback else 1 if ip.is_link_local else 0, ip.version, address)


def names(extra: Collection[str]) -> list[str]:
    """Lists the names this machine goes by: its host name, that with .local, and those told beside."""
    own = socket.gethostname().lower()
    short = own.partition(".")[0]
    return list(dict.fromkeys((own, short, f"{short}.local", *(name.lower() for name in extra))))


def ours(host: str | None, extra: Collection[str], reached: str | None = None) -> bool:
    """Tells whether a Host header names us; `reached` is the address that this request came in by."""
    name = host_name(host or "")
    if name is None:
        return False
    return name in (*LOOPBACK, _plain(reached)) or name in names(extra) or name in addresses()


def _plain(address: str | None) -> str | None:
    """Returns an IPv4 address as such where a socket of both families gives it as ::ffff:192.0.2.1."""
    return address.removeprefix("::ffff:") if address and "." in address else address


def host_name(host: str) -> str | None:
    """Returns the name or the address in a Host header, without brackets and port; None for nonsense."""
    name, _, port = host.lower().rpartition(":") if _has_port(host) else (host.lower(), "", "")
    if port and not (port.isascii() and port.isdigit()):
        return None
    if name.startswith("[") and name.endswith("]"):
        return _ipv6(name[1:-1])
    return name.removesuffix(".") or None


def _has_port(host: str) -> bool:
    return ":" in host.rpartition("]")[2]


def _ipv6(text: str) -> str | None:
    try:
        return str(ipaddress.IPv6Address(text))
    except ValueError:
        return None
