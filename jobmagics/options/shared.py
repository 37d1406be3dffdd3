"""Options that several magics share, under the names and aliases of PowerShell 7.6.5's cmdlets."""

from __future__ import annotations

from . import Option
from .kinds import (
    JOBS,
    NUMBER,
    NUMBERS,
    PLACES,
    PORT,
    SECONDS,
    SESSION_OPTION,
    SESSIONS,
    TEXT,
    TEXTS,
    VARIABLE,
    choice,
)

JOB_STATES = (
    "NotStarted", "Running", "Completed", "Failed", "Stopped", "Blocked",
    "Suspended", "Disconnected", "Suspending", "Stopping", "AtBreakpoint",
)  # fmt: skip
AUTHENTICATION = ("Default", "Basic", "Negotiate", "NTLM", "Kerberos", "CredSSP", "Certificate")

A_FILTER_STATE = choice("<state>", ("All", "Opened", "Disconnected", "Closed", "Broken"))
A_TARGET = choice("<Job|Host>", ("Job", "Host"))
A_JOB_STATE = choice("<state>", JOB_STATES)

# -- options that several magics share

COMPUTERS = Option(
    "ComputerName",
    "Computers, by name or address; $name for a Python list, also of jobmagics.computer(...). None: this machine.",
    PLACES,
    ("Cn",),
)
HOSTS = Option("HostName", "Hosts over SSH: host, user@host or user@host:port. ssh's own configuration applies.", TEXTS)
USER_NAME = Option("UserName", "With -HostName: who logs on there.", TEXT)
URIS = Option("ConnectionUri", "Addresses of WSMan services: http(s)://computer:port/wsman.", TEXTS, ("URI", "CU"))
SESSION = Option("Session", "PSSessions: a variable that holds them.", SESSIONS)
CONNECTION = (
    Option("Port", "TCP port, if not WinRM's 5985 (5986 with -UseSSL).", PORT),
    Option("UseSSL", "Connect over HTTPS."),
    Option("Credential", "Name of a stored credential, or a user name. The secret itself is never written here.", TEXT),
    Option("Authentication", "How to log on.", choice("<" + "|".join(AUTHENTICATION) + ">", AUTHENTICATION)),
    Option("ConfigurationName", "Endpoint (session configuration) on the computer.", TEXT),
    Option("ApplicationName", "Last part of the connection's address, if not wsman.", TEXT),
    Option("SessionOption", "A Python variable that holds what %new_pssessionoption gave.", SESSION_OPTION),
)
THROTTLE = Option("ThrottleLimit", "How many computers at once (32).", NUMBER)
OUT_VARIABLE = Option("OutVariable", "Also keep the result in this Python variable.", VARIABLE, ("ov",))
BUFFERING_MODES = ("None", "Drop", "Block")
BUFFERING = Option(
    "OutputBufferingMode",
    "What the computer does when its buffer is full and nobody is connected: Block (its default) or Drop the oldest.",
    choice("<None|Drop|Block>", BUFFERING_MODES),
)
IDLE_TIMEOUT = Option("IdleTimeoutSec", "Seconds the session lives on while nobody is connected.", SECONDS)

JOB_NAME = Option("Name", "Jobs by name; * and ? stand for any characters.", TEXTS)
JOB_ID = Option("Id", "Jobs by number.", NUMBERS)
JOB_INSTANCE = Option("InstanceId", "Jobs by their GUID.", TEXTS)
JOB_STATE = Option("State", "Jobs in this state.", A_JOB_STATE)
JOB_OBJECT = Option("Job", "Jobs: a variable that holds them.", JOBS)
JOB_COMMAND = Option("Command", "Jobs whose script is this text (wildcards).", TEXTS)

SESSION_NAME = Option("Name", "Sessions by name; * and ? stand for any characters.", TEXTS)
SESSION_ID = Option("Id", "Sessions by number.", NUMBERS)
SESSION_INSTANCE = Option("InstanceId", "Sessions by their GUID.", TEXTS)

PICK_JOB = (JOB_OBJECT, JOB_ID, JOB_NAME, JOB_INSTANCE)
PICK_SESSION = (SESSION, SESSION_ID, SESSION_NAME, SESSION_INSTANCE)
JOB_POSITIONAL = ("Id", "Job", "Name")
SESSION_POSITIONAL = ("Id", "Session", "Name")
ONE_WAY = (("Job", "Id", "Name", "InstanceId"),)
ONE_SESSION_WAY = (("Session", "Id", "Name", "InstanceId"),)
