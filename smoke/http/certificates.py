"""Certificates: those that TLS trusts or shows, and why OpenSSL refused one."""

import ssl
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

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
