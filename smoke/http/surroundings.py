"""What the machine adds to the client: the proxies of its environment, and whom TLS trusts."""

import os
import re
import ssl
from collections.abc import Callable
from urllib.request import getproxies_environment

from smoke.config.targets import Target
from smoke.errors import ConfigError


def unusable_proxies(error: Exception) -> ConfigError:
    """The error about proxies of the environment that the HTTP library cannot use."""
    named = {**getproxies_environment(), "no": os.environ.get("no_proxy", "")}
    named["no"] = named["no"] or os.environ.get("NO_PROXY", "")
    # The URL of a proxy may hold a password.
    shown = ", ".join(
        f"{name.upper()}_PROXY={re.sub('//.*@', '//…@', url)!r}"
        for name, url in named.items()
        if url
    )
    return ConfigError(
        [
            f"The proxy settings of the environment cannot be used: {error}. They are {shown}. "
            "In NO_PROXY, write an IPv6 address without brackets and without a prefix length; "
            "a SOCKS proxy needs the package socksio."
        ]
    )


def trusted(target: Target, usual: Callable[[bool], ssl.SSLContext]) -> ssl.SSLContext:
    """
    The authorities that TLS trusts, and the client's own certificate (mutual TLS).

    `usual` gives the HTTP library's own authorities, or none for False.

    Raises:
        ConfigError: a file cannot be read, or contains no certificate.
    """
    verify = target.verify
    try:
        if isinstance(verify, str):
            context = ssl.create_default_context(cafile=verify)
        else:
            context = usual(verify)
    except OSError as error:
        place = f"verify = {verify!r}" if isinstance(verify, str) else "SSL_CERT_FILE"
        raise ConfigError([f"{place} cannot be trusted: {error}. Name a PEM file."]) from None
    if target.client_cert:
        context.load_cert_chain(target.client_cert, target.client_key or None)
    return context
