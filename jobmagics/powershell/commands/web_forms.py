"""-Form: fields and files as multipart/form-data."""

from __future__ import annotations

import os
import uuid
from typing import Any

from ..values.utf16 import encode
from ..values.value import enumerate_value, is_enumerable, to_string, unwrap
from .fileinfo import FileInfo


def multipart(form: Any) -> tuple[bytes, str]:
    """The body and its content type. Raises OSError for a file that cannot be read."""
    boundary = str(uuid.uuid4())
    parts: list[bytes] = []
    for key, given in form.items():
        value = unwrap(given)
        # each element of a collection is a field of that name
        several = is_enumerable(value) and not isinstance(value, (str, FileInfo))
        for one in enumerate_value(value) if several else [value]:
            parts.append(_part(to_string(key), unwrap(one), boundary))
    return b"".join([*parts, f"--{boundary}--\r\n".encode()]), f'multipart/form-data; boundary="{boundary}"'


def _part(name: str, value: Any, boundary: str) -> bytes:
    quoted = encode(name).decode().replace('"', "%22").replace("\r", "").replace("\n", "")
    if isinstance(value, FileInfo):
        path = to_string(value.path)
        with open(path, "rb") as source:
            data = source.read()
        file = os.path.basename(path).replace('"', "%22")
        heads = f'Content-Disposition: form-data; name="{quoted}"; filename="{file}"\r\n'
        heads += "Content-Type: application/octet-stream\r\n"
    else:
        data = encode(to_string(value))
        heads = f'Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name="{quoted}"\r\n'
    return f"--{boundary}\r\n{heads}\r\n".encode() + data + b"\r\n"
