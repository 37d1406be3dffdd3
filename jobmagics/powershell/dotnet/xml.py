"""System.Xml as scripts see it: XmlDocument, XmlElement and the others, with PowerShell's adapter on top.

The adapter gives attributes and child elements as properties; an element without attributes that holds only text is that
text, and several of one name are an array. Names of .NET's own properties come after those of the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from ... import psobject
from ..types import NetType, net_type
from ..values import to_string
from . import xml_nodes as nodes
from .enums import enum_value
from .table import NetObject, argument_null, declare, net_error
from .xml_nodes import Malformed, Node
from .xpath import BadPath, evaluate, select

_NET_KINDS = {
    nodes.ELEMENT: "XmlElement",
    nodes.ATTRIBUTE: "XmlAttribute",
    nodes.TEXT: "XmlText",
    nodes.CDATA: "XmlCDataSection",
    nodes.COMMENT: "XmlComment",
    nodes.PROCESSING: "XmlProcessingInstruction",
    nodes.DOCUMENT: "XmlDocument",
    nodes.DECLARATION: "XmlDeclaration",
    nodes.WHITESPACE: "XmlWhitespace",
    nodes.FRAGMENT: "XmlDocumentFragment",
    nodes.DOCTYPE: "XmlDocumentType",
}


class XmlNode(NetObject):
    """A node as a value; there is one for each node of a tree, made when it is first asked for."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def net_type_of(self) -> NetType:
        return net_type("System.Xml." + _NET_KINDS[self.node.kind])

    def ps_type_names(self) -> list[str]:
        names = [kind.full_name for kind in self.net_type_of().lineage()]
        if self.node.kind == nodes.ELEMENT:
            names.insert(0, f"{names[0]}#{self.node.namespace}#{self.node.name}")
        return names

    @property
    def ps_clixml_value(self) -> Any:
        return psobject.XmlDocument(nodes.outer(self.node)) if self.node.kind == nodes.DOCUMENT else None

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        names = [one.local_name for one in self.node.attributes]
        names += [one.local_name for one in self.node.children if one.kind != nodes.WHITESPACE]
        for name in dict.fromkeys(names):
            yield name, self.adapted(name)

    def _found(self, name: str) -> list[Node]:
        folded = name.lower()
        held = [*self.node.attributes, *self.node.children]
        return [one for one in held if one.local_name.lower() == folded and one.kind != nodes.WHITESPACE]

    def adapted(self, name: str) -> Any:
        found = [simple(one) for one in self._found(name)]
        return found[0] if len(found) == 1 else found

    def ps_get(self, name: str) -> Any:
        if self._found(name):
            return self.adapted(name)
        raise AttributeError(name)

    def ps_set(self, name: str, new: Any) -> None:
        found = self._found(name)
        if not found:
            raise AttributeError(name)
        if len(found) > 1:
            raise net_error(
                "System.Management.Automation.SetValueException",
                f'Cannot set "{name}" because multiple properties with the same name exist.',
            )
        if not isinstance(new, str):
            raise net_error(
                "System.Management.Automation.SetValueException",
                f'Cannot set "{name}" because only strings can be used as values to set XmlNode properties.',
            )
        if found[0].kind == nodes.ELEMENT and (found[0].attributes or any(found[0].elements())):
            raise net_error(
                "System.Management.Automation.SetValueException",
                f'Cannot set "{name}" because the XmlNode has attributes or child elements.',
            )
        found[0].inner_text = new

    def ps_equals(self, other: Any) -> bool:
        return isinstance(other, XmlNode) and other.node is self.node

    def ps_to_string(self) -> str:
        return self.node.local_name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, XmlNode) and other.node is self.node

    def __hash__(self) -> int:
        return id(self.node)


def simple(node: Node) -> Any:
    """What the adapter makes of a node: its text where it is no more than that."""
    if node.kind in (nodes.TEXT, nodes.ATTRIBUTE, nodes.CDATA, nodes.COMMENT):
        return node.data
    if node.attributes:
        return XmlNode(node)
    if not node.children:
        return node.inner_text
    if len(node.children) == 1 and node.children[0].kind == nodes.TEXT:
        return node.inner_text
    return XmlNode(node)


def parse_document(text: str) -> XmlNode:
    """``[xml]$text``."""
    from ..conversions import Refused

    try:
        return XmlNode(nodes.read(text))
    except Malformed as problem:
        raise Refused(
            f'Cannot convert value "{text}" to type "System.Xml.XmlDocument". Error: "{problem}"', "InvalidCastToXmlDocument"
        ) from None


def wrap(node: Node | None) -> XmlNode | None:
    return None if node is None else XmlNode(node)


