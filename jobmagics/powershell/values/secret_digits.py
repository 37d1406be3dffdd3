"""Secrets as text where there is no DPAPI, anywhere but on Windows: PowerShell does not encrypt them, it writes the
bytes of their UTF-16 as hex digits.
"""

from __future__ import annotations

from .utf16 import decode, encode


class SecretDigits:
    """As a cipher of CLIXML documents."""

    def encrypt(self, text: str) -> str:
        return encode(text, "utf-16-le").hex()

    def decrypt(self, data: str) -> str:
        """Raises ValueError for what are no such digits; none at all are none, for PowerShell too."""
        try:
            if data:
                return decode(bytes.fromhex(data), "utf-16-le")
        except ValueError:
            pass
        raise ValueError(
            'Cannot process argument because the value of argument "input" is not valid. Change the value of the'
            ' "input" argument and run the operation again.'
        )


DIGITS = SecretDigits()
