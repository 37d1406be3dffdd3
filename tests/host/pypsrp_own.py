"""pypsrp's own tests of pools and pipelines, held against the session host: ``python tests/host/pypsrp_own.py``.

They come with pypsrp's source distribution, which pip fetches; they are told of a server by environment variables and
replay recorded answers without one. What needs Windows is left out, each with its reason.
"""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from jobmagics.host.client import host_info, stop_host

NEEDS = ("pyyaml", "xmldiff", "pytest-mock")
WINDOWS = {
    "test_psrp_no_profile": "looks for a profile directory of Windows",
    "test_psrp_multiple_commands": "runs cmd.exe and whoami.exe and asks for a Windows service",
    "test_psrp_is_alive_other_wsman_error": "expects WinRM's sentence for an invalid time-out",
    "test_psrp_receive_failure": "expects WinRM's sentence for a command that is not there",
}


def main() -> int:
    version = importlib.metadata.version("pypsrp")
    pip = [sys.executable, "-m", "pip", "--quiet"]
    with tempfile.TemporaryDirectory(prefix="jmh") as place:
        source = [*pip, "download", "--no-deps", "--no-binary", "pypsrp", "--dest", place, f"pypsrp=={version}"]
        subprocess.run(source, check=True)
        subprocess.run([*pip, "install", *NEEDS], check=True)
        (archive,) = Path(place).glob("pypsrp-*.tar.gz")
        with tarfile.open(archive) as packed:
            packed.extractall(place, filter="data")
        directory = Path(place) / "host"
        info = host_info(directory=directory)
        server = {
            "PYPSRP_SERVER": info.address,
            "PYPSRP_PORT": str(info.port),
            "PYPSRP_USERNAME": info.user,
            "PYPSRP_PASSWORD": info.secret(),
            "PYPSRP_AUTH": "basic",
        }
        try:
            left_out = " and ".join(f"not {name}" for name in WINDOWS)
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore", "-k", left_out]
            tests = Path(place) / f"pypsrp-{version}" / "tests"
            done = subprocess.run(
                [*command, "tests_pypsrp/test_powershell.py"], cwd=tests, env=os.environ | server, check=False
            )
        finally:
            stop_host(directory)
    for name, reason in WINDOWS.items():
        print(f"left out: {name}: {reason}")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
