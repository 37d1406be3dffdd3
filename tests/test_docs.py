"""The documentation is true: what it tells to type exists, the reference has everything there is. That its examples
run is for ``test_docs_examples.py``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import jobmagics
from jobmagics.errors import NotFound, UsageError
from jobmagics.options import parse, specs

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS))

import reference  # noqa: E402 - it is the site's, not a module of the package

PAGES = sorted(path for path in DOCS.rglob("*.md"))
READ_IN_PLACE = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md")
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MAGIC_LINE = re.compile(r"^(?:\w+ = )?%%?(\w+) ?(.*)$", re.MULTILINE)
COMMAND_LINE = re.compile(r"^jupyter jobmagics (.*)$", re.MULTILINE)
NOT_OURS = {"load_ext", "unload_ext", "spark", "send_to_spark", "python"}


def in_prose(page: Path) -> list[str]:
    """What stands in backticks between the blocks."""
    prose = BLOCK.sub("", page.read_text(encoding="utf-8"))
    return [" ".join(text.replace("\\|", "|").split()) for text in re.findall(r"`([^`]+)`", prose)]


def test_every_magic_in_the_text_has_words_that_it_knows() -> None:
    known = specs.BY_NAME
    seen = set()
    for page in (*PAGES, *READ_IN_PLACE):
        for text in in_prose(page):
            for name, line in MAGIC_LINE.findall(text):
                assert name in known.keys() | NOT_OURS, f"{page.name}: {text}"
                seen.add(name)
                if name in known and line and not line.endswith("?"):
                    with_no_variables(known[name], line)
    assert len(seen) > 20


def with_no_variables(spec: Any, line: str) -> None:
    """Raises UsageError for a word that is none of its options, or a value that is none of an option's."""
    line = re.sub(r"(?: |^)-\w+$", "", line)  # an option named alone, without a value
    try:
        parse(spec, line, {})
    except UsageError as error:  # a variable that there is not: the words were right so far
        if not isinstance(error, NotFound) and "there is none called" not in error.message:
            raise


def test_every_command_in_the_text_is_there() -> None:
    known = {words.removeprefix("jupyter jobmagics").strip(): app for words, app in reference.commands()}
    seen = set()
    for page in (*PAGES, *READ_IN_PLACE):
        for line in COMMAND_LINE.findall("\n".join(in_prose(page))):
            words = re.sub(r"[\[\]…]|--help|<\w+>", "", line).split()
            named = [word for word in known if word and words[: len(word.split())] == word.split()]
            assert named or not words, f"{page.name}: there is no `jupyter jobmagics {line}`"
            seen |= {line}
            options = {word.partition("=")[0] for word in words if word.startswith("--")}
            if options:
                app = known[max(named, key=len)]
                assert options <= {f"--{name}" for name in (*app.class_traits(), *app.flags, *app.aliases)}
    assert len(seen) > 5


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


def test_the_reference_leaves_nothing_unexplained() -> None:
    page = reference.pages()["reference/python.md"]
    members = re.findall(r"^\| `([^`]+)` \| ?(.*)\|$", page, re.MULTILINE)
    assert len(members) > 60
    assert not [name for name, text in members if not text.strip()]
    assert not re.findall(r":(?:func|meth|class):", page)
    assert all(option.help for spec in specs.ALL for option in spec.options)


def test_the_reference_has_every_cmdlet_of_the_engine() -> None:
    from jobmagics.powershell.commands import names

    page = reference.pages()["reference/cmdlets.md"]
    assert all(f"`{name}`" in page for name in names())


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert all(page.relative_to(DOCS).as_posix() in navigation for page in PAGES)


def anchors(text: str) -> set[str]:
    """Of its headings: those that were named, and the others as GitHub and mkdocs call them."""
    found = set()
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        named = re.search(r"\{ #([\w-]+) \}$", heading)
        found.add(named[1] if named else re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-"))
    return found


def test_every_link_goes_somewhere() -> None:
    """Those of the site are also checked by ``mkdocs build --strict``, which CI runs; here too where they are read in
    the repository, with their anchors. No page needs anything of another site.
    """
    generated = {DOCS / path: text for path, text in reference.pages().items()}
    seen = 0
    for page in (*PAGES, *READ_IN_PLACE):
        for target in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            path, _, anchor = target.partition("#")
            found = (page.parent / path).resolve() if path else page
            assert found.exists() or found in generated, f"{page}: {target}"
            if anchor:
                text = generated.get(found) or found.read_text(encoding="utf-8")
                assert anchor in anchors(text), f"{page}: {target}"
            seen += 1
    assert seen > 50


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
