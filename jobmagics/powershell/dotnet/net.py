"""System.Uri and the small helpers of System.Net."""

from __future__ import annotations

import html
import ipaddress
import posixpath
import re
import socket
import urllib.parse
from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin, urlsplit

from ...psobject import PSList, Uri
from ..values.types import NetType
from ..values.utf16 import encode, units, well_formed
from .bytes import byte_list, to_bytes
from .enums import enum_value
from .table import NetObject, argument_null, declare, net_error

PORTS = {"http": 80, "https": 443, "ftp": 21, "ssh": 22, "ws": 80, "wss": 443, "ldap": 389, "telnet": 23, "gopher": 70}
_UNRESERVED = "-._~"
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_KEPT = "-._~:/?#[]@!$&'()*+,;=%"


def quote(text: str, safe: str) -> str:
    return urllib.parse.quote(encode(text), safe)


def unquote(text: str, errors: str = "replace") -> str:
    return units(urllib.parse.unquote(text, errors=errors))


# -- Uri


def is_absolute(uri: str) -> bool:
    return bool(_ABSOLUTE.match(uri)) or uri.startswith("/")


def _need_absolute(uri: str) -> None:
    if not is_absolute(uri):
        raise net_error("System.InvalidOperationException", "This operation is not supported for a relative URI.")


class Parts:
    """An absolute URI taken apart and put into its canonical form."""

    def __init__(self, uri: str) -> None:
        _need_absolute(uri)
        text = str(uri).strip()
        if text.startswith("/"):
            text = "file://" + text
        split = urlsplit(text)
        self.scheme = split.scheme.lower()
        self.user = split.netloc.rpartition("@")[0]
        self.host = (split.hostname or "").lower()
        if ":" in self.host:
            self.host = f"[{self.host}]"
        try:
            given = split.port
        except ValueError:
            raise net_error("System.UriFormatException", "Invalid URI: Invalid port specified.") from None
        self.port = given if given is not None else PORTS.get(self.scheme, -1)
        self.is_default_port = given is None or given == PORTS.get(self.scheme)
        self.rooted = bool(split.netloc) or self.scheme == "file"
        path = quote(split.path, safe=_KEPT)
        self.path = (_without_dots(path) or "/") if self.rooted else path
        self.query = f"?{quote(split.query, safe=_KEPT)}" if split.query else ""
        self.fragment = f"#{quote(split.fragment, safe=_KEPT)}" if split.fragment else ""

    @property
    def authority(self) -> str:
        return self.host if self.is_default_port else f"{self.host}:{self.port}"

    @property
    def absolute(self) -> str:
        if not self.rooted:
            return f"{self.scheme}:{self.path}{self.query}{self.fragment}"
        user = f"{self.user}@" if self.user else ""
        return f"{self.scheme}://{user}{self.authority}{self.path}{self.query}{self.fragment}"


def _without_dots(path: str) -> str:
    if "/." not in path:
        return path
    kept = posixpath.normpath(path)
    return kept + "/" if path.endswith(("/", "/.", "/..")) and kept != "/" else kept


def make_uri(text: str | None, kind: Any = "Absolute") -> Uri:
    if text is None:
        raise argument_null("uriString")
    if str(kind) == "Absolute" and not is_absolute(text):
        message = (
            "Invalid URI: The URI is empty."
            if not text
            else "Invalid URI: The format of the URI could not be determined."
        )
        raise net_error("System.UriFormatException", message)
    if re.match(r"[A-Za-z][A-Za-z0-9+.\-]*://$", text):
        raise net_error("System.UriFormatException", "Invalid URI: The hostname could not be parsed.")
    return Uri(text)


def shown(uri: str) -> str:
    """ToString(): the canonical form with its escapes read, but for those that would change the meaning."""
    if not is_absolute(uri):
        return str(uri)
    text = Parts(uri).absolute
    return re.sub(r"(?:%[0-9A-Fa-f]{2})+", _readable, text)


def _readable(found: re.Match[str]) -> str:
    text = unquote(found[0], errors="strict") if _is_text(found[0]) else found[0]
    return (
        "".join(quote(c, safe="") if c in "%#?/\\:@&=+$,;" or ord(c) < 32 else c for c in text)
        if text != found[0]
        else text
    )


def _is_text(escaped: str) -> bool:
    try:
        unquote(escaped, errors="strict")
    except UnicodeDecodeError:
        return False
    return True


def _host_kind(uri: str) -> Any:
    host = Parts(uri).host
    name = "Basic" if not host else "IPv6" if host[0] == "[" else "IPv4" if re.fullmatch(r"[\d.]+", host) else "Dns"
    return enum_value("System.UriHostNameType", name)


