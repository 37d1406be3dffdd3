"""The session key: how a password typed here reaches the script that asked for it ([MS-PSRP] 2.2.5.1.24)."""

from __future__ import annotations

import base64
from typing import Any

from cryptography.hazmat.primitives.padding import PKCS7

BLOCK_BITS = 128


class SessionKey:
    """AES-256-CBC with the key that a pool's two ends have agreed on. ``cipher``: cryptography's."""

    def __init__(self, cipher: Any) -> None:
        self._cipher = cipher

    def encrypt(self, text: str) -> str:
        padder = PKCS7(BLOCK_BITS).padder()
        data = padder.update(text.encode("utf-16-le", "surrogatepass")) + padder.finalize()
        encryptor = self._cipher.encryptor()
        return base64.b64encode(encryptor.update(data) + encryptor.finalize()).decode()

    def decrypt(self, data: str) -> str:
        unpadder = PKCS7(BLOCK_BITS).unpadder()
        decryptor = self._cipher.decryptor()
        padded = decryptor.update(base64.b64decode(data)) + decryptor.finalize()
        return (unpadder.update(padded) + unpadder.finalize()).decode("utf-16-le", "surrogatepass")
