"""Claims on arguing with a tape: another policy's flips, other selectors, every target tried on its pages."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.app.checking import check_saved
from bot.domain.action import Verb
from bot.errors import ConfigError
from bot.ports.exits import ExitCode
from bot.ports.mending import Look
from bot.tape import pack
from tests.conftest import ROOT
from tests.tapes.conftest import Play
from tests.tapes.make import FOLDER

MIXED, SMALL = FOLDER / "mixed.tar.xz", FOLDER / "one_case.tar.xz"


async def test_another_policy_sends_nothing_and_its_flips_are_told(replayed: Play, tmp_path: Path) -> None:
    policy = tmp_path / "strict.toml"
    text = (ROOT / "policy.example.toml").read_text(encoding="utf-8")
    policy.write_text(text.replace('when.amount_over = "2000.00"', 'when.amount_over = "0.01"'), encoding="utf-8")
    tape = pack.read(MIXED)
    result = await replayed(tape, policy=policy)
    judged = tape.label.takes[0].judged
    acted = {one.decision.case.aftersale_id for one in judged if one.decision.verb is not Verb.HOLD}
    assert (result.exit_code, result.calls, result.differences) == (ExitCode.DONE, 0, ())
    assert {flip.case for flip in result.flips} == acted
    assert {flip.now for flip in result.flips} == {Verb.HOLD}


async def test_the_same_policy_flips_nothing(replayed: Play) -> None:
    result = await replayed(pack.read(SMALL), policy=ROOT / "policy.example.toml")
    assert (result.flips, result.differences) == ((), ())


def changed_selectors(folder: Path, file: str, old: str, new: str) -> Path:
    own = folder / "selectors"
    shutil.copytree(ROOT / "selectors", own)
    text = (own / file).read_text(encoding="utf-8")
    assert old in text
    (own / file).write_text(text.replace(old, new), encoding="utf-8")
    return own


RENAMED = {
    "list.sort": ("taobao/refunds.toml", '{ role = "combobox", name = "排序" }, { role = "combobox", name = "排序方式" }', '{ css = "#gone" }'),
    "list.table": ("taobao/refunds.toml", "{ css = \"table:has(th:text-is('售后编号'))\" }, { role = \"table\" }", '{ css = "#gone" }'),
    "detail.agree_refund": ("taobao/refunds.toml", '[detail.agree_refund]\nuse = "write"\nrole = "button"\nname = "同意退款"', '[detail.agree_refund]\nuse = "write"\nrole = "button"\nname = "同意退款了"'),
    "agree_refund.confirm": ("taobao/refunds.toml", '[agree_refund.confirm]\nuse = "write"\nrole = "button"\nname = "同意退款"', '[agree_refund.confirm]\nuse = "write"\nrole = "button"\nname = "好的"'),
    "session.header": ("taobao/session.toml", "[session.header]", "[session.gone]"),
}  # fmt: skip


@pytest.mark.parametrize("target", RENAMED)
async def test_an_element_that_does_not_fit_the_tape_is_named(target: str, replayed: Play, tmp_path: Path) -> None:
    own = changed_selectors(tmp_path, *RENAMED[target])
    try:
        result = await replayed(pack.read(SMALL), selectors=own)
    except ConfigError as error:
        told = f"{error} {error.target}"
    else:
        told = " ".join(str(value) for one in result.differences for value in one.params.values())
    assert target in told


async def test_the_shipped_selectors_fit_the_tape_as_a_folder_too(replayed: Play) -> None:
    assert (await replayed(pack.read(SMALL), selectors=ROOT / "selectors")).differences == ()


async def test_every_target_is_tried_on_the_pages_of_a_tape() -> None:
    result = await check_saved("taobao", [SMALL], None)
    looks = {one.target: one.look for one in result.targets}
    assert looks["detail.agree_refund"] is Look.FOUND
    assert looks["list.sort"] is Look.FOUND
    assert not [target for target, look in looks.items() if look is Look.AMBIGUOUS]
