"""What a person does at the keyboard of a PowerShell notebook in a real JupyterLab: completes, asks what a word means,
answers, watches progress, stops; and sees the code in colours.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from lab import CHROMIUM, Lab, open_notebook, run_cell

pytestmark = [
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("JOBMAGICS_REQUIRE_BROWSER"),  # CI sets it: there a skip is a failure
        reason="these tests need a Chromium, and none is on PATH; on Debian: apt-get install chromium",
    ),
    # JupyterLab's own start and first page load take up to a minute on a busy two-core machine
    pytest.mark.timeout(180),
]

SPEC = {"name": "jobmagics", "display_name": "PowerShell (jobmagics)", "language": "powershell"}
WAIT_MS = 30_000


@pytest.fixture(scope="module", autouse=True)
def kernel(lab: Lab) -> None:
    lab.install_kernel()


def cell(browser: Any, place: int) -> Any:
    return browser.locator(".jp-Notebook .jp-CodeCell").nth(place)


def output(browser: Any, place: int, text: str) -> None:
    cell(browser, place).locator(".jp-OutputArea-output", has_text=text).first.wait_for(timeout=WAIT_MS)


def test_words_are_completed_explained_and_coloured(lab: Lab, browser: Any, tmp_path: Path) -> None:
    lab.add_notebook("words.ipynb", "$servers = 'web01', 'web02'", "", "Get-ChildItem -Recurse", spec=SPEC)
    open_notebook(browser, lab, "words.ipynb")
    run_cell(browser, 0)
    colour = "each => getComputedStyle(each).color"
    command = cell(browser, 2).locator(".cm-line span", has_text="Get-ChildItem").evaluate(colour)
    text = cell(browser, 0).locator(".cm-line span", has_text="web01").evaluate(colour)
    plain = cell(browser, 0).locator(".cm-line").first.evaluate(colour)
    assert len({command, text, plain}) == 3, "the editor knows PowerShell"

    popup = browser.locator(".jp-Completer:not(.lm-mod-hidden)")
    cell(browser, 1).locator(".cm-content").click()
    browser.keyboard.type("$serv")
    browser.keyboard.press("Tab")
    popup.locator(".jp-Completer-item", has_text="$servers").wait_for(timeout=WAIT_MS)
    browser.keyboard.press("Enter")
    cell(browser, 1).locator(".cm-line", has_text="$servers").wait_for(timeout=WAIT_MS)
    browser.keyboard.type("; Get-ChildItem -F")
    browser.keyboard.press("Tab")
    popup.locator(".jp-Completer-item", has_text="-Filter").wait_for(timeout=WAIT_MS)
    browser.screenshot(path=tmp_path / "completion.png")
    assert popup.locator(".jp-Completer-item", has_text="-File").count() == 1
    browser.keyboard.press("Escape")

    cell(browser, 2).locator(".cm-content").click()
    browser.keyboard.press("Home")
    browser.keyboard.press("Shift+Tab")
    browser.locator(".jp-Tooltip", has_text="Get-ChildItem [[-Path] <string[]>]").wait_for(timeout=WAIT_MS)
    browser.screenshot(path=tmp_path / "tooltip.png")


def test_questions_have_boxes_and_secrets_are_not_shown(lab: Lab, browser: Any, tmp_path: Path) -> None:
    secret = "$s = Read-Host 'Password' -AsSecureString; \"$($s.Length) letters\""
    lab.add_notebook("asking.ipynb", "$n = Read-Host 'Your name'; \"hello $n\"", secret, spec=SPEC)
    open_notebook(browser, lab, "asking.ipynb")
    run_cell(browser, 0)
    box = browser.locator(".jp-Stdin-input")
    box.wait_for(timeout=WAIT_MS)
    assert "Your name" in browser.locator(".jp-Stdin").inner_text()
    browser.screenshot(path=tmp_path / "asking.png")
    box.fill("Ada")
    box.press("Enter")
    output(browser, 0, "hello Ada")
    run_cell(browser, 1)
    box = browser.locator("input[type=password].jp-Stdin-input")
    box.wait_for(timeout=WAIT_MS)
    box.fill("hunter2")
    browser.screenshot(path=tmp_path / "secret.png")
    box.press("Enter")
    output(browser, 1, "7 letters")
    assert "hunter2" not in browser.content()
    browser.screenshot(path=tmp_path / "answered.png")


def test_progress_is_a_bar_and_the_stop_button_stops(lab: Lab, browser: Any, tmp_path: Path) -> None:
    work = '1..1000 | ForEach-Object { Write-Progress Copying "file $_" -PercentComplete 40; Start-Sleep 0.1 }'
    lab.add_notebook("progress.ipynb", work + "; 'unreached'", "'after'", spec=SPEC)
    open_notebook(browser, lab, "progress.ipynb")
    run_cell(browser, 0)
    output(browser, 0, "40 %")
    browser.screenshot(path=tmp_path / "progress.png")
    browser.locator(".jp-NotebookPanel-toolbar [data-jp-item-name='interrupt'] jp-button").click()
    output(browser, 0, "The cell was interrupted")
    assert "unreached" not in cell(browser, 0).locator(".jp-OutputArea").inner_text()
    assert "Copying" not in cell(browser, 0).locator(".jp-OutputArea").inner_text(), "the bar has gone"
    run_cell(browser, 1)
    output(browser, 1, "after")
    browser.screenshot(path=tmp_path / "stopped.png")
