"""Certificates that are this person's: those they sign in with, and those of computers they trust by hand.

Both are PEM files. To sign in: ``certificates/<name>.pem`` in the data directory, or the file that
JOBMAGICS_CREDENTIAL_<NAME>_CERTIFICATE names, with the certificate and its private key; an encrypted key's passphrase
is the password of the credential ``<name>``. Trusted: ``trusted/<computer>.pem``, one certificate, taken for that
computer and no other, whatever name it carries and whoever signed it.
"""

from __future__ import annotations

import hashlib
import os
import re
import ssl
from dataclasses import dataclass
from pathlib import Path

from jobmagics.credentials import variable_of
from jobmagics.errors import NotFound, UsageError
from jobmagics.places import data_directory

_PRIVATE_KEY = re.compile(rb"-----BEGIN (ENCRYPTED |RSA |EC )?PRIVATE KEY-----")
_ENCRYPTED = (b"BEGIN ENCRYPTED PRIVATE KEY", b"Proc-Type: 4,ENCRYPTED")
_NO_FILE_SIGN = re.compile(r"[^\w.-]")


@dataclass(frozen=True)
class ClientCertificate:
    """A PEM file with certificate and key. ``is_encrypted``: the key needs its passphrase."""

    path: Path
    is_encrypted: bool


def client_certificate(name: str | None) -> ClientCertificate:
    """What to sign in with. Raises NotFound, UsageError."""
    if not name:
        raise UsageError("Signing in with a certificate needs its name: -Credential <name> beside it.")
    given = os.environ.get(f"{variable_of(name)}_CERTIFICATE")
    path = Path(given) if given else data_directory() / "certificates" / f"{_file_name(name)}.pem"
    try:
        text = path.read_bytes()
    except OSError as error:
        raise NotFound(
            f"No certificate {name!r} was found; put it and its private key as PEM into {path}, readable by you alone"
            f" ({error.strerror or error})."
        ) from None
    if not _PRIVATE_KEY.search(text):
        raise UsageError(f"{path} has no private key; append the key of the certificate to it, as PEM.")
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise UsageError(f"{path} holds a private key that others can read; run: chmod 600 {path}")
    return ClientCertificate(path, any(sign in text for sign in _ENCRYPTED))


def trusted_fingerprint(computer: str) -> str | None:
    """SHA-256 of the certificate that was trusted by hand for this computer. Raises UsageError for a damaged file."""
    path = trusted_path(computer)
    if not path.exists():
        return None
    try:
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(path.read_text("ascii").strip())).hexdigest()
    except (OSError, ValueError) as error:
        raise UsageError(
            f"The trusted certificate {path} cannot be read ({error}); run `jupyter jobmagics trust {computer}` again."
        ) from None


def trust(computer: str, pem: str) -> Path:
    """Takes this certificate for this computer from now on; gives the file, which can be deleted again."""
    path = trusted_path(computer)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(pem, "ascii")
    return path


def trusted_path(computer: str) -> Path:
    return data_directory() / "trusted" / f"{_file_name(computer.lower())}.pem"


def _file_name(name: str) -> str:
    """No name leads out of the directory."""
    return _NO_FILE_SIGN.sub("_", name).lstrip(".") or "_"
