"""Claims on the HTML file's text: complete, in both languages, masked, and of a sane size."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bot.catalogue import Catalogue, Language
from bot.domain.decision import Reason
from bot.domain.evidence import EvidenceKind
from bot.domain.facts import Source, Unknown
from bot.domain.outcome import CaseStatus
from bot.report import ShopRun, build, thumbs
from bot.report.write import page
from tests.unit.engine.builders import NOW, shipped, unshipped
from tests.unit.report.runs import (
    Store,
    a_run,
    complaint,
    every_kind,
    key,
    line,
    offer,
    png,
    refund,
    refusal,
    said_everywhere,
    unreadable,
)

BOTH = pytest.mark.parametrize("language", list(Language))


def told(*runs: ShopRun, store: Store | None = None, language: Language = Language.EN) -> str:
    return page(runs, (store or Store()).get, Catalogue(language), NOW, "sheet.xlsx")


class Seen(HTMLParser):
    """Elements, attributes and visible text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@BOTH
def test_every_case_of_the_run_stands_in_it(language: Language) -> None:
    cases = every_kind()
    cards = [attrs for tag, attrs in Seen(told(a_run(*cases), language=language)).tags if attrs.get("class") == "case"]
    assert len(cards) == len(cases)
    assert {card["data-find"] for card in cards if card["data-find"]} >= {
        f"{case.case.aftersale_id} {case.row.order_id} 山***9" for case in cases if case.row and case.snapshot
    }


@BOTH
def test_no_code_of_the_catalogue_is_left_without_words(language: Language) -> None:
    text = Seen(told(a_run(*every_kind(), late=2, stopped=Reason(code="run.stopped")), language=language)).text
    assert re.findall(r"\[[a-z_]+\.[a-z_.]+\]", text) == []
    assert re.findall(r"\{[a-z_]+\}", text) == []


def test_the_languages_differ_in_words_not_in_substance() -> None:
    zh, en = (Seen(told(a_run(*every_kind()), language=language)) for language in Language)
    assert [tag for tag, _ in zh.tags] == [tag for tag, _ in en.tags]
    assert "需要您处理" in zh.text
    assert "Needs you" in en.text


@pytest.mark.parametrize(
    "payload", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "</style><b>"]
)
def test_strangers_words_never_become_markup(payload: str) -> None:
    clean, hostile = (Seen(told(a_run(*said_everywhere(text), name=text))) for text in ("harmless", payload))
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in clean.tags]
    assert "49" not in "".join(word for word in hostile.words if "7*7" in word)


def test_direction_marks_cannot_turn_a_line_around() -> None:
    text = told(a_run(*said_everywhere("退款\u202e元00.1")))
    assert "\u202e" not in text
    assert "⟨U+202E⟩" in text


def test_phones_names_and_addresses_are_not_in_it() -> None:
    secret = "我是张伟强13912345678住文三路388号2幢501室"
    text = told(a_run(*said_everywhere(secret), refund(7)))
    assert "13912345678" not in text
    assert "12345678" not in text
    assert "388号" not in text
    assert "山间清风2019" not in text


def test_a_hold_tells_reason_owner_deadline_and_money() -> None:
    text = Seen(told(a_run(line(4, shipped().shows(platform_tags=("疑似恶意退款",)))))).text
    assert "Marked by the platform 1 case 2 d 2 h ¥129.00" in text
    assert "2600000004" in text
    assert "售后台" in text


def test_unknown_words_and_unreadable_rows_are_listed() -> None:
    text = Seen(told(a_run(line(1, unshipped().shows(unknown_labels=("预售尾款中",))), unreadable("第3行 ¥1O")))).text
    assert "预售尾款中 in case 2600000001" in text
    assert "第3行 ¥1O in case unreadable-abc123" in text


def strange(raw: str) -> Unknown:
    return Unknown(why="unknown.label", source=Source.COURIER, raw=raw)


def test_unknown_words_of_the_courier_are_listed_each_once() -> None:
    seen = shipped().shows(unknown_labels=("预售尾款中",)).tells(status=strange("转寄中"), signer=strange("物业代收"))
    case = line(1, seen)
    run = replace(a_run(case), trails={case.case: seen.tells(intercept=strange("转寄中")).trails})
    (section,) = [block for block in told(run).split('<div class="block">') if "nobody has taught the robot" in block]
    listed = [
        text for text in Seen(section.partition("</ul>")[0]).words if text in {"预售尾款中", "转寄中", "物业代收"}
    ]
    assert listed == ["预售尾款中", "转寄中", "物业代收"]


def test_what_the_courier_does_not_say_at_all_is_no_unknown_word() -> None:
    case = line(1, shipped())
    run = replace(a_run(case), trails={case.case: shipped().silent().trails})
    assert "nobody has taught the robot" not in told(run)


def test_facts_are_told_with_their_source() -> None:
    text = Seen(told(a_run(refund(1)))).text
    assert "Shipping, says the shop: not shipped shop's back end 10:00:00" in text


