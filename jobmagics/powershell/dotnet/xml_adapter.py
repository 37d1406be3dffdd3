"""System.Xml.XmlNode as scripts see it, with PowerShell's adapter on top; documents and elements are in ``xml``.

The adapter gives attributes and child elements as properties; an element without attributes that holds only text is
that text, and several of one name are an array. Names of .NET's own properties come after those of the document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ... import psobject
from ..members.indexing import number_of
from ..values.types import NetType, net_type
from . import xml_nodes as nodes
from .enums import enum_value
from .table import NetObject, argument_null, declare, net_error
from .xml_nodes import Malformed, Node
from .xpath import BadPath, select

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
        at = number_of(index)
        at += len(self.held) if at < 0 else 0
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
NODE.property(
    "System.Xml.XmlNode ParentNode", lambda held: wrap(None if held.node.kind == nodes.ATTRIBUTE else held.node.parent)
)
NODE.property(
    "System.Xml.XmlNodeList ChildNodes", lambda held: NodeList(list(held.node.children), "System.Xml.XmlChildNodes")
)
NODE.property("System.Xml.XmlNode FirstChild", lambda held: wrap(next(iter(held.node.children), None)))
NODE.property("System.Xml.XmlNode LastChild", lambda held: wrap(next(iter(held.node.children[::-1]), None)))
NODE.property("System.Xml.XmlNode NextSibling", _sibling(1))
NODE.property("System.Xml.XmlNode PreviousSibling", _sibling(-1))
NODE.property("bool HasChildNodes", lambda held: bool(held.node.children))
NODE.property(
    "System.Xml.XmlAttributeCollection Attributes",
    lambda held: (
        NodeList(held.node.attributes, "System.Xml.XmlAttributeCollection") if held.node.kind == nodes.ELEMENT else None
    ),
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


def _same_document(held: XmlNode, child: XmlNode | None) -> None:
    if child is None:
        raise net_error("System.NullReferenceException", "Object reference not set to an instance of an object.")
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
