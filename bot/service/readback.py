"""Whether a task reads back as it was handed in: Windows leaves defaults out, knows accounts by number, and prints in its own code page."""

from __future__ import annotations

import locale
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping

DEFAULTS: Mapping[str, str] = {
    "AllowStartOnDemand": "true",
    "MultipleInstancesPolicy": "IgnoreNew",
    "AllowHardTerminate": "true",
    "RunOnlyIfNetworkAvailable": "false",
    "WakeToRun": "false",
    "Enabled": "true",
    "Hidden": "false",
    "RunOnlyIfIdle": "false",
    "StopAtDurationEnd": "false",
    "RestartOnIdle": "false",
    "RunLevel": "LeastPrivilege",
}
"""Of the documented schema: an element with this value may be missing."""

_SID = re.compile(r"S-1(-\d+)+")


def differences(wanted: bytes, printed: bytes) -> tuple[str, ...]:
    """Paths of what was handed in and does not read back the same; everything when there is no XML in what was printed."""
    ours = dict(_leaves(_tree(wanted.decode("utf-16"))))
    try:
        theirs = dict(_leaves(_tree(decoded(printed))))
    except ET.ParseError:
        return tuple(ours)
    return tuple(path for path, value in ours.items() if not _same(path, value, theirs.get(path)))


def decoded(printed: bytes) -> str:
    """What schtasks printed: UTF-16 into a file, the PC's code page into a pipe."""
    if printed.startswith((b"\xff\xfe", b"\xfe\xff")):
        return printed.decode("utf-16", errors="replace")
    if printed[1:2] == b"\0":
        return printed.decode("utf-16-le", errors="replace")
    try:
        return printed.decode("utf-8")
    except UnicodeDecodeError:
        return printed.decode(locale.getpreferredencoding(do_setlocale=False), errors="replace")


def _tree(text: str) -> ET.Element:
    """Without the declaration, which says UTF-16 whatever the bytes were."""
    plain = re.sub(r"^\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff"))
    return ET.fromstring(plain)  # noqa: S314 - our own text, or what this PC's own scheduler printed


def _leaves(node: ET.Element, above: str = "") -> Iterator[tuple[str, str]]:
    path = f"{above}/{node.tag.rpartition('}')[2]}"
    if len(node) == 0:
        yield path, node.text or ""
    for child in node:
        yield from _leaves(child, path)


def _same(path: str, wanted: str, found: str | None) -> bool:
    name = path.rpartition("/")[2]
    if found is None:
        return DEFAULTS.get(name) == wanted
    if name == "UserId" and (_SID.fullmatch(found) or found.casefold() == wanted.casefold()):
        return True
    return re.fullmatch("".join(map(_spelling, wanted)), found) is not None


def _spelling(character: str) -> str:
    """A character that the code page lacks is printed as one question mark, or two."""
    plain = re.escape(character)
    return plain if character.isascii() else rf"(?:{plain}|\?{{1,2}}|\ufffd+)"
