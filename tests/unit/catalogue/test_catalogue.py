"""Claims on the message catalogue: two equal languages, every code of the source has a text, nothing makes it fail."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections import Counter
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

import pytest

import bot.domain
from bot.browser.find import Unfit
from bot.browser.places import BrowserKind
from bot.browser.verdicts import Why
from bot.catalogue import Catalogue, Language, language_of
from bot.catalogue import catalogue as module
from bot.catalogue.catalogue import PLACEHOLDER, code_of
from bot.catalogue.load import entries, texts
from bot.doctor.finding import LEVELS, Level
from bot.domain.action import Verb
from bot.domain.base import SHANGHAI
from bot.domain.case import CaseState
from bot.domain.decision import Reason
from bot.domain.money import Money
from bot.domain.outcome import Outcome
from bot.engine.claim import ClaimGround
from bot.ledger.audit import CHECKED
from bot.ledger.events import Kind as EventKind
from bot.ports.notifier import Urgency
from bot.ports.progress import Stage
from bot.runner.orders import Posture
from tests.unit.catalogue.codes import all_named, dotted_literals, named_in, target_keys

BOTH = pytest.mark.parametrize("language", list(Language))
BORROWED = {"console.other_language"}
HAN = re.compile(r"[\u4e00-\u9fff]")


def _params(text: str) -> set[tuple[str, str | None]]:
    return {(found["name"], found["spec"]) for found in PLACEHOLDER.finditer(text)}


def _enums() -> list[type[StrEnum]]:
    found: set[type[StrEnum]] = {Urgency, Stage, Posture, ClaimGround, BrowserKind, Level}
    for info in pkgutil.iter_modules(bot.domain.__path__, "bot.domain."):
        for _, member in inspect.getmembers(importlib.import_module(info.name), inspect.isclass):
            if issubclass(member, StrEnum) and member is not StrEnum:
                found.add(member)
    return sorted(found, key=lambda enum: enum.__name__)


def test_both_languages_have_the_same_codes() -> None:
    zh, en = set(texts(Language.ZH)), set(texts(Language.EN))
    assert sorted(zh - en) == [], "only in zh.d"
    assert sorted(en - zh) == [], "only in en.d"


def test_both_languages_have_the_same_parameters() -> None:
    zh, en = texts(Language.ZH), texts(Language.EN)
    differing = [code for code in sorted(zh.keys() & en.keys()) if _params(zh[code]) != _params(en[code])]
    assert differing == []


@BOTH
def test_no_code_is_written_twice(language: Language) -> None:
    counted = Counter(code for _file, code, _text in entries(language))
    assert [code for code, times in counted.items() if times > 1] == []


@BOTH
def test_no_text_is_empty_and_no_brace_is_left_over(language: Language) -> None:
    odd = [
        code for code, text in texts(language).items() if not text.strip() or set("{}") & set(PLACEHOLDER.sub("", text))
    ]
    assert odd == []


def test_each_language_is_written_in_its_own_script() -> None:
    """English may add in brackets what the shop's back end prints; Chinese may have names, not sentences, in Latin."""
    foreign = [code for code, text in texts(Language.EN).items() if HAN.search(re.sub(r"\([^()]*\)", "", text))]
    assert [code for code in foreign if code not in BORROWED] == []
    latin = [code for code, text in texts(Language.ZH).items() if re.search(r"[A-Za-z]{3,}", PLACEHOLDER.sub("", text))]
    assert [code for code in latin if not HAN.search(texts(Language.ZH)[code]) and code not in BORROWED] == []


def test_every_code_that_the_source_names_has_a_text() -> None:
    codes = texts(Language.EN)
    lost = [
        f"{named.where}: {named.code}"
        for named in all_named()
        if not (any(code.startswith(named.code) for code in codes) if named.prefix else named.code in codes)
    ]
    assert lost == []


def test_every_literal_that_looks_like_a_code_has_a_text() -> None:
    """Codes also stand in tables, constants and conditions, where no call names them."""
    codes = texts(Language.EN)
    heads = {code.partition(".")[0] for code in codes}
    others = target_keys() | {kind.value for kind in EventKind}
    lost = [
        f"{where}: {text}"
        for text, where in dotted_literals().items()
        if text.partition(".")[0] in heads
        and not (
            {text, f"doctor.{text}"} & codes.keys()
            or text in others
            or text.endswith((".j2", ".toml", ".js", ".css", ".json", ".html", ".png", ".yaml", ".ini"))
        )
    ]
    assert lost == []


@pytest.mark.parametrize(
    "code",
    [
        *(f"would.{posture}" for posture in Posture if posture is not Posture.ACT),
        *(f"posture.{posture}" for posture in Posture),
        *(f"settle.{outcome}" for outcome in Outcome),
        *(f"invariant.{name}" for name in CHECKED),
        *(f"doctor.{key}" for key in LEVELS),
    ],
)
def test_every_computed_code_has_a_text(code: str) -> None:
    assert Catalogue(Language.EN).has(code)


