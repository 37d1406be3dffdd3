"""BinaryReader and BinaryWriter: numbers and text in a stream's bytes, as .NET writes them (little endian)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from ...psobject import Byte, Char, Int16, Int64, SByte, Single, UInt16, UInt32, UInt64
from ..values.types import NetType
from .bytes import byte_list, to_bytes
from .encoding import Encoding, utf8
from .streams import Stream
from .table import NetObject, declare, net_error

# method of the reader, type, struct format, Python class
NUMBERS: tuple[tuple[str, str, str, Callable[[Any], Any]], ...] = (
    ("ReadBoolean", "bool", "<?", bool),
    ("ReadByte", "byte", "<B", Byte),
    ("ReadSByte", "sbyte", "<b", SByte),
    ("ReadInt16", "short", "<h", Int16),
    ("ReadUInt16", "ushort", "<H", UInt16),
    ("ReadInt32", "int", "<i", int),
    ("ReadUInt32", "uint", "<I", UInt32),
    ("ReadInt64", "long", "<q", Int64),
    ("ReadUInt64", "ulong", "<Q", UInt64),
    ("ReadSingle", "float", "<f", Single),
    ("ReadDouble", "double", "<d", float),
)


class Binary(NetObject):
    """What the reader and the writer share: the stream and the encoding of its text."""

    def __init__(self, stream: Stream, encoding: Encoding | None = None, leave_open: bool = False) -> None:
        self.stream = stream
        self.encoding = encoding or utf8()
        self.leave_open = leave_open

    def close(self) -> None:
        if not self.leave_open:
            self.stream.close()


class BinaryReader(Binary):
    net_type = "System.IO.BinaryReader"

    def take(self, count: int) -> bytes:
        found = self.stream.read(count)
        if len(found) < count:
            raise net_error("System.IO.EndOfStreamException", "Unable to read beyond the end of the stream.")
        return found

    def length(self) -> int:
        """The length before a text: seven bits a byte, the last one below 128."""
        total = shift = 0
        while True:
            byte = self.take(1)[0]
            total |= (byte & 0x7F) << shift
            if byte < 0x80:
                return total
            shift += 7

    def text(self) -> str:
        return self.encoding.decode(self.take(self.length()))

    def char(self) -> Char:
        data = self.take(1)
        while self.encoding.decode(data).endswith("\ufffd"):
            data += self.take(1)
        return Char(self.encoding.decode(data))

    def peek(self) -> int:
        at = self.stream.position
        found = self.stream.read(1)
        self.stream.position = at
        return found[0] if found else -1


class BinaryWriter(Binary):
    net_type = "System.IO.BinaryWriter"

    def text(self, value: str) -> None:
        data = self.encoding.encode(value)
        left, head = len(data), bytearray()
        while left >= 0x80:
            head.append(left & 0x7F | 0x80)
            left >>= 7
        head.append(left)
        self.stream.write(bytes(head) + data)


READER = declare("System.IO.BinaryReader")
WRITER = declare("System.IO.BinaryWriter")


def _make(made: type[Binary]) -> Callable[..., Binary]:
    def make(kind: NetType, *parts: Any) -> Binary:
        return made(*parts)

    return make


for _table, _class, _name in ((READER, BinaryReader, "input"), (WRITER, BinaryWriter, "output")):
    _table.constructor(
        f"(System.IO.Stream {_name})",
        f"(System.IO.Stream {_name}, System.Text.Encoding encoding)",
        f"(System.IO.Stream {_name}, System.Text.Encoding encoding, bool leaveOpen)",
    )(_make(_class))
    _table.property("System.IO.Stream BaseStream", lambda held: held.stream)
    _table.method("void Close()", "void Dispose()")(lambda held: held.close())


def _declare_number(name: str, kind: str, layout: str, made: Callable[[Any], Any]) -> None:
    size = struct.calcsize(layout)
    READER.method(f"{kind} {name}()")(lambda reader: made(struct.unpack(layout, reader.take(size))[0]))
    WRITER.method(f"void Write({kind} value)")(lambda writer, value: writer.stream.write(struct.pack(layout, value)))


for _row in NUMBERS:
    _declare_number(*_row)
READER.method("string ReadString()")(lambda reader: reader.text())
READER.method("char ReadChar()")(lambda reader: reader.char())
READER.method("byte[] ReadBytes(int count)")(lambda reader, count: byte_list(reader.stream.read(count)))
READER.method("int PeekChar()")(lambda reader: reader.peek())
WRITER.method("void Write(string value)")(lambda writer, value: writer.text(value))
WRITER.method("void Write(char ch)")(lambda writer, value: writer.stream.write(writer.encoding.encode(value)))
WRITER.method("void Write(byte[] buffer)")(lambda writer, data: writer.stream.write(to_bytes(data)))
WRITER.method("void Write(byte[] buffer, int index, int count)")(
    lambda writer, data, index, count: writer.stream.write(to_bytes(data)[index : index + count])
)
WRITER.method("void Flush()")(lambda writer: writer.stream.flush())
WRITER.method("long Seek(int offset, System.IO.SeekOrigin origin)")(
    lambda writer, offset, origin: Int64(writer.stream.file.seek(offset, int(origin)))
)
