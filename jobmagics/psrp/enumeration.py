"""Listing shells and commands ([MS-WSMV] 3.1.4.12, DSP0226 8).

pypsrp's own listing drops names, states, time-outs and the end of a sequence that comes in several pages.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from pypsrp.wsman import NAMESPACES, SelectorSet, WSMan

from jobmagics.remote import POWERSHELL_URI, ShellInfo

LIST_ELEMENTS = 32000
SHELL_URI = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
RSP = f"{{{NAMESPACES['rsp']}}}"
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$")


def list_shells(wsman: WSMan) -> list[ShellInfo]:
    """PowerShell's shells only."""
    shells = map(_shell_info, _items(wsman, SHELL_URI, "Shell"))
    return [shell for shell in shells if shell.resource_uri.startswith(POWERSHELL_URI)]


def list_commands(wsman: WSMan, shell_id: str) -> list[str]:
    found = _items(wsman, SHELL_URI + "/Command", "Command", shell_id)
    return [_find_text(command, "CommandId") for command in found]


def _items(wsman: WSMan, uri: str, element: str, shell_id: str = "") -> list[ET.Element]:
    """All of them, page after page until the end of the sequence."""
    body = wsman.enumerate(uri, _enumerate_request(shell_id))
    found: list[ET.Element] = []
    while True:
        found += body.iter(RSP + element)
        context = _enumeration_context(body)
        if context is None:
            return found
        body = wsman.pull(uri, _pull_request(context))


def _enumerate_request(shell_id: str) -> ET.Element:
    wsman = f"{{{NAMESPACES['wsman']}}}"
    request = ET.Element(f"{{{NAMESPACES['wsen']}}}Enumerate")
    ET.SubElement(request, wsman + "OptimizeEnumeration")
    ET.SubElement(request, wsman + "MaxElements").text = str(LIST_ELEMENTS)
    if shell_id:
        dialect = "http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter"
        chosen = ET.SubElement(request, wsman + "Filter", Dialect=dialect)
        selectors = SelectorSet()
        selectors.add_option("ShellId", shell_id)
        chosen.append(selectors.pack())
    return request


def _pull_request(context: str) -> ET.Element:
    wsen = f"{{{NAMESPACES['wsen']}}}"
    request = ET.Element(wsen + "Pull")
    ET.SubElement(request, wsen + "EnumerationContext").text = context
    ET.SubElement(request, wsen + "MaxElements").text = str(LIST_ELEMENTS)
    return request


def _enumeration_context(body: ET.Element) -> str | None:
    """Where to go on, None at the end of the sequence."""
    for space in ("wsman", "wsen"):
        if body.find(f".//{{{NAMESPACES[space]}}}EndOfSequence") is not None:
            return None
    context = body.find(f".//{{{NAMESPACES['wsen']}}}EnumerationContext")
    return context.text or None if context is not None else None


def _find_text(element: ET.Element, name: str) -> str:
    found = element.find(RSP + name)
    return (found.text or "").strip() if found is not None else ""


def _shell_info(shell: ET.Element) -> ShellInfo:
    return ShellInfo(
        _find_text(shell, "ShellId").upper(),
        _find_text(shell, "Name"),
        _find_text(shell, "State"),
        _find_text(shell, "ResourceUri"),
        seconds(_find_text(shell, "IdleTimeOut")),
        seconds(_find_text(shell, "MaxIdleTimeOut")),
        _find_text(shell, "BufferMode"),
        seconds(_find_text(shell, "ShellInactivity")),
        _find_text(shell, "Owner"),
    )


def seconds(duration: str) -> float | None:
    """An XML duration in seconds, None if it is none."""
    found = _DURATION.match(duration)
    if not found or duration == "P":
        return None
    days, hours, minutes, rest = (float(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest
