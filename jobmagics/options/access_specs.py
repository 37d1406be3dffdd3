"""The words of the magics of access: who signs in, what stands in the way, files to and fro."""

from __future__ import annotations

from dataclasses import replace

from . import MagicSpec, Option
from .kinds import ANY_PATH, PATHS, SESSIONS, TEXT
from .shared import CONNECTION, HOSTS, OUT_VARIABLE

GET_CREDENTIAL = MagicSpec(
    "get_credential",
    "Ask for a password, in Jupyter's hidden box, and keep it in this kernel under a name for -Credential.\n"
    "It is in no notebook, file or log; -Save also puts it into this machine's keyring, for other kernels.",
    (
        Option("Credential", "The name under which -Credential finds it.", TEXT, ("Name",)),
        Option("UserName", "The user to sign in as, if not the name itself.", TEXT),
        Option("Save", "Also put it into the keyring of this machine."),
    ),
    ("Credential",),
    "    %get_credential web-admin -UserName CORP\\ada",
)

COPY_ITEM = MagicSpec(
    "copy_item",
    "Copy files to a session or from it, each checked by its SHA-256. A lost connection is tried again; after an\n"
    "interruption the same line goes on where it was. Paths in the session are relative to where it is.",
    (
        Option("Path", "Files; * and ? stand for any characters. Quote a path with blanks.", PATHS),
        Option("Destination", "A directory, or the new name.", ANY_PATH),
        Option("ToSession", "Copy into this session: a variable that holds it.", SESSIONS),
        Option("FromSession", "Copy out of this session: a variable that holds it.", SESSIONS),
        Option("Recurse", "Directories with all that is in them."),
        Option("Force", "Replace read-only files too."),
        Option("PassThru", "Give what was copied."),
        OUT_VARIABLE,
    ),
    ("Path", "Destination"),
    "    %copy_item report.zip C:\\Temp -ToSession $s",
    conflicts=(("ToSession", "FromSession"),),
)

DOCTOR = MagicSpec(
    "doctor",
    "What a job needs, tried part by part: on this machine, or for a computer its name, port, TLS, WSMan service,\n"
    "credential, authentication, endpoint, and a first script. The first part that is missing is named.",
    (
        Option("ComputerName", "The computer, by name or address; user@host is a host over SSH.", TEXT, ("Cn",)),
        replace(HOSTS, help="A host over SSH: host, user@host or user@host:port.", kind=TEXT),
        *(option for option in CONNECTION if option.name != "SessionOption"),
    ),
    ("ComputerName",),
    "    %doctor web01 -UseSSL -Credential web-admin",
    conflicts=(("ComputerName", "HostName"),),
)
