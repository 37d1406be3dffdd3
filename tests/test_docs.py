"""The documentation is true: its examples run, what it tells to type exists, the reference has everything there is."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

import jobmagics
from jobmagics.errors import NotFound
from jobmagics.host.client import stop_host
from jobmagics.options import parse, specs

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS))

import reference  # noqa: E402 - it is the site's, not a module of the package

PAGES = sorted(path for path in DOCS.rglob("*.md"))
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MAGIC_LINE = re.compile(r"^(?:\w+ = )?%%?(\w+) ?(.*)$", re.MULTILINE)
COMMAND_LINE = re.compile(r"^jupyter jobmagics (.*)$", re.MULTILINE)
NOT_OURS = {"load_ext", "unload_ext"}


def blocks(page: Path, language: str) -> list[tuple[str, str]]:
    """What stands beside the language, and the text."""
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [(about, text) for name, about, text in found if name == language]


def examples(page: Path) -> list[str]:
    """Those that can run here: the others have a caption that says what they need."""
    return [text for about, text in blocks(page, "python") if "Needs " not in about]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A session host and a ledger for all pages."""
    directory = tmp_path_factory.mktemp("docs")
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
            patch.setenv(variable, str(directory / variable))
        patch.setenv("JOBMAGICS_HOST_DIR", str(directory / "host"))
        patch.setenv("JOBMAGICS_DATA_DIR", str(directory / "data"))
        patch.delenv("JPY_SESSION_NAME", raising=False)
        yield directory
        stop_host(directory / "host")


@pytest.mark.timeout(120)  # a kernel and a session host start, and sessions open, on a busy machine
@pytest.mark.parametrize("page", [page for page in PAGES if examples(page)], ids=lambda page: page.stem)
def test_the_examples_of_a_page_run_one_after_the_other(page: Path, place: Path) -> None:
    notebook: Any = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in examples(page)])
    NotebookClient(notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(place)}}).execute()
    said = [str(output.get("text", "")) for cell in notebook.cells for output in cell.outputs]
    assert not [text for text in said if "UsageError" in text]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_line_of_a_magic_has_words_that_it_knows(page: Path) -> None:
    known = {spec.name: spec for spec in specs.ALL}
    for about, text in blocks(page, "python"):
        for name, line in MAGIC_LINE.findall(text):
            assert name in known.keys() | NOT_OURS
            if name in known and "Needs " in about:  # the others are run
                with_no_variables(known[name], line)


def with_no_variables(spec: Any, line: str) -> None:
    """Raises UsageError for a word that is none of its options, or a value that is none."""
    try:
        parse(spec, line, {})
    except NotFound:  # a Python variable: the words were right so far
        assert "$" in line or "-Session" in line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_is_there(page: Path) -> None:
    known = {words.removeprefix("jupyter jobmagics").strip(): app for words, app in reference.commands()}
    for _about, text in blocks(page, "sh"):
        for line in COMMAND_LINE.findall(text):
            words = line.split()
            named = [word for word in known if word and words[: len(word.split())] == word.split()]
            assert named, f"there is no `jupyter jobmagics {line}`"
            app = known[max(named, key=len)]
            options = {word.partition("=")[0] for word in words if word.startswith("--")}
            assert options <= {f"--{name}" for name in (*app.class_traits(), *app.flags, *app.aliases)}


def test_the_reference_has_every_magic_and_option() -> None:
    page = reference.pages()["reference/magics.md"]
    assert all(f"## `{spec.shown}`" in page for spec in specs.ALL)
    sections = dict(
        zip([spec.name for spec in specs.ALL], re.split(r"^## ", page, flags=re.MULTILINE)[1:], strict=True)
    )
    for spec in specs.ALL:
        for option in spec.options:
            assert f"| `-{option.name}" in sections[spec.name], f"{spec.shown} -{option.name}"


def test_the_reference_has_every_command() -> None:
    page = reference.pages()["reference/command-line.md"]
    for words, app in reference.commands():
        assert f"## `{words}`" in page
        own = app.__dict__
        for name in (*own.get("flags", ()), *own.get("aliases", ())):
            assert f"`--{name}" in page, f"{words} --{name}"


def test_the_reference_has_every_setting() -> None:
    page = reference.pages()["reference/settings.md"]
    set_in_files = {cls.__name__ for cls, _file in reference.SETTINGS}
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "jobmagics").rglob("*.py"))
    assert set(re.findall(r"^class (\w+)\(Configurable\)", text, re.MULTILINE)) == set_in_files
    for cls, _file in reference.SETTINGS:
        assert all(f"`c.{cls.__name__}.{name}`" in page for name in cls.class_trait_names(config=True))


def test_the_reference_has_every_variable_of_the_environment() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "jobmagics").rglob("*.py"))
    in_code = set(re.findall(r"\"(JOBMAGICS_[A-Z_]*[A-Z])\"", text))
    named = {name for name in reference.VARIABLES if "<" not in name}
    assert in_code == named
    suffixes = set(re.findall(r"\{variable(?:_of\(name\))?\}_([A-Z]+)", text))
    assert suffixes == {name.rpartition("_")[2] for name in reference.VARIABLES if "<" in name}


def test_the_reference_has_every_call() -> None:
    page = reference.pages()["reference/python.md"]
    assert all(f"### `jobmagics.{name}`" in page for name in jobmagics.__all__)


def test_the_reference_has_every_cmdlet_of_the_engine() -> None:
    from jobmagics.powershell.commands import names

    page = reference.pages()["reference/cmdlets.md"]
    assert all(f"`{name}`" in page for name in names())


def test_every_page_is_in_the_navigation_and_every_link_goes_somewhere() -> None:
    """Links are also checked by ``mkdocs build --strict``, which CI runs; here without mkdocs."""
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    generated = set(reference.pages())
    assert all(page.relative_to(DOCS).as_posix() in navigation for page in PAGES)
    for page in (*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            found = (page.parent / target).resolve()
            assert found.exists() or found.relative_to(DOCS).as_posix() in generated, f"{page}: {target}"


def test_what_contributors_are_told_of_is_there() -> None:
    for path in re.findall(r"`((?:jobmagics|tests|docs)/[\w/.]+)`", (ROOT / "CONTRIBUTING.md").read_text("utf-8")):
        assert (ROOT / path).exists(), path


def test_every_message_of_the_troubleshooting_page_is_one_of_the_code() -> None:
    page = (DOCS / "how-to" / "troubleshooting.md").read_text(encoding="utf-8")
    messages = [
        text for row in re.findall(r"^\| (`[^|]*) \|", page, re.MULTILINE) for text in re.findall(r"`([^`]+)`", row)
    ]
    assert len(messages) > 20
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "jobmagics").rglob("*.py"))
    joined = re.sub(r"\"\s*\n\s*f?\"", "", code)
    for message in messages:
        for part in re.split(r" \.\.\. |'x'|: ", message):
            assert part in joined or message.startswith("UsageError"), message  # that one is IPython's
