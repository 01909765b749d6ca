"""Certificates for tests: an authority made on the spot, and servers that it vouches for."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Authority:
    """Who signs certificates; `file` is what a client must trust to believe them."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    name: x509.Name
    file: Path

    def server(
        self, host: str, *, for_client: bool = False, starts: timedelta = -DAY
    ) -> ssl.SSLContext:
        """What a server of that name, or a client, needs to speak TLS; valid for two days."""
        key = ec.generate_private_key(ec.SECP256R1())
        shown = [x509.IPAddress(ip_address(host)) if host[:1].isdigit() else x509.DNSName(host)]
        purposes = x509.oid.ExtendedKeyUsageOID
        usage = x509.ExtendedKeyUsage(
            [purposes.CLIENT_AUTH if for_client else purposes.SERVER_AUTH]
        )
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        certificate = (
            _builder(_named(host), self.name, key, starts)
            .add_extension(issuer, critical=False)
            .add_extension(x509.SubjectAlternativeName(shown), critical=False)
            .add_extension(usage, critical=False)
            .sign(self.key, hashes.SHA256())
        )
        chain, secret = self.folder / f"{host}.pem", self.folder / f"{host}.key"
        chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        secret.write_bytes(_pem(key))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, secret)
        return context


def authority(folder: Path) -> Authority:
    """An authority without a trusted certificate."""
    key, name = ec.generate_private_key(ec.SECP256R1()), _named("smoke's own authority")
    basic = x509.BasicConstraints(ca=True, path_length=None)
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        _builder(name, name, key)
        .add_extension(basic, critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "authority.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return Authority(folder, key, name, file)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    starts: timedelta = -DAY,
) -> x509.CertificateBuilder:
    begin = datetime.now(UTC) + starts
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=begin,
        not_valid_after=begin + 2 * DAY,
    )


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
