"""A real SMTP server on this machine that keeps what it is given, with a certificate that nobody else trusts."""

from __future__ import annotations

import socket
import ssl
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class MailSink:
    """What a server was given, and whether it takes anything."""

    port: int = 0
    refuses: bool = False
    mails: list[Any] = field(default_factory=list)

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802  the name that aiosmtpd asks for
        if self.refuses:
            return "451 come again"
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"


def make_certificate(folder: Path, days: int = 30) -> tuple[Path, Path]:
    """Make a certificate of 127.0.0.1 that signs itself, valid for so many days; return it, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    # of two with one name, who trusts both finds the one that does not fit
    serial = x509.random_serial_number()
    own = (x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1"), x509.NameAttribute(NameOID.SERIAL_NUMBER, str(serial)))
    name = x509.Name(own)
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form, no_password = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, no_password))
    return folder / "cert.pem", folder / "key.pem"


@contextmanager
def open_mail_sink(certificate: tuple[Path, Path] | None) -> Iterator[MailSink]:
    """Serve SMTP with STARTTLS, demanded before anything is said; without a certificate, in clear."""
    sink = MailSink()
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
    with socket.create_server(("127.0.0.1", 0)) as free:  # aiosmtpd calls its own port, and 0 is none
        sink.port = free.getsockname()[1]
    server = Controller(sink, "127.0.0.1", sink.port, tls_context=context, require_starttls=context is not None)
    server.start()
    try:
        yield sink
    finally:
        server.stop()
