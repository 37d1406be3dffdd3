"""A real KDC on loopback (MIT krb5, as in Debian's krb5-kdc), with its own realm, database, keytab and ticket cache.

As unprivileged as it can be: everything in a directory of the test's own, one port, and the environment that leads
there.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

REALM = "JOBMAGICS.TEST"
START_SECONDS = 20.0
PROGRAMS = ("krb5kdc", "kdb5_util", "kadmin.local", "kinit", "kdestroy")
CLIENT = """\
[libdefaults]
  default_realm = {realm}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  qualify_shortname = ""
[realms]
  {realm} = {{
    kdc = 127.0.0.1:{port}
  }}
  NOBODY.TEST = {{
    kdc = 127.0.0.1:1
  }}
[domain_realm]
  localhost = {realm}
  .corp.example = {realm}
"""
SERVER = """\
[realms]
  {realm} = {{
    database_name = {place}/principal
    key_stash_file = {place}/stash
    acl_file = {place}/acl
    kdc_listen = 127.0.0.1:{port}
    kdc_tcp_listen = 127.0.0.1:{port}
    supported_enctypes = aes256-cts:normal
  }}
[logging]
  kdc = FILE:{place}/kdc.log
"""


def require_kdc() -> None:
    """Skips with the reason; fails where CI has promised that it is there."""
    missing = [name for name in PROGRAMS if _program(name) is None]
    missing += [name for name in ("gssapi", "krb5") if importlib.util.find_spec(name) is None]
    if missing:
        assert not os.environ.get("JOBMAGICS_REQUIRE_KDC"), f"not installed: {missing}"
        pytest.skip(f"Kerberos is not installed here (missing: {', '.join(missing)})")


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


class Kdc:
    """``environment``: what makes Kerberos of this process and its children use it."""

    def __init__(self, place: Path, service: str = "host/localhost") -> None:
        self.place = place
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        names = {"place": place, "port": port, "realm": REALM}
        (place / "krb5.conf").write_text(CLIENT.format(**names))
        (place / "kdc.conf").write_text(SERVER.format(**names))
        self.environment = {
            "KRB5_CONFIG": str(place / "krb5.conf"),
            "KRB5_KDC_PROFILE": str(place / "kdc.conf"),
            "KRB5_KTNAME": f"FILE:{place}/keytab",
            "KRB5CCNAME": f"FILE:{place}/tickets",
            "KRB5RCACHENAME": "none:",
        }
        self._run("kdb5_util", "create", "-s", "-r", REALM, "-P", "master")
        self._run("kadmin.local", "-r", REALM, "addprinc", "-randkey", service)
        self._run("kadmin.local", "-r", REALM, "ktadd", "-k", str(place / "keytab"), service)
        self._process = subprocess.Popen(
            [_program("krb5kdc") or "krb5kdc", "-n", "-r", REALM, "-P", str(place / "pid")],
            env={**os.environ, **self.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait(port)

    def add(self, user: str, password: str) -> None:
        self._run("kadmin.local", "-r", REALM, "addprinc", "-pw", password, user)

    def sign_in(self, user: str, password: str, *options: str) -> None:
        """A ticket in the cache, as kinit puts it there."""
        self._run("kinit", *options, f"{user}@{REALM}", told=f"{password}\n")

    def sign_out(self) -> None:
        self._run("kdestroy", "-q")

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def _run(self, name: str, *arguments: str, told: str = "") -> None:
        environment = {**os.environ, **self.environment}
        command = [_program(name) or name, *arguments]
        done = subprocess.run(command, input=told, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"

    def _wait(self, port: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return
            except ConnectionRefusedError:
                assert self._process.poll() is None, (self.place / "kdc.log").read_text(errors="replace")
                assert time.monotonic() < deadline, "the KDC does not listen"
                time.sleep(0.02)
