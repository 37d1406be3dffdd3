"""The live table in a real JupyterLab, in a real browser, over the whole chain to a real session host."""

from __future__ import annotations

import contextlib
import json
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

JOB_MS = 30_000
STOP_MS = 15_000
SCRIPT = """%%remote_job -JobName counting
1..12 | ForEach-Object {
    Write-Progress -Activity 'Counting' -PercentComplete (100 * $_ / 12)
    "line $_ of 12 <b>not bold</b>"
    Start-Sleep -Milliseconds 400
}"""


def test_the_first_cell_shows_a_job_running_then_completed(lab: Lab, browser: Any, tmp_path: Path) -> None:
    lab.add_notebook("first.ipynb", f"%load_ext jobmagics\nget_ipython().run_cell({SCRIPT!r})\nNone")
    open_notebook(browser, lab, "first.ipynb")
    run_cell(browser, 0)
    row = browser.locator(".jobmagics-mounted tr[data-job='1']")
    row.locator("td.jobmagics-state", has_text="Running").wait_for(timeout=JOB_MS)
    row.locator("td.jobmagics-newest", has_text="<b>not bold</b>").wait_for(timeout=JOB_MS)
    row.locator("progress").wait_for(timeout=JOB_MS)
    assert browser.locator(".jobmagics-table b").count() == 0
    browser.screenshot(path=tmp_path / "running.png")
    row.locator(".jobmagics-open").click()
    lines = browser.locator(".jobmagics-line")
    lines.first.wait_for(timeout=JOB_MS)
    row.locator("td.jobmagics-state", has_text="Completed").wait_for(timeout=JOB_MS)
    lines.filter(has_text="line 12 of 12 <b>not bold</b>").wait_for(timeout=JOB_MS)  # the details stay
    browser.screenshot(path=tmp_path / "completed.png")
    kept = saved_outputs(browser, lab, "first.ipynb", 0)[-1]["data"]
    assert set(kept) == {"text/html", "text/plain"}, "what is readable without the kernel"
    assert "Completed" in "".join(kept["text/html"])


def saved_outputs(browser: Any, lab: Lab, name: str, cell: int) -> list[Any]:
    """Those of a cell in the file, once it has any."""
    browser.keyboard.press("Control+s")
    while True:  # bounded by the test's own timeout
        with contextlib.suppress(json.JSONDecodeError):  # it is just being written
            outputs: list[Any] = lab.saved(name)["cells"][cell]["outputs"]
            if outputs:
                return outputs
        browser.wait_for_timeout(200)


def test_variables_are_no_formulas(lab: Lab, browser: Any) -> None:
    """JupyterLab typesets HTML between dollars: a formula that is one shows when it has done so."""
    formula = "from IPython.display import HTML, display\ndisplay(HTML('<p>$x$</p>'))"
    script = "%%remote_job -JobName dollars -Wait\n$a = 1; \"$a\"; '$b and $c'"
    lab.add_notebook("dollars.ipynb", "%load_ext jobmagics", script, "%get_job", formula)
    open_notebook(browser, lab, "dollars.ipynb")
    for place in range(4):
        run_cell(browser, place)
    browser.locator(".jp-RenderedHTML p mjx-container").wait_for(timeout=JOB_MS)
    assert '$a = 1; "$a"' in browser.locator(".jp-RenderedHTML table", has_text="dollars").last.inner_text()
    assert browser.locator("mjx-container").count() == 1


def test_stop_works_while_a_cell_runs(lab: Lab, browser: Any) -> None:
    lab.add_notebook("stop.ipynb", "%load_ext jobmagics", SCRIPT.replace("12", "120"), "import time; time.sleep(30)")
    open_notebook(browser, lab, "stop.ipynb")
    run_cell(browser, 0)
    run_cell(browser, 1)
    row = browser.locator(".jobmagics-mounted tr[data-job='1']")
    row.locator("td.jobmagics-newest", has_text="line").wait_for(timeout=JOB_MS)
    run_cell(browser, 2)
    row.locator("button.jobmagics-stop").click()
    row.locator("td.jobmagics-state", has_text="Stopped").wait_for(timeout=STOP_MS)
    assert browser.locator(".jp-InputPrompt", has_text="[*]").count() == 1


