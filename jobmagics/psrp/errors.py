"""What pypsrp, requests and WinRM call wrong, said in our words: the one place where foreign errors are mapped.

WinRM's numbers are wsmerror.h's; the error ids are those PowerShell gives them (SEMANTICS §9).
"""

from __future__ import annotations

import contextlib
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import requests
import urllib3.exceptions
from pypsrp.exceptions import WinRMError, WinRMTransportError, WSManFaultError
from pypsrp.wsman import WSMan

from jobmagics import credentials
from jobmagics.errors import (
    AccessDenied,
    ConnectionFailed,
    Fault,
    JobMagicsError,
    RemoteError,
    SessionBusy,
    SessionGone,
    UsageError,
)
from jobmagics.psrp import signing
from jobmagics.remote import ConnectionInfo, Detached, StillOpening

NOTHING_YET = 0x80338029
NOT_FOUND = 0x8033805B
HELD = 0x803381CD
WRONG_CLIENT = 0x803381C6
NOT_OPEN = 0x803381D0
DISCONNECTED = frozenset({0x803381C4, 0x803381DE})
NO_ENDPOINT = frozenset({0x8033803B, 0x80338000})
"""ERROR_WSMAN_INVALID_RESOURCE_URI, ERROR_WSMAN_RESOURCE_NOT_FOUND."""
QUOTA = frozenset({0x8033803F, *range(0x803381A5, 0x803381A9), 0x803381AB, *range(0x803381E4, 0x803381EB)})
"""ERROR_WSMAN_QUOTA_LIMIT, _MAX_SHELLS, _MAX_OPERATIONS, _USER, _SYSTEM, _MAX_SHELLUSERS, and those per plugin."""
ABORTED = 995
ENGINE_ENDED = 1726
CANNOT_CONNECT = 0x80338012
ACCESS_DENIED = 5
LOGON_FAILURE = 1326

IDS = {
    WRONG_CLIENT: "CannotConnectMismatchSessions,PSSessionConnectFailed",
    NOT_OPEN: "CannotConnectInvalidOperation,PSSessionConnectFailed",
    0x803381DF: "CannotConnectRunAsFailed,PSSessionConnectFailed",
    0x803381C2: "SessionCreateFailedInvalidName,PSSessionOpenFailed",
}
NOT_WSMAN = "What answers at {} does not speak WSMan; check the computer name and port."
GONE_ID = "CannotConnectTargetSessionDoesNotExist,PSSessionConnectFailed"
HELD_ID = "CannotConnectAlreadyConnected,PSSessionConnectFailed"

FOREIGN: signing.Kinds = (
    WinRMError,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    *signing.FOREIGN,
    ET.ParseError,
    OSError,
    ValueError,
    ImportError,
)
"""All that the parts below us raise on purpose. pypsrp uses ValueError and ImportError for what was asked of it
wrongly.
"""


@contextlib.contextmanager
def talking_to(connection: ConnectionInfo) -> Iterator[None]:
    """Whatever goes wrong inside is raised as one of ours. A password that was typed and is wrong is forgotten."""
    try:
        yield
    except JobMagicsError:
        raise
    except FOREIGN as error:
        ours = translate(error, connection)
        if isinstance(ours, AccessDenied):
            credentials.forget(connection.credential)
        raise ours from error
    except KeyError as error:
        if not _is_pypsrps(error):
            raise
        raise ConnectionFailed(NOT_WSMAN.format(connection.computer_name)) from error


