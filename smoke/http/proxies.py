"""The proxies of this machine, which the HTTP library reads from the environment."""

import os
import re
from urllib.request import getproxies_environment

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
