"""System.Security.Cryptography: hashes, HMACs and random bytes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

from ...psobject import PSList
from ..values.types import NetType
from .bytes import byte_list, to_bytes
from .table import NetObject, argument_null, declare, out_of_range

_SPACE = "System.Security.Cryptography."


class Hasher(NetObject):
    """SHA256 and its kin; with a key it is the HMAC."""

    def __init__(self, kind: NetType, name: str, key: bytes | None = None) -> None:
        self.kind = kind
        self.name = name
        self.key = key
        self.hash: bytes | None = None
        self.running: Any = None

    def net_type_of(self) -> NetType:
        return self.kind

    def fresh(self) -> Any:
        if self.key is not None:
            return hmac.new(self.key, digestmod=self.name)
        return hashlib.new(self.name)

    def compute(self, data: bytes) -> PSList:
        digest = self.fresh()
        digest.update(data)
        self.hash = digest.digest()
        return byte_list(self.hash)


def _bytes_of(source: Any) -> bytes:
    if source is None:
        raise argument_null("buffer")
    return source.read_all() if hasattr(source, "read_all") else to_bytes(source)


def _compute(hasher: Hasher, source: Any, start: int = 0, count: int | None = None) -> PSList:
    data = _bytes_of(source)
    return hasher.compute(data[start:] if count is None else data[start : start + count])


ALGORITHM = declare(_SPACE + "HashAlgorithm")
ALGORITHM.method(
    "byte[] ComputeHash(byte[] buffer)",
    "byte[] ComputeHash(byte[] buffer, int offset, int count)",
    "byte[] ComputeHash(System.IO.Stream inputStream)",
)(_compute)


@ALGORITHM.method(
    "int TransformBlock(byte[] inputBuffer, int inputOffset, int inputCount, byte[] outputBuffer, int outputOffset)"
)
def _transform(hasher: Hasher, data: Any, start: int, count: int, *_output: Any) -> int:
    hasher.running = hasher.running or hasher.fresh()
    hasher.running.update(to_bytes(data)[start : start + count])
    return count


@ALGORITHM.method("byte[] TransformFinalBlock(byte[] inputBuffer, int inputOffset, int inputCount)")
def _transform_final(hasher: Hasher, data: Any, start: int, count: int) -> PSList:
    _transform(hasher, data, start, count)
    hasher.hash, hasher.running = hasher.running.digest(), None
    return byte_list(to_bytes(data)[start : start + count])


ALGORITHM.method("void Dispose()", "void Clear()")(lambda hasher: None)
ALGORITHM.method("void Initialize()")(lambda hasher: setattr(hasher, "running", None))
ALGORITHM.property("int HashSize", lambda hasher: hasher.fresh().digest_size * 8)
ALGORITHM.property("byte[] Hash", lambda hasher: None if hasher.hash is None else byte_list(hasher.hash))
ALGORITHM.property("byte[] Key", lambda hasher: None if hasher.key is None else byte_list(hasher.key))


def make(name: str) -> Hasher | None:
    from ..values.types import net_type

    wanted = name.rpartition(".")[2].replace("-", "").lower()
    for known in _NAMES:
        if known.lower() == wanted:
            return Hasher(net_type(_SPACE + known), known.lower())
    return None


ALGORITHM.static("System.Security.Cryptography.HashAlgorithm Create(string hashName)")(make)
_NAMES = ("SHA256", "SHA1", "SHA384", "SHA512", "MD5")


def _declare_hash(name: str) -> None:
    table = declare(_SPACE + name)
    table.static(f"{_SPACE}{name} Create()")(lambda: make(name))
    table.static("byte[] HashData(byte[] source)", "byte[] HashData(System.IO.Stream source)")(
        lambda source: byte_list(hashlib.new(name.lower(), _bytes_of(source)).digest())
    )
    keyed = declare(f"{_SPACE}HMAC{name}")
    keyed.constructor("()", "(byte[] key)")(
        lambda kind, key=None: Hasher(kind, name.lower(), secrets.token_bytes(64) if key is None else to_bytes(key))
    )
    keyed.static("byte[] HashData(byte[] key, byte[] source)")(
        lambda key, source: byte_list(hmac.new(to_bytes(key), _bytes_of(source), name.lower()).digest())
    )


for _name in _NAMES:
    _declare_hash(_name)
for _old, _new in (
    ("SHA256Managed", "SHA256"),
    ("SHA1Managed", "SHA1"),
    ("SHA1CryptoServiceProvider", "SHA1"),
    ("MD5CryptoServiceProvider", "MD5"),
    ("SHA512Managed", "SHA512"),
):
    _table = declare(_SPACE + _old)
    _table.constructor("()")(lambda kind, name=_new: make(name))
    _table.static(f"{_SPACE}{_new} Create()")(lambda name=_new: make(name))

# -- random bytes


class Generator(NetObject):
    net_type = _SPACE + "RandomNumberGenerator"


RANDOM = declare(Generator.net_type)
RANDOM.static("System.Security.Cryptography.RandomNumberGenerator Create()")(Generator)


@RANDOM.static("byte[] GetBytes(int count)")
def _random_bytes(count: int) -> Any:
    if count < 0:
        raise out_of_range("count", f"count ('{count}') must be a non-negative value.")
    return byte_list(secrets.token_bytes(count))


@RANDOM.static("int GetInt32(int toExclusive)", "int GetInt32(int fromInclusive, int toExclusive)")
def _integer(*bounds: int) -> int:
    low, high = bounds if len(bounds) == 2 else (0, bounds[0])
    if high <= low:
        raise out_of_range("toExclusive", "Range of random number does not contain at least one possibility.")
    return low + secrets.randbelow(high - low)


@RANDOM.static("void Fill(byte[] data)")
def _fill(data: Any) -> None:
    data[:] = byte_list(secrets.token_bytes(len(data)))


RANDOM.method("void GetBytes(byte[] data)", "void GetNonZeroBytes(byte[] data)")(lambda generator, data: _fill(data))
RANDOM.method("void Dispose()")(lambda generator: None)


@RANDOM.static("string GetHexString(int stringLength, bool lowercase)", "string GetHexString(int stringLength)")
def _hex(length: int, lower: bool = False) -> str:
    text = secrets.token_hex((length + 1) // 2)[:length]
    return text if lower else text.upper()
