"""[xml]: PowerShell's adapter over a document, changes, writing, XPath."""

from __future__ import annotations

import pytest

from jobmagics.powershell.dotnet.xml_nodes import Malformed, indented, outer, read
from jobmagics.powershell.dotnet.xpath import BadPath, evaluate, select
from jobmagics.powershell.runtime.runspace import Runspace
from jobmagics.powershell.values.value import to_string

DOCUMENT = '<a k="v"><b>t &amp; u</b><c/><d><e i="1">x</e><e i="2">y</e></d><!--note--></a>'


def script(text: str) -> list[str]:
    return [to_string(one) for one in Runspace().run_script(f"$x = [xml]'{DOCUMENT}'; {text}")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$x.a.k; $x.a.b; $x.a.c; $x.a.d.e.Count", ["v", "t & u", "", "2"]),
        ("$x.a.d.e[1].i; $x.a.d.e[0].'#text'; \"$($x.a.d)\"", ["2", "x", "d"]),
        (
            "$x.a.b = 'n'; $x.a.d.e[0].i = '9'; $x.OuterXml.Substring(0, 40)",
            ['<a k="v"><b>n</b><c /><d><e i="9">x</e><'],
        ),
        ("$n = $x.CreateElement('f'); $n.InnerText = '<'; [void]$x.a.AppendChild($n); $x.a.f", ["<"]),
        ("[void]$x.a.d.RemoveChild($x.a.d.e[0]); $x.a.d.OuterXml", ['<d><e i="2">y</e></d>']),
        ("$x.a.SetAttribute('k', '2'); $x.a.GetAttribute('k'); $x.a.HasAttribute('z')", ["2", "False"]),
        ("$x.a.ChildNodes.Count; $x.DocumentElement.Name; $x.a.FirstChild.NextSibling.IsEmpty", ["4", "a", "True"]),
        ("$x.SelectNodes('//e[@i > 1]').InnerText; $x.SelectSingleNode('//none') -eq $null", ["y", "True"]),
        ("$x.GetElementsByTagName('e') | % { $_.i }", ["1", "2"]),
        ("$o = $x.CloneNode($true); $o.a.b = 'other'; $x.a.b", ["t & u"]),
    ],
)
def test_adapter(text: str, expected: list[str]) -> None:
    assert script(text) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a/d/e", ["x", "y"]),
        ("//e[last()]", ["y"]),
        ("//e[@i='1']/following-sibling::e", ["y"]),
        ("//e/..", ["xy"]),
        ("/a/*[not(@i)][1]", ["t & u"]),
        ("//@i", ["1", "2"]),
        ("//e[contains(., 'x') or position() = 2]", ["x", "y"]),
        ("//b | //e[1]", ["t & u", "x"]),
        ("//comment()", ["note"]),
        ("//e[1]/ancestor::a/@k", ["v"]),
        ("//b/text()", ["t & u"]),
        ("(//e)[2]", ["y"]),
    ],
)
def test_xpath_nodes(path: str, expected: list[str]) -> None:
    assert [node.inner_text for node in select(read(DOCUMENT), path, {})] == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("count(//e)", 2.0),
        ("sum(//@i) * 2 - 1", 5.0),
        ("concat('a', substring('hello', 2, 3))", "aell"),
        ("translate('bar', 'abc', 'AB')", "BAr"),
        ("normalize-space('  a  b ')", "a b"),
        ("7 mod 4 = 3 and not(false())", True),
        ("string(/a/@k)", "v"),
        ("-(3 div 2)", -1.5),
    ],
)
def test_xpath_values(path: str, expected: object) -> None:
    assert evaluate(read(DOCUMENT), path, {}) == expected


@pytest.mark.parametrize("path", ["//", "e[", "count(//e)", "x:y", "nosuch(1)"])
def test_xpath_refuses(path: str) -> None:
    with pytest.raises(BadPath):
        select(read(DOCUMENT), path, {})


def test_namespaces() -> None:
    tree = read('<r xmlns="urn:a" xmlns:p="urn:b"><p:i>1</p:i><i>2</i></r>')
    assert [node.inner_text for node in select(tree, "//q:i", {"q": "urn:b"})] == ["1"]
    assert select(tree, "//i", {}) == []


def test_writes_as_read() -> None:
    text = '<?xml version="1.0" encoding="utf-8"?><a b="&quot;&lt;"><![CDATA[<x>]]><c></c><d /><?p q?></a>'
    assert outer(read(text)) == text


def test_indents_all_but_text() -> None:
    assert indented(read("<a><b><c/></b><d>t<e/></d></a>")) == "<a>\n  <b>\n    <c />\n  </b>\n  <d>t<e /></d>\n</a>"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Root element is missing."),
        ("junk", "Data at the root level is invalid. Line 1, position 1."),
        ("<a>", "The following elements are not closed: a. Line 1, position 4."),
        ("<a>\n<b></a>", "'b' start tag on line 2 position 2 does not match the end tag of 'a'. Line 2, position 6."),
        ('<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', "declares entities"),
    ],
)
def test_malformed(text: str, said: str) -> None:
    with pytest.raises(Malformed) as caught:
        read(text)
    assert said in str(caught.value)


def test_nothing_is_fetched_from_outside(tmp_path) -> None:
    (tmp_path / "secret").write_text("hidden")
    text = f'<!DOCTYPE a [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]><a>&e;</a>'
    with pytest.raises(Malformed):
        read(text)
