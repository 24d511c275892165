"""The Windows tasks, held to the documented schema, read as Windows reads them; they were never tried on a real one."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.service import installation as installing
from bot.service.installation import Installation, Role
from bot.service.readback import decoded, differences
from bot.service.tasks import NAMESPACE, arguments, task_xml

ROLES = pytest.mark.parametrize("role", [*Role])
BOOLEAN, DURATION, TEXT = "true|false", r"P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?", r"(?s).+"
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"

SCHEMA: dict[str, tuple[str, dict[str, str]]] = {
    "Task": ("all", {"RegistrationInfo": "", "Triggers": "", "Settings": "", "Data": "", "Principals": "", "Actions": ""}),
    "RegistrationInfo": ("all", {"Author": TEXT, "Description": TEXT, "URI": r"\\[^/:*?\"<>|]+"}),
    "Triggers": ("all", {"LogonTrigger": "", "TimeTrigger": ""}),
    "LogonTrigger": (
        "sequence",
        {"Enabled": BOOLEAN, "StartBoundary": MOMENT, "EndBoundary": MOMENT, "Repetition": "",
         "ExecutionTimeLimit": DURATION, "UserId": TEXT, "Delay": DURATION},
    ),
    "TimeTrigger": (
        "sequence",
        {"Enabled": BOOLEAN, "StartBoundary": MOMENT, "EndBoundary": MOMENT, "Repetition": "",
         "ExecutionTimeLimit": DURATION, "RandomDelay": DURATION},
    ),
    "Repetition": ("all", {"Interval": DURATION, "Duration": DURATION, "StopAtDurationEnd": BOOLEAN}),
    "Principals": ("sequence", {"Principal": ""}),
    "Principal": ("all", {"UserId": TEXT, "LogonType": "InteractiveToken", "RunLevel": "LeastPrivilege|HighestAvailable"}),
    "Settings": (
        "all",
        {"AllowStartOnDemand": BOOLEAN, "RestartOnFailure": "", "MultipleInstancesPolicy": "Parallel|Queue|IgnoreNew|StopExisting",
         "DisallowStartIfOnBatteries": BOOLEAN, "StopIfGoingOnBatteries": BOOLEAN, "AllowHardTerminate": BOOLEAN,
         "StartWhenAvailable": BOOLEAN, "RunOnlyIfNetworkAvailable": BOOLEAN, "WakeToRun": BOOLEAN, "Enabled": BOOLEAN,
         "Hidden": BOOLEAN, "IdleSettings": "", "ExecutionTimeLimit": DURATION, "Priority": r"\d|10", "RunOnlyIfIdle": BOOLEAN},
    ),
    "RestartOnFailure": ("all", {"Interval": DURATION, "Count": r"[1-9]\d?"}),
    "IdleSettings": ("all", {"StopOnIdleEnd": BOOLEAN, "RestartOnIdle": BOOLEAN, "Duration": DURATION, "WaitTimeout": DURATION}),
    "Actions": ("sequence", {"Exec": ""}),
    "Exec": ("all", {"Command": TEXT, "Arguments": TEXT, "WorkingDirectory": TEXT}),
}  # fmt: skip
"""Element to the order of its children (`all`: any, each once) and their values; empty: an element of this table.

