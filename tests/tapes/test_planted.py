"""Claims that a replay is loud: whatever is changed in what the shop answers, or in what our pages send, is told (issue: tapes)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.browser.gate import Gate, Out
from bot.browser.guard import Guard
from bot.browser.rules import GuardedRequest
from bot.browser.verdicts import Passed, Refusal
from bot.errors import TapeError
from bot.ports.exits import ExitCode
from bot.ports.tape import Player, Said
from bot.tape import pack
from bot.tape.entry import Entry
from bot.tape.tape import Tape
from tests.tapes.conftest import Play
from tests.tapes.make import FOLDER

SMALL, TWO = FOLDER / "one_case.tar.xz", FOLDER / "two_cases.tar.xz"
Change = Callable[[Entry], Entry | None]


def planted(change: Change, where: str, times: int = 1, *, of: Path = SMALL) -> Tape:
    """A tape with its first entries at `where` changed, or gone where the change is None."""
    tape, left, entries = pack.read(of), times, []
    for entry in tape.entries:
        changed = change(entry) if left and where in entry.asked.url and not entry.refused else entry
        left -= changed != entry
        entries.append(changed)
    assert left < times, f"nothing to change at {where}"
    return replace(tape, entries=tuple(entry for entry in entries if entry is not None))


def body(old: str, new: str) -> Change:
    """Another text in the answer."""

    def change(entry: Entry) -> Entry:
        assert entry.said is not None
        text = entry.said.body.decode(errors="replace")
        return (
            entry if old not in text else replace(entry, said=replace(entry.said, body=text.replace(old, new).encode()))
        )

    return change


def rows(change: Callable[[list[dict[str, object]]], object]) -> Change:
    """Other rows in the list's answer."""

    def changed(entry: Entry) -> Entry:
        assert entry.said is not None
        told = json.loads(entry.said.body)
        if len(told["data"]["rows"]) < 2:
            return entry
        change(told["data"]["rows"])
        return replace(entry, said=replace(entry.said, body=json.dumps(told, ensure_ascii=False).encode()))

    return changed


def answer(status: int, text: str = "") -> Change:
    return lambda entry: replace(entry, said=Said(status, (), text.encode()))


def gone(_: Entry) -> None:
    return None


def broken_off(entry: Entry) -> Entry:
    return replace(entry, said=None)


SEND = 'fetch(path, { method: "POST", credentials: "same-origin", ...init })'
DETAIL, AGREE, SCRIPT, LIST = "/refund-list/detail", "/dispute/agree", ".js", "/dispute/list"


def sends(instead: str) -> Change:
    """Our page's own script sends otherwise."""
    return body(SEND, instead)


def other(init: str, when: str = "agree") -> str:
    return f'(path.endsWith("{when}") ? {init} : {SEND})'


BUMPED = (
    'fetch(path, {{ method: "{method}", headers: init.headers, body: '
    "JSON.stringify({{ ...JSON.parse(init.body), {key}: {value} }}) }})"
)