def _is_pypsrps(error: BaseException) -> bool:
    """pypsrp looks for the result of signing in; a web server that lets everybody in gave it none."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return frame is not None and frame.tb_frame.f_globals.get("__name__") == WSMan.__module__


def translate(error: BaseException, connection: ConnectionInfo) -> JobMagicsError:
    """Our error for a foreign one."""
    computer = connection.computer_name
    if isinstance(error, WSManFaultError):
        return _fault(error, connection)
    if signing.is_about_signing_in(error):
        return signing.refused(error, connection)
    if isinstance(error, WinRMTransportError):
        return _transport(error, connection)
    if isinstance(error, requests.RequestException):
        return _request(error, connection)
    if isinstance(error, ET.ParseError):
        return ConnectionFailed(NOT_WSMAN.format(computer))
    if isinstance(error, ValueError | ImportError):
        return UsageError(f"The connection to {computer} cannot be made so: {_short(error)}.")
    if isinstance(error, OSError | urllib3.exceptions.HTTPError):
        return ConnectionFailed(f"The connection to {computer} failed: {_short(error)}.")
    return RemoteError(f"The exchange with {computer} failed: {_short(error)}.")


def _short(error: BaseException) -> str:
    return _short_of(str(error).strip() or type(error).__name__)


def _short_of(text: str) -> str:
    return text.partition("\n")[0].rstrip(".")[:300]


def _fault(error: WSManFaultError, connection: ConnectionInfo) -> JobMagicsError:
    computer = connection.computer_name
    code = error.code & 0xFFFFFFFF if isinstance(error.code, int) else 0
    reason = " ".join(str(error.provider_fault or error.reason or "").split()) or f"WSMan fault {code}"
    if code in DISCONNECTED:
        return Detached(f"The session on {computer} is disconnected.")
    if code == HELD:
        return SessionBusy(f"The session on {computer} is held by another client: {reason}", fqid=HELD_ID)
    if code in {NOT_FOUND, ABORTED}:
        return SessionGone(f"The session is no longer on {computer}.", code, fqid=GONE_ID)
    if code == ACCESS_DENIED:
        return AccessDenied(
            f"{computer} denied access: {reason.rstrip('.')}. The user must be in Remote Management Users or"
            f" Administrators there, and be allowed by the endpoint {connection.configuration_name}."
        )
    if code == LOGON_FAILURE:
        return AccessDenied(
            f"{computer} did not accept the user name or password.", fqid="LogonFailure,PSSessionStateBroken"
        )
    if code == CANNOT_CONNECT:
        return ConnectionFailed(f"{computer} cannot be reached: {reason}")
    if code in NO_ENDPOINT:
        return Fault(
            f"{computer} has no endpoint {connection.configuration_name}: {reason.rstrip('.')}. Name another with"
            " -ConfigurationName; Get-PSSessionConfiguration lists them there, Enable-PSRemoting makes the usual ones.",
            code,
        )
    if code in QUOTA:
        return Fault(
            f"{computer} takes no more for now: {reason.rstrip('.')}. Remove sessions (%get_pssession -ComputerName"
            f" {computer} lists them), or raise the quota there (WSMan:\\localhost\\Shell).",
            code,
            category="QuotaExceeded",
        )
    kind = StillOpening if code == NOT_OPEN else Fault
    return kind(f"{computer}: {reason}", code, fqid=IDS.get(code, ""))


def _transport(error: WinRMTransportError, connection: ConnectionInfo) -> JobMagicsError:
    computer = connection.computer_name
    if error.code == 403:
        return AccessDenied(f"{computer} denied access (HTTP 403); its WinRM service may not take this authentication.")
    if error.code in {404, 405}:
        return ConnectionFailed(
            f"{computer} has no WSMan service at this address (HTTP {error.code}); check the port and"
            " -ApplicationName, or run Enable-PSRemoting there."
        )
    return ConnectionFailed(
        f"{computer} answered with HTTP {error.code}, which is no WSMan answer; check the port, and whether it wants"
        " -UseSSL."
    )


def _request(error: requests.RequestException, connection: ConnectionInfo) -> JobMagicsError:
    computer = connection.computer_name
    if isinstance(error, requests.exceptions.SSLError):
        return _tls(str(error), connection)
    if isinstance(error, requests.Timeout):
        return ConnectionFailed(f"{computer} did not answer in time; check its name, its firewall and the port.")
    if isinstance(error, requests.ConnectionError):
        text = str(error)
        if "BadStatusLine" in text or "BadHTTPMessage" in text:
            return ConnectionFailed(NOT_WSMAN.format(computer))
        return ConnectionFailed(
            f"{computer} cannot be reached ({_cause(error)}); check its name, that it runs, and the port"
            f" ({_port(connection)})."
        )
    return ConnectionFailed(f"The connection to {computer} failed: {_short(error)}.")


def _port(connection: ConnectionInfo) -> int:
    return connection.port or (5986 if connection.use_ssl else 5985)


def _tls(text: str, connection: ConnectionInfo) -> JobMagicsError:
    computer = connection.computer_name
    trust = f"jupyter jobmagics trust {computer}" + (f" --port {connection.port}" if connection.port else "")
    if "Fingerprints did not match" in text:
        return ConnectionFailed(
            f"{computer} shows another certificate than the one that was trusted; if it is right, run `{trust}` again."
        )
    if "Hostname mismatch" in text or "doesn't match" in text or "IP address mismatch" in text:
        return ConnectionFailed(
            f"The certificate of {computer} is for another name; connect by the name that is in it, or run `{trust}`."
        )
    if "certificate has expired" in text:
        return ConnectionFailed(f"The certificate of {computer} has expired; renew it there, or run `{trust}`.")
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return ConnectionFailed(
            f"The certificate of {computer} is signed by nobody who is trusted here; run `{trust}`, or name the file of"
            " its authority in REQUESTS_CA_BUNDLE."
        )
    if "WRONG_VERSION_NUMBER" in text or "record layer failure" in text:
        return ConnectionFailed(
            f"{computer} does not speak TLS at port {_port(connection)}; name its HTTPS listener's with -Port, or leave"
            " -UseSSL out."
        )
    if "ALERT" in text and "CERTIFICATE" in text.upper():
        return AccessDenied(
            f"{computer} does not trust the certificate {connection.credential!r}; add its authority there."
        )
    if "UNEXPECTED_EOF" in text:
        return ConnectionFailed(f"{computer} cut the connection as it began; check that it runs, and the port.")
    return ConnectionFailed(f"TLS with {computer} failed: {_short_of(text)}.")


def _cause(error: BaseException) -> str:
    """The innermost reason in words; urllib3's texts wrap it in two layers of class names."""
    text = str(error)
    for sign, words in (
        ("Name or service not known", "its name is not known"),
        ("getaddrinfo failed", "its name is not known"),
        ("nodename nor servname", "its name is not known"),
        ("Temporary failure in name resolution", "its name cannot be looked up"),
        ("Failed to resolve", "its name is not known"),
        ("Connection refused", "nothing listens at that port"),
        ("actively refused", "nothing listens at that port"),
        ("timed out", "it did not answer in time"),
        ("No route to host", "there is no way to it"),
        ("Network is unreachable", "the network cannot be reached"),
        ("CERTIFICATE_VERIFY_FAILED", "the certificate is not trusted here"),
        ("WRONG_VERSION_NUMBER", "it does not speak TLS at that port"),
        ("Connection aborted", "it cut the connection"),
        ("RemoteDisconnected", "it cut the connection"),
    ):
        if sign in text:
            return words
    return _short(error)
