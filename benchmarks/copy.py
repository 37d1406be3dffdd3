"""``python -m benchmarks.copy``: a file to a session of the built-in engine and back. ``--mb`` for a smaller one.

Ours goes through a proxy that cuts the connection once on each way; pypsrp's own copy and fetch, which a cut would end,
go beside it in the same run through the same proxy without one. A run in which a byte differs gives no figure.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pypsrp.client import Client

from benchmarks import table
from benchmarks.table import Row
from jobmagics.copying import Advance
from jobmagics.credentials.certificates import trust
from jobmagics.host.client import host_info, stop_host
from jobmagics.psrp import connect
from jobmagics.remote import ConnectionInfo
from jobmagics.sessions import SessionManager
from jobmagics.store import Store

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "chaos"))
from faulty_proxy import FaultyProxy

ENGINE = "jobmagics.builtin"
HERE = "127.0.0.1"
PIECE = 1_000_000


def make_file(path: Path, megabytes: int) -> None:
    dice = random.Random(megabytes)
    with path.open("wb") as file:
        for _ in range(megabytes):
            file.write(dice.randbytes(PIECE))


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() if sys.version_info >= (3, 11) else _digest(path)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def timed(work: Callable[[], object], megabytes: int) -> float:
    """MB/s."""
    begun = time.perf_counter()
    work()
    return round(megabytes / (time.perf_counter() - begun), 2)


def cutting(proxy: FaultyProxy, at: int) -> Callable[[Advance], None]:
    """A progress that cuts the connection once, when so many bytes are there."""
    left = [proxy.cut]

    def progress(advance: Advance) -> None:
        if left and advance.done >= at:
            left.pop()()

    return progress


def ours(place: Path, proxy: FaultyProxy, megabytes: int) -> dict[str, float]:
    manager = SessionManager(Store.open(place / "ledger.sqlite"), connect, "benchmark")
    where = ConnectionInfo(HERE, proxy.port, True, authentication="Basic", credential="host", configuration_name=ENGINE)
    (session,) = manager.new_pssession([where])
    half = megabytes * PIECE // 2
    big, there, back = (str(place / name) for name in ("big", "there", "back"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rates = {
        "to_session_mb_s": timed(lambda: session.copy_to(big, there, progress=cutting(proxy, half)), megabytes),
        "from_session_mb_s": timed(lambda: session.copy_from(there, back, progress=cutting(proxy, half)), megabytes),
    }
    rates["memory_grew_mb"] = round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000, 1)
    session.remove()
    manager.close()
    manager.store.close()
    return rates


def pypsrps(place: Path, proxy: FaultyProxy, megabytes: int) -> dict[str, float | str]:
    info = host_info()
    big, there, back = (str(place / name) for name in ("big", "pypsrp-there", "pypsrp-back"))
    figures: dict[str, float | str] = {}
    steps: dict[str, Callable[[Client], object]] = {
        "to_session_mb_s": lambda client: client.copy(big, there, configuration_name=ENGINE),
        "from_session_mb_s": lambda client: client.fetch(there, back, configuration_name=ENGINE),
    }
    details = {"ssl": True, "auth": "basic", "cert_validation": str(info.certificate), "no_proxy": True}
    for name, step in steps.items():
        with Client(HERE, port=proxy.port, username=info.user, password=info.secret(), **details) as client:
            try:
                figures[name] = timed(lambda step=step, client=client: step(client), megabytes)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the figure
                figures[name] = f"failed: {str(error)[:200]}"
    return figures


def compared(megabytes: int, mine: dict[str, float], theirs: dict[str, float | str]) -> Iterator[Row]:
    for way in ("to", "from"):
        rate, peer = mine[f"{way}_session_mb_s"], theirs[f"{way}_session_mb_s"]
        yield Row(
            f"a file of {megabytes} MB {way} a session, ours over a connection that is cut once",
            f"{rate:.1f} MB/s",
            f"{peer} MB/s (pypsrp, not cut)" if isinstance(peer, float) else f"pypsrp {peer}",
            rate / peer if isinstance(peer, float) else None,
        )
    yield Row("memory that the copies took", f"{mine['memory_grew_mb']} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=int, default=200)
    megabytes = parser.parse_args().mb
    place = Path(tempfile.mkdtemp(prefix="jmcopy"))
    os.environ |= {"JOBMAGICS_HOST_DIR": str(place / "host"), "JOBMAGICS_DATA_DIR": str(place / "data")}
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        os.environ.pop(name, None)
    try:
        info = host_info()
        os.environ |= {
            "JOBMAGICS_CREDENTIAL_HOST_USER": info.user,
            "JOBMAGICS_CREDENTIAL_HOST_PASSWORD": info.secret(),
        }
        trust(HERE, info.certificate.read_text())
        make_file(place / "big", megabytes)
        proxy = FaultyProxy((info.address, info.port), random.Random(0))
        mine = ours(place, proxy, megabytes)
        wanted = digest(place / "big")
        assert wanted == digest(place / "there") == digest(place / "back"), "a byte differs"
        theirs = pypsrps(place, proxy, megabytes)
        for name in ("pypsrp-there", "pypsrp-back"):
            if (place / name).exists():
                assert digest(place / name) == wanted, f"a byte of {name} differs"
        proxy.close()
        table.begin()
        table.show_all(compared(megabytes, mine, theirs))
    finally:
        stop_host(place / "host")
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
