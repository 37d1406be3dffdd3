"""System.Xml: XmlDocument, XmlElement, namespaces; what every node has is in ``xml_adapter``."""

from __future__ import annotations

import re
from typing import Any

from ..values.value import to_string
from . import xml_nodes as nodes
from .table import NetObject, declare, net_error
from .xml_adapter import NODE, NodeList, XmlNode, wrap
from .xml_nodes import Malformed, Node
from .xpath import BadPath, evaluate


def parse_document(text: str) -> XmlNode:
    """``[xml]$text``."""
    from ..values.conversions import Refused

    try:
        return XmlNode(nodes.read(text))
    except Malformed as problem:
        raise Refused(
            f'Cannot convert value "{text}" to type "System.Xml.XmlDocument". Error: "{problem}"',
            "InvalidCastToXmlDocument",
        ) from None


def _tagged(held: XmlNode, name: str, uri: str | None = None) -> NodeList:
    found = [one for one in held.node.walk() if one.kind == nodes.ELEMENT]
    if name != "*":
        found = [one for one in found if (one.local_name if uri is not None else one.name) == name]
    return NodeList(found, "System.Xml.XmlElementList")


ELEMENT = declare("System.Xml.XmlElement")
DOCUMENT = declare("System.Xml.XmlDocument")
for _table in (ELEMENT, DOCUMENT):
    _table.method("System.Xml.XmlNodeList GetElementsByTagName(string name)")(_tagged)
    _table.method("System.Xml.XmlNodeList GetElementsByTagName(string localName, string namespaceURI)")(_tagged)

# -- XmlElement

ELEMENT.property("bool IsEmpty", lambda held: not held.node.children and held.node.is_empty)
ELEMENT.property("bool HasAttributes", lambda held: bool(held.node.attributes))


def _attribute_text(held: XmlNode, name: str, uri: str | None = None) -> str:
    found = held.node.attribute(name)
    return found.data if found is not None else ""


def _set_attribute(held: XmlNode, name: str, value: str | None) -> None:
    held.node.set_attribute(name, to_string(value))


def _set_node(held: XmlNode, attribute: XmlNode) -> XmlNode:
    held.node.attributes = [one for one in held.node.attributes if one.name != attribute.node.name]
    attribute.node.parent = held.node
    held.node.attributes.append(attribute.node)
    return attribute


def _remove_attribute(held: XmlNode, name: str) -> None:
    held.node.attributes = [one for one in held.node.attributes if one.name != name]


ELEMENT.method("string GetAttribute(string name)", "string GetAttribute(string localName, string namespaceURI)")(
    _attribute_text
)
ELEMENT.method("System.Xml.XmlAttribute GetAttributeNode(string name)")(
    lambda held, name: wrap(held.node.attribute(name))
)
ELEMENT.method("bool HasAttribute(string name)")(lambda held, name: held.node.attribute(name) is not None)
ELEMENT.method("void SetAttribute(string name, string value)")(_set_attribute)
ELEMENT.method("string SetAttribute(string localName, string namespaceURI, string value)")(
    lambda held, name, uri, value: held.node.set_attribute(name, value, uri).data
)
ELEMENT.method("System.Xml.XmlAttribute SetAttributeNode(System.Xml.XmlAttribute newAttr)")(_set_node)
ELEMENT.method("void RemoveAttribute(string name)")(_remove_attribute)
ELEMENT.method("void RemoveAllAttributes()")(lambda held: held.node.attributes.clear())


declare("System.Xml.XmlAttribute").property("System.Xml.XmlElement OwnerElement", lambda held: wrap(held.node.parent))

# -- XmlDocument


def _make(kind: str, *, named: bool = True) -> Any:
    def make(held: XmlNode, name: str, *rest: Any) -> XmlNode:
        uri = rest[-1] if rest else None
        if len(rest) == 2 and named:  # prefix, local name, namespace
            name = f"{name}:{rest[0]}" if name else rest[0]
        node = Node(kind, name if named else "", "" if named else to_string(name), held.node, uri if named else None)
        return XmlNode(node)

    return make


DOCUMENT.constructor("()")(lambda kind: XmlNode(Node(nodes.DOCUMENT)))
DOCUMENT.property("System.Xml.XmlElement DocumentElement", lambda held: wrap(held.node.root))
DOCUMENT.property(
    "bool PreserveWhitespace",
    lambda held: held.node.keeps_space,
    lambda held, on: setattr(held.node, "keeps_space", on),
)
DOCUMENT.method(
    "System.Xml.XmlElement CreateElement(string name)",
    "System.Xml.XmlElement CreateElement(string qualifiedName, string namespaceURI)",
    "System.Xml.XmlElement CreateElement(string prefix, string localName, string namespaceURI)",
)(_make(nodes.ELEMENT))
DOCUMENT.method(
    "System.Xml.XmlAttribute CreateAttribute(string name)",
    "System.Xml.XmlAttribute CreateAttribute(string qualifiedName, string namespaceURI)",
)(_make(nodes.ATTRIBUTE))
DOCUMENT.method("System.Xml.XmlText CreateTextNode(string text)")(_make(nodes.TEXT, named=False))
DOCUMENT.method("System.Xml.XmlCDataSection CreateCDataSection(string data)")(_make(nodes.CDATA, named=False))
DOCUMENT.method("System.Xml.XmlComment CreateComment(string data)")(_make(nodes.COMMENT, named=False))
DOCUMENT.method("System.Xml.XmlDocumentFragment CreateDocumentFragment()")(
    lambda held: XmlNode(Node(nodes.FRAGMENT, document=held.node))
)


