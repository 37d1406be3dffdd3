"""What pypsrp, requests and WinRM call wrong, said in our words: the one place where foreign errors are mapped.

WinRM's numbers are wsmerror.h's; the error ids are those PowerShell gives them (SEMANTICS §9).
"""

from __future__ import annotations

import contextlib
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import requests
import spnego.exceptions
import urllib3.exceptions
from pypsrp.exceptions import AuthenticationError, WinRMError, WinRMTransportError, WSManFaultError

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
from jobmagics.remote import Detached, StillOpening

NOTHING_YET = 0x80338029
NOT_FOUND = 0x8033805B
HELD = 0x803381CD
WRONG_CLIENT = 0x803381C6
NOT_OPEN = 0x803381D0
DISCONNECTED = frozenset({0x803381C4, 0x803381DE})
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
GONE_ID = "CannotConnectTargetSessionDoesNotExist,PSSessionConnectFailed"
HELD_ID = "CannotConnectAlreadyConnected,PSSessionConnectFailed"

FOREIGN = (
    WinRMError,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    spnego.exceptions.SpnegoError,
    ET.ParseError,
    OSError,
    ValueError,
    ImportError,
)
"""All that the parts below us raise on purpose. pypsrp uses ValueError and ImportError for what was asked of it
wrongly.
"""


@contextlib.contextmanager
def talking_to(computer: str) -> Iterator[None]:
    """Whatever goes wrong inside is raised as one of ours."""
    try:
        yield
    except JobMagicsError:
        raise
    except FOREIGN as error:
        raise translate(error, computer) from error


def translate(error: BaseException, computer: str) -> JobMagicsError:
    """Our error for a foreign one."""
    if isinstance(error, WSManFaultError):
        return _fault(error, computer)
    if isinstance(error, AuthenticationError):
        return AccessDenied(
            f"{computer} did not accept the user name or password; check the credential and the authentication."
        )
    if isinstance(error, WinRMTransportError):
        return _transport(error, computer)
    if isinstance(error, requests.RequestException):
        return _request(error, computer)
    if isinstance(error, spnego.exceptions.SpnegoError):
        return AccessDenied(
            f"Signing in to {computer} failed ({_short(error)}); check the credential, or name another authentication."
        )
    if isinstance(error, ET.ParseError):
        return ConnectionFailed(f"What answers at {computer} does not speak WSMan; check the computer name and port.")
    if isinstance(error, ValueError | ImportError):
        return UsageError(f"The connection to {computer} cannot be made so: {_short(error)}.")
    if isinstance(error, OSError | urllib3.exceptions.HTTPError):
        return ConnectionFailed(f"The connection to {computer} failed: {_short(error)}.")
    return RemoteError(f"The exchange with {computer} failed: {_short(error)}.")


def _short(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")[:300]


def _fault(error: WSManFaultError, computer: str) -> JobMagicsError:
    code = error.code & 0xFFFFFFFF if isinstance(error.code, int) else 0
    reason = " ".join(str(error.provider_fault or error.reason or "").split()) or f"WSMan fault {code}"
    if code in DISCONNECTED:
        return Detached(f"The session on {computer} is disconnected.")
    if code == HELD:
        return SessionBusy(f"The session on {computer} is held by another client: {reason}", fqid=HELD_ID)
    if code in {NOT_FOUND, ABORTED}:
        return SessionGone(f"The session is no longer on {computer}.", code, fqid=GONE_ID)
    if code == ACCESS_DENIED:
        return AccessDenied(f"{computer} denied access: {reason}")
    if code == LOGON_FAILURE:
        return AccessDenied(
            f"{computer} did not accept the user name or password.", fqid="LogonFailure,PSSessionStateBroken"
        )
    if code == CANNOT_CONNECT:
        return ConnectionFailed(f"{computer} cannot be reached: {reason}")
    kind = StillOpening if code == NOT_OPEN else Fault
    return kind(f"{computer}: {reason}", code, fqid=IDS.get(code, ""))


def _transport(error: WinRMTransportError, computer: str) -> JobMagicsError:
    if error.code == 403:
        return AccessDenied(f"{computer} denied access (HTTP 403).")
    if error.code == 404:
        return ConnectionFailed(
            f"{computer} has no WSMan service at this address (HTTP 404); check the port and application name."
        )
    return ConnectionFailed(f"{computer} answered with HTTP {error.code}, which is no WSMan answer.")


def _request(error: requests.RequestException, computer: str) -> JobMagicsError:
    if isinstance(error, requests.exceptions.SSLError):
        return ConnectionFailed(
            f"The certificate of {computer} cannot be trusted, or it does not speak TLS at this port: {_cause(error)}."
        )
    if isinstance(error, requests.Timeout):
        return ConnectionFailed(f"{computer} did not answer in time; check its name, its firewall and the port.")
    if isinstance(error, requests.ConnectionError):
        return ConnectionFailed(
            f"{computer} cannot be reached ({_cause(error)}); check its name, that it runs, and the port."
        )
    return ConnectionFailed(f"The connection to {computer} failed: {_short(error)}.")


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
