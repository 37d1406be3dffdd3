"""Get-FileHash and Format-Hex."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from typing import Any

from ...psobject import Byte, PSList, PSObject, UInt64
from ..runtime.cmdlet import Cmdlet, command
from ..values.utf16 import encode
from ..values.value import NOTHING, as_list, to_string, unwrap
from ..values.wildcards import has_wildcard
from .content import codec_of
from .providers import NOT_FOUND, expand, locate, resolve_files

BLOCK = 1 << 20
ROW = 16
NET_SIZES = {"int": 4, "Int64": 8, "Byte": 1, "Int16": 2, "UInt16": 2, "UInt32": 4, "UInt64": 8, "SByte": 1}


@command("Get-FileHash")
class GetFileHash(Cmdlet):
    def process(self) -> None:
        stream = self.arg("InputStream")
        if stream is not None:
            self._put(bytes(stream.read_all()), None)
            return
        literal = self.arg("LiteralPath")
        for text in map(to_string, as_list(literal if literal is not None else self.arg("Path"))):
            found = expand(self, text, literal is not None, quiet=True)
            if not found and (literal is not None or not has_wildcard(text)):
                self._missing(text)
            for place in found:
                if not os.path.isdir(place.path):
                    self._file(place.path)

    def _missing(self, text: str) -> None:
        message = f"Cannot find path '{locate(self, text).shown}' because it does not exist."
        self.error(message, "FileNotFound", "ObjectNotFound", text, net_type=NOT_FOUND)

    def _file(self, path: str) -> None:
        digest = self._digest()
        try:
            with open(path, "rb") as source:
                while block := source.read(BLOCK):
                    digest.update(block)
                    self.check_stopped()
        except OSError as problem:
            message = f"The file '{path}' cannot be read: {problem.strerror}"
            self.error(message, "FileReadError", "ReadError", path, net_type="System.IO.FileLoadException")
            return
        self._write(digest.hexdigest().upper(), path)

    def _put(self, data: bytes, path: str | None) -> None:
        digest = self._digest()
        digest.update(data)
        self._write(digest.hexdigest().upper(), path)

    def _digest(self) -> Any:
        return hashlib.new(to_string(self.arg("Algorithm", "SHA256")).lower(), usedforsecurity=False)

    def _write(self, found: str, path: str | None) -> None:
        names = ["Microsoft.PowerShell.Commands.FileHashInfo", "System.Object"]
        algorithm = to_string(self.arg("Algorithm", "SHA256")).upper()
        self.write(PSObject(adapted={"Algorithm": algorithm, "Hash": found, "Path": path}, type_names=names))


class ByteCollection:
    """Sixteen bytes and what they look like."""

    def __init__(self, data: bytes, offset: int, label: str | None) -> None:
        self.data, self.offset, self.label = data, offset, label

    @property
    def hex_bytes(self) -> str:
        return " ".join(f"{byte:02X}" for byte in self.data)

    @property
    def ascii(self) -> str:
        return "".join(
            " " if not byte else "\ufffd" if byte < 0x20 or 0x7F <= byte < 0xA0 else chr(byte) for byte in self.data
        )

    def ps_type_names(self) -> list[str]:
        return ["Microsoft.PowerShell.Commands.ByteCollection", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Offset64", UInt64(self.offset)
        yield "HexOffset", f"{self.offset:016X}"
        yield "Path", None
        yield "Bytes", PSList.of("System.Byte", [Byte(byte) for byte in self.data])
        yield "HexBytes", self.hex_bytes
        yield "Ascii", self.ascii
        yield "Label", self.label

    def ps_to_string(self) -> str:
        return f"{self.offset:016X}   {self.hex_bytes:<48} {self.ascii}"


@command("Format-Hex")
class FormatHex(Cmdlet):
    def begin(self) -> None:
        self._bytes = bytearray()

    def process(self) -> None:
        if self.set_name in ("Path", "LiteralPath"):
            literal = self.arg("LiteralPath")
            for path in resolve_files(
                self, as_list(literal if literal is not None else self.arg("Path")), literal is not None
            ):
                with open(path, "rb") as source:
                    self._rows(source.read(), path)
            return
        value = self.bound.get("inputobject", NOTHING)
        base = unwrap(value)
        if isinstance(base, Byte):
            self._bytes.append(base)
        elif value is not NOTHING and base is not None:
            self._rows(self._encoded(base), f"{type_label(base)} <{id(base) & 0xFFFFFFFF:08X}>")

    def _encoded(self, value: Any) -> bytes:
        if isinstance(value, str):
            return encode(value, codec_of(self.arg("Encoding"))[0])
        if isinstance(value, list):
            return bytes(int(item) & 0xFF for item in value)
        if isinstance(value, int):
            size = NET_SIZES.get(type(value).__name__, 4)
            return (int(value) & ((1 << 8 * size) - 1)).to_bytes(size, "little")
        return encode(to_string(value))

    def _rows(self, data: bytes, label: str) -> None:
        count, offset = self.arg("Count"), int(self.arg("Offset", 0))
        data = data[offset : None if count is None else offset + int(count)]
        for start in range(0, len(data), ROW):
            self.write(ByteCollection(data[start : start + ROW], offset + start, label))

    def end(self) -> None:
        if self._bytes:
            self._rows(bytes(self._bytes), "Byte")


def type_label(value: Any) -> str:
    from ..values.types import type_of

    return str(type_of(value).name)
