"""A document tree as System.Xml has it: nodes, reading, writing. What scripts see of it is in ``xml``.

Reading is expat's, with entity declarations refused and nothing fetched from outside.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from ..values.utf16 import encode, units

ELEMENT, ATTRIBUTE, TEXT, CDATA = "Element", "Attribute", "Text", "CDATA"
COMMENT, PROCESSING, DOCUMENT, DECLARATION = "Comment", "ProcessingInstruction", "Document", "XmlDeclaration"
WHITESPACE, FRAGMENT, DOCTYPE = "Whitespace", "DocumentFragment", "DocumentType"
XMLNS = "http://www.w3.org/2000/xmlns/"
XML = "http://www.w3.org/XML/1998/namespace"
_FIXED = {
    TEXT: "#text",
    CDATA: "#cdata-section",
    COMMENT: "#comment",
    DOCUMENT: "#document",
    DECLARATION: "xml",
    WHITESPACE: "#whitespace",
    FRAGMENT: "#document-fragment",
}


class Malformed(Exception):
    """Not XML: the sentence that .NET says."""


class Node:
    """Any node. ``data`` is the text of those that have no children; an attribute keeps its value there."""

    def __init__(
        self, kind: str, name: str = "", data: str = "", document: Node | None = None, namespace: str | None = None
    ) -> None:
        self.kind = kind
        self.name = name or _FIXED.get(kind, "")
        self.data = data
        self.document = document
        self.parent: Node | None = None
        self.attributes: list[Node] = []
        self.children: list[Node] = []
        self.is_empty = True  # <a/> as opposed to <a></a>
        self.given_namespace = namespace
        self.keeps_space = False

    # -- names
    @property
    def prefix(self) -> str:
        return self.name.partition(":")[0] if ":" in self.name else ""

    @property
    def local_name(self) -> str:
        return self.name.rpartition(":")[2]

    @property
    def namespace(self) -> str:
        if self.given_namespace is not None:
            return self.given_namespace
        if self.kind not in (ELEMENT, ATTRIBUTE) or (self.kind == ATTRIBUTE and not self.prefix):
            return XMLNS if self.kind == ATTRIBUTE and self.name == "xmlns" else ""
        return self.find_namespace(self.prefix) or ""

    def find_namespace(self, prefix: str) -> str | None:
        if prefix in ("xml", "xmlns"):
            return XML if prefix == "xml" else XMLNS
        wanted = f"xmlns:{prefix}" if prefix else "xmlns"
        at: Node | None = self
        while at is not None:
            for attribute in at.attributes:
                if attribute.name == wanted:
                    return attribute.data
            at = at.parent
        return None

    # -- text
    @property
    def inner_text(self) -> str:
        if self.kind in (ELEMENT, DOCUMENT, FRAGMENT):
            kept = (one.inner_text for one in self.children if one.kind not in (COMMENT, PROCESSING, DECLARATION))
            return "".join(kept)
        return self.data

    @inner_text.setter
    def inner_text(self, text: str) -> None:
        if self.kind not in (ELEMENT, FRAGMENT):
            self.data = text
            return
        self.children.clear()
        self.is_empty = False
        if text:
            self.append(Node(TEXT, data=text, document=self.document))

    # -- the tree
    def append(self, child: Node, at: int | None = None) -> Node:
        if child.kind == FRAGMENT:
            for one in list(child.children):
                self.append(one, at)
                at = at + 1 if at is not None else None
            return child
        child.detach()
        child.parent = self
        child.document = self if self.kind == DOCUMENT else self.document
        self.children.insert(len(self.children) if at is None else at, child)
        self.is_empty = False
        return child

    def detach(self) -> None:
        if self.parent is not None:
            held = self.parent.attributes if self.kind == ATTRIBUTE else self.parent.children
            if self in held:
                held.remove(self)
            self.parent = None

    def elements(self) -> Iterator[Node]:
        return (child for child in self.children if child.kind == ELEMENT)

    def walk(self) -> Iterator[Node]:
        for child in self.children:
            yield child
            yield from child.walk()

    @property
    def root(self) -> Node | None:
        return next(self.elements(), None)

    def attribute(self, name: str) -> Node | None:
        return next((one for one in self.attributes if one.name == name), None)

    def set_attribute(self, name: str, value: str, namespace: str | None = None) -> Node:
        known = self.attribute(name)
        if known is None:
            known = Node(ATTRIBUTE, name, value, self.document, namespace)
            known.parent = self
            self.attributes.append(known)
        known.data = value
        return known

    def clone(self, deep: bool) -> Node:
        copy = Node(self.kind, self.name, self.data, self.document, self.given_namespace)
        copy.is_empty = self.is_empty
        for attribute in self.attributes:
            copy.set_attribute(attribute.name, attribute.data, attribute.given_namespace)
        for child in self.children if deep or self.kind == ATTRIBUTE else ():
            copy.append(child.clone(True))
        if self.kind == DOCUMENT:
            for one in copy.walk():
                one.document = copy
        return copy


# -- reading


class _Builder:
    def __init__(self, source: bytes, keeps_space: bool) -> None:
        self.source = source
        self.document = Node(DOCUMENT)
        self.document.keeps_space = keeps_space
        self.at = self.document
        self.text: list[str] = []
        self.parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.ordered_attributes = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text.append
        parser.CommentHandler = lambda data: self.leaf(COMMENT, "", units(data))
        parser.ProcessingInstructionHandler = lambda name, data: self.leaf(PROCESSING, units(name), units(data))
        parser.XmlDeclHandler = self.declaration
        parser.StartCdataSectionHandler = self.start_cdata
        parser.EndCdataSectionHandler = self.end_cdata
        parser.EntityDeclHandler = self.refuse
        parser.StartDoctypeDeclHandler = self.doctype

    def refuse(self, *_: Any) -> None:
        raise Malformed("For security reasons DTD is prohibited in this XML document: it declares entities.")

    def doctype(self, name: str, system: str | None, public: str | None, internal: Any) -> None:
        self.leaf(DOCTYPE, name, "")

    def flush(self) -> None:
        text = units("".join(self.text))
        self.text.clear()
        if not text or self.at.kind == DOCUMENT:
            return
        if text.isspace() and not self.document.keeps_space:
            return
        self.at.append(Node(WHITESPACE if text.isspace() else TEXT, data=text, document=self.document))

    def leaf(self, kind: str, name: str, data: str) -> None:
        self.flush()
        self.at.append(Node(kind, name, data, self.document))

    def start(self, name: str, attributes: list[str]) -> None:
        self.flush()
        node = Node(ELEMENT, units(name), document=self.document)
        for at in range(0, len(attributes), 2):
            node.set_attribute(units(attributes[at]), units(attributes[at + 1]))
        self.at = self.at.append(node)

    def end(self, name: str) -> None:
        self.flush()
        end = self.parser.CurrentByteIndex  # of <a/>, it is behind the tag
        self.at.is_empty = not self.at.children and self.source[end - 2 : end] == b"/>"
        assert self.at.parent is not None
        self.at = self.at.parent

    def start_cdata(self) -> None:
        self.flush()

    def end_cdata(self) -> None:
        text = units("".join(self.text))
        self.text.clear()
        self.at.append(Node(CDATA, data=text, document=self.document))

    def declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        data = f'version="{version}"'
        if encoding:
            data += f' encoding="{encoding}"'
        if standalone >= 0:
            data += f' standalone="{"yes" if standalone else "no"}"'
        self.document.append(Node(DECLARATION, data=data, document=self.document))


def read(text: str, keeps_space: bool = False) -> Node:
    """The document of a text. Raises Malformed."""
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise Malformed("Root element is missing.")
    source = encode(text)
    builder = _Builder(source, keeps_space)
    try:
        builder.parser.Parse(source, True)
    except expat.ExpatError as problem:
        raise Malformed(_sentence(problem, text)) from None
    return builder.document


def malformed(text: str) -> str:
    """What .NET says of a text that is not XML."""
    try:
        read(text)
    except Malformed as problem:
        return str(problem)
    return "The XML is not well formed."


_SENTENCES = {
    expat.errors.XML_ERROR_DUPLICATE_ATTRIBUTE: "There is a duplicate attribute.",
    expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: "There are multiple root elements.",
}


def _sentence(problem: expat.ExpatError, text: str) -> str:
    line, column = problem.lineno, problem.offset + 1
    reason = expat.ErrorString(problem.code)
    said = _SENTENCES.get(reason)
    if reason == expat.errors.XML_ERROR_TAG_MISMATCH:
        said = _mismatch(text, problem)
    elif said is None and not text.lstrip().startswith("<"):
        said, line, column = "Data at the root level is invalid.", 1, 1
    elif unclosed := ", ".join(name for name, _, _ in reversed(_open_elements(text))):
        lines = text.split("\n")
        said = f"Unexpected end of file has occurred. The following elements are not closed: {unclosed}."
        line, column = len(lines), len(lines[-1]) + 1
    return f"{said or 'The XML is not well formed.'} Line {line}, position {column}."


def _open_elements(text: str) -> list[tuple[str, int, int]]:
    """Elements that are open where reading stopped: name, line, column."""
    held: list[tuple[str, int, int]] = []
    parser = expat.ParserCreate()

    def start(name: str, _: Any) -> None:
        held.append((units(name), parser.CurrentLineNumber, parser.CurrentColumnNumber + 2))

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: held.pop()
    with contextlib.suppress(expat.ExpatError):
        parser.Parse(encode(text), True)
    return held


def _mismatch(text: str, problem: expat.ExpatError) -> str:
    held = _open_elements(text)
    line = text.split("\n")[problem.lineno - 1]
    ending = line[problem.offset :].removeprefix("</").partition(">")[0].strip()
    if not held:
        return "The XML is not well formed."
    name, at_line, column = held[-1]
    return f"The '{name}' start tag on line {at_line} position {column} does not match the end tag of '{ending}'."


# -- writing


def escape_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_attribute(text: str) -> str:
    found = escape_text(text).replace('"', "&quot;")
    return found.replace("\r", "&#xD;").replace("\n", "&#xA;").replace("\t", "&#x9;")


def outer(node: Node) -> str:
    parts: list[str] = []
    _write(node, parts)
    return "".join(parts)


def inner(node: Node) -> str:
    if node.kind == ATTRIBUTE:
        return escape_attribute(node.data)
    parts: list[str] = []
    for child in node.children:
        _write(child, parts)
    return "".join(parts)


def _write(node: Node, parts: list[str]) -> None:
    if node.kind == ELEMENT:
        parts.append(_start_tag(node))
        if not node.children and node.is_empty:
            parts.append(" />")
            return
        parts.append(">")
        for child in node.children:
            _write(child, parts)
        parts.append(f"</{node.name}>")
    elif node.kind in (DOCUMENT, FRAGMENT):
        for child in node.children:
            _write(child, parts)
    else:
        parts.append(_leaf_text(node))


def _start_tag(node: Node) -> str:
    written = "".join(f' {one.name}="{escape_attribute(one.data)}"' for one in node.attributes)
    return f"<{node.name}{written}{_missing_namespace(node)}"


def _missing_namespace(node: Node) -> str:
    """The declaration that an element made with a namespace needs where none is in force."""
    given = node.given_namespace
    if given is None:
        return ""
    declared = (node.find_namespace(node.prefix) if node.parent is None else _declared(node)) or ""
    if declared == given:
        return ""
    return f' xmlns{":" + node.prefix if node.prefix else ""}="{escape_attribute(given)}"'


def _declared(node: Node) -> str | None:
    at: Node | None = node
    wanted = f"xmlns:{node.prefix}" if node.prefix else "xmlns"
    while at is not None:
        for attribute in at.attributes:
            if attribute.name == wanted:
                return attribute.data
        if at is not node and at.kind == ELEMENT and at.given_namespace is not None and at.prefix == node.prefix:
            return at.given_namespace
        at = at.parent
    return None


def _leaf_text(node: Node) -> str:
    if node.kind in (TEXT, WHITESPACE):
        return escape_text(node.data)
    if node.kind == CDATA:
        return f"<![CDATA[{node.data}]]>"
    if node.kind == COMMENT:
        return f"<!--{node.data}-->"
    if node.kind == PROCESSING:
        return f"<?{node.name} {node.data}?>"
    if node.kind == DECLARATION:
        return f"<?xml {node.data}?>"
    if node.kind == DOCTYPE:
        return f"<!DOCTYPE {node.name}>"
    return f'{node.name}="{escape_attribute(node.data)}"'


def indented(document: Node, step: str = "  ", newline: str = "\n") -> str:
    """As Save() writes: one element a line, but for those that hold text."""
    parts: list[str] = []
    for child in document.children:
        if parts:
            parts.append(newline)
        _write_indented(child, parts, 0, False, step, newline)
    return "".join(parts)


def _write_indented(node: Node, parts: list[str], level: int, mixed: bool, step: str, newline: str) -> None:
    if node.kind != ELEMENT:
        parts.append(_leaf_text(node))
        return
    parts.append(_start_tag(node))
    if not node.children and node.is_empty:
        parts.append(" />")
        return
    parts.append(">")
    for child in node.children:
        if child.kind in (TEXT, CDATA, WHITESPACE):
            mixed = True
        if not mixed:
            parts.append(newline + step * (level + 1))
        _write_indented(child, parts, level + 1, mixed, step, newline)
    if node.children and not mixed:
        parts.append(newline + step * level)
    parts.append(f"</{node.name}>")
