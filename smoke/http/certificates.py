"""Around a request: the proxies and certificates of this machine, and AWS signatures."""

import hashlib
import hmac
import os
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit
from urllib.request import getproxies_environment

from smoke.config.targets import Target
from smoke.errors import ConfigError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


# Seconds for reading a certificate once more, without verifying it.
PATIENCE_S = 5

# The word of OpenSSL for every certificate that it refuses.
REFUSED = "CERTIFICATE_VERIFY_FAILED"

# Names of a certificate that a message lists.
NAMED = 3


def explained(message: str, url: str) -> str:
    """
    Return OpenSSL's message about a refused certificate, after the fact that explains it.

    A message without such a fact, or about a server that no longer answers, is returned as it is.
    """
    wanted = {"has expired": _expired, "not yet valid": _begins, "mismatch": _is_for}
    fact = next((fact for words, fact in wanted.items() if words in message), None)
    if fact is None:
        return message
    parts = urlsplit(url)
    try:
        pem = ssl.get_server_certificate(
            (str(parts.hostname), parts.port or 443), timeout=PATIENCE_S
        )
        return f"{fact(_parsed(pem))}. {message}"
    except (OSError, ValueError):
        return message


def _parsed(pem: str) -> "Certificate":
    # It takes a tenth of a second to import, which only a refused certificate costs.
    from cryptography.x509 import load_pem_x509_certificate

    return load_pem_x509_certificate(pem.encode())


def _expired(certificate: "Certificate") -> str:
    return f"The certificate expired on {_day(certificate.not_valid_after_utc)}"


def _begins(certificate: "Certificate") -> str:
    return f"The certificate is only valid from {_day(certificate.not_valid_before_utc)} on"


def _is_for(certificate: "Certificate") -> str:
    """The names of the subject (RFC 6125 §6.4: only these count, not the common name)."""
    from cryptography.x509 import DNSName, ExtensionNotFound, SubjectAlternativeName

    try:
        found = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    except ExtensionNotFound:
        return "The certificate names no host"
    names = found.get_values_for_type(DNSName)
    more = ", …" if len(names) > NAMED else ""
    return f"The certificate is for {', '.join(names[:NAMED]) or 'no host name'}{more}"


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


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


ALGORITHM = "AWS4-HMAC-SHA256"
# Headers that a proxy or a tracer may change, so that no signature covers them.
UNSIGNED = ("authorization", "connection", "user-agent", "traceparent", "transfer-encoding")


def _now() -> datetime:
    return datetime.now(UTC)


# The key signs the request and is never sent, so a recorded signature is of no use to others.
@dataclass(frozen=True)
class Signature:
    """Signs requests for one service in one region; `__call__` is an auth hook of httpx."""

    key_id: str
    secret: str = field(repr=False)
    service: str
    region: str
    token: str = field(default="", repr=False)
    clock: Callable[[], datetime] = _now

    def __call__(self, message: Any) -> Any:
        """Sign a request that is ready to be sent."""
        body = hashlib.sha256(message.read()).hexdigest()
        stamp = self.clock().strftime("%Y%m%dT%H%M%SZ")
        message.headers["x-amz-date"] = stamp
        if self.token:
            message.headers["x-amz-security-token"] = self.token
        if self.service == "s3":
            message.headers["x-amz-content-sha256"] = body
        names, canonical = self._canonical(message, body)
        scope = f"{stamp[:8]}/{self.region}/{self.service}/aws4_request"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        signed = hmac.new(self._key(stamp[:8]), f"{ALGORITHM}\n{stamp}\n{scope}\n{digest}".encode(),
                          hashlib.sha256).hexdigest()  # fmt: skip
        message.headers["authorization"] = (
            f"{ALGORITHM} Credential={self.key_id}/{scope}, SignedHeaders={names}, "
            f"Signature={signed}"
        )
        return message

    def _canonical(self, message: Any, body: str) -> tuple[str, str]:
        """The names of the signed headers, and the canonical request."""
        path, _, query = message.url.raw_path.decode("ascii").partition("?")
        # S3 takes the path as sent; every other service wants it encoded twice.
        if self.service != "s3":
            path = quote(path, safe="/~")
        pairs = sorted(
            (quote(name, safe="~"), quote(value, safe="~"))
            for name, value in parse_qsl(query, keep_blank_values=True)
        )
        headers = {
            name.lower(): " ".join(value.split())
            for name, value in message.headers.items()
            if name.lower() not in UNSIGNED
        }
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        spelled = "&".join(f"{name}={value}" for name, value in pairs)
        return names, "\n".join([message.method, path or "/", spelled, lines, names, body])

    def _key(self, day: str) -> bytes:
        found = f"AWS4{self.secret}".encode()
        for part in (day, self.region, self.service, "aws4_request"):
            found = hmac.new(found, part.encode(), hashlib.sha256).digest()
        return found