def _segments(uri: str) -> PSList:
    return PSList.of("System.String", re.findall(r"[^/]*/|[^/]+", Parts(uri).path))


def _local_path(uri: str) -> str:
    return unquote(Parts(uri).path)


URI = declare("System.Uri")
URI.constructor("(string uriString)")(lambda kind, text: make_uri(text))
URI.constructor("(string uriString, System.UriKind uriKind)")(lambda kind, text, how: make_uri(text, how))
URI.constructor("(uri baseUri, string relativeUri)", "(uri baseUri, uri relativeUri)")(
    lambda kind, base, relative: Uri(urljoin(Parts(base).absolute, str(relative)))
)
URI.property("string AbsolutePath", lambda uri: Parts(uri).path)
URI.property("string AbsoluteUri", lambda uri: Parts(uri).absolute)
URI.property("string LocalPath", _local_path)
URI.property("string Authority", lambda uri: Parts(uri).authority)
URI.property("System.UriHostNameType HostNameType", _host_kind)
URI.property("bool IsDefaultPort", lambda uri: Parts(uri).is_default_port)
URI.property("bool IsFile", lambda uri: Parts(uri).scheme == "file")
URI.property("bool IsLoopback", lambda uri: Parts(uri).host in ("localhost", "127.0.0.1", "[::1]", ""))
URI.property("string PathAndQuery", lambda uri: Parts(uri).path + Parts(uri).query)
URI.property("string[] Segments", _segments)
URI.property("bool IsUnc", lambda uri: False)
URI.property("string Host", lambda uri: Parts(uri).host)
URI.property("int Port", lambda uri: Parts(uri).port)
URI.property("string Query", lambda uri: Parts(uri).query)
URI.property("string Fragment", lambda uri: Parts(uri).fragment)
URI.property("string Scheme", lambda uri: Parts(uri).scheme)
URI.property("string OriginalString", str)
URI.property("string DnsSafeHost", lambda uri: Parts(uri).host.strip("[]"))
URI.property("string IdnHost", lambda uri: Parts(uri).host.strip("[]"))
URI.property("bool IsAbsoluteUri", is_absolute)
URI.property("bool UserEscaped", lambda uri: False)
URI.property("string UserInfo", lambda uri: Parts(uri).user)
URI.method("string ToString()")(shown)
URI.method("uri MakeRelativeUri(uri uri)")(
    lambda base, target: Uri(
        posixpath.relpath(Parts(target).path, posixpath.dirname(Parts(base).path)) + Parts(target).query
    )
)
URI.method("bool IsBaseOf(uri uri)")(
    lambda base, other: Parts(other).absolute.startswith(Parts(base).absolute.rpartition("/")[0] + "/")
)


@URI.method("string GetLeftPart(System.UriPartial part)")
def _left(uri: str, part: Any) -> str:
    parts = Parts(uri)
    start = f"{parts.scheme}://"
    user = f"{parts.user}@" if parts.user else ""
    return (
        start,
        start + user + parts.authority,
        start + user + parts.authority + parts.path,
        parts.absolute.partition("#")[0],
    )[int(part)]


URI.static("string EscapeDataString(string stringToEscape)")(
    lambda text: quote(_given(text, "stringToEscape"), safe=_UNRESERVED)
)
URI.static("string UnescapeDataString(string stringToUnescape)")(lambda text: unquote(_given(text, "stringToUnescape")))
URI.static("string EscapeUriString(string stringToEscape)")(
    lambda text: quote(_given(text, "stringToEscape"), safe=_KEPT.replace("%", ""))
)
URI.static("bool CheckSchemeName(string schemeName)")(
    lambda name: bool(re.fullmatch(r"[A-Za-z][A-Za-z0-9+.\-]*", name or ""))
)
URI.static("bool IsHexDigit(char character)")(lambda char: char in "0123456789abcdefABCDEF")
for _name in ("Http", "Https", "Ftp", "File", "Mailto"):
    URI.constant(f"string UriScheme{_name}", _name.lower())
URI.constant("string SchemeDelimiter", "://")


def _given(text: str | None, param: str) -> str:
    if text is None:
        raise argument_null(param)
    return text


@URI.static("bool IsWellFormedUriString(string uriString, System.UriKind uriKind)")
def _well_formed(text: str | None, kind: Any) -> bool:
    if text is None or re.search(r"[\s<>\"{}|\\^`]", text) or re.search(r"%(?![0-9A-Fa-f]{2})", text):
        return False
    absolute = bool(_ABSOLUTE.match(text)) and not re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:/?/?$", text)
    return {"Absolute": absolute, "Relative": not absolute}.get(str(kind), True)