From the Task Scheduler schema of version 1.2 as Microsoft documents it. Settings of 1.3 (UseUnifiedSchedulingEngine …) are not in it.
"""

NASTY = [
    r"D:\店 铺\退款",
    r"D:\a & b <c>",
    "D:\\quote's home",
    r"D:\100% sure",
    "D:\\",
    r"\\server\share\a b",
    r"D:\]]>&amp;",
]


def installation(
    home: str = r"D:\home", account: str = "PC\\运营", python: str = r"C:\Program Files\py\pythonw.exe"
) -> Installation:
    return Installation(PureWindowsPath(home), PureWindowsPath(python), account)


def tree(wanted: Installation, role: Role) -> ET.Element:
    return ET.fromstring(task_xml(wanted, role))


def value(task: ET.Element, path: str) -> str:
    return task.findtext("/".join(f"{{{NAMESPACE}}}{part}" for part in path.split("/"))) or ""


def faults(node: ET.Element) -> list[str]:
    """Everything in which the element or one below it is not as the schema says."""
    name = node.tag.removeprefix(f"{{{NAMESPACE}}}")
    order, kinds = SCHEMA[name]
    children = [child.tag.removeprefix(f"{{{NAMESPACE}}}") for child in node]
    found = [f"{name}: unknown {child}" for child in children if child not in kinds]
    found += [f"{name}: {child} twice" for child in set(children) if children.count(child) > 1]
    if order == "sequence" and children != [kind for kind in kinds if kind in children]:
        found.append(f"{name}: out of order")
    for child, kind in zip(node, children, strict=True):
        if kinds.get(kind):
            found += [] if re.fullmatch(kinds[kind], child.text or "") else [f"{kind}: {child.text}"]
        elif kind in SCHEMA:
            found += faults(child)
    return found


def split(line: str) -> list[str]:
    """What a Windows program makes of its command line (CommandLineToArgvW, after the program's name)."""
    found: list[str] = []
    word, quoted, n = None, False, 0
    while n < len(line):
        slashes = len(line[n:]) - len(line[n:].lstrip("\\"))
        n += slashes
        at = line[n] if n < len(line) else ""
        if at == '"':
            word = (word or "") + "\\" * (slashes // 2) + ('"' if slashes % 2 else "")
            quoted = quoted if slashes % 2 else not quoted
        else:
            word = (word or "") + "\\" * slashes if slashes else word
            if at in {" ", "\t"} and not quoted:
                found, word = ([*found, word], None) if word is not None else (found, None)
            elif at:
                word = (word or "") + at
        n += 1
    return found if word is None else [*found, word]


@ROLES
@pytest.mark.parametrize("home", NASTY)
def test_the_task_is_as_the_schema_says_and_every_word_arrives(home: str, role: Role) -> None:
    wanted = installation(home)
    task = tree(wanted, role)
    assert faults(task) == []
    assert (task.tag, task.get("version")) == (f"{{{NAMESPACE}}}Task", "1.2")
    assert value(task, "Actions/Exec/WorkingDirectory") == home
    command = [value(task, "Actions/Exec/Command"), *split(value(task, "Actions/Exec/Arguments"))]
    assert command == wanted.command(role)
    assert value(task, "Principals/Principal/UserId") == "PC\\运营"


@given(st.lists(st.text(st.characters(exclude_categories=["C"])), min_size=1))
def test_any_arguments_arrive_as_they_were(argv: list[str]) -> None:
    assert split(arguments(["program", *argv])) == argv


def test_the_schema_check_sees_order_values_and_strangers() -> None:
    task = tree(installation(), Role.SERVICE)
    logon = next(task.iter(f"{{{NAMESPACE}}}LogonTrigger"))
    logon[:] = [*reversed(logon)]
    next(task.iter(f"{{{NAMESPACE}}}Priority")).text = "low"
    ET.SubElement(
        next(task.iter(f"{{{NAMESPACE}}}Settings")), f"{{{NAMESPACE}}}UseUnifiedSchedulingEngine"
    ).text = "true"
    assert len(faults(task)) == 3


@ROLES
def test_no_default_that_would_end_the_service_is_left_to_windows(role: Role) -> None:
    task = tree(installation(), role)
    wanted = {
        "ExecutionTimeLimit": "PT0S" if role is Role.SERVICE else "PT2M",
        "DisallowStartIfOnBatteries": "false",
        "StopIfGoingOnBatteries": "false",
        "StartWhenAvailable": "true",
        "MultipleInstancesPolicy": "IgnoreNew",
        "RestartOnFailure/Count": "3",
        "RestartOnFailure/Interval": "PT1M",
        "RunOnlyIfIdle": "false",
        "IdleSettings/StopOnIdleEnd": "false",
        "IdleSettings/RestartOnIdle": "false",
        "RunOnlyIfNetworkAvailable": "false",
        "AllowHardTerminate": "true",
        "Hidden": "false",
        "Enabled": "true",
        "Priority": "5",
    }
    assert {key: value(task, f"Settings/{key}") for key in wanted} == wanted


def test_a_service_that_ended_is_started_again_and_the_watch_looks_every_minute() -> None:
    every = {role: value(tree(installation(), role), "Triggers/TimeTrigger/Repetition/Interval") for role in Role}
    assert every == {Role.SERVICE: "PT5M", Role.WATCH: "PT1M"}


@ROLES
def test_the_file_is_utf_16_with_its_mark_and_says_so(role: Role) -> None:
    content = task_xml(installation(r"D:\店"), role)
    assert content.startswith(b"\xff\xfe<\0?\0")
    text = content.decode("utf-16")
    assert text.startswith('<?xml version="1.0" encoding="UTF-16"?>\r\n<Task ')
    assert "\n" not in text.replace("\r\n", "")


# ---- reading back ----


def printed(content: bytes, encoding: str, *changes: tuple[str, str]) -> bytes:
    """What schtasks /Query prints of a task, in the code page of the PC, after Windows did this to it."""
    text = content.decode("utf-16")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text.encode(encoding, errors="replace")


@ROLES
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8", "ascii"])
def test_what_windows_prints_of_it_is_the_same_in_every_code_page(encoding: str, role: Role) -> None:
    ours = task_xml(installation(r"D:\店 铺"), role)
    told = printed(
        ours,
        encoding,
        ("<UserId>PC\\运营</UserId>", "<UserId>S-1-5-21-1-2-3-1001</UserId>"),
        ("    <Hidden>false</Hidden>\r\n", ""),
        ("    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>\r\n", ""),
        (
            "    <Author>RefundPilot</Author>\r\n",
            "    <Author>RefundPilot</Author>\r\n    <Date>2026-11-28T12:00:00</Date>\r\n",
        ),
    )
    assert differences(ours, told) == ()


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("<ExecutionTimeLimit>PT0S<", "<ExecutionTimeLimit>PT72H<", "/Task/Settings/ExecutionTimeLimit"),
        ("    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>\r\n", "", "/Task/Settings/ExecutionTimeLimit"),
        ("    <StartWhenAvailable>true</StartWhenAvailable>\r\n", "", "/Task/Settings/StartWhenAvailable"),
        (
            "<Enabled>true</Enabled>\r\n    <Hidden>",
            "<Enabled>false</Enabled>\r\n    <Hidden>",
            "/Task/Settings/Enabled",
        ),
        ("bot.cli run", "bot.cli sweep", "/Task/Actions/Exec/Arguments"),
        ("<WorkingDirectory>D:\\店", "<WorkingDirectory>D:\\电", "/Task/Actions/Exec/WorkingDirectory"),
        (
            "<UserId>PC\\运营</UserId>\r\n      <LogonType>",
            "<UserId>PC\\other</UserId>\r\n      <LogonType>",
            "/Task/Principals/Principal/UserId",
        ),
    ],
)
def test_a_task_that_somebody_changed_does_not_read_back_the_same(old: str, new: str, path: str) -> None:
    ours = task_xml(installation(r"D:\店 铺"), Role.SERVICE)
    assert differences(ours, printed(ours, "utf-8", (old, new))) == (path,)


@pytest.mark.parametrize("said", [b"", b"ERROR: Access is denied.", "错误: 拒绝访问。".encode("gbk"), b"\xff\xfe"])
def test_what_is_no_task_is_not_the_same(said: bytes) -> None:
    assert differences(task_xml(installation(), Role.SERVICE), said)
    assert isinstance(decoded(said), str)


def test_only_the_service_may_show_an_icon_and_only_where_it_has_a_desktop() -> None:
    plain = Installation(PureWindowsPath(r"D:\shop"), PureWindowsPath(r"C:\py\python.exe"), "PC\\li")
    shown = replace(plain, tray=True)
    assert plain.command(Role.SERVICE)[3:] == ["bot.cli", "run", "--no-tray", "--home", r"D:\shop"]
    assert shown.command(Role.SERVICE)[3:] == ["bot.cli", "run", "--home", r"D:\shop"]
    assert not any("tray" in word for word in (*shown.command(Role.WATCH), *plain.command(Role.WATCH)))


def test_no_unit_of_linux_asks_for_an_icon(monkeypatch: pytest.MonkeyPatch) -> None:
    for platform, tray in (("linux", False), ("win32", True)):
        monkeypatch.setattr(installing.sys, "platform", platform)
        assert installing._has_desktop() is tray
