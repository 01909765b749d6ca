"""Where a request comes from."""

import ipaddress
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """The address and the program of whoever sent a request.

    The address is the first of `X-Forwarded-For`, trusted from anyone, as a deployment behind a
    proxy does.
    """

    ip_address: str
    user_agent: str | None

    @property
    def network(self) -> str:
        """The /24 (IPv6: /64) network of the address; the address itself when it is not one."""
        try:
            address = ipaddress.ip_address(self.ip_address)
        except ValueError:
            return self.ip_address
        prefix = 24 if address.version == 4 else 64
        return str(ipaddress.ip_network(f"{address}/{prefix}", strict=False))


async def _client_info(request: Request) -> ClientInfo:
    forwarded = request.headers.get("x-forwarded-for", "").split(",")[0].strip()
    direct = request.client.host if request.client else "unknown"
    return ClientInfo(forwarded or direct, request.headers.get("user-agent"))


# The sender of the request.
From = Annotated[ClientInfo, Depends(_client_info)]


def masked(ip_address: str | None) -> str | None:
    """Return an address with its last part hidden."""
    if not ip_address:
        return None
    separator = ":" if ":" in ip_address else "."
    return separator.join([*ip_address.split(separator)[:-1], "*"])