class NodeList(NetObject):
    """XmlNodeList: what SelectNodes, ChildNodes and GetElementsByTagName give."""

    def __init__(self, held: list[Node], name: str = "System.Xml.XmlNodeList") -> None:
        self.held = held
        self.net_type = name

    def ps_items(self) -> Iterator[Any]:
        return map(XmlNode, list(self.held))

    def ps_index(self, index: Any) -> Any:
        if isinstance(index, str):
            return wrap(next((one for one in self.held if one.name == index), None))
        at = int(index) + (len(self.held) if int(index) < 0 else 0)
        return XmlNode(self.held[at]) if 0 <= at < len(self.held) else None


for _name in ("System.Xml.XmlNodeList", "System.Xml.XmlAttributeCollection"):
    _table = declare(_name)
    _table.property("int Count", lambda held: len(held.held))
    _table.method("System.Xml.XmlNode Item(int index)", "System.Xml.XmlNode ItemOf(int index)")(NodeList.ps_index)
    _table.method("System.Xml.XmlNode GetNamedItem(string name)")(NodeList.ps_index)


def _append_attribute(held: NodeList, attribute: XmlNode) -> XmlNode:
    held.held.append(attribute.node)
    return attribute


_table.method("System.Xml.XmlAttribute Append(System.Xml.XmlAttribute node)")(_append_attribute)

# -- XmlNode

NODE = declare("System.Xml.XmlNode")
for _kind in ("XmlLinkedNode", "XmlCharacterData", "XmlDeclaration", "XmlDocumentFragment"):
    declare(f"System.Xml.{_kind}")


def _kind_of(held: XmlNode) -> Any:
    return enum_value("System.Xml.XmlNodeType", held.node.kind)


def _value(held: XmlNode) -> str | None:
    return None if held.node.kind in (nodes.ELEMENT, nodes.DOCUMENT, nodes.FRAGMENT) else held.node.data


def _set_value(held: XmlNode, text: str) -> None:
    if _value(held) is None:
        raise net_error("System.InvalidOperationException", f"Cannot set a value on node type '{held.node.kind}'.")
    held.node.data = text


def _set_text(held: XmlNode, text: str) -> None:
    held.node.inner_text = text


def _sibling(step: int) -> Any:
    def get(held: XmlNode) -> XmlNode | None:
        parent = held.node.parent
        if parent is None or held.node.kind == nodes.ATTRIBUTE:
            return None
        at = next(i for i, one in enumerate(parent.children) if one is held.node) + step
        return XmlNode(parent.children[at]) if 0 <= at < len(parent.children) else None

    return get


def _set_inner(held: XmlNode, text: str) -> None:
    try:
        made = nodes.read(f"<x>{text}</x>").root
    except Malformed as problem:
        raise net_error("System.Xml.XmlException", str(problem)) from None
    assert made is not None
    held.node.children.clear()
    for child in list(made.children):
        held.node.append(child)


NODE.property("string Name", lambda held: held.node.name)
NODE.property("string LocalName", lambda held: held.node.local_name)
NODE.property("string Prefix", lambda held: held.node.prefix)
NODE.property("string NamespaceURI", lambda held: held.node.namespace)
NODE.property("System.Xml.XmlNodeType NodeType", _kind_of)
NODE.property("string Value", _value, _set_value)
NODE.property("string InnerText", lambda held: held.node.inner_text, _set_text)
NODE.property("string InnerXml", lambda held: nodes.inner(held.node), _set_inner)
NODE.property("string OuterXml", lambda held: nodes.outer(held.node))
NODE.property("System.Xml.XmlNode ParentNode", lambda held: wrap(None if held.node.kind == nodes.ATTRIBUTE else held.node.parent))
NODE.property("System.Xml.XmlNodeList ChildNodes", lambda held: NodeList(list(held.node.children), "System.Xml.XmlChildNodes"))
NODE.property("System.Xml.XmlNode FirstChild", lambda held: wrap(next(iter(held.node.children), None)))
NODE.property("System.Xml.XmlNode LastChild", lambda held: wrap(next(iter(held.node.children[::-1]), None)))
NODE.property("System.Xml.XmlNode NextSibling", _sibling(1))
NODE.property("System.Xml.XmlNode PreviousSibling", _sibling(-1))
NODE.property("bool HasChildNodes", lambda held: bool(held.node.children))
NODE.property(
    "System.Xml.XmlAttributeCollection Attributes",
    lambda held: NodeList(held.node.attributes, "System.Xml.XmlAttributeCollection") if held.node.kind == nodes.ELEMENT else None,
)
NODE.property("System.Xml.XmlDocument OwnerDocument", lambda held: wrap(held.node.document))
NODE.property("string BaseURI", lambda held: "")
NODE.property("bool IsReadOnly", lambda held: False)


