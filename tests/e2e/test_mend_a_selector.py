"""docs/mend-a-selector.md is done as it says, word for word: a drifted dialog gets no request, a person mends it, the same sweep acts."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import ROOT, Simulator, StartSimulator
from tests.e2e.acceptance import judge
from tests.e2e.in_process import alarms, writes_of
from tests.nursery import Robot

PLACE = "http://127.0.0.1:8631"
DOCUMENT = ROOT / "docs" / "mend-a-selector.md"


def steps() -> Iterator[tuple[str, list[str]]]:
    """Each command of the document, and the lines that it shows of what comes out."""
    for block in re.findall(r"```console\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *shown = step.splitlines()
            yield command, [line for line in shown if line.strip()]


@dataclass
class Reader:
    """Somebody who types the commands one by one."""

    folder: Path
    start: StartSimulator
    shops: list[Simulator] = field(default_factory=list)

    def types(self, command: str) -> str:
        """What comes out, both streams as one text, white space evened out."""
        program, *words = shlex.split(command)
        if program == "python":
            flags = dict(zip(words[2::2], words[3::2], strict=True))
            self.shops.append(
                self.start(**{key.removeprefix("--"): value for key, value in flags.items() if key != "--port"})
            )
            return ""
        if program == "curl":
            self.shops[0].post("faults", **json.loads(words[1]))
            return ""
        assert program == "refundpilot"
        found = [str(path) for word in words for path in self._spread(word.replace(PLACE, self.shops[0].url))]
        english = {"LANG": "en_US.UTF-8", "LANGUAGE": "", "LC_ALL": "", "COLUMNS": "250"}
        done = Robot(found, self.folder, english).begin().end(240)
        return " ".join((done.stdout + done.stderr).split())

    def _spread(self, word: str) -> list[Path | str]:
        """As a shell does with a star."""
        return sorted(path.relative_to(self.folder) for path in self.folder.glob(word)) if "*" in word else [word]


def test_the_document_is_one_real_mend(simulator: StartSimulator, tmp_path: Path) -> None:
    reader, sweeps = Reader(tmp_path, simulator), 0
    for command, shown in steps():
        said = reader.types(command)
        lost = [line for line in shown if " ".join(line.split()) not in said]
        assert not lost, f"{command}\n{lost}\n{said}"
        if " sweep " in command:
            sweeps += 1
            (drifted_sweep_leaves_the_dialog_alone, mended_sweep_acts)[sweeps - 1](reader.shops[0], tmp_path / "shop")
    assert sweeps == 2
    (bundle,) = (tmp_path / "shop" / "failures").iterdir()
    pictures = {file.name for file in bundle.iterdir()}
    assert pictures >= {"before.png", "after.png", "page.png", "page.html", "page.yaml", "drift.json", "sought.json"}


def drifted_sweep_leaves_the_dialog_alone(shop: Simulator, home: Path) -> None:
    """No request for what stands behind it, other screens as ever, one call, and whoever needs the dialog is held."""
    writes = writes_of(shop)
    assert "agree" not in writes
    assert len(writes) >= 3, writes
    assert [alarm["urgency"] for alarm in alarms(home) if "drifted" in alarm["reason"]["code"]] == ["call"]


def mended_sweep_acts(shop: Simulator, home: Path) -> None:
    assert writes_of(shop)["agree"] > 0
    assert judge(shop, home, shop.get("cases")).twice == ()
