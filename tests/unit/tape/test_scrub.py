"""Claims on what never stands on a tape (peers.md M9): no secret and no person, however it is spelled, and nothing else touched."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from bot.domain.pictures import SIDE, distance, picture_hash
from bot.tape.people import in_answer, in_page
from bot.tape.rules import Datum, TapeRules
from bot.tape.scrub import SECRET, Scrubber

KEY = b"k" * 32
NICK, PASSWORD = "山间清风2019", "p@ss/wörd+7"
RULES = TapeRules(people={"买家": Datum.BUYER, "buyerNick": Datum.BUYER, "收货人": Datum.PERSON})

SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "json": lambda value: json.dumps({"a": value}),
    "percent": lambda value: f"/x?n={quote(value, safe='')}&t=1",
    "percent twice": lambda value: f"/login?redirect={quote('/x?n=' + quote(value, safe=''), safe='')}",
    "html": html.escape,
    "entities": lambda value: "".join(f"&#{ord(one)};" for one in value),
    "base64": lambda value: base64.b64encode(f"name={value};".encode()).decode(),
    "base64 shifted": lambda value: base64.b64encode(f"a name={value};".encode()).decode(),
    "base64 for urls": lambda value: base64.urlsafe_b64encode(f"??>name={value};".encode()).decode().rstrip("="),
    "hex": lambda value: value.encode().hex(),
}


def taught() -> Scrubber:
    scrubber = Scrubber(KEY)
    scrubber.secret(PASSWORD)
    scrubber.person(Datum.BUYER, NICK)
    return scrubber


def opened(text: str) -> str:
    """A text and whatever its base64 words hide."""
    words = text.replace("-", "+").replace("_", "/").split()
    inner = [base64.b64decode(word + "=" * (-len(word) % 4)) for word in words if len(word) > 15 and word.isascii()]
    return text + "".join(one.decode("utf-8", errors="replace") for one in inner)


@pytest.mark.parametrize("spelled", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("value", [NICK, PASSWORD])
def test_a_learned_value_is_gone_in_every_spelling(spelled: Callable[[str], str], value: str) -> None:
    clean = taught().text(spelled(value))
    for way in SPELLINGS.values():
        if "base64" not in way.__name__:
            assert way(value) not in clean
    assert value not in clean
    with suppress(ValueError):
        assert value not in opened(clean)


def test_one_person_is_one_person_everywhere_and_nobody_else() -> None:
    scrubber = taught()
    scrubber.person(Datum.BUYER, "另一位买家")
    first, again = scrubber.text(f"<dd>{NICK}</dd>"), scrubber.text(json.dumps({"nick": NICK}, ensure_ascii=False))
    pseudonym = first.removeprefix("<dd>").removesuffix("</dd>")
    assert pseudonym.startswith("buyer-")
    assert json.loads(again)["nick"] == pseudonym
    assert pseudonym not in scrubber.text("另一位买家")


def test_the_same_home_gives_the_same_pseudonym_and_another_home_does_not() -> None:
    other = Scrubber(b"o" * 32)
    other.person(Datum.BUYER, NICK)
    assert taught().text(NICK) == taught().text(NICK) != other.text(NICK)


def test_a_secret_leaves_a_mark_and_no_trace_of_itself() -> None:
    assert taught().text(f'{{"password":{json.dumps(PASSWORD)}}}') == f'{{"password":"{SECRET}"}}'


@pytest.mark.parametrize(
    "text",
    [
        "¥1,299.00",
        "900000000000000001",
        "2026-11-28 07:00:00",
        "还剩 1 天 3 时 20 分",
        "SF1234567890123",
        "450000000123456789",
    ],
)
def test_amounts_ids_and_times_are_left_as_they_are(text: str) -> None:
    assert taught().text(f"<td>{text}</td>") == f"<td>{text}</td>"


def test_what_looks_like_a_persons_is_taken_out_though_nobody_named_it() -> None:
    clean = taught().text("打我电话13812345678，身份证11010519491231002X，邮箱 someone@example.com")
    assert "13812345678" not in clean
    assert "11010519491231002X" not in clean
    assert "someone" not in clean
    assert taught().text("13812345678") in clean


def test_a_number_of_an_order_that_looks_like_an_identity_card_stays() -> None:
    assert taught().text("110105194912310021") == "110105194912310021"


@given(st.text(max_size=200))
@example("aGVsbG8gd29ybGQgaGVsbG8=")
def test_a_text_with_nobody_in_it_is_not_touched(text: str) -> None:
    plain = "".join(one for one in text if not one.isdigit() and one != "@")
    assert Scrubber(KEY).text(plain) == plain


def test_a_picture_keeps_its_look_and_loses_everything_else() -> None:
    drawn = Image.linear_gradient("L").rotate(30).resize((640, 480))
    file = io.BytesIO()
    drawn.save(file, "PNG", pnginfo=None)
    scrubber = taught()
    plain = scrubber.picture(file.getvalue())
    with Image.open(io.BytesIO(plain)) as kept:
        again = kept.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
        colours = len(set(kept.convert("L").tobytes()))
    before = drawn.resize((SIDE, SIDE), Image.Resampling.BOX)
    assert distance(picture_hash(list(before.tobytes())), picture_hash(list(again.tobytes()))) <= 2
    assert colours <= SIDE * SIDE
    assert len(plain) < 2_000
    old, new = (hashlib.sha256(one).hexdigest() for one in (file.getvalue(), plain))
    assert scrubber.text(f"proofs: [{old}] alt={old[:8]}") == f"proofs: [{new}] alt={new[:8]}"


def test_a_file_that_is_no_picture_is_not_kept() -> None:
    assert taught().picture(b"<script>") == b""


PAGE = """<dl><dt>买家</dt><dd>山间清风2019</dd><dt>实付金额</dt><dd>¥1.00</dd></dl>
<p>收货人：张三</p><ul><li><b>买家</b><span>买家发起了申请</span></li></ul>
<table><tr><th>订单</th><th>买家</th></tr><tr><td>45</td><td>海阔天空</td></tr></table><script>var 买家 = "no"</script>"""


def test_people_are_found_beside_their_labels_and_nowhere_else() -> None:
    found = list(in_page(PAGE, RULES))
    assert found == [(Datum.BUYER, NICK), (Datum.PERSON, "张三"), (Datum.BUYER, "海阔天空")]


def test_people_are_found_under_their_keys() -> None:
    body = json.dumps({"data": {"rows": [{"buyerNick": NICK, "amount": 5}]}})
    assert list(in_answer(body, RULES)) == [(Datum.BUYER, NICK)]


LAYOUTS: dict[str, str] = {
    "a row with its head": "<table><tr><th>收货人</th><td>张三丰</td></tr><tr><th>件数</th><td>一件商品</td></tr></table>",
    "cells side by side": "<table><tr><td>收货人</td><td>张三丰</td></tr></table>",
    "a head with a colon": "<table><tr><th>收货人：</th></tr><tr><td>张三丰</td></tr></table>",
    "a field to change it in": "<dl><dt>收货人</dt><dd><input value=张三丰></dd></dl>",
    "split by tags": "<dl><dt>收<b>货人</b></dt><dd>张<em>三</em>丰</dd></dl>",
    "the first text of several": "<dl><dt>收货人</dt><dd>张三丰 <span>老客户</span></dd></dl>",
    "a link beside it": "<dl><dt>收货人</dt><dd><a href=#>复制</a>张三丰<button>修改</button></dd></dl>",
    "the text after the list": "<dl><dt>收货人</dt><dd>张三丰</dd></dl><h3>物流信息</h3>",
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_a_person_is_found_in_every_layout_and_nothing_beside_them(layout: str) -> None:
    found = {value for _, value in in_page(layout, RULES)} - {"张三丰 老客户", "张"}
    assert found == {"张三丰"}


ANSWERS: dict[str, str] = {
    "behind a callback": 'cb123({"buyerNick":"张三丰"});',
    "behind a prefix": ')]}\',\n{"buyerNick":"张三丰"}',
    "behind a byte order mark": '\ufeff{"buyerNick":"张三丰"}',
    "JSON in JSON": json.dumps({"data": json.dumps({"buyerNick": "张三丰"})}),
    "a page in JSON": json.dumps({"html": "<dl><dt>买家</dt><dd>张三丰</dd></dl>"}),
    "the state of a page": "<script>window.state={a:1,buyerNick:'张三丰'}</script>",
    "an attribute": f"<i data-state='{html.escape(json.dumps({'buyerNick': '张三丰'}))}'></i>",
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_a_person_is_found_in_every_kind_of_answer(answer: str) -> None:
    assert (Datum.BUYER, "张三丰") in set(in_answer(answer, RULES))


def test_eleven_digits_in_a_hash_are_no_phone() -> None:
    trace = "0af7651916cd13812345678bb8448eb2"
    assert taught().text(f"trace={trace}") == f"trace={trace}"


@pytest.mark.parametrize(
    "wrapped",
    [
        "13812345678",
        "138-1234-5678",
        "138 1234 5678",
        "+86 13812345678",
        "１３８１２３４５６７８",
        "%2B8613812345678",
        base64.b64encode(b"13812345678").decode(),
        base64.b64encode("电话１３８１２３４５６７８".encode("gbk")).decode(),
        b"13812345678".hex(),
        json.dumps(json.dumps({"说": "电话13812345678"})),
    ],
)
def test_a_phone_that_nobody_named_is_found_however_it_is_written(wrapped: str) -> None:
    clean = taught().text(f"t={wrapped}&")
    assert wrapped not in clean
    assert "13812345678" not in clean
