"""A session host of its own for each test module, with the small engine, in a short private directory."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from host_kit import write_engines, wsman_for
from pypsrp.powershell import RunspacePool
from pypsrp.wsman import WSMan

from jobmagics.host.client import HostInfo, host_info, stop_host


@pytest.fixture(scope="module")
def host_directory() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="jmh"))
    directory.chmod(0o700)
    write_engines(directory)
    yield directory
    stop_host(directory)
    shutil.rmtree(directory)


@pytest.fixture(scope="module")
def host(host_directory: Path) -> HostInfo:
    return host_info(directory=host_directory)


@pytest.fixture
def connect(host: HostInfo) -> Iterator[Callable[..., WSMan]]:
    """Makes connections of separate clients; all are closed at the end."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(wsman_for(host, **options))


@pytest.fixture
def pool(connect: Callable[..., WSMan]) -> Iterator[RunspacePool]:
    with RunspacePool(connect()) as opened:
        yield opened
