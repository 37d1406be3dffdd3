"""What an error of a script most likely means where PowerShell's own words do not say it: the double hop."""

from __future__ import annotations

from jobmagics.remote import ConnectionInfo

DELEGATES = "credssp"
NO_LOGON = (b"0x8009030e", b"A specified logon session does not exist")
DENIED = (b"Access is denied", b"Access to the path", b"PermissionDenied")
SHARE = b"\\\\"


def hint_for(error: bytes, connection: ConnectionInfo) -> str:
    """One line for an ERROR message's CLIXML that looks as if a third computer did not know who asks; else nothing."""
    if connection.is_local or connection.authentication.lower() == DELEGATES:
        return ""
    is_refused_share = SHARE in error and any(sign in error for sign in DENIED)
    if not is_refused_share and not any(sign in error for sign in NO_LOGON):
        return ""
    return (
        f"A script on {connection.computer_name} was refused by a third computer, which was not told who you are (the"
        " double hop): use -Authentication CredSSP, or give the script a credential of its own."
    )