PLANTED: dict[str, tuple[Change, str, int]] = {
    "another amount by PUT": (sends(other(BUMPED.format(method="PUT", key="amount", value=9999))), SCRIPT, 99),
    "another amount": (sends(other(BUMPED.format(method="POST", key="amount", value=9999))), SCRIPT, 99),
    "another case": (sends(other(BUMPED.format(method="POST", key="disputeId", value='"9"'))), SCRIPT, 99),
    "another version": (sends(other(BUMPED.format(method="POST", key="version", value='"1"'))), SCRIPT, 99),
    "one more key": (sends(other(BUMPED.format(method="POST", key="force", value="true"))), SCRIPT, 99),
    "one more key, and nothing in it": (
        sends(other(BUMPED.format(method="POST", key="force", value="{}"))),
        SCRIPT,
        99,
    ),
    "the same as plain text": (
        sends(
            other(
                'fetch(path, { ...init, method: "POST", headers: { ...init.headers, "content-type": "text/plain" } })'
            )
        ),
        SCRIPT,
        99,
    ),
    "an act that looks like a picture": (
        sends(other(f'(new Image().src = "/h5api/dispute/agree?disputeId=2&amount=999999", {SEND})')),
        SCRIPT,
        99,
    ),
    "the same click twice": (sends(other(f"({SEND}, {SEND})")), SCRIPT, 99),
    "one more request": (sends(other(f'(fetch("/h5api/unheard"), {SEND})')), SCRIPT, 99),
    "a request to a stranger": (sends(other(f'(fetch("https://stranger.example/x"), {SEND})')), SCRIPT, 99),
    "another question to the list": (
        sends(other(BUMPED.format(method="POST", key="page", value=3), "list")),
        SCRIPT,
        99,
    ),
    "rows in another order": (rows(list.reverse), LIST, 99),
    "another label": (body("<dt>退款金额</dt>", "<dt>退款总额</dt>"), DETAIL, 99),
    "another state": (body("待商家处理", "待商家复核"), DETAIL, 99),
    "a field too few": (body("<dt>申请原因</dt>", "<dt></dt>"), DETAIL, 99),
    "another amount on the page": (body("¥", "¥1"), DETAIL, 99),
    "another shop": (body("店铺：", "店铺：别家"), DETAIL, 99),
    "another button": (body("同意退款</button>", "同意退款申请</button>"), DETAIL, 99),
    "a poisoned 503": (answer(503), DETAIL, 99),
    "a page cut short": (body("</section>", "<!--"), DETAIL, 99),
    "an entry that broke off": (broken_off, DETAIL, 99),
    "no answer to the click": (gone, AGREE, 1),
    "a poisoned 503 to the click": (answer(503), AGREE, 1),
    "an answer to the click that broke off": (broken_off, AGREE, 1),
}

TOLD: dict[str, tuple[str, str]] = {
    "another amount by PUT": ("tape.refused", "unlisted"),
    "another amount": ("tape.refused", "wrong_amount"),
    "another case": ("tape.refused", "wrong_case"),
    "another version": ("tape.other", "version: "),
    "one more key": ("tape.other", "force: "),
    "one more key, and nothing in it": ("tape.other", "force: "),
    "the same as plain text": ("tape.other", "content-type: "),
    "an act that looks like a picture": ("tape.refused", "unlisted"),
    "the same click twice": ("tape.refused", "spent"),
    "one more request": ("tape.unknown", "/h5api/unheard"),
    "a request to a stranger": ("tape.refused", "foreign"),
    "another question to the list": ("tape.other", "page: "),
    "rows in another order": ("tape.page", "another order"),
    "another label": ("tape.page", "退款总额"),
    "another state": ("tape.page", "待商家复核"),
    "a field too few": ("tape.page", "申请原因"),
    "another amount on the page": ("tape.page", "¥1"),
    "another shop": ("tape.stopped", "wrong_shop"),
    "another button": ("tape.page", "同意退款申请"),
    "a poisoned 503": ("tape.case_gone", ""),
    "a page cut short": ("tape.page", "- "),
    "an entry that broke off": ("tape.case_gone", ""),
    "no answer to the click": ("tape.end", ""),
    "a poisoned 503 to the click": ("tape.presumed", ""),
    "an answer to the click that broke off": ("tape.presumed", ""),
}
"""As what each is told, and what the telling names."""

OF_TWO = {"rows in another order"}
"""What it takes two cases to show; one says the rest as well, in half the time."""

