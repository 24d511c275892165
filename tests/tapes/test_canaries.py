"""Claims that no tape holds a secret or a person, in any of ten spellings: of planted canaries, and of everybody in the shipped tapes."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.ports.tape import Asked, Said
from bot.tape import pack
from bot.tape.clean import Hush, Learning, cleaned
from bot.tape.clock import TapeClock
from bot.tape.record import TapeRecorder
from bot.tape.rules import TapeRules
from flows.registry import tape_rules
from simulator.scenarios.build import build
from tests.tapes.make import FOLDER, SHOWS
from tests.tapes.values import label, take
from tests.unit.engine.builders import NOW, unshipped

PASSWORD, COOKIE, TOKEN = "canary-pass/wörd+7", "canary-cookie-5ecd", "canary-token-91aa"
NICK, NAME, PHONE, ADDRESS = "金丝雀0017", "金雀儿", "13812345678", "文三路90号5幢1201室"
CANARIES = (PASSWORD, COOKIE, TOKEN, NICK, NAME, PHONE, ADDRESS)
URL = "http://shop.example"

PAGE = f"""<meta charset=utf-8><dl><dt>买家</dt><dd>{NICK}</dd><dt>收货人</dt><dd>{NAME}</dd><dt>联系电话</dt><dd>{PHONE}</dd>
<dt>收货地址</dt><dd>{ADDRESS}</dd><dt>退款金额</dt><dd>¥129.00</dd></dl><p>我是{NICK}，电话{PHONE}</p>
<a href="/x?nick={quote(NICK)}">x</a><i data-who="{html.escape(json.dumps({"nick": NICK}))}">{"".join(f"&#{ord(one)};" for one in NAME)}</i>
<b data-packed="{base64.b64encode(f"who={NICK}&phone={PHONE}".encode()).decode()}"></b>"""


def spelled(value: str) -> Iterator[bytes]:
    """The value as it may stand in a file."""
    raw = value.encode()
    yield raw
    yield value.encode("gbk", errors="ignore")
    yield value.encode("utf-16-le")
    yield json.dumps(value)[1:-1].encode()
    yield quote(value, safe="").encode()
    yield quote(quote(value, safe=""), safe="").encode()
    yield quote(value.encode("gbk", errors="ignore"), safe="").encode()
    yield "".join(f"&#{ord(one)};" for one in value).encode()
    yield "".join(f"&#x{ord(one):x};" for one in value).encode()
    yield raw.hex().encode()
    for pad in range(3):
        yield base64.b64encode(b"\0" * pad + raw)[(0, 2, 3)[pad] :].rstrip(b"=")[:-1]


def found(tape: Path, values: Iterable[str]) -> list[tuple[str, str]]:
    """Which value stands in which part of a tape."""
    parts = {name: data.lower() for name, data in pack.unpacked(tape).items()}
    forms = {value: [form.lower() for form in spelled(value) if len(form) > 3] for value in values}
    return [
        (value, name)
        for value, ways in forms.items()
        for name, data in parts.items()
        if any(form in data for form in ways)
    ]


def recorded(learning: Learning) -> TapeRecorder:
    recorder = TapeRecorder(TapeClock(NOW), learning.hear)
    recorder.begin()
    headers = {"cookie": f"sid={COOKIE}; seen=1", "x-csrf-token": TOKEN, "content-type": "application/json"}
    body = json.dumps({"account": "seller01", "password": PASSWORD}).encode()
    answer = json.dumps({"ret": "SUCCESS", "data": {"token": TOKEN, "buyerNick": NICK, "receiverName": NAME}})
    set_cookie = (("set-cookie", f"sid={COOKIE}; Path=/"), ("content-type", "application/json"))
    recorder.exchange(Asked("POST", f"{URL}/login", "read", headers, body), Said(200, set_cookie, answer.encode()))
    onward = f"{URL}/login?redirect={quote(f'/detail?token={TOKEN}&nick={quote(NICK)}', safe='')}&token={TOKEN}"
    recorder.exchange(Asked("GET", onward, "get", headers), None)
    for charset in ("utf-8", "gbk"):
        media = (("content-type", f"text/html; charset={charset}"),)
        text = PAGE.encode(charset, errors="xmlcharrefreplace")
        recorder.exchange(Asked("GET", f"{URL}/{charset}?disputeId=1", "get", headers), Said(200, media, text))
    recorder.refused(Asked("POST", f"{URL}/unheard?nick={quote(NICK)}", "get", headers, NICK.encode()), "unlisted")
    recorder.reading(f"{URL}/utf-8?disputeId=1", PAGE, (f"买家: {NICK}", f"说: {NAME} {PHONE}"))
    return recorder


RULES = replace(tape_rules("taobao"), secrets=tape_rules("taobao").secrets | {"token"})


def rules_of(_: str) -> TapeRules:
    return RULES


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    buyer = unshipped().page.buyer.model_copy(update={"name": NICK})
    taken = take(unshipped().shows(buyer=buyer, buyer_text=f"{NAME}，{PHONE}"))
    file = tmp_path / "canary.tar.xz"
    learning = Learning(Hush(b"k" * 32, (PASSWORD,), rules_of))
    recorder = recorded(learning)
    pack.write(file, cleaned(recorder, label({"policy.toml": f"# {PASSWORD}"}), [taken], learning.done()))
    return file


def test_no_planted_canary_is_on_the_tape(tape: Path) -> None:
    assert found(tape, CANARIES) == []


def test_what_a_decision_rests_on_is_still_there(tape: Path) -> None:
    har = pack.unpacked(tape)[pack.HAR].decode()
    assert "¥129.00" in har
    assert "disputeId=1" in har
    assert len(set(re.findall(r"buyer-[0-9a-f]{8}", har))) == 1


def test_the_search_itself_finds_what_is_there(tmp_path: Path) -> None:
    for place, form in enumerate(spelled(NICK)):
        file = tmp_path / f"{place}.tar.xz"
        file.write_bytes(pack.packed({"part": b"before " + form + b" after"}))
        assert found(file, [NICK]) == [(NICK, "part")]


@pytest.mark.parametrize("name", SHOWS)
def test_nobody_of_the_simulated_shop_is_in_its_shipped_tape(name: str) -> None:
    show = SHOWS[name]
    world = build(show.scenario, show.seed, show.cases).world
    nicks = {case.order.buyer for case in world.store.cases.values()}
    secrets = {account.password for account in (*world.accounts.all, world.accounts.courier)}
    assert nicks
    assert found(FOLDER / f"{name}.tar.xz", nicks | secrets) == []
