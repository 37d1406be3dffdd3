"""The certificate that the host shows and its clients pin: self-signed, made on first start, this machine only."""

from __future__ import annotations

import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from jobmagics.host.files import HostFiles, write_private

VALID_DAYS = 3650
RENEW_DAYS = 30
ADDRESS = "127.0.0.1"


def ensure_certificate(files: HostFiles) -> None:
    """Leave a valid pair in the host's directory. A card is written after it, so clients never see half a pair."""
    if files.key.exists() and files.certificate.exists() and _is_current(files.certificate.read_bytes()):
        return
    key, certificate = make_certificate(datetime.datetime.now(datetime.timezone.utc))
    write_private(files.key, key)
    write_private(files.certificate, certificate)


def _is_current(pem: bytes) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(pem)
    except ValueError:
        return False
    left = certificate.not_valid_after_utc - datetime.datetime.now(datetime.timezone.utc)
    return left > datetime.timedelta(days=RENEW_DAYS)


def make_certificate(now: datetime.datetime) -> tuple[bytes, bytes]:
    """Key and certificate as PEM. Not a certificate authority: it vouches for this host and nothing else."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "jobmagics session host")])
    public = key.public_key()
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(ADDRESS))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=VALID_DAYS))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )
    return (
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        certificate.public_bytes(serialization.Encoding.PEM),
    )
