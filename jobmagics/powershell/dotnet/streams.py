"""System.IO: streams of bytes, readers and writers of text."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable
from typing import Any

from ...psobject import Int64
from ..values.types import NetType
from ..values.value import to_string
from .bytes import byte_list, to_bytes
from .encoding import Encoding, decode_file, text_encoding, utf8, utf16
from .io_errors import io_errors
from .paths import full_path
from .table import NetObject, argument_null, declare, net_error, out_of_range

_ENCODED = "System.Text.Encoding encoding"
GZIP_WINDOW = 16 + zlib.MAX_WBITS


def closed(name: str = "Cannot access a closed Stream.") -> Exception:
    return net_error("System.ObjectDisposedException", name)


# -- streams


class Stream(NetObject):
    """Bytes with a position, over a Python binary file."""

    net_type = "System.IO.Stream"

    def __init__(self, raw: Any, readable: bool = True, writable: bool = True, name: str = "") -> None:
        self.raw = raw
        self.readable = readable
        self.writable = writable
        self.name = name

    @property
    def file(self) -> Any:
        if self.raw.closed:
            raise closed()
        return self.raw

    @property
    def position(self) -> Int64:
        return Int64(self.file.tell())

    @position.setter
    def position(self, at: int) -> None:
        if at < 0:
            raise out_of_range("value", f"value ('{at}') must be a non-negative value.")
        self.file.seek(int(at))

    @property
    def length(self) -> Int64:
        at = self.file.tell()
        end = self.raw.seek(0, io.SEEK_END)
        self.raw.seek(at)
        return Int64(end)

    def read(self, count: int = -1) -> bytes:
        if not self.readable:
            raise net_error("System.NotSupportedException", "Stream does not support reading.")
        found: bytes = self.file.read(count)
        return found

    def read_all(self) -> bytes:
        return self.read()

    def write(self, data: bytes) -> None:
        if not self.writable:
            raise net_error("System.NotSupportedException", "Stream does not support writing.")
        self.file.write(data)

    def flush(self) -> None:
        if not self.raw.closed:
            self.raw.flush()

    def close(self) -> None:
        self.raw.close()

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        is_open = not self.raw.closed
        yield "CanRead", is_open and self.readable
        yield "CanSeek", is_open
        yield "CanWrite", is_open and self.writable
        if is_open:
            yield "Length", self.length
            yield "Position", self.position
        if self.name:
            yield "Name", self.name


class MemoryStream(Stream):
    net_type = "System.IO.MemoryStream"

    def __init__(self, data: bytes = b"", writable: bool = True) -> None:
        super().__init__(io.BytesIO(data), True, writable)
        self.kept = b""

    def to_array(self) -> bytes:
        if self.raw.closed:
            return self.kept
        data: bytes = self.raw.getvalue()
        return data

    def close(self) -> None:
        # ToArray() works on a closed MemoryStream
        if not self.raw.closed:
            self.kept = self.raw.getvalue()
        self.raw.close()


class FileStream(Stream):
    net_type = "System.IO.FileStream"


_MODES = {"CreateNew": "xb+", "Create": "wb+", "Open": "rb+", "Truncate": "wb+", "Append": "ab"}


def open_file_stream(path: str, mode: str, access: str = "ReadWrite") -> FileStream:
    where = full_path(path)
    python = _MODES.get(mode, "rb+")
    if mode == "OpenOrCreate":
        with io_errors(where), open(where, "ab"):
            pass
    elif mode == "Open" and access == "Read":
        python = "rb"
    with io_errors(where):
        raw = open(where, python)  # noqa: SIM115 - the script closes it
    return FileStream(raw, "Read" in access and mode != "Append", "Write" in access, where)


class Deflate(Stream):
    """GZipStream and DeflateStream: compresses what is written, or reads what was compressed, over another stream."""

    def __init__(self, kind: NetType, inner: Stream, compress: bool, leave_open: bool = False) -> None:
        self.kind = kind
        self.inner = inner
        self.leave_open = leave_open
        window = GZIP_WINDOW if kind.name == "GZipStream" else -zlib.MAX_WBITS
        self.press = zlib.compressobj(-1, zlib.DEFLATED, window) if compress else None
        data = b""
        if not compress:
            try:
                data = zlib.decompressobj(window).decompress(inner.read())
            except zlib.error:
                raise net_error(
                    "System.IO.InvalidDataException",
                    "The archive entry was compressed using an unsupported compression method.",
                ) from None
        super().__init__(io.BytesIO(data), not compress, compress)

    def net_type_of(self) -> NetType:
        return self.kind

    def write(self, data: bytes) -> None:
        if self.press is None:
            raise net_error("System.InvalidOperationException", "Writing to the compression stream is not supported.")
        self.inner.write(self.press.compress(data))

    def close(self) -> None:
        if self.raw.closed:
            return
        if self.press is not None:
            self.inner.write(self.press.flush())
        super().close()
        if not self.leave_open:
            self.inner.close()


STREAM = declare("System.IO.Stream")
STREAM.property("bool CanRead", lambda stream: not stream.raw.closed and stream.readable)
STREAM.property("bool CanWrite", lambda stream: not stream.raw.closed and stream.writable)
STREAM.property("bool CanSeek", lambda stream: not stream.raw.closed)
STREAM.property("long Length", lambda stream: stream.length)
STREAM.property("long Position", lambda stream: stream.position, lambda stream, at: setattr(stream, "position", at))
STREAM.method("void Flush()")(Stream.flush)
STREAM.method("void Close()", "void Dispose()")(lambda stream: stream.close())
STREAM.method("void Write(byte[] buffer, int offset, int count)", "void Write(byte[] buffer)")(
    lambda stream, data, offset=0, count=None: stream.write(
        to_bytes(data)[offset:] if count is None else to_bytes(data)[offset : offset + count]
    )
)
STREAM.method("void WriteByte(byte value)")(lambda stream, value: stream.write(bytes([value])))
STREAM.method("void SetLength(long value)")(lambda stream, size: stream.file.truncate(int(size)))


@STREAM.method("int Read(byte[] buffer, int offset, int count)")
def _read(stream: Stream, buffer: Any, offset: int, count: int) -> int:
    data = stream.read(count)
    buffer[offset : offset + len(data)] = byte_list(data)
    return len(data)


@STREAM.method("int ReadByte()")
def _read_byte(stream: Stream) -> int:
    data = stream.read(1)
    return data[0] if data else -1


@STREAM.method("long Seek(long offset, System.IO.SeekOrigin origin)")
def _seek(stream: Stream, offset: int, origin: Any) -> Int64:
    return Int64(stream.file.seek(int(offset), int(origin)))


STREAM.method("void CopyTo(System.IO.Stream destination)", "void CopyTo(System.IO.Stream destination, int bufferSize)")(
    lambda stream, target, size=0: target.write(stream.read())
)
MEMORY = declare("System.IO.MemoryStream")
MEMORY.constructor("()", "(int capacity)")(lambda kind, capacity=0: MemoryStream())
MEMORY.constructor("(byte[] buffer)", "(byte[] buffer, bool writable)")(
    lambda kind, data, writable=True: MemoryStream(to_bytes(data), writable)
)
MEMORY.method("byte[] ToArray()", "byte[] GetBuffer()")(lambda stream: byte_list(stream.to_array()))
MEMORY.method("void WriteTo(System.IO.Stream stream)")(lambda stream, target: target.write(stream.to_array()))
MEMORY.property("int Capacity", lambda stream: max(256, int(stream.length)), lambda stream, size: None)
FILE = declare("System.IO.FileStream")
FILE.property("string Name", lambda stream: stream.name)


@FILE.constructor(
    "(string path, System.IO.FileMode mode)",
    "(string path, System.IO.FileMode mode, System.IO.FileAccess access)",
    "(string path, System.IO.FileMode mode, System.IO.FileAccess access, System.IO.FileShare share)",
)
def _file_stream(kind: NetType, path: str, mode: Any, access: Any = "ReadWrite", share: Any = None) -> FileStream:
    return open_file_stream(path, str(mode), "Write" if str(mode) == "Append" else str(access))


for _name in ("GZipStream", "DeflateStream"):
    declare(f"System.IO.Compression.{_name}").constructor(
        "(System.IO.Stream stream, System.IO.Compression.CompressionMode mode)",
        "(System.IO.Stream stream, System.IO.Compression.CompressionMode mode, bool leaveOpen)",
    )(lambda kind, inner, mode, leave_open=False: Deflate(kind, inner, int(mode) == 1, leave_open))

# -- readers


class TextReader(NetObject):
    """Text and a place in it; over a stream the text is read when it is first asked for."""

    def __init__(self, kind: str, text: str | None, stream: Stream | None = None, encoding: Any = None) -> None:
        self.net_type = kind
        self._text = text
        self.stream = stream
        self.encoding = encoding
        self.at = 0
        self.is_open = True

    @property
    def text(self) -> str:
        if not self.is_open:
            name = self.net_type.rpartition(".")[2]
            raise net_error(
                "System.ObjectDisposedException",
                f"Cannot read from a closed {'TextReader' if name == 'StreamReader' else name}.",
            )
        if self._text is None:
            assert self.stream is not None
            self._text = decode_file(self.stream.read(), self.encoding)
        return self._text

    def peek(self) -> int:
        return ord(self.text[self.at]) if self.at < len(self.text) else -1

    def read(self) -> int:
        found = self.peek()
        self.at += found >= 0
        return found

    def read_line(self) -> str | None:
        text, start = self.text, self.at
        if start >= len(text):
            return None
        ends = [at for at in (text.find("\n", start), text.find("\r", start)) if at >= 0]
        if not ends:
            self.at = len(text)
            return text[start:]
        end = min(ends)
        self.at = end + (2 if text[end : end + 2] == "\r\n" else 1)
        return text[start:end]

    def read_to_end(self) -> str:
        rest = self.text[self.at :]
        self.at = len(self.text)
        return rest

    def read_block(self, buffer: Any, index: int, count: int) -> int:
        from ...psobject import Char

        part = self.text[self.at : self.at + count]
        buffer[index : index + len(part)] = map(Char, part)
        self.at += len(part)
        return len(part)

    def close(self) -> None:
        self.is_open = False
        if self.stream is not None:
            self.stream.close()

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        if self.stream is not None:
            yield "CurrentEncoding", text_encoding(self.encoding)
            yield "BaseStream", self.stream
            yield "EndOfStream", self.peek() < 0


def reader_of(path: str, encoding: Any = None) -> TextReader:
    return TextReader("System.IO.StreamReader", None, open_file_stream(path, "Open", "Read"), encoding)


READER = declare("System.IO.TextReader")
READER.method("int Peek()")(TextReader.peek)
READER.method("int Read()")(TextReader.read)
READER.method("int Read(char[] buffer, int index, int count)", "int ReadBlock(char[] buffer, int index, int count)")(
    TextReader.read_block
)
READER.method("string ReadLine()")(TextReader.read_line)
READER.method("string ReadToEnd()")(TextReader.read_to_end)
READER.method("void Close()", "void Dispose()")(TextReader.close)
_STRING_READER = declare("System.IO.StringReader")


@_STRING_READER.constructor("(string s)")
def _string_reader(kind: NetType, text: str | None) -> TextReader:
    if text is None:
        raise argument_null("s")
    return TextReader("System.IO.StringReader", text)


STREAM_READER = declare("System.IO.StreamReader")
STREAM_READER.constructor(
    "(string path)", f"(string path, {_ENCODED})", f"(string path, {_ENCODED}, bool detectEncodingFromByteOrderMarks)"
)(lambda kind, path, encoding=None, detect=True: reader_of(path, encoding))
STREAM_READER.constructor(
    "(System.IO.Stream stream)",
    f"(System.IO.Stream stream, {_ENCODED})",
    f"(System.IO.Stream stream, {_ENCODED}, bool detect)",
)(lambda kind, stream, encoding=None, detect=True: TextReader("System.IO.StreamReader", None, stream, encoding))
STREAM_READER.property("bool EndOfStream", lambda reader: reader.peek() < 0)
STREAM_READER.property("System.IO.Stream BaseStream", lambda reader: reader.stream)
STREAM_READER.property("System.Text.Encoding CurrentEncoding", lambda reader: text_encoding(reader.encoding))

# -- writers


class TextWriter(NetObject):
    """Text that goes to a stream, or is kept (StringWriter)."""

    def __init__(
        self, kind: str, stream: Stream | None = None, encoding: Encoding | None = None, fresh: bool = True
    ) -> None:
        self.net_type = kind
        self.stream = stream
        self.encoding = encoding or utf8(False)
        self.pieces: list[str] = []
        self.new_line = "\n"
        self.auto_flush = False
        self.is_open = True
        if stream is not None and fresh and self.encoding.mark:
            stream.write(self.encoding.mark)

    def put(self, text: str) -> None:
        if not self.is_open:
            raise net_error("System.ObjectDisposedException", "Cannot write to a closed TextWriter.")
        if self.stream is None:
            self.pieces.append(text)
        else:
            self.stream.write(self.encoding.encode(text))

    def write(self, *parts: Any) -> None:
        self.put(_written(parts))

    def write_line(self, *parts: Any) -> None:
        self.put(_written(parts) + self.new_line)

    def flush(self) -> None:
        if self.stream is not None:
            self.stream.flush()

    def close(self) -> None:
        self.is_open = False
        if self.stream is not None:
            self.stream.close()

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        if self.stream is not None:
            yield "AutoFlush", self.auto_flush
            yield "BaseStream", self.stream
        yield "Encoding", self.encoding if self.stream is not None else utf16()
        yield "FormatProvider", None
        yield "NewLine", self.new_line

    def ps_to_string(self) -> str:
        return self.text if self.stream is None else self.net_type


def _written(parts: tuple[Any, ...]) -> str:
    from .objects import text_of

    if not parts or parts[0] is None:
        return ""
    if len(parts) == 1:
        value = parts[0]
        if isinstance(value, list) and all(isinstance(one, str) and len(one) == 1 for one in value):
            return "".join(value)
        return text_of(value)
    from ..values.formats import composite

    return composite(to_string(parts[0]), list(parts[1]))


def writer_of(path: str, append: bool, encoding: Any = None) -> TextWriter:
    where = full_path(path)
    stream = open_file_stream(where, "Append" if append else "Create", "Write")
    return TextWriter("System.IO.StreamWriter", stream, text_encoding(encoding), fresh=int(stream.length) == 0)


WRITER = declare("System.IO.TextWriter")
for _name, _function in (("Write", TextWriter.write), ("WriteLine", TextWriter.write_line)):
    WRITER.method(
        *((f"void {_name}()",) if _name == "WriteLine" else ()),
        *(
            f"void {_name}({_kind} value)"
            for _kind in ("string", "char", "char[]", "int", "long", "double", "bool", "decimal", "System.Object")
        ),
        f"void {_name}(string format, Params System.Object[] arg)",
    )(_function)
WRITER.method("void Flush()")(TextWriter.flush)
WRITER.method("void Close()", "void Dispose()")(TextWriter.close)
WRITER.property(
    "string NewLine", lambda writer: writer.new_line, lambda writer, text: setattr(writer, "new_line", text)
)
WRITER.property(
    "System.Text.Encoding Encoding", lambda writer: writer.encoding if writer.stream is not None else utf16()
)
STRING_WRITER = declare("System.IO.StringWriter")


@STRING_WRITER.constructor("()", "(System.IFormatProvider formatProvider)")
def _string_writer(kind: NetType, provider: Any = None) -> TextWriter:
    return TextWriter("System.IO.StringWriter")


STRING_WRITER.method("string ToString()")(lambda writer: writer.text)


@STRING_WRITER.method("System.Text.StringBuilder GetStringBuilder()")
def _builder(writer: TextWriter) -> Any:
    from .builder import StringBuilder

    return StringBuilder(writer.text)


STREAM_WRITER = declare("System.IO.StreamWriter")
STREAM_WRITER.constructor("(string path)", "(string path, bool append)", f"(string path, bool append, {_ENCODED})")(
    lambda kind, path, append=False, encoding=None: writer_of(path, append, encoding)
)
STREAM_WRITER.constructor(
    "(System.IO.Stream stream)",
    f"(System.IO.Stream stream, {_ENCODED})",
    f"(System.IO.Stream stream, {_ENCODED}, int bufferSize, bool leaveOpen)",
)(
    lambda kind, stream, encoding=None, size=0, leave_open=False: TextWriter(
        "System.IO.StreamWriter", stream, text_encoding(encoding), int(stream.length) == 0
    )
)
STREAM_WRITER.property(
    "bool AutoFlush", lambda writer: writer.auto_flush, lambda writer, on: setattr(writer, "auto_flush", on)
)
STREAM_WRITER.property("System.IO.Stream BaseStream", lambda writer: writer.stream)
