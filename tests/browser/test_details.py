"""Working with the live table in a real browser: details, questions, keys, themes, a kernel that goes."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from lab import CHROMIUM, Lab, open_notebook, run_cell

pytestmark = [
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("JOBMAGICS_REQUIRE_BROWSER"),
        reason="these tests need a Chromium, and none is on PATH; on Debian: apt-get install chromium",
    ),
    pytest.mark.timeout(180),
]

JOB_MS = 30_000
NPM_SECONDS = 60
LOAD = "%load_ext jobmagics"
HOSTILE = """%%remote_job -JobName hostile<b>
Write-Warning 'careful'
Write-Host 'in green' -ForegroundColor Green
[pscustomobject]@{ Name = 'b'; Size = 9 }, [pscustomobject]@{ Name = 'a'; Size = 10 }
Get-Item /no/such/thing
'<script>window.wasRun = 1</script><img src=x onerror="window.wasRun = 1">'
"`e[31mred`e[0m `e]0;title`a`e[2J end"
'x' * 1MB
'שלום 🎉'
1..3000 | ForEach-Object { "line $_ of many" }
Read-Host 'Password' -AsSecureString | ForEach-Object { "$($_.Length) letters" }"""


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str | None:
    """axe-core's text: of the file that JOBMAGICS_AXE names, or what npm brings; None if neither is there."""
    given = os.environ.get("JOBMAGICS_AXE")
    if given:
        return Path(given).read_text(encoding="utf-8")
    place = tmp_path_factory.mktemp("axe")
    command = ["npm", "install", "axe-core", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(place)]
    if shutil.which("npm") is None:
        return None
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=NPM_SECONDS)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    return (place / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


def violations(browser: Any, axe: str | None) -> list[str]:
    """What axe-core finds wrong; without it, what has no name for a screen reader."""
    if axe is None:
        named = "each => each.labels?.length || each.ariaLabel || each.textContent.trim()"
        controls = ".jobmagics :is(button, input, textarea, [role=treegrid])"
        script = f"all => all.filter(each => !({named})(each)).map(each => each.outerHTML)"
        return list(browser.locator(controls).evaluate_all(script))
    browser.evaluate(axe)
    return list(
        browser.evaluate(
            "async () => (await axe.run('.jobmagics')).violations"
            ".map(each => `${each.id}: ${each.nodes[0].html} ${each.nodes[0].failureSummary}`)"
        )
    )


def test_the_details_of_a_hostile_job(lab: Lab, browser: Any, axe: str | None) -> None:
    lab.add_notebook("details.ipynb", LOAD, HOSTILE, "%watch")
    open_notebook(browser, lab, "details.ipynb")
    for place in range(3):
        run_cell(browser, place)
    view = browser.locator(".jp-CodeCell").nth(2).locator(".jobmagics-mounted")
    view.locator("tr[data-job='1'] .jobmagics-state", has_text="Blocked").wait_for(timeout=JOB_MS)
    view.locator("tr[data-job='1'] .jobmagics-open").click()
    view.locator("span.jobmagics-count", has_text="lines").wait_for(timeout=JOB_MS)
    view.locator(".jobmagics-line", has_text="line 3000 of many").wait_for(timeout=JOB_MS)
    assert view.locator(".jobmagics-line").count() < 40, "only the lines in sight are in the page"

    search = view.locator(".jobmagics-search input")
    search.fill("LINE 1234 of")
    search.press("Enter")
    view.locator(".jobmagics-current", has_text="line 1234 of many").wait_for(timeout=JOB_MS)
    search.fill("<script>")
    search.press("Enter")
    view.locator(".jobmagics-current", has_text="<script>window").wait_for(timeout=JOB_MS)
    view.locator(".jobmagics-line span", has_text="red").wait_for(timeout=JOB_MS)
    assert browser.evaluate("window.wasRun") is None
    assert view.locator("script, img").count() == 0
    assert violations(browser, axe) == []

    with browser.expect_download() as download:
        view.locator(".jobmagics-save").click()
    saved = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert "x" * (1 << 20) in saved
    assert "red  end" in saved
    assert "שלום 🎉" in saved

    view.locator("[role=tab]", has_text="Objects").click()
    view.locator(".jobmagics-heading", has_text="Size").click()
    view.locator(".jobmagics-heading", has_text="Size").click()
    view.locator("th[aria-sort=descending]").wait_for(timeout=JOB_MS)
    view.locator(".jobmagics-grid tbody tr").first.locator("td", has_text="10").wait_for(timeout=JOB_MS)
    assert violations(browser, axe) == []
    view.locator("[role=tab]", has_text="Errors").click()
    error = view.locator(".jobmagics-errors li")
    error.locator("text=ObjectNotFound").wait_for(timeout=JOB_MS)
    assert "line 4, column 1" in error.inner_text()
    assert violations(browser, axe) == []
    view.locator("[role=tab]", has_text="Command").click()
    view.locator(".jobmagics-command", has_text="Read-Host").wait_for(timeout=JOB_MS)
    view.locator(".jobmagics-act-receive").click()
    view.locator(".jobmagics-note", has_text="job1 has").wait_for(timeout=JOB_MS)

    box = view.locator(".jobmagics-question input[type=password]")
    box.fill("hunter2")
    box.press("Enter")
    view.locator("tr[data-job='1'] .jobmagics-newest", has_text="7 letters").wait_for(timeout=JOB_MS)
    browser.locator(".jobmagics-toast", has_text="1 job ended").wait_for(timeout=JOB_MS)
    assert "hunter2" not in browser.content()


def press(view: Any, key: str, then: str) -> None:
    """A key that falls into the moment in which the page shows the output anew does nothing, but the row has the focus
    again and the next one counts.
    """
    from playwright.sync_api import TimeoutError as PageTimeout

    for timeout in (JOB_MS / 3, JOB_MS):
        view.locator("tr:focus").wait_for(timeout=JOB_MS)
        view.page.keyboard.press(key)
        with contextlib.suppress(PageTimeout):
            view.locator(then).wait_for(timeout=timeout)
            return
    view.locator(then).wait_for(timeout=1)


def test_keys_alone_and_every_theme(lab: Lab, browser: Any, axe: str | None) -> None:
    script = "%%remote_job -JobName pair -ComputerName localhost,localhost\n1..100 | % { $_; Start-Sleep 1 }"
    lab.add_notebook("keys.ipynb", LOAD, script, "%watch")
    open_notebook(browser, lab, "keys.ipynb")
    for place in range(3):
        run_cell(browser, place)
    view = browser.locator(".jp-CodeCell").nth(2).locator(".jobmagics-mounted")
    view.locator("tr[data-job='3'] .jobmagics-newest", has_text="1").wait_for(timeout=JOB_MS)
    keys = browser.keyboard
    view.locator("tr[data-job='3']").focus()
    press(view, "ArrowLeft", "tr[data-job='1']:focus")
    press(view, "ArrowLeft", "tr[data-job='1'][aria-expanded=false]")
    assert view.locator(".jobmagics tbody tr:visible").count() == 1
    keys.press("ArrowRight")
    keys.press("ArrowDown")
    keys.press("Enter")
    view.locator(".jobmagics-details[aria-label='Details of Job2']").wait_for(timeout=JOB_MS)
    view.locator("[role=tab]:focus").wait_for(timeout=JOB_MS)
    keys.press("ArrowRight")
    view.locator("[role=tab][aria-selected=true]", has_text="Objects").wait_for(timeout=JOB_MS)

    for theme in ("JupyterLab Dark", "JupyterLab Dark High Contrast", "JupyterLab Light"):
        choose_theme(browser, theme)
        assert violations(browser, axe) == [], theme
    for preference in ({"contrast": "more"}, {"contrast": "no-preference", "forced_colors": "active"}):
        browser.emulate_media(**preference)
        assert violations(browser, axe) == [], preference
    browser.emulate_media(forced_colors="none")
    browser.set_viewport_size({"width": 700, "height": 900})
    try:
        view.locator(".jobmagics-table thead").wait_for(state="hidden", timeout=JOB_MS)
        scroller = view.locator(".jobmagics-scroller")
        assert scroller.evaluate("each => each.scrollWidth <= each.clientWidth"), "a narrow cell needs no scroll bar"
        assert violations(browser, axe) == []
    finally:
        browser.set_viewport_size({"width": 1280, "height": 900})

    view.locator("[role=tab]:focus, [role=tab][aria-selected=true]").first.focus()
    keys.press("Escape")
    view.locator("tr[data-job='2']:focus").wait_for(timeout=JOB_MS)
    keys.press("ArrowUp")
    keys.press("Tab")  # the fold, Details, Stop
    keys.press("Tab")
    keys.press("Tab")
    view.locator("tr[data-job='1'] .jobmagics-stop:focus").wait_for(timeout=JOB_MS)
    keys.press("Enter")
    view.locator("tr[data-job='1'] .jobmagics-state", has_text="Stopped").wait_for(timeout=JOB_MS)


NOTE_TAKER = """
    window.told = [];
    document.hasFocus = () => false;
    window.Notification = class extends window.Notification {
      constructor(title, options) {
        super(title, options);
        window.told.push(`${title}: ${options.body}`);
      }
    };
"""
ENDINGS = """%%remote_job -JobName one
while (-not (Test-Path $using:gate)) { Start-Sleep -Milliseconds 100 }; 'end of one'"""


def test_buttons_and_notes(lab: Lab, browser: Any, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    three = [
        ENDINGS,
        ENDINGS.replace("one", "two"),
        ENDINGS.replace("'end of one'", "throw 'no room'").replace("one", "bad"),
    ]
    long = "%%remote_job -JobName long\n'first'; Write-Warning 'careful'; Start-Sleep 100"
    cells = [f"{LOAD}\ngate = {str(gate)!r}", long, *three, "%watch", "print(type(got).__name__, list(got))"]
    lab.add_notebook("buttons.ipynb", *cells)
    browser.context.grant_permissions(["clipboard-read", "clipboard-write", "notifications"])
    browser.add_init_script(NOTE_TAKER)
    open_notebook(browser, lab, "buttons.ipynb")
    for place in range(6):
        run_cell(browser, place)
    view = browser.locator(".jp-CodeCell").nth(5).locator(".jobmagics-mounted")
    row = view.locator("tr[data-job='1']")
    row.locator(".jobmagics-warnings-count", has_text="1").wait_for(timeout=JOB_MS)
    row.locator(".jobmagics-open").click()
    view.locator(".jobmagics-line", has_text="careful").wait_for(timeout=JOB_MS)
    view.locator(".jobmagics-copy").click()
    view.locator(".jobmagics-count", has_text="copied").wait_for(timeout=JOB_MS)
    assert browser.evaluate("navigator.clipboard.readText()") == "first\nWARNING: careful\n"
    view.locator(".jobmagics-receive input").fill("got")
    view.locator(".jobmagics-act-receive").click()
    view.locator(".jobmagics-note", has_text="got has 1 objects of long").wait_for(timeout=JOB_MS)
    run_cell(browser, 6)
    browser.locator(".jp-OutputArea-output", has_text="Records ['first']").wait_for(timeout=JOB_MS)
    view.locator(".jobmagics-receive input").fill("no name")
    view.locator(".jobmagics-act-receive").click()
    view.locator(".jobmagics-note.jobmagics-bad", has_text="'no name' is no name").wait_for(timeout=JOB_MS)

    view.locator(".jobmagics-act-disconnect").click()
    row.locator(".jobmagics-left", has_text="left").wait_for(timeout=JOB_MS)
    view.locator(".jobmagics-act-connect").click()
    row.locator(".jobmagics-state", has_text="Running").wait_for(timeout=JOB_MS)

    view.locator(".jobmagics tr[data-job]:visible", has_text="Running").nth(3).wait_for(timeout=JOB_MS)
    gate.touch()
    failure = browser.locator(".jobmagics-toast.jobmagics-failed", has_text="1 job failed")
    failure.wait_for(timeout=JOB_MS)
    assert "bad: no room" in failure.inner_text()
    for name in ("one", "two"):
        browser.wait_for_function(
            "text => window.told.some((each) => each.includes(text))", arg=f"{name}: Completed", timeout=JOB_MS
        )
    assert "1 job failed: bad: no room" in browser.evaluate("window.told")
    batch = "for (const id of [1, 2, 3, 4]) jobmagicsNotes.end({ id, name: `batch${id}`, state: 'Completed', end: 1 })"
    browser.evaluate(batch)
    note = browser.locator(".jobmagics-toast", has_text="4 jobs ended")
    note.wait_for(timeout=JOB_MS)
    assert "batch3: Completed" in note.inner_text()
    assert "and 1 more" in note.inner_text()
    failure.locator(".jobmagics-close").click()
    failure.wait_for(state="detached", timeout=JOB_MS)

    row.locator(".jobmagics-stop").click()
    row.locator(".jobmagics-state", has_text="Stopped").wait_for(timeout=JOB_MS)
    remove = view.locator(".jobmagics-act-remove")
    remove.click()
    remove.filter(has_text="Really").click()
    row.wait_for(state="detached", timeout=JOB_MS)
    assert view.locator(".jobmagics-details").count() == 0


def choose_theme(browser: Any, name: str) -> None:
    browser.locator(".lm-MenuBar-item", has_text="Settings").click()
    browser.locator(".lm-Menu-itemLabel", has_text="Theme").first.hover()
    browser.locator(".lm-Menu-itemLabel", has_text=name).first.click()
    is_light = "true" if name.endswith("Light") else "false"
    browser.locator(f"body[data-jp-theme-light='{is_light}']").wait_for(state="attached", timeout=JOB_MS)


def test_a_kernel_restarted_in_the_middle_in_notebook_7(lab: Lab, browser: Any) -> None:
    lab.add_notebook("seven.ipynb", LOAD, "%%remote_job -JobName long\n1..100 | % { $_; Start-Sleep 1 }", "%watch")
    browser.goto(lab.url("seven.ipynb").replace("/lab/tree/", "/notebooks/"), timeout=60_000)
    browser.locator(".jp-Notebook .jp-CodeCell .cm-content").first.wait_for(timeout=60_000)
    for place in range(3):
        run_cell(browser, place)
    view = browser.locator(".jp-CodeCell").nth(2)
    view.locator("tr[data-job='1'] .jobmagics-newest", has_text="1").wait_for(timeout=JOB_MS)
    lab.restart_kernel("seven.ipynb")
    # what stays says so, whichever form it has
    view.locator("text=Disconnected").or_(view.locator(".jobmagics-note", has_text="kernel is gone")).first.wait_for(
        timeout=JOB_MS
    )
    run_cell(browser, 0)
    run_cell(browser, 2)
    view.locator(".jobmagics-mounted tr[data-job='1'] .jobmagics-state", has_text="Running").wait_for(timeout=JOB_MS)
    view.locator(".jobmagics-mounted tr[data-job='1'] .jobmagics-stop").click()
    view.locator(".jobmagics-mounted tr[data-job='1'] .jobmagics-state", has_text="Stopped").wait_for(timeout=JOB_MS)