def test_facts_of_another_policy_are_told_without_a_guess_at_their_source() -> None:
    old = refund(1)
    assert old.decision
    aged = line(1, unshipped(), CaseStatus.DONE, decision=old.decision.model_copy(update={"policy_hash": "0" * 64}))
    text = Seen(told(a_run(aged))).text
    assert "Shipping, says the shop: not shipped" in text
    assert "shop's back end 10:00:00" not in text


def test_a_receipt_says_what_the_server_showed() -> None:
    text = Seen(told(a_run(refund(1)))).text
    assert "Receipt · Agree refund read back from the server" in text
    assert "Amount on the server ¥129.00" in text
    assert "Intent in-1" in text


def test_a_presumed_receipt_says_so() -> None:
    intent, receipt = refund(1).receipts[0]
    guessed = line(1, unshipped(), CaseStatus.DONE, receipts=((intent, receipt.model_copy(update={"presumed": True})),))
    assert "presumed ours" in told(a_run(guessed))


def test_evidence_sent_stands_with_its_receipt() -> None:
    store = Store(png())
    sent = refusal(1, tuple(store.kept))
    shown = line(1, shipped(), CaseStatus.DONE, receipts=sent.receipts, evidence=store.evidence(EvidenceKind.TRAIL))
    text = told(a_run(shown), store=store)
    assert text.count("data:image/webp;base64,") == 1
    assert text.index("Evidence sent") < text.index("data:image/webp;base64,")


def test_a_picture_that_is_gone_is_said_and_harms_nothing() -> None:
    known = Store(png()).evidence()
    assert "The picture cannot be shown" in told(a_run(line(1, unshipped(), evidence=known)), store=Store())


def test_a_broken_picture_harms_nothing() -> None:
    store = Store(b"\x89PNG\r\n\x1a\n broken")
    assert "cannot be shown" in told(a_run(line(1, unshipped(), evidence=store.evidence())), store=store)


def test_the_same_picture_is_read_once() -> None:
    store = Store(png())
    twice = [line(number, unshipped(), evidence=store.evidence()) for number in (1, 2)]
    told(a_run(*twice), store=store)
    assert len(store.asked) == 1


def test_the_more_pictures_the_smaller_each() -> None:
    widths = [thumbs.width_for(count) for count in (10, 200, 1000, 5000)]
    assert widths == sorted(widths, reverse=True)
    assert thumbs.shrink(png(), 480).width == 480


def test_beyond_the_most_pictures_those_of_held_cases_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.report.thumbs.MOST", 1)
    done, held = Store(png("#111111")), Store(png("#eeeeee"))
    both = Store(png("#111111"), png("#eeeeee"))
    cases = (
        line(1, unshipped(), CaseStatus.DONE, receipts=refund(1).receipts, evidence=done.evidence()),
        line(2, unshipped(), CaseStatus.HELD, evidence=held.evidence()),
    )
    text = told(a_run(*cases), store=both)
    assert both.asked == list(held.kept)
    assert "Pictures left out to keep this file usable: 1" in text


def test_watching_says_that_nothing_was_touched() -> None:
    text = Seen(told(a_run(line(1, unshipped(), CaseStatus.DECIDED), posture="observe"))).text
    assert "nothing touched" in text
    assert "Would be paid back ¥129.00" in text


def test_several_shops_have_a_section_each() -> None:
    sections = [
        attrs["id"] for _, attrs in Seen(told(a_run(refund(1)), a_run(refund(2)))).tags if attrs.get("class") == "shop"
    ]
    assert sections == ["s1", "s2"]


def test_a_shop_that_could_not_be_entered_says_why() -> None:
    text = Seen(told(a_run(stopped=Reason(code="error.session.refused")))).text
    assert "This sweep ended early: The sign-in was refused" in text
    assert "Check account and password in credentials.toml" in text, "and what to do about it"
    assert "no case was waiting" in text


def test_a_run_that_was_killed_says_so() -> None:
    run = a_run(refund(1))
    broken = ShopRun(run.run, run.sweep, run.policy, run.policy_hash, run.opened_at, None, run.lines)
    assert "broken off" in told(broken)


def test_five_hundred_cases_stay_one_usable_file() -> None:
    one = line(1, unshipped())
    text = told(a_run(*(replace(one, case=key(number)) for number in range(500))))
    assert len(text.encode()) < 12_000_000


def test_the_files_are_named_by_shop_time_and_run(tmp_path: Path) -> None:
    at = NOW + timedelta(seconds=5)
    path = build([a_run(refund(1))], Store().get, Catalogue(Language.ZH), tmp_path / "reports", at)
    assert sorted(file.name for file in path.parent.iterdir()) == [
        "sweep-20261122-100005-run-0001.html",
        "sweep-20261122-100005-run-0001.xlsx",
    ]
    assert path.suffix == ".html"


def test_offers_and_complaints_are_told_with_their_sums_scenes_and_answers() -> None:
    shown = Seen(told(a_run(offer(1), complaint(2)), language=Language.ZH)).text
    assert all(word in shown for word in ("已提协商", "协商金额", "¥30.00", "待买家确认", "商品留用可以吗"))
    assert all(word in shown for word in ("已投诉", "投诉场景", "虚假退货", "处理中", "退回空包裹"))
