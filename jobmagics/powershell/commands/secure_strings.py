"""ConvertTo-SecureString, ConvertFrom-SecureString: secrets as text, under a key or, without one, as hex digits.

Without DPAPI, that is anywhere but on Windows, PowerShell does not encrypt what has no key; nor is it encrypted here.
"""

from __future__ import annotations

import base64
import os
from typing import Any

from ...psobject import SecureString
from ..records import NetException
from ..runtime.cmdlet import Cmdlet, command
from ..values.secret_digits import DIGITS
from ..values.utf16 import decode, encode
from ..values.value import to_string, unwrap

HEADER = "76492d1116743f0423413b16050a5345"  # PowerShell's mark of a secret under a key
KEY_BYTES = (16, 24, 32)
BLOCK = 16


class SecretCmdlet(Cmdlet):
    def key(self) -> bytes | None:
        """-Key, or the characters of -SecureKey. Refuses what AES has no size for."""
        if self.has("Key"):
            found = bytes(int(one) for one in self.arg("Key"))
        elif self.has("SecureKey"):
            found = encode(unwrap(self.arg("SecureKey")).reveal(), "utf-16-le")
        else:
            return None
        if len(found) not in KEY_BYTES:
            raise self.terminate(
                "The specified key is not valid. Valid key length settings are either 128 bits, 192 bits, or 256 bits.",
                "Argument",
                "InvalidArgument",
                net_type="System.Management.Automation.PSArgumentException",
            )
        return found


@command("ConvertTo-SecureString")
class ConvertToSecureString(SecretCmdlet):
    def process(self) -> None:
        text = to_string(self.arg("String"))
        if self.switch("AsPlainText"):
            self.write(SecureString(text))
            return
        key = self.key()
        try:
            self.write(SecureString(DIGITS.decrypt(text) if key is None else opened(text, key)))
        except ValueError as problem:
            self.error(
                NetException(str(problem), net_type="System.Security.Cryptography.CryptographicException"),
                "ImportSecureString_InvalidArgument_CryptographicError",
                "InvalidArgument",
            )


@command("ConvertFrom-SecureString")
class ConvertFromSecureString(SecretCmdlet):
    def process(self) -> None:
        secret: Any = unwrap(self.arg("SecureString"))
        key = self.key()
        if self.switch("AsPlainText"):
            self.write(secret.reveal())
        elif key is None:
            self.write(DIGITS.encrypt(secret.reveal()))
        else:
            self.write(sealed(secret.reveal(), key))


def sealed(secret: str, key: bytes) -> str:
    """AES in CBC mode: the header, and in base64 the version, the vector and the digits of what is encrypted."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    vector = os.urandom(BLOCK)
    data = encode(secret, "utf-16-le")
    rest = BLOCK - len(data) % BLOCK
    writer = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    digits = (writer.update(data + bytes([rest]) * rest) + writer.finalize()).hex()
    content = f"2|{base64.b64encode(vector).decode('ascii')}|{digits}"
    return HEADER + base64.b64encode(content.encode("utf-16-le")).decode("ascii")


def opened(text: str, key: bytes) -> str:
    """Raises ValueError for what is no such text and for another key."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    if not text.startswith(HEADER):
        raise ValueError("The text is not that of a secret under a key.")
    _, vector, digits = base64.b64decode(text[len(HEADER) :]).decode("utf-16-le").split("|")
    reader = Cipher(algorithms.AES(key), modes.CBC(base64.b64decode(vector))).decryptor()
    data = reader.update(bytes.fromhex(digits)) + reader.finalize()
    rest = data[-1] if data else 0
    if not 1 <= rest <= BLOCK or data[-rest:] != bytes([rest]) * rest:
        raise ValueError("Padding is invalid and cannot be removed.")
    return decode(data[:-rest], "utf-16-le")
