"""The session key of a runspace pool: how secure strings cross the wire ([MS-PSRP] 2.2.5.1.24 and 3.1.5.4.3).

The client sends an RSA public key, the engine answers with its AES key under it. ``cryptography`` is imported
only then.
"""

from __future__ import annotations

import base64
import os
import struct
from typing import Any

from ...clixml import CLIXMLError
from ..values.utf16 import units

KEY_BYTES = 32
_PUBLIC_HEADER = 20  # PUBLICKEYBLOB + RSAPUBKEY: 8 + "RSA1", bits, exponent
_SIMPLE_BLOB = bytes.fromhex("010200001066000000a40000")  # AES-256 key under an RSA key
_ZERO_IV = bytes(16)  # [MS-PSRP]: the initialization vector is all zeros


class SessionKey:
    """AES-256-CBC with the key that this side chose; unusable until the client's public key has come."""

    def __init__(self) -> None:
        self._key = os.urandom(KEY_BYTES)
        self.exchanged = False

    def answer(self, public_key: str) -> str:
        """The content of ENCRYPTED_SESSION_KEY for the content of PUBLIC_KEY (both base64). Raises ValueError."""
        from cryptography.hazmat.primitives.asymmetric import padding, rsa

        blob = base64.b64decode(public_key)
        if len(blob) <= _PUBLIC_HEADER:
            raise ValueError("the public key is cut off")
        (exponent,) = struct.unpack_from("<I", blob, 16)
        modulus = int.from_bytes(blob[_PUBLIC_HEADER:], "little")
        key = rsa.RSAPublicNumbers(exponent, modulus).public_key()
        encrypted = key.encrypt(self._key, padding.PKCS1v15())
        self.exchanged = True
        return base64.b64encode(_SIMPLE_BLOB + encrypted[::-1]).decode()

    def encrypt(self, text: str) -> str:
        from cryptography.hazmat.primitives.padding import PKCS7

        padder = PKCS7(128).padder()
        data = padder.update(text.encode("utf-16-le", "surrogatepass")) + padder.finalize()
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(data) + encryptor.finalize()).decode()

    def decrypt(self, data: str) -> str:
        from cryptography.hazmat.primitives.padding import PKCS7

        decryptor = self._cipher().decryptor()
        try:
            padded = decryptor.update(base64.b64decode(data)) + decryptor.finalize()
            unpadder = PKCS7(128).unpadder()
            return units((unpadder.update(padded) + unpadder.finalize()).decode("utf-16-le", "surrogatepass"))
        except ValueError as problem:
            raise CLIXMLError("a secure string that the session key does not open") from problem

    def _cipher(self) -> Any:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        return Cipher(algorithms.AES(self._key), modes.CBC(_ZERO_IV))