@DOCUMENT.method("System.Xml.XmlProcessingInstruction CreateProcessingInstruction(string target, string data)")
def _processing(held: XmlNode, name: str, data: str) -> XmlNode:
    return XmlNode(Node(nodes.PROCESSING, name, data, held.node))


@DOCUMENT.method("System.Xml.XmlDeclaration CreateXmlDeclaration(string version, string encoding, string standalone)")
def _declaration(held: XmlNode, version: str, encoding: str | None, standalone: str | None) -> XmlNode:
    data = f'version="{version}"'
    data += f' encoding="{encoding}"' if encoding else ""
    data += f' standalone="{standalone}"' if standalone else ""
    return XmlNode(Node(nodes.DECLARATION, data=data, document=held.node))


@DOCUMENT.method("System.Xml.XmlNode ImportNode(System.Xml.XmlNode node, bool deep)")
def _import(held: XmlNode, source: XmlNode, deep: bool) -> XmlNode:
    copy = source.node.clone(deep)
    for one in (copy, *copy.walk()):
        one.document = held.node
    return XmlNode(copy)


def _load_text(held: XmlNode, text: str) -> None:
    try:
        made = nodes.read(text, held.node.keeps_space)
    except Malformed as problem:
        raise net_error("System.Xml.XmlException", str(problem)) from None
    held.node.children.clear()
    for child in list(made.children):
        held.node.append(child)
    for one in held.node.walk():
        one.document = held.node


DOCUMENT.method("void LoadXml(string xml)")(_load_text)


@DOCUMENT.method("void Load(string filename)")
def _load(held: XmlNode, path: str) -> None:
    from .files import read_text

    _load_text(held, read_text(path))


@DOCUMENT.method("void Load(System.IO.Stream inStream)", "void Load(System.IO.TextReader txtReader)")
def _load_from(held: XmlNode, source: Any) -> None:
    from .encoding import decode_file

    _load_text(held, source.read_to_end() if hasattr(source, "read_to_end") else decode_file(source.read()))


def _saved(held: XmlNode) -> str:
    return nodes.outer(held.node) if held.node.keeps_space else nodes.indented(held.node)


def _saved_bytes(held: XmlNode) -> bytes:
    from .encoding import encoding_named, utf8

    first = held.node.children[:1]
    named = text_of_declaration(first[0].data, "encoding") if first and first[0].kind == nodes.DECLARATION else ""
    encoding = encoding_named(named) if named else utf8(False)
    return encoding.mark + encoding.encode(_saved(held))


def text_of_declaration(data: str, name: str) -> str:
    return data.partition(f'{name}="')[2].partition('"')[0]


@DOCUMENT.method("void Save(string filename)")
def _save(held: XmlNode, path: str) -> None:
    from .io_errors import io_errors
    from .paths import full_path

    where = full_path(path)
    with io_errors(where), open(where, "wb") as target:
        target.write(_saved_bytes(held))


@DOCUMENT.method("void Save(System.IO.Stream outStream)", "void Save(System.IO.TextWriter writer)")
def _save_to(held: XmlNode, target: Any) -> None:
    if hasattr(target, "put"):
        # the declaration names the writer's encoding, whatever the document's says
        name = target.encoding.web_name if target.stream is not None else "utf-16"
        target.put(re.sub(r'\A(<\?xml [^>]*encoding=")[^"]*', rf"\g<1>{name}", _saved(held)))
    else:
        target.write(_saved_bytes(held))


# -- namespaces, navigators


class NamespaceManager(NetObject):
    net_type = "System.Xml.XmlNamespaceManager"

    def __init__(self) -> None:
        self.names: dict[str, str] = {"xml": nodes.XML, "xmlns": nodes.XMLNS}

    def add(self, prefix: str, uri: str) -> None:
        self.names[prefix] = uri


MANAGER = declare(NamespaceManager.net_type)
MANAGER.constructor("(System.Xml.XmlNameTable nameTable)")(lambda kind, table: NamespaceManager())
MANAGER.method("void AddNamespace(string prefix, string uri)")(NamespaceManager.add)
MANAGER.method("string LookupNamespace(string prefix)")(lambda held, prefix: held.names.get(prefix))
MANAGER.method("bool HasNamespace(string prefix)")(lambda held, prefix: prefix in held.names)


class NameTable(NetObject):
    net_type = "System.Xml.NameTable"


declare(NameTable.net_type)
DOCUMENT.property("System.Xml.XmlNameTable NameTable", lambda held: NameTable())


class Navigator(NetObject):
    """XPathNavigator: for Evaluate(), which may give a number or a string."""

    net_type = "System.Xml.XPath.XPathNavigator"

    def __init__(self, node: Node) -> None:
        self.node = node

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        if name.lower() != "evaluate":
            raise AttributeError(name)
        try:
            found = evaluate(self.node, to_string(args[0]), {})
        except BadPath as problem:
            raise net_error("System.Xml.XPath.XPathException", str(problem)) from None
        return NodeList(found) if isinstance(found, list) else found


NODE.method("System.Object CreateNavigator()")(lambda held: Navigator(held.node))
