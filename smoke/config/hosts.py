"""Hosts that mean the machine itself, or what only it can reach, however they are written."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from socket import inet_aton
from urllib.parse import urlsplit


def is_loopback(url: str) -> bool:
    """Whether a URL is of this machine (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3, RFC 6761 §6.3)."""
    host = _host(url)
    address = _address(host)
    return (
        host == "localhost" or host.endswith(".localhost") or bool(address and address.is_loopback)
    )


def is_inner(url: str) -> bool:
    """Whether a URL is of this machine or its link (RFC 3927), where clouds keep their secrets."""
    address = _address(_host(url))
    return is_loopback(url) or bool(address and (address.is_link_local or address.is_unspecified))


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").rstrip(".")


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host is, also one written as a single number; None for a name."""
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        try:
            return IPv4Address(inet_aton(host))
        except OSError:
            return None
    return getattr(found, "ipv4_mapped", None) or found
