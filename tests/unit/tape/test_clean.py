"""Claims on a tape as a whole: secrets and people stand in many places, and hostile ones cost neither tape nor decisions."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image

from bot.app.recording import rules_of
from bot.ports.tape import Asked, Said
from bot.tape import pack
from bot.tape.clean import Hush, Learning, cleaned
from bot.tape.clock import TapeClock
from bot.tape.record import TapeRecorder
from bot.tape.rules import TapeRules
from bot.tape.scrub import SECRET, Scrubber
from bot.tape.tape import Label, Take, Tape
from tests.tapes.values import label, take
from tests.unit.engine.builders import NOW, unshipped

URL = "http://shop.example"
ROOT = Path(__file__).parents[3]
HOSTILE = ["hold", "known", "kind", "null", "12", "00", "true", "agree_refund", "1", "a\\", '","']


def hush(*secrets: str) -> Hush:
    return Hush(b"k" * 32, secrets, lambda url: rules_of(url, {URL: "taobao"}))


def taped(
    fill: Callable[[TapeRecorder], None], *secrets: str, said: Label | None = None, takes: Sequence[Take] = ()
) -> Tape:
    learning = Learning(hush(*secrets))
    recorder = TapeRecorder(TapeClock(NOW), learning.hear)
    recorder.begin()
    fill(recorder)
    return cleaned(recorder, said or label(), takes, learning.done())


def named(nick: str) -> Take:
    buyer = unshipped().page.buyer.model_copy(update={"name": nick})
    return take(unshipped().shows(buyer=buyer))


@pytest.mark.parametrize("nick", HOSTILE)
def test_a_buyer_may_have_any_name_and_the_tape_is_whole(nick: str, tmp_path: Path) -> None:
    def page(recorder: TapeRecorder) -> None:
        html = f"<dl><dt>买家</dt><dd>{nick}</dd><dt>退款金额</dt><dd>¥129.00</dd></dl>"
        recorder.reading(f"{URL}/detail", html, (f"买家: {nick}",))

    file, before = tmp_path / "t.tar.xz", named(nick)
    policy = (ROOT / "policy.example.toml").read_text(encoding="utf-8")
    pack.write(file, taped(page, said=label({"policy.toml": policy}), takes=(before,)))
    after = pack.read(file)
    (judged,) = after.label.takes[0].judged
    assert judged.snapshot.buyer.name != nick or len(nick) < 2
    decided = before.judged[0].decision
    assert (judged.decision.verb, judged.decision.plan) == (decided.verb, decided.plan)
    assert judged.snapshot.amount == before.judged[0].snapshot.amount
    assert "¥129.00" in after.pages["0000.html"]
    assert after.label.files["policy.toml"] == policy


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


TOKEN = "canary-91aa-token"
FORM = {"content-type": "application/x-www-form-urlencoded"}
LEAKS: dict[str, tuple[Asked, Said]] = {
    "an answer alone": (Asked("GET", f"{URL}/a", "get"), said(json.dumps({"data": {"token": TOKEN}}))),
    "an answer, called otherwise": (Asked("GET", f"{URL}/a", "get"), said(json.dumps({"accessToken": TOKEN}))),
    "an answer in an answer": (Asked("GET", f"{URL}/a", "get"), said(json.dumps({"d": json.dumps({"Token": TOKEN})}))),
    "a bearer": (Asked("GET", f"{URL}/a", "get", {"authorization": f"Bearer {TOKEN}"}), said("{}")),
    "a hidden field": (
        Asked("GET", f"{URL}/a", "get"),
        said(f'<input type=hidden name="_tb_token_" value={TOKEN}>', "text/html"),
    ),
    "a meta tag": (Asked("GET", f"{URL}/a", "get"), said(f"<meta content='{TOKEN}' name=csrf-token>", "text/html")),
    "a script": (Asked("GET", f"{URL}/a", "get"), said(f"<script>g={{csrfToken:'{TOKEN}'}}</script>", "text/html")),
    "JSON in a form": (
        Asked("POST", f"{URL}/a", "read", FORM, f"data={quote(json.dumps({'token': TOKEN}))}&t=1".encode()),
        said("{}"),
    ),
    "a form": (Asked("POST", f"{URL}/a", "read", FORM, f"a=1&pwd={TOKEN}".encode()), said("{}")),
    "a query": (Asked("GET", f"{URL}/a?a=1&Token={TOKEN}", "get"), said("{}")),
}


@pytest.mark.parametrize("name", LEAKS)
def test_a_secret_that_stands_in_one_place_alone_is_gone_from_there_and_from_everywhere(name: str) -> None:
    def leak(recorder: TapeRecorder) -> None:
        recorder.exchange(Asked("GET", f"{URL}/before", "get"), said(f"<p>{TOKEN}", "text/html"))
        recorder.exchange(*LEAKS[name])

    assert TOKEN not in str(taped(leak).entries)


@pytest.mark.parametrize("host", [URL, "http://stranger.example"])
def test_a_password_that_is_a_mere_number_goes_where_it_is_typed_and_eats_nothing_else(host: str) -> None:
    def typing(recorder: TapeRecorder) -> None:
        body = json.dumps({"account": "me", "password": "123456", "amount": 123456})
        recorder.exchange(
            Asked("POST", f"{host}/login", "read", {}, body.encode()), said('{"amount":123456,"id":"9123456"}')
        )
        recorder.exchange(Asked("POST", f"{host}/login", "read", FORM, b"password=123456&amount=123456"), None)

    tape = taped(typing, "123456")
    first, second = (entry.asked.body for entry in tape.entries)
    assert json.loads(first or b"") == {"account": SECRET, "password": SECRET, "amount": 123456}
    assert second == f"password={SECRET}&amount=123456".encode()
    assert tape.entries[0].said == said('{"amount":123456,"id":"9123456"}')


def test_a_cookie_that_is_a_mere_word_is_gone_from_the_jar_and_left_in_scripts() -> None:
    script = said("switch(theme){default:return 'default'}", "text/javascript")

    def page(recorder: TapeRecorder) -> None:
        recorder.exchange(Asked("GET", f"{URL}/a.js", "get", {"cookie": "theme=default; sid=91aa-5ecd-77"}), script)

    (entry,) = taped(page).entries
    assert entry.said == script
    assert "default" not in str(entry.asked)


def test_what_a_script_says_about_secrets_is_left() -> None:
    script = said(
        "m={token:'token.missing',password:'请输入8-16位密码',auth:'/api/auth/v2',a:e.token=f.token}", "text/javascript"
    )

    def page(recorder: TapeRecorder) -> None:
        recorder.exchange(Asked("GET", f"{URL}/a.js", "get"), script)

    (entry,) = taped(page).entries
    assert entry.said == script


def picture() -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((320, 240)).save(file, "JPEG")
    return file.getvalue()


PICTURED: dict[str, tuple[str, str]] = {
    "a page": ('<p><img src="data:image/jpeg;base64,{}">', "text/html"),
    "an answer": ('{{"image":"{}"}}', "application/json"),
    "an answer in an answer": ('{{"d":"{{\\"image\\":\\"{}\\"}}"}}', "application/json"),
}


@pytest.mark.parametrize("name", PICTURED)
def test_a_picture_in_a_text_is_reduced_as_any_other(name: str) -> None:
    whole, (text, media) = picture(), PICTURED[name]

    def page(recorder: TapeRecorder) -> None:
        recorder.exchange(Asked("GET", f"{URL}/a", "get"), said(text.format(base64.b64encode(whole).decode()), media))
        recorder.exchange(
            Asked("GET", f"{URL}/b", "get"), said(f"alt={hashlib.sha256(whole).hexdigest()}", "text/html")
        )

    tape = taped(page)
    small = Scrubber(b"k" * 32).picture(whole)
    first, second = (entry.said.body.decode() for entry in tape.entries if entry.said)
    assert first == text.format(base64.b64encode(small).decode())
    assert second == f"alt={hashlib.sha256(small).hexdigest()}"


def test_a_picture_that_calls_itself_otherwise_is_reduced_too() -> None:
    whole = picture()

    def page(recorder: TapeRecorder) -> None:
        media = (("content-type", "application/octet-stream"),)
        recorder.exchange(Asked("GET", f"{URL}/a", "get"), Said(200, media, whole))

    (entry,) = taped(page).entries
    assert entry.said
    assert entry.said.body == Scrubber(b"k" * 32).picture(whole)


@pytest.mark.parametrize(
    ("media", "page"),
    [
        ("text/html", "<meta charset=gbk><p>收货人：张三丰</p><b>￥129.00</b>".encode("gbk")),
        ("text/html; charset=gbk", "<p>收货人：张三丰</p><b>¥129.00</b>".encode("gb18030") + b"\xff"),
        ("text/html; charset=utf-8", "<p>收货人：张三丰</p><b>¥129.00</b>".encode() + b"\xff"),
        ("text/html; charset=hex", "<p>收货人：张三丰</p><b>¥129.00</b>".encode()),
        ("text/html; charset=no-such", "<p>收货人：张三丰</p><b>¥129.00</b>".encode()),
    ],
)
def test_a_page_is_read_as_browsers_read_it_and_never_emptied(media: str, page: bytes) -> None:
    def seen(recorder: TapeRecorder) -> None:
        recorder.exchange(Asked("GET", f"{URL}/a", "get"), Said(200, (("content-type", media),), page))

    (entry,) = taped(seen).entries
    assert entry.said
    assert b"129.00" in entry.said.body
    assert not any("张三丰".encode(charset) in entry.said.body for charset in ("utf-8", "gbk"))


def test_a_person_whom_only_a_request_names_is_gone_from_it_and_from_everywhere() -> None:
    def asks(recorder: TapeRecorder) -> None:
        recorder.exchange(Asked("GET", f"{URL}/a?buyerNick={quote('张三丰')}", "get"), said("{}"))
        body = f"receiverName={quote('李四光')}".encode()
        recorder.exchange(Asked("POST", f"{URL}/a", "read", FORM, body), said("<p>李四光", "text/html"))
        recorder.exchange(Asked("GET", f"{URL}/b", "get"), said("<p>张三丰 说", "text/html"))

    told = "".join(f"{entry.asked}{entry.said and entry.said.body.decode()}" for entry in taped(asks).entries)
    assert not [name for name in ("张三丰", quote("张三丰"), "李四光", quote("李四光")) if name in told]


def test_half_a_character_in_a_name_costs_no_tape(tmp_path: Path) -> None:
    def page(recorder: TapeRecorder) -> None:
        recorder.exchange(Asked("GET", f"{URL}/a", "get"), said('{"buyerNick":"half \\ud800"}'))
        recorder.reading(f"{URL}/a", "<dl><dt>买家</dt><dd>half \ud800</dd></dl>", ("买家: half \ud800",))

    pack.write(tmp_path / "t.tar.xz", taped(page))
    assert "half" not in str(pack.read(tmp_path / "t.tar.xz"))


def test_what_could_not_be_learned_costs_the_tape_and_is_never_passed_over() -> None:
    def unheard(url: str) -> TapeRules:
        raise LookupError(url)

    learning = Learning(Hush(b"k" * 32, (), unheard))
    recorder = TapeRecorder(TapeClock(NOW), learning.hear)
    recorder.reading(f"{URL}/a", "<p>", ())
    with pytest.raises(LookupError):
        learning.done()
