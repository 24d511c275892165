"""Claims on a tape as a whole: secrets and people stand in many places, and hostile ones cost neither tape nor decisions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.app.recording import rules_of
from bot.ports.tape import Asked, Said
from bot.tape import pack
from bot.tape.clean import Hush, cleaned
from bot.tape.clock import TapeClock
from bot.tape.record import TapeRecorder
from bot.tape.tape import Take, Tape
from tests.tapes.values import label, take
from tests.unit.engine.builders import NOW, unshipped

URL = "http://shop.example"
HOSTILE = ["hold", "known", "kind", "null", "12", "00", "true", "agree_refund", "1", "a\\", '","']


def hush(*secrets: str) -> Hush:
    return Hush(b"k" * 32, secrets, lambda url: rules_of(url, {URL: "taobao"}))


def recorded(fill: Callable[[TapeRecorder], None]) -> TapeRecorder:
    recorder = TapeRecorder(TapeClock(NOW))
    recorder.begin()
    fill(recorder)
    return recorder


def taped(fill: Callable[[TapeRecorder], None], *secrets: str, takes: tuple[Take, ...] = ()) -> Tape:
    return cleaned(recorded(fill), label(), takes, hush(*secrets))


def named(nick: str) -> Take:
    buyer = unshipped().page.buyer.model_copy(update={"name": nick})
    return take(unshipped().shows(buyer=buyer))


@pytest.mark.parametrize("nick", HOSTILE)
def test_a_buyer_may_have_any_name_and_the_tape_is_whole(nick: str, tmp_path: Path) -> None:
    def page(recorder: TapeRecorder) -> None:
        html = f"<dl><dt>买家</dt><dd>{nick}</dd><dt>退款金额</dt><dd>¥129.00</dd></dl>"
        recorder.reading(f"{URL}/detail", html, (f"买家: {nick}",))

    file, before = tmp_path / "t.tar.xz", named(nick)
    pack.write(file, taped(page, takes=(before,)))
    after = pack.read(file)
    (judged,) = after.label.takes[0].judged
    assert judged.snapshot.buyer.name != nick or len(nick) < 2
    decided = before.judged[0].decision
    assert (judged.decision.verb, judged.decision.plan) == (decided.verb, decided.plan)
    assert judged.snapshot.amount == before.judged[0].snapshot.amount
    assert "¥129.00" in after.pages["0000.html"]


@pytest.mark.parametrize("url", ["about:srcdoc", "about:blank", "blob:null/1", "http://stranger.example/x"])
def test_people_in_a_frame_without_a_host_or_on_a_strangers_page_are_gone(url: str) -> None:
    tape = taped(lambda recorder: recorder.reading(url, "<dl><dt>收货人</dt><dd>金雀儿</dd></dl>", ("收货人: 金雀儿",)))
    assert "金雀儿" not in tape.pages["0000.html"] + "".join(tape.label.readings[0].lines)


def said(body: str, media: str = "application/json") -> Said:
    return Said(200, (("content-type", media),), body.encode())


def test_another_nick_in_letters_that_are_alike_empties_no_answer() -> None:
    def answers(recorder: TapeRecorder) -> None:
        recorder.exchange(Asked("GET", f"{URL}/a", "get"), said('{"buyerNick":"lily2020"}'))
        recorder.exchange(Asked("GET", f"{URL}/b", "get"), said('{"say":"lıly2020 LİLY2020","amount":129}'))

    body = taped(answers).entries[1].said
    assert body
    assert b'"amount":129' in body.body
    assert "lıly".encode() not in body.body
