"""One JupyterLab and one Chromium for the tests of a file: starting them is most of what they cost.

Not for all files: while Playwright is open its event loop runs in this thread, and other tests have loops of their own.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from lab import Lab, page


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.close()
    stop = [sys.executable, "-m", "jobmagics.app", "host", "stop"]
    subprocess.run(stop, env=lab.env, check=True, capture_output=True)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with page(tmp_path_factory.mktemp("browser")) as opened:
        yield opened
