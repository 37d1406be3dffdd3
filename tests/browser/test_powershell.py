"""A PowerShell notebook in a real JupyterLab, in a real browser: its jobs show themselves, widgets live, both languages
speak.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from lab import CHROMIUM, PAGE_MS, Lab, open_notebook, run_cell

pytestmark = [
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("JOBMAGICS_REQUIRE_BROWSER"),  # CI sets it: there a skip is a failure
        reason="these tests need a Chromium, and none is on PATH; on Debian: apt-get install chromium",
    ),
    # JupyterLab's own start and first page load take up to a minute on a busy two-core machine
    pytest.mark.timeout(180),
]

SPEC = {"name": "jobmagics", "display_name": "PowerShell (jobmagics)", "language": "powershell"}
JOB_MS = 30_000
COUNTING = """$j = Invoke-Command -ComputerName localhost -JobName counting -AsJob {
    1..200 | ForEach-Object {
        Write-Progress -Activity Counting -PercentComplete ($_ / 2)
        "line $_ of 200"
        Start-Sleep -Milliseconds 300
    }
}"""


@pytest.fixture(scope="module", autouse=True)
def kernel(lab: Lab) -> None:
    lab.install_kernel()


def test_a_job_of_a_powershell_cell_shows_itself_and_its_buttons_work(lab: Lab, browser: Any, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    wait = f"while (-not (Test-Path '{gate}')) {{ Start-Sleep -Milliseconds 100 }}"
    lab.add_notebook("jobs.ipynb", COUNTING, wait, "Receive-Job $j | Select-Object -First 1", spec=SPEC)
    open_notebook(browser, lab, "jobs.ipynb")
    run_cell(browser, 0)
    row = browser.locator(".jobmagics-mounted tr[data-job='1']")
    row.locator("td.jobmagics-newest", has_text="line").wait_for(timeout=JOB_MS)
    row.locator("progress").wait_for(timeout=JOB_MS)
    browser.screenshot(path=tmp_path / "running.png")
    run_cell(browser, 1)  # a button works while a cell runs
    row.locator("button.jobmagics-stop").click()
    row.locator("td.jobmagics-state", has_text="Stopped").wait_for(timeout=JOB_MS)
    assert browser.locator(".jp-InputPrompt", has_text="[*]").count() == 1
    gate.touch()
    run_cell(browser, 2)
    browser.locator(".jp-OutputArea-output", has_text="line 1 of 200").wait_for(timeout=JOB_MS)
    browser.screenshot(path=tmp_path / "stopped.png")


def test_after_a_restart_the_first_cell_shows_what_goes_on(lab: Lab, browser: Any, tmp_path: Path) -> None:
    lab.add_notebook("back.ipynb", COUNTING, "'first'", spec=SPEC)
    open_notebook(browser, lab, "back.ipynb")
    run_cell(browser, 0)
    browser.locator(".jobmagics td.jobmagics-newest", has_text="line").first.wait_for(timeout=JOB_MS)
    lab.restart_kernel("back.ipynb")
    browser.locator(".jp-StatusBar-TextItem", has_text="| Idle").wait_for(timeout=PAGE_MS)
    run_cell(browser, 1)
    second = browser.locator(".jp-CodeCell").nth(1)
    second.locator(".jp-OutputArea-output", has_text="1 job of this notebook came back: counting").wait_for(
        timeout=JOB_MS
    )
    row = second.locator(".jobmagics-mounted tr[data-job='1']")
    row.locator("td.jobmagics-state", has_text="Running").wait_for(timeout=JOB_MS)
    browser.screenshot(path=tmp_path / "back.png")
    row.locator("button.jobmagics-stop").click()
    row.locator("td.jobmagics-state", has_text="Stopped").wait_for(timeout=JOB_MS)


def test_widgets_and_figures_of_python_cells_live_beside_powershell(lab: Lab, browser: Any, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    slider = "%%python\nimport ipywidgets\nslider = ipywidgets.IntSlider(value=3)\nslider"
    figure = "%%python\nimport matplotlib.pyplot as plt\nps.value = slider.value\nplt.plot(ps.squares);"
    cells = ["$squares = 1..5 | ForEach-Object { $_ * $_ }", slider, figure, '"the slider says $value"']
    lab.add_notebook("python.ipynb", *cells, spec=SPEC)
    open_notebook(browser, lab, "python.ipynb")
    run_cell(browser, 0)
    run_cell(browser, 1)
    handle = browser.locator(".widget-slider .noUi-handle")
    handle.wait_for(timeout=JOB_MS)
    handle.press("ArrowUp")
    browser.locator(".widget-readout", has_text="4").wait_for(timeout=JOB_MS)
    run_cell(browser, 2)
    browser.locator(".jp-RenderedImage img").wait_for(timeout=JOB_MS)
    run_cell(browser, 3)
    browser.locator(".jp-OutputArea-output", has_text="the slider says 4").wait_for(timeout=JOB_MS)
    browser.screenshot(path=tmp_path / "python.png")


def test_magics_are_completed_and_explained(lab: Lab, browser: Any, tmp_path: Path) -> None:
    lab.add_notebook("magics.ipynb", "1 + 1", "", "%watch?", spec=SPEC)
    open_notebook(browser, lab, "magics.ipynb")
    run_cell(browser, 0)
    browser.locator(".jp-OutputArea-output", has_text="2").wait_for(timeout=JOB_MS)
    browser.locator(".jp-CodeCell").nth(1).locator(".cm-content").click()
    browser.keyboard.type("%get_")
    browser.keyboard.press("Tab")
    popup = browser.locator(".jp-Completer:visible")
    popup.locator("li", has_text="%get_job").first.wait_for(timeout=JOB_MS)
    browser.screenshot(path=tmp_path / "completion.png")
    browser.keyboard.press("Escape")
    run_cell(browser, 2)
    browser.locator(".jp-OutputArea-output, .jp-RenderedText", has_text="Show jobs live").first.wait_for(timeout=JOB_MS)
    browser.screenshot(path=tmp_path / "help.png")
