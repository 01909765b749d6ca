"""Hosts that mean this machine, or that only this machine can reach, in every spelling."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from socket import inet_aton
from urllib.parse import urlsplit


def is_loopback(url: str) -> bool:
    """Whether a URL points to this machine (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3, RFC 6761 §6.3)."""
    host = _host(url)
    address = _address(host)
    return (
        host == "localhost" or host.endswith(".localhost") or bool(address and address.is_loopback)
    )


def is_inner(url: str) -> bool:
    """Whether a URL points to this machine or its link (RFC 3927), where clouds serve secrets."""
    address = _address(_host(url))
    return is_loopback(url) or bool(address and (address.is_link_local or address.is_unspecified))


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").rstrip(".")


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address of a host, also one written as a single number; None for a name."""
    try:
        # The zone of an IPv6 address (RFC 6874) does not matter here.
        found = ip_address(host.partition("%")[0])
    except ValueError:
        try:
            # Resolvers also accept `2130706433` and `127.1` for 127.0.0.1.
            return IPv4Address(inet_aton(host))
        except OSError:
            return None
    # `::ffff:127.0.0.1` is this machine as well.
    return getattr(found, "ipv4_mapped", None) or found