def test_every_text_gets_the_parameters_it_names() -> None:
    codes = texts(Language.EN)
    lost = [
        f"{named.where}: {named.code} lacks {sorted(missing)}"
        for named in all_named()
        if named.params is not None
        and (missing := {name for name, _ in _params(codes.get(named.code, ""))} - named.params)
    ]
    assert lost == []


def test_the_scan_sees_every_way_to_name_a_code() -> None:
    source = """
class E: code: ClassVar[str] = "a.one"
class F: code = "a.two"
Reason(code="a.three", params={"x": "1"})
Unknown(why="a.four", source=s)
raise Unreadable("text", code="a.five")
catalogue.text_of("a.six", y=1)
Reason(code=f"a.seven.{kind}", params=more)
"""
    seen = {named.code: named for named in named_in(source, "x.py")}
    assert sorted(seen) == ["a.five", "a.four", "a.one", "a.seven.", "a.six", "a.three", "a.two"]
    assert seen["a.three"].params == {"x"}
    assert seen["a.six"].params == {"y"}
    assert seen["a.seven."].prefix


@BOTH
@pytest.mark.parametrize("enum", _enums(), ids=lambda enum: str(enum.__name__))
def test_every_member_of_every_enum_has_a_name(enum: type[StrEnum], language: Language) -> None:
    catalogue = Catalogue(language)
    assert [member for member in enum if not catalogue.has(code_of(member))] == []


@pytest.mark.parametrize(("spec", "enum"), [("guard_why", Why), ("browser_unfit", Unfit)])
def test_every_value_of_a_parameter_with_words_of_its_own_has_one(spec: str, enum: type[StrEnum]) -> None:
    assert [member for member in enum if not Catalogue(Language.EN).has(f"{spec}.{member}")] == []


def test_every_kind_of_word_that_a_text_asks_for_exists() -> None:
    codes = texts(Language.EN)
    asked = {spec for text in codes.values() for _, spec in _params(text) if spec and spec != "code"}
    assert [spec for spec in sorted(asked) if not any(code.startswith(f"{spec}.") for code in codes)] == []


def test_an_unknown_code_is_shown_and_does_not_fail() -> None:
    assert Catalogue("zh").text(Reason(code="no.such", params={"a": "1", "b": "二"})) == "[no.such] a=1 b=二"


@pytest.fixture
def own_texts(monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    table = MappingProxyType({
        "plain": "x {a} y",
        "enum": "{v:verb}",
        "whole": "{w:code}",
        "verb.refuse": "no!",
        "verb.hold": "later",
        "joint": " and ",
    })  # fmt: skip
    monkeypatch.setattr(module, "texts", lambda _language: table)
    return Catalogue(Language.EN)


@pytest.mark.parametrize(
    "hostile",
    ["{0}", "{a.__class__}", "{a[0]}", "%s", "{a}{a}{a}", "{" * 50, "\\1", r"\g<0>", "}{"],
)
def test_a_parameter_is_data_and_never_a_template(own_texts: Catalogue, hostile: str) -> None:
    assert own_texts.text_of("plain", a=hostile) == f"x {hostile} y"


def test_a_missing_parameter_stays_visible(own_texts: Catalogue) -> None:
    assert own_texts.text_of("plain") == "x {a} y"


def test_a_parameter_may_hold_a_short_key_or_a_whole_code(own_texts: Catalogue) -> None:
    assert own_texts.text_of("enum", v="refuse") == "no!"
    assert own_texts.text_of("enum", v="new_verb") == "new_verb"
    assert own_texts.text_of("whole", w="verb.refuse") == "no!"
    assert own_texts.text_of("enum", v="refuse|new_verb|hold") == "no! and new_verb and later"


def test_money_moments_and_members_are_put_into_words(own_texts: Catalogue) -> None:
    moment = datetime(2026, 1, 2, 3, 4, tzinfo=SHANGHAI)
    shown = [own_texts.text_of("plain", a=value) for value in (Money(123456), moment, Verb.REFUSE)]
    assert shown == ["x ¥1,234.56 y", "x 2026-01-02 03:04 y", "x no! y"]


def test_an_enum_has_a_code_made_of_its_class_name() -> None:
    assert code_of(CaseState.WAIT_SELLER) == "case_state.wait_seller"


@pytest.mark.parametrize(
    ("setting", "environ", "language"),
    [
        ("zh", {}, Language.ZH),
        ("zh-CN", {}, Language.ZH),
        ("en_US", {}, Language.EN),
        ("auto", {"LANG": "zh_CN.UTF-8"}, Language.ZH),
        ("auto", {"LC_ALL": "en_GB.UTF-8", "LANG": "zh_CN.UTF-8"}, Language.EN),
        ("auto", {"LANG": "Chinese (Simplified)_China"}, Language.ZH),
    ],
)
def test_language_comes_from_setting_or_locale(setting: str, environ: dict[str, str], language: Language) -> None:
    assert language_of(setting, environ) is language


def test_a_windows_pc_without_variables_is_asked_through_its_c_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locale.getlocale", lambda _category: ("Chinese (Simplified)_China", "936"))
    assert language_of("auto", {}) is Language.ZH


def test_an_unknown_language_is_refused_not_guessed() -> None:
    with pytest.raises(ValueError, match="fr"):
        language_of("fr")
