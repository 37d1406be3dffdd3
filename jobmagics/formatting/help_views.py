"""How the objects of Get-Help read: PowerShell's custom views of commands with a help comment and without.

The views write into a page as PowerShell's do: text gathers until a new line is asked for, which writes it at the
indentation of that moment; what is left at the end is written without any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from jobmagics.formatting import texts
from jobmagics.formatting.reader import Reader

INDENT = 4
COMMON = (
    "    This cmdlet supports the common parameters: Verbose, Debug,\n"
    "    ErrorAction, ErrorVariable, WarningAction, WarningVariable,\n"
    "    OutBuffer, PipelineVariable, and OutVariable. For more information, see\n"
    "    about_CommonParameters (https://go.microsoft.com/fwlink/?LinkID=113216). "
)


class Page:
    """What a view writes, about one object."""

    def __init__(self, reader: Reader, width: int) -> None:
        self.reader, self.width = reader, width
        self.lines: list[str] = []
        self.indent = 0
        self.held = ""

    def text(self, *parts: Any) -> None:
        self.held += "".join(part if isinstance(part, str) else self.string(part) for part in parts)

    def line(self, *parts: Any) -> None:
        self.text(*parts)
        held, self.held = self.held, ""
        room = max(self.width - self.indent, 1)
        self.lines += [" " * self.indent + line for line in texts.wrapped(held, room)]

    def title(self, text: str) -> None:
        self.line(text)

    @contextmanager
    def frame(self) -> Iterator[None]:
        self.indent += INDENT
        yield
        self.indent -= INDENT

    def string(self, value: Any) -> str:
        return "" if value is None else self.reader.to_string(value)

    def get(self, value: Any, *names: str) -> Any:
        for name in names:
            value = None if value is None else self.reader.get(value, name)[1]
        return value

    def each(self, value: Any, *names: str) -> list[Any]:
        found = self.get(value, *names)
        if found is None:
            return []
        many = self.reader.elements(found)
        return [found] if many is None else list(many)

    def told(self, value: Any, name: str) -> bool:
        return self.string(self.get(value, name)).lower() == "true"

    def paragraphs(self, value: Any, name: str) -> None:
        for item in self.each(value, name):
            self.line(self.get(item, "Text"))


def written(write: Callable[[Page, Any], None]) -> Callable[[Reader, Any, int, bool], str]:
    def text(reader: Reader, value: Any, width: int, color: bool) -> str:
        page = Page(reader, width)
        write(page, value)
        page.line()
        return "\n".join(page.lines)

    return text


# -- with a help comment
def _name_and_synopsis(page: Page, value: Any) -> None:
    _name(page, value)
    page.title("SYNOPSIS")
    with page.frame():
        page.paragraphs(page.get(value, "details"), "description")
        page.line()
        page.line()


def _name(page: Page, value: Any) -> None:
    page.title("NAME")
    with page.frame():
        page.line(page.get(value, "details", "name"))
        page.line()


def _syntax_and_description(page: Page, value: Any) -> None:
    page.title("SYNTAX")
    with page.frame():
        for item in page.each(value, "syntax", "syntaxItem"):
            _syntax_item(page, item)
            page.line("[<CommonParameters>]")
            page.line()
        page.line()
    page.title("DESCRIPTION")
    with page.frame():
        page.paragraphs(value, "description")
        page.line()
    page.line()


def _syntax_item(page: Page, item: Any) -> None:
    page.text(page.get(item, "name"), " ")
    for parameter in page.each(item, "parameter"):
        page.text(_syntax_word(page, parameter))


def _syntax_word(page: Page, parameter: Any) -> str:
    name = page.string(page.get(parameter, "name"))
    choices = page.each(parameter, "parameterValueGroup", "parameterValue")
    value = page.string(page.get(parameter, "parameterValue"))
    shown = f" {{{' | '.join(map(page.string, choices))}}}" if choices else f" <{value}>" if value else ""
    positional = page.string(page.get(parameter, "position")).lower() not in ("", "named")
    word = f"[-{name}]{shown}" if positional else f"-{name}{shown}"
    return f"{word} " if page.told(parameter, "required") else f"[{word}] "


def _remarks(page: Page, value: Any) -> None:
    name = page.string(page.get(value, "details", "name"))
    page.title("REMARKS")
    with page.frame():
        page.line(f'To see the examples, type: "Get-Help {name} -Examples"')
        page.line(f'For more information, type: "Get-Help {name} -Detailed"')
        page.line(f'For technical information, type: "Get-Help {name} -Full"')
        if page.each(value, "relatedLinks", "navigationLink"):
            page.text(f'    For online help, type: "Get-Help {name} -Online"')


def _links(page: Page, value: Any) -> None:
    page.title("RELATED LINKS")
    with page.frame():
        for link in page.each(value, "relatedLinks", "navigationLink"):
            text = page.string(page.get(link, "linkText"))
            page.line(text, " " if text else "", page.get(link, "uri"))


def _examples(page: Page, value: Any) -> None:
    with page.frame():
        for example in page.each(value, "examples", "example"):
            page.line(page.get(example, "title"))
            page.line()
            for item in page.each(example, "introduction"):
                page.text(page.get(item, "Text"))
            page.line(page.get(example, "code"))
            page.line()
            page.paragraphs(example, "remarks")


def _common(page: Page) -> None:
    page.line("<CommonParameters>")
    with page.frame():
        page.text(COMMON)
    page.line()
    page.line()


def _typed_name(page: Page, parameter: Any) -> None:
    value = page.get(parameter, "parameterValue")
    switch = page.string(value) == "SwitchParameter"
    shown = "" if value is None else f" [<{page.string(value)}>]" if switch else f" <{page.string(value)}>"
    page.line("-", page.get(parameter, "name"), shown)


def parameter(page: Page, value: Any) -> None:
    _typed_name(page, value)
    with page.frame():
        page.paragraphs(value, "description")
        page.line()
        page.line("Required?                    ", page.get(value, "required"))
        page.line("Position?                    ", page.get(value, "position"))
        page.line("Default value                ", page.get(value, "defaultValue"))
        page.line("Accept pipeline input?       ", page.get(value, "pipelineInput"))
        page.line("Aliases                      ", page.get(value, "aliases"))
        page.line("Accept wildcard characters?  ", page.get(value, "globbing"))
        page.line()


def default(page: Page, value: Any) -> None:
    _name_and_synopsis(page, value)
    _syntax_and_description(page, value)
    _links(page, value)
    page.line()
    _remarks(page, value)


def detailed(page: Page, value: Any) -> None:
    _name_and_synopsis(page, value)
    _syntax_and_description(page, value)
    page.title("PARAMETERS")
    with page.frame():
        for item in page.each(value, "parameters", "parameter"):
            _typed_name(page, item)
            with page.frame():
                page.paragraphs(item, "description")
                page.line()
        _common(page)
    _examples(page, value)
    _remarks(page, value)


def examples(page: Page, value: Any) -> None:
    _name_and_synopsis(page, value)
    _examples(page, value)


def full(page: Page, value: Any) -> None:
    _name_and_synopsis(page, value)
    _syntax_and_description(page, value)
    page.title("PARAMETERS")
    with page.frame():
        for item in page.each(value, "parameters", "parameter"):
            parameter(page, item)
        _common(page)
    for title, where, item_name in (("INPUTS", "inputTypes", "inputType"), ("OUTPUTS", "returnValues", "returnValue")):
        page.title(title)
        with page.frame():
            for item in page.each(value, where, item_name):
                page.line(page.get(item, "type", "name"))
                page.line()
            page.line()
    if page.get(value, "alertSet") is not None:
        page.title("NOTES")
        with page.frame():
            page.line()
            page.paragraphs(page.get(value, "alertSet"), "alert")
            page.line()
    _examples(page, value)
    with page.frame():
        page.line()
    _links(page, value)


# -- without one
def _plain_syntax(page: Page, value: Any) -> None:
    page.title("SYNTAX")
    with page.frame():
        for item in page.each(value, "syntax", "syntaxItem"):
            _syntax_item(page, item)
            page.line("[<CommonParameters>]" if page.told(item, "CommonParameters") else "")
            page.line()


def _aliases_and_remarks(page: Page, value: Any) -> None:
    for title, name in (("ALIASES", "aliases"), ("REMARKS", "remarks")):
        page.title(title)
        with page.frame():
            page.line(page.get(value, name))
        if name == "aliases":
            page.line()


def _plain_name(page: Page, value: Any) -> None:
    kind = page.string(page.get(value, "parameterValue"))
    page.line("-", page.get(value, "name"), f" <{kind}>" if kind else "")


def plain_default(page: Page, value: Any) -> None:
    _name(page, value)
    _plain_syntax(page, value)
    page.line()
    _aliases_and_remarks(page, value)


def _plain_parameters(page: Page, value: Any, write: Callable[[Page, Any], None]) -> None:
    _plain_syntax(page, value)
    with page.frame():
        page.line()
    page.title("PARAMETERS")
    with page.frame():
        found = page.each(value, "parameters", "parameter")
        for item in found:
            write(page, item)
        if page.told(value, "CommonParameters"):
            _common(page)
        elif not found:
            page.line("None")
            page.line()


def _brief_parameter(page: Page, value: Any) -> None:
    _plain_name(page, value)
    page.line()


def plain_detailed(page: Page, value: Any) -> None:
    _name(page, value)
    _plain_parameters(page, value, _brief_parameter)
    page.line()
    _aliases_and_remarks(page, value)


def plain_parameter(page: Page, value: Any) -> None:
    _plain_name(page, value)
    with page.frame():
        page.line(page.get(value, "description"))
        page.line("Required?                    ", page.get(value, "required"))
        page.line("Position?                    ", page.get(value, "position"))
        page.line("Accept pipeline input?       ", page.get(value, "pipelineInput"))
        page.line("Parameter set name           ", page.get(value, "parameterSetName"))
        page.line("Aliases                      ", page.get(value, "aliases"))
        page.line("Dynamic?                     ", page.get(value, "isDynamic"))
        page.line("Accept wildcard characters?  ", page.get(value, "globbing"))
        page.line()


def plain_full(page: Page, value: Any) -> None:
    _name(page, value)
    _plain_parameters(page, value, plain_parameter)
    with page.frame():
        page.line()
    for title, where, item_name in (("INPUTS", "inputTypes", "inputType"), ("OUTPUTS", "returnValues", "returnValue")):
        page.title(title)
        with page.frame():
            for item in page.each(value, where, item_name):
                page.line(page.get(item, "type", "name"))
            page.line()
    _aliases_and_remarks(page, value)


def plain_examples(page: Page, value: Any) -> None:
    page.title("NAME")
    with page.frame():
        page.line(page.get(value, "details", "name"))
    page.line()
    _aliases_and_remarks(page, value)


COMMENTED, PLAIN = "MamlCommandHelpInfo", "ExtendedCmdletHelpInfo"
HELP_VIEWS: dict[str, Callable[[Page, Any], None]] = {
    f"{COMMENTED}#DetailedView": detailed,
    f"{COMMENTED}#ExamplesView": examples,
    f"{COMMENTED}#FullView": full,
    f"{COMMENTED}#parameter": parameter,
    COMMENTED: default,
    f"{PLAIN}#DetailedView": plain_detailed,
    f"{PLAIN}#ExamplesView": plain_examples,
    f"{PLAIN}#FullView": plain_full,
    f"{PLAIN}#parameter": plain_parameter,
    PLAIN: plain_default,
}
