"""CLIXML: PowerShell's own serialization, between text and the values of ``psobject``.

The one door to the codec: ``text`` spells scalars, ``read`` and ``write`` do the shapes.
Knows no I/O and no PSRP messages. Fast both ways because everything a job says passes through it at least twice.
"""

from .read import Cipher, decode, decode_many, decode_objs, scalar_type_names
from .text import CLIXMLError, NoSessionKey, escape, escape_name, unescape
from .write import encode, encode_member, encode_objs

__all__ = [
    "CLIXMLError",
    "Cipher",
    "NoSessionKey",
    "decode",
    "decode_many",
    "decode_objs",
    "encode",
    "encode_member",
    "encode_objs",
    "escape",
    "escape_name",
    "scalar_type_names",
    "unescape",
]