AT_ONCE = {"the same click twice"}
"""What has to be judged before the first of it is answered."""


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first agreement is answered once a second one was judged: else it is chance whether the window is still open for that."""
    judge, play, second = Guard.judge, Gate._play, asyncio.Event()
    asked: list[str] = []

    def judged(guard: Guard, request: GuardedRequest) -> Passed | Refusal:
        verdict = judge(guard, request)
        asked.extend([request.url] if AGREE in request.url else [])
        if len(asked) > 1:
            second.set()
        return verdict

    async def played(gate: Gate, request_id: str, out: Out, player: Player) -> None:
        if AGREE in out.asked.url:
            await second.wait()
        await play(gate, request_id, out, player)

    monkeypatch.setattr(Guard, "judge", judged)
    monkeypatch.setattr(Gate, "_play", played)


@pytest.mark.parametrize("name", [one for one in PLANTED if one not in AT_ONCE])
async def test_a_replay_is_loud(name: str, replayed: Play) -> None:
    await assert_loud(name, replayed)


@pytest.mark.usefixtures("unhurried")
@pytest.mark.parametrize("name", sorted(AT_ONCE))
async def test_a_replay_is_loud_about_what_leaves_at_once(name: str, replayed: Play) -> None:
    await assert_loud(name, replayed)


async def assert_loud(name: str, replayed: Play) -> None:
    change, where, times = PLANTED[name]
    result = await replayed(planted(change, where, times, of=TWO if name in OF_TWO else SMALL))
    assert result.exit_code is ExitCode.HELD
    code, named = TOLD[name]
    assert [one for one in result.differences if one.code == code and named in str(one.params)], result.differences


async def test_a_call_that_was_recorded_and_not_sent_is_told(replayed: Play) -> None:
    tape = pack.read(SMALL)
    call = next(entry for entry in tape.entries if entry.asked.kind == "write")
    more = replace(
        call, asked=replace(call.asked, body=(call.asked.body or b"").replace(b'"disputeId":"2', b'"disputeId":"3'))
    )
    result = await replayed(replace(tape, entries=(*tape.entries, more)))
    assert [one.code for one in result.differences] == ["tape.not_sent"]


def test_a_tape_that_was_changed_is_refused_unless_that_is_wanted(tmp_path: Path) -> None:
    tape, file = pack.read(SMALL), tmp_path / "changed.tar.xz"
    pack.write(file, tape)
    whole = pack.read(file)
    pack.write(file, replace(whole, entries=whole.entries[1:]))
    assert len(pack.read(file).entries) == len(whole.entries) - 1
    forged = tmp_path / "forged.tar.xz"
    forged.write_bytes(_with_other_har(file))
    with pytest.raises(TapeError, match="changed"):
        pack.read(forged)
    assert pack.read(forged, altered=True).entries == ()


def _with_other_har(file: Path) -> bytes:
    parts = pack.unpacked(file)
    return pack.packed({**parts, pack.HAR: b'{"log":{"entries":[]}}'})


@pytest.mark.parametrize(
    ("part", "text", "told"),
    [
        (pack.LABEL, b"{}", "version None"),
        (pack.LABEL, b'{"version": 1}', "made_at"),
        (pack.LABEL, b"[", "label.json"),
        (pack.HAR, b"{}", "log"),
        (pack.HAR, b'{"log":{"entries":[{}]}}', "entry 0"),
        (pack.HAR, b'{"log":{"entries":{}}}', "no list"),
    ],
)
def test_a_spoilt_tape_is_told_by_file_and_key(tmp_path: Path, part: str, text: bytes, told: str) -> None:
    spoilt = tmp_path / "spoilt.tar.xz"
    spoilt.write_bytes(pack.packed({**pack.unpacked(SMALL), part: text}))
    with pytest.raises(TapeError, match=told):
        pack.read(spoilt, altered=True)


def test_a_file_that_is_no_tape_is_told(tmp_path: Path) -> None:
    file = tmp_path / "no.tar.xz"
    file.write_bytes(b"no tape")
    with pytest.raises(TapeError, match="no tape"):
        pack.read(file)
    with pytest.raises(TapeError, match="no tape"):
        pack.read(tmp_path / "nowhere")
