"""PSPrimitiveDictionary: a hashtable of plain values under string keys."""

from __future__ import annotations

import datetime
import decimal
import uuid
from typing import Any

from ...psobject import Hashtable, PSList, Uri, Version, XmlDocument
from ..records import SMA, ProgressRecord, error
from ..values.types import NetType, net_type, type_of
from ..values.value import is_true, unwrap
from .table import declare

NAME = SMA + "PSPrimitiveDictionary"
_PLAIN = (
    str,
    bool,
    int,
    float,
    decimal.Decimal,
    datetime.datetime,
    datetime.timedelta,
    uuid.UUID,
    Version,
    Uri,
    XmlDocument,
    bytes,
    ProgressRecord,
)


class PrimitiveDictionary(Hashtable):
    __slots__ = ()
    type_names = [NAME, "System.Collections.Hashtable", "System.Object"]  # noqa: RUF012 - Hashtable's own way of saying it

    def net_type_of(self) -> NetType:
        return net_type(NAME)

    def __setitem__(self, key: Any, value: Any) -> None:
        if not isinstance(key, str):
            raise error(
                "The key of a PSPrimitiveDictionary must be a string.",
                "ArgumentException",
                net_type="System.ArgumentException",
            )
        plain = unwrap(value)
        if not (plain is None or isinstance(plain, (*_PLAIN, PrimitiveDictionary, PSList))):
            raise error(
                f"Values of the type {type_of(plain).full_name} are not allowed in a PSPrimitiveDictionary.",
                "ArgumentException",
                net_type="System.ArgumentException",
            )
        super().__setitem__(key, plain)


PRIMITIVE = declare(NAME)


@PRIMITIVE.constructor("()", "(hashtable other)")
def _new(kind: NetType, other: Hashtable | None = None) -> PrimitiveDictionary:
    return PrimitiveDictionary(other.items() if other is not None else ())


@PRIMITIVE.method("void Add(System.Object key, System.Object value)", "void Add(string key, System.Object value)")
def _add(held: PrimitiveDictionary, key: Any, value: Any) -> None:
    # of .NET's many overloads, Add(string, bool) is the one PowerShell finds for an object[]
    held[key] = is_true(value) if type(value) is list else value


PRIMITIVE.method("System.Object Clone()")(lambda held: PrimitiveDictionary(held.items()))
