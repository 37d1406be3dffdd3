"""The session key of a runspace pool: how secure strings cross the wire ([MS-PSRP] 2.2.5.1.24 and 3.1.5.4.3).

The client sends an RSA public key, the engine answers with its AES key under it. ``cryptography`` is imported
only then.
"""

from __future__ import annotations

import base64
import os
import struct
import threading
from typing import Any

from ...clixml import CLIXMLError, encode_member
from ..values.utf16 import units
from .records import bag

KEY_BYTES = 32
RSA_BITS = 2048
_PUBLIC_HEADER = 20  # PUBLICKEYBLOB + RSAPUBKEY: 8 + "RSA1", bits, exponent
_PUBLIC_BLOB = bytes.fromhex("0602000000a40000") + b"RSA1"  # the blob's header up to the number of bits
_SIMPLE_BLOB = bytes.fromhex("010200001066000000a40000")  # AES-256 key under an RSA key
_ZERO_IV = bytes(16)  # [MS-PSRP]: the initialization vector is all zeros


class _Key:
    """AES-256-CBC with a key that both sides know."""

    def __init__(self, key: bytes = b"") -> None:
        self._key = key

    @property
    def exchanged(self) -> bool:
        return bool(self._key)

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


class SessionKey(_Key):
    """The engine's side: it chooses the key, which is unusable until the client's public key has come."""

    def __init__(self) -> None:
        super().__init__(os.urandom(KEY_BYTES))
        self._answered = False

    @property
    def exchanged(self) -> bool:
        return self._answered

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
        self._answered = True
        return base64.b64encode(_SIMPLE_BLOB + encrypted[::-1]).decode()


class ClientKey(_Key):
    """The client's side: it sends a public key and is answered with the session's. ``came`` is set then."""

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric import rsa

        super().__init__()
        self.came = threading.Event()
        self._private = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)

    def request(self) -> str:
        """The body of PUBLIC_KEY."""
        numbers = self._private.public_key().public_numbers()
        blob = _PUBLIC_BLOB + struct.pack("<II", RSA_BITS, numbers.e) + numbers.n.to_bytes(RSA_BITS // 8, "little")
        return encode_member(bag({"PublicKey": base64.b64encode(blob).decode()}))

    def accept(self, answer: str) -> None:
        """The content of ENCRYPTED_SESSION_KEY. Raises ValueError."""
        from cryptography.hazmat.primitives.asymmetric import padding

        encrypted = base64.b64decode(answer)[len(_SIMPLE_BLOB) :][::-1]
        self._key = self._private.decrypt(encrypted, padding.PKCS1v15())
        self.came.set()