def _find(held: XmlNode, path: str, manager: Any = None) -> list[Node]:
    if path is None:
        raise argument_null("xpath")
    try:
        return select(held.node, path, manager.names if manager is not None else {})
    except BadPath as problem:
        raise net_error("System.Xml.XPath.XPathException", str(problem)) from None


_MANAGED = "string xpath, System.Xml.XmlNamespaceManager nsmgr"
NODE.method("System.Xml.XmlNodeList SelectNodes(string xpath)", f"System.Xml.XmlNodeList SelectNodes({_MANAGED})")(
    lambda held, path, manager=None: NodeList(_find(held, path, manager), "System.Xml.XPathNodeList")
)
NODE.method("System.Xml.XmlNode SelectSingleNode(string xpath)", f"System.Xml.XmlNode SelectSingleNode({_MANAGED})")(
    lambda held, path, manager=None: wrap(next(iter(_find(held, path, manager)), None))
)
_CHILD = "System.Xml.XmlNode newChild"


def _append(held: XmlNode, child: XmlNode) -> XmlNode:
    _same_document(held, child)
    held.node.append(child.node)
    return child


def _same_document(held: XmlNode, child: XmlNode) -> None:
    own = held.node if held.node.kind == nodes.DOCUMENT else held.node.document
    if child.node.document is not own:
        raise net_error("System.ArgumentException", "The node to be inserted is from a different document context.")
    if held.node.kind == nodes.DOCUMENT and child.node.kind == nodes.ELEMENT and held.node.root is not None:
        raise net_error("System.InvalidOperationException", "This document already has a 'DocumentElement' node.")


def _insert(after: bool) -> Any:
    def insert(held: XmlNode, child: XmlNode, place: XmlNode | None) -> XmlNode:
        _same_document(held, child)
        child.node.detach()
        if place is None:
            at = 0 if after else len(held.node.children)
        else:
            at = next((i for i, one in enumerate(held.node.children) if one is place.node), -1)
            if at < 0:
                raise net_error("System.ArgumentException", "The reference node is not a child of this node.")
            at += after
        held.node.append(child.node, at)
        return child

    return insert


def _remove(held: XmlNode, child: XmlNode | None) -> XmlNode:
    if child is None:
        raise net_error("System.NullReferenceException", "Object reference not set to an instance of an object.")
    if child.node.parent is not held.node:
        raise net_error("System.ArgumentException", "The node to be removed is not a child of this node.")
    child.node.detach()
    return child


def _replace(held: XmlNode, child: XmlNode, old: XmlNode) -> XmlNode:
    _insert(False)(held, child, old)
    return _remove(held, old)


def _remove_all(held: XmlNode) -> None:
    held.node.children.clear()
    held.node.attributes.clear()


NODE.method(f"System.Xml.XmlNode AppendChild({_CHILD})")(_append)
NODE.method(f"System.Xml.XmlNode PrependChild({_CHILD})")(lambda held, child: _insert(True)(held, child, None))
NODE.method(f"System.Xml.XmlNode InsertAfter({_CHILD}, System.Xml.XmlNode refChild)")(_insert(True))
NODE.method(f"System.Xml.XmlNode InsertBefore({_CHILD}, System.Xml.XmlNode refChild)")(_insert(False))
NODE.method("System.Xml.XmlNode RemoveChild(System.Xml.XmlNode oldChild)")(_remove)
NODE.method(f"System.Xml.XmlNode ReplaceChild({_CHILD}, System.Xml.XmlNode oldChild)")(_replace)
NODE.method("void RemoveAll()")(_remove_all)
NODE.method("System.Xml.XmlNode CloneNode(bool deep)")(lambda held, deep: XmlNode(held.node.clone(deep)))
NODE.method("System.Xml.XmlNode Clone()")(lambda held: XmlNode(held.node.clone(True)))
NODE.method("void Normalize()")(lambda held: None)
NODE.method("string GetNamespaceOfPrefix(string prefix)")(lambda held, prefix: held.node.find_namespace(prefix) or "")
NODE.method("System.Object CreateNavigator()")(lambda held: Navigator(held.node))


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


ELEMENT.method("string GetAttribute(string name)", "string GetAttribute(string localName, string namespaceURI)")(_attribute_text)
ELEMENT.method("System.Xml.XmlAttribute GetAttributeNode(string name)")(lambda held, name: wrap(held.node.attribute(name)))
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
    "bool PreserveWhitespace", lambda held: held.node.keeps_space, lambda held, on: setattr(held.node, "keeps_space", on)
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
DOCUMENT.method("System.Xml.XmlDocumentFragment CreateDocumentFragment()")(lambda held: XmlNode(Node(nodes.FRAGMENT, document=held.node)))


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