@URI.static("bool TryCreate(string uriString, System.UriKind uriKind, [ref] uri result)")
def _try_create(text: str | None, kind: Any, result: Any) -> bool:
    fits = bool(text) and (str(kind) == "RelativeOrAbsolute" or is_absolute(text or "") == (str(kind) == "Absolute"))
    result.value = Uri(text) if fits and text else None
    return bool(fits)


# -- UriBuilder


class UriBuilder(NetObject):
    net_type = "System.UriBuilder"

    def __init__(self, uri: str = "http://localhost/") -> None:
        parts = Parts(uri if "://" in uri else f"http://{uri}")
        self.scheme, self.host, self.path = parts.scheme, parts.host, parts.path
        self.port = -1 if parts.is_default_port and ":" not in urlsplit(uri).netloc else parts.port
        if self.port == -1 and parts.scheme in PORTS and "://" in uri:
            self.port = PORTS[parts.scheme]
        self._query, self._fragment = parts.query, parts.fragment
        self.user_name, _, self.password = parts.user.partition(":")

    @property
    def query(self) -> str:
        return self._query

    @query.setter
    def query(self, text: str) -> None:
        self._query = text if not text or text.startswith("?") else f"?{text}"

    @property
    def fragment(self) -> str:
        return self._fragment

    @fragment.setter
    def fragment(self, text: str) -> None:
        self._fragment = text if not text or text.startswith("#") else f"#{text}"

    @property
    def uri(self) -> Uri:
        return Uri(Parts(self.ps_to_string()).absolute)

    def ps_to_string(self) -> str:
        user = self.user_name + (f":{self.password}" if self.password else "")
        port = f":{self.port}" if self.port >= 0 else ""
        path = self.path if self.path.startswith("/") else f"/{self.path}"
        return f"{self.scheme}://{user + '@' if user else ''}{self.host}{port}{path}{self.query}{self.fragment}"


BUILDER = declare(UriBuilder.net_type)
BUILDER.constructor("()", "(string uri)", "(uri uri)")(lambda kind, *uri: UriBuilder(*map(str, uri)))


@BUILDER.constructor(
    "(string schemeName, string hostName)",
    "(string scheme, string host, int portNumber)",
    "(string scheme, string host, int port, string pathValue)",
)
def _of_parts(kind: NetType, scheme: str, host: str, port: int = -1, path: str = "/") -> UriBuilder:
    made = UriBuilder(f"{scheme}://{host}")
    made.port, made.path = port, path
    return made


BUILDER.attributes(
    "string Fragment", "string Host", "string Password", "string Path", "int Port", "string Query", "string Scheme",
    "string UserName",
    writable=True,
)  # fmt: skip
BUILDER.property("uri Uri", lambda builder: builder.uri)

# -- WebUtility

WEB = declare("System.Net.WebUtility")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}


@WEB.static("string HtmlEncode(string value)")
def _html_encode(text: str | None) -> str | None:
    if text is None:
        return None
    return "".join(
        _HTML.get(c) or (f"&#{ord(c)};" if 160 <= ord(c) < 256 or ord(c) > 0xFFFF else c) for c in well_formed(text)
    )


def _url_encode(text: str | None) -> str | None:
    return None if text is None else quote(text, safe="-._!*() ").replace(" ", "+")


def _url_decode(text: str | None) -> str | None:
    return None if text is None else unquote(text.replace("+", " "))


WEB.static("string HtmlDecode(string value)")(lambda text: None if text is None else units(html.unescape(text)))
WEB.static("string UrlEncode(string value)")(_url_encode)
WEB.static("string UrlDecode(string encodedValue)")(_url_decode)
HTTP = declare("System.Web.HttpUtility")
HTTP.static("string HtmlEncode(string s)")(_html_encode)
HTTP.static("string HtmlDecode(string s)")(lambda text: None if text is None else units(html.unescape(text)))
HTTP.static("string UrlEncode(string str)")(
    lambda text: None if text is None else re.sub(r"%[0-9A-F]{2}", lambda m: m[0].lower(), _url_encode(text) or "")
)
HTTP.static("string UrlDecode(string str)")(_url_decode)


@HTTP.static("System.Collections.Specialized.NameValueCollection ParseQueryString(string query)")
def _query(text: str) -> Any:
    from urllib.parse import parse_qsl

    from .tables import name_values

    return name_values(parse_qsl((text or "").lstrip("?"), keep_blank_values=True))


# -- addresses


TEREDO, UNIQUE_LOCAL = ipaddress.ip_network("2001::/32"), ipaddress.ip_network("fc00::/7")


