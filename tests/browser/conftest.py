"""One JupyterLab and one Chromium for all tests of this folder: starting them is most of what they cost."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from lab import Lab, page


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.close()
    stop = [sys.executable, "-m", "jobmagics.app", "host", "stop"]
    subprocess.run(stop, env=lab.env, check=True, capture_output=True)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with page(tmp_path_factory.mktemp("browser")) as opened:
        yield opened
