"""Task Scheduler XML (schema 1.2) of one home: every setting by hand, since its defaults end a service on the third day."""

from __future__ import annotations

import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from bot.service.installation import Installation, Role

NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
FOLDER = "RefundPilot"
BEGINNING = "2020-01-01T00:00:00"
"""In the past, so that the repetition runs from the moment of the installation."""

REVIVED_EVERY = {Role.SERVICE: "PT5M", Role.WATCH: "PT1M"}
"""RestartOnFailure only helps a task that could not be started ([MS-TSCH] 2.5.4.2): a service that ended is started again by
this repetition, which IgnoreNew makes a no-op while it runs."""

LONGEST = {Role.SERVICE: "PT0S", Role.WATCH: "PT2M"}
"""PT0S: without limit; the default is 72 hours."""

Tree: TypeAlias = Mapping[str, "str | Tree"]


def task_path(wanted: Installation, role: Role) -> str:
    r"""`\RefundPilot\NAME`, as schtasks names it."""
    return f"\\{FOLDER}\\{wanted.named(role)}"


def task_xml(wanted: Installation, role: Role) -> bytes:
    """The file for `schtasks /Create /XML`: UTF-16 with its mark, the only encoding that every Windows takes."""
    root = ET.Element("Task", {"version": "1.2", "xmlns": NAMESPACE})
    _grow(root, _task(wanted, role))
    root.find("Principals/Principal").set("id", "Author")  # type: ignore[union-attr]  # _task has just one
    root.find("Actions").set("Context", "Author")  # type: ignore[union-attr]  # as above
    ET.indent(root)
    text = '<?xml version="1.0" encoding="UTF-16"?>\r\n' + ET.tostring(root, encoding="unicode").replace("\n", "\r\n")
    return b"\xff\xfe" + text.encode("utf-16-le")


def arguments(argv: Sequence[str]) -> str:
    """All but the program, spelled so that Windows' own rules take them apart again."""
    return subprocess.list2cmdline(argv[1:])


def _task(wanted: Installation, role: Role) -> Tree:
    argv = wanted.command(role)
    return {
        "RegistrationInfo": {
            "Author": "RefundPilot",
            "Description": f"refundpilot service install: {wanted.home}",
            "URI": task_path(wanted, role),
        },
        "Triggers": {
            "LogonTrigger": {"Enabled": "true", "UserId": wanted.account},
            "TimeTrigger": {
                "Enabled": "true",
                "StartBoundary": BEGINNING,
                "Repetition": {"Interval": REVIVED_EVERY[role], "StopAtDurationEnd": "false"},
            },
        },
        "Principals": {
            "Principal": {
                "UserId": wanted.account,
                # the browser's window and the keyring are there only while the user is signed in
                "LogonType": "InteractiveToken",
                "RunLevel": "LeastPrivilege",
            }
        },
        "Settings": {
            "AllowStartOnDemand": "true",
            "RestartOnFailure": {"Interval": "PT1M", "Count": "3"},
            "MultipleInstancesPolicy": "IgnoreNew",
            "DisallowStartIfOnBatteries": "false",
            "StopIfGoingOnBatteries": "false",
            # a hung one can be ended from the Task Scheduler too: the ledger's marks bear it (ADR 0001)
            "AllowHardTerminate": "true",
            "StartWhenAvailable": "true",
            "RunOnlyIfNetworkAvailable": "false",
            "WakeToRun": "false",
            "Enabled": "true",
            "Hidden": "false",
            "IdleSettings": {"StopOnIdleEnd": "false", "RestartOnIdle": "false"},
            "ExecutionTimeLimit": LONGEST[role],
            # 7, the default, is below normal, for processor and disk: pages would time out under load
            "Priority": "5",
            "RunOnlyIfIdle": "false",
        },
        "Actions": {
            "Exec": {"Command": argv[0], "Arguments": arguments(argv), "WorkingDirectory": str(wanted.home)},
        },
    }


def _grow(parent: ET.Element, tree: Tree) -> None:
    for tag, inner in tree.items():
        child = ET.SubElement(parent, tag)
        if isinstance(inner, str):
            child.text = inner
        else:
            _grow(child, inner)