class IPAddress(NetObject):
    net_type = "System.Net.IPAddress"

    def __init__(self, text: str) -> None:
        try:
            self.address = ipaddress.ip_address(int(text) if text.isdigit() else text)
        except ValueError:
            raise net_error("System.FormatException", "An invalid IP address was specified.") from None

    @property
    def is_v6(self) -> bool:
        return self.address.version == 6

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "AddressFamily", "InterNetworkV6" if self.is_v6 else "InterNetwork"
        yield "ScopeId", None
        yield "IsIPv6Multicast", self.is_v6 and self.address.is_multicast
        yield "IsIPv6LinkLocal", self.is_v6 and self.address.is_link_local
        yield "IsIPv6SiteLocal", getattr(self.address, "is_site_local", False)
        yield "IsIPv6Teredo", self.is_v6 and self.address in TEREDO
        yield "IsIPv6UniqueLocal", self.is_v6 and self.address in UNIQUE_LOCAL
        yield "IsIPv4MappedToIPv6", getattr(self.address, "ipv4_mapped", None) is not None
        yield "Address", None if self.is_v6 else int.from_bytes(self.address.packed, "little")

    def ps_extended(self) -> Iterable[tuple[str, Any]]:
        yield "IPAddressToString", str(self.address)

    def ps_equals(self, other: Any) -> bool:
        return str(other.address if isinstance(other, IPAddress) else other) == str(self.address)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IPAddress) and other.address == self.address

    def __hash__(self) -> int:
        return hash(self.address)

    def ps_to_string(self) -> str:
        return str(self.address)


ADDRESS = declare(IPAddress.net_type)
ADDRESS.constructor("(string text)")(lambda kind, text: IPAddress(text))


@ADDRESS.constructor("(byte[] address)")
def _from_bytes(kind: NetType, data: Any) -> IPAddress:
    if data is None:
        raise argument_null("address")
    if len(data) not in (4, 16):
        raise net_error("System.ArgumentException", "An invalid IP address was specified.", param="address")
    return IPAddress(str(ipaddress.ip_address(to_bytes(data))))


ADDRESS.static("ipaddress Parse(string ipString)")(IPAddress)
ADDRESS.static("bool IsLoopback(ipaddress address)")(lambda held: held.address.is_loopback)
ADDRESS.method("byte[] GetAddressBytes()")(lambda held: byte_list(held.address.packed))
ADDRESS.method("string ToString()")(IPAddress.ps_to_string)
ADDRESS.property("string IPAddressToString", IPAddress.ps_to_string)
ADDRESS.property("string AddressFamily", lambda held: "InterNetworkV6" if held.is_v6 else "InterNetwork")
for _name, _text in (
    ("Loopback", "127.0.0.1"),
    ("Any", "0.0.0.0"),  # noqa: S104 - a constant's value
    ("Broadcast", "255.255.255.255"),
    ("None", "255.255.255.255"),
    ("IPv6Loopback", "::1"),
    ("IPv6Any", "::"),
):
    ADDRESS.constant(f"ipaddress {_name}", IPAddress(_text))


@ADDRESS.static("bool TryParse(string ipString, [ref] ipaddress address)")
def _try_address(text: str, result: Any) -> bool:
    try:
        result.value = IPAddress(str(ipaddress.ip_address(text)))
    except ValueError:
        result.value = None
    return result.value is not None


DNS = declare("System.Net.Dns")
DNS.static("string GetHostName()")(socket.gethostname)


@DNS.static("ipaddress[] GetHostAddresses(string hostNameOrAddress)")
def _addresses(name: str) -> PSList:
    try:
        found = {str(info[4][0]): None for info in socket.getaddrinfo(name, None)}
    except OSError:
        raise net_error("System.Net.Sockets.SocketException", "Name or service not known") from None
    return PSList.of(IPAddress.net_type, map(IPAddress, found))


class MailAddress(NetObject):
    net_type = "System.Net.Mail.MailAddress"

    def __init__(self, text: str, name: str = "") -> None:
        found = re.fullmatch(r"\s*(?:\"?([^\"<]*?)\"?\s*<)?\s*([^@\s<>]+)@([^@\s<>]+?)\s*>?\s*", text or "")
        if found is None:
            raise net_error(
                "System.FormatException", "The specified string is not in the form required for an e-mail address."
            )
        self.display_name = name or found[1] or ""
        self.user, self.host = found[2], found[3]

    @property
    def address(self) -> str:
        return f"{self.user}@{self.host}"

    def ps_to_string(self) -> str:
        return f'"{self.display_name}" <{self.address}>' if self.display_name else self.address


MAIL = declare(MailAddress.net_type)
MAIL.constructor("(string address)", "(string address, string displayName)")(lambda kind, *words: MailAddress(*words))
MAIL.attributes("string DisplayName", "string User", "string Host", "string Address")

# -- SecurityElement


@declare("System.Security.SecurityElement").static("string Escape(string str)")
def _escape(text: str | None) -> str | None:
    if text is None:
        return None
    for char, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&apos;")):
        text = text.replace(char, escaped)
    return text