def test_a_page_may_be_reloaded_doubled_left_and_opened_again(lab: Lab, browser: Any, tmp_path: Path) -> None:
    lab.add_notebook("reload.ipynb", "%load_ext jobmagics", SCRIPT.replace("12", "120"))
    open_notebook(browser, lab, "reload.ipynb")
    run_cell(browser, 0)
    run_cell(browser, 1)
    browser.locator("td.jobmagics-state", has_text="Running").first.wait_for(timeout=JOB_MS)
    saved_outputs(browser, lab, "reload.ipynb", 1)
    browser.reload(timeout=PAGE_MS)
    row = browser.locator(".jobmagics tr[data-job='1']")
    row.locator("td.jobmagics-newest", has_text="line").wait_for(timeout=PAGE_MS)
    browser.screenshot(path=tmp_path / "reloaded.png")

    second = browser.context.new_page()
    open_notebook(second, lab, "reload.ipynb")
    second_row = second.locator(".jobmagics tr[data-job='1']")
    second_row.locator("td.jobmagics-newest", has_text="line").wait_for(timeout=PAGE_MS)
    second_row.locator("button.jobmagics-stop").click()
    for each in (second_row, row):
        each.locator("td.jobmagics-state", has_text="Stopped").wait_for(timeout=STOP_MS)
    second.close()

    browser.goto("about:blank")
    open_notebook(browser, lab, "reload.ipynb")  # its kernel lives
    row.locator("td.jobmagics-state", has_text="Stopped").wait_for(timeout=PAGE_MS)
    row.locator(".jobmagics-open").click()
    browser.locator(".jobmagics-line", has_text="of 120").first.wait_for(timeout=JOB_MS)


def test_a_kernel_killed_leaves_its_last_table_and_the_jobs_come_back(lab: Lab, browser: Any) -> None:
    kill = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    lab.add_notebook("killed.ipynb", "%load_ext jobmagics", SCRIPT.replace("12", "400"), kill, "%watch")
    open_notebook(browser, lab, "killed.ipynb")
    run_cell(browser, 0)
    run_cell(browser, 1)
    row = browser.locator(".jobmagics-mounted tr[data-job='1']")
    row.locator("td.jobmagics-newest", has_text="line").wait_for(timeout=JOB_MS)
    browser.locator(".jp-Notebook .jp-CodeCell").nth(2).locator(".jp-InputArea .cm-content").click()
    browser.keyboard.press("Shift+Enter")
    browser.locator("dialog.jp-Dialog", has_text="died").wait_for(timeout=JOB_MS)
    browser.keyboard.press("Enter")
    browser.locator(".jobmagics-note", has_text="kernel is gone").wait_for(timeout=JOB_MS)
    assert row.locator(".jobmagics-open").is_hidden(), "there is nobody to ask"
    browser.locator(".jp-StatusBar-TextItem", has_text="| Idle").wait_for(timeout=PAGE_MS)  # the next kernel
    saved_outputs(browser, lab, "killed.ipynb", 1)
    browser.reload(timeout=PAGE_MS)
    browser.locator("table.jobmagics-static caption", has_text="As of").wait_for(timeout=PAGE_MS)
    assert browser.locator("text=Error displaying widget").count() == 0
    browser.locator(".jp-StatusBar-TextItem", has_text="| Idle").wait_for(timeout=PAGE_MS)
    run_cell(browser, 0)
    run_cell(browser, 3)
    row.locator("td.jobmagics-state", has_text="Running").wait_for(timeout=JOB_MS)
    row.locator("button.jobmagics-stop").click()
    row.locator("td.jobmagics-state", has_text="Stopped").wait_for(timeout=STOP_MS)
