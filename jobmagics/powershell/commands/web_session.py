"""How a request of the web cmdlets travels: redirects, cookies, proxies, certificates."""

from __future__ import annotations

import ssl
import urllib.parse
import urllib.request
from typing import Any

from ..dotnet.web_sessions import WebSession

DEFAULT_REDIRECTIONS = 50  # HttpClient's own limit
BECOMES_GET = (301, 302, 303)


class InsecureRedirect(Exception):
    """A redirect from https to http, which is not followed unless that is asked for."""


class Redirects(urllib.request.HTTPRedirectHandler):
    """Follows as HttpClient does: so many at most; what is POSTed becomes a GET; who signs in does so once only."""

    def __init__(self, limit: int, keep_method: bool, keep_authorization: bool, insecure: bool) -> None:
        self.left = limit
        self.keep_method = keep_method
        self.keep_authorization = keep_authorization
        self.insecure = insecure

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if self.left <= 0 or urllib.parse.urlsplit(newurl).scheme not in ("http", "https"):
            return None
        self.left -= 1
        if req.type == "https" and newurl.startswith("http:") and not self.insecure:
            raise InsecureRedirect
        method, data, kept = req.get_method(), req.data, dict(req.headers)
        if not self.keep_authorization:
            kept.pop("Authorization", None)
        if not self.keep_method and method != "HEAD" and code in BECOMES_GET:
            method, data = "GET", None
            kept = {name: value for name, value in kept.items() if not name.startswith("Content-")}
        return urllib.request.Request(newurl, data, kept, method=method, unverifiable=True)  # noqa: S310 - checked above

    http_error_308 = urllib.request.HTTPRedirectHandler.http_error_302


def opener(
    session: WebSession,
    redirects: Redirects,
    *,
    proxy: str | None,
    no_proxy: bool,
    check_certificate: bool,
    login: tuple[str, str, str] | None,
) -> urllib.request.OpenerDirector:
    """``login``: the address, user and password for a server that asks."""
    handlers: list[Any] = [redirects, urllib.request.HTTPCookieProcessor(session.cookies)]
    if no_proxy:
        handlers.append(urllib.request.ProxyHandler({}))
    elif proxy is not None:
        handlers.append(urllib.request.ProxyHandler({"http": proxy, "https": proxy}))
    if not check_certificate:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        handlers.append(urllib.request.HTTPSHandler(context=context))
    if login is not None:
        words = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        words.add_password(None, login[0], login[1], login[2])
        handlers += [urllib.request.HTTPBasicAuthHandler(words), urllib.request.HTTPDigestAuthHandler(words)]
    return urllib.request.build_opener(*handlers)
