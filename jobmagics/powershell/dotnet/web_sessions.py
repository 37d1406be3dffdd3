"""WebRequestSession: what requests of the web cmdlets share."""

from __future__ import annotations

import http.cookiejar
from typing import Any

from ...psobject import Hashtable
from .table import NetObject, declare


class WebSession(NetObject):
    """What requests share: -SessionVariable makes one, -WebSession uses it."""

    net_type = "Microsoft.PowerShell.Commands.WebRequestSession"

    def __init__(self) -> None:
        self.cookies = http.cookiejar.CookieJar()
        self.headers = Hashtable()
        self.user_agent: str | None = None
        self.credentials: Any = None
        self.use_default_credentials = False
        self.maximum_redirection = -1
        self.maximum_retry_count = 0
        self.retry_interval_in_seconds = 0


SESSION = declare(WebSession.net_type)
SESSION.constructor("()")(lambda kind: WebSession())
SESSION.attributes(
    "System.Collections.Generic.Dictionary[string,string] Headers",
    "string UserAgent",
    "System.Net.ICredentials Credentials",
    "bool UseDefaultCredentials",
    "int MaximumRedirection",
    "int MaximumRetryCount",
    "int RetryIntervalInSeconds",
    writable=True,
)
