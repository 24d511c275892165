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
from bot.catalogue import Catalogue, Language, language_of
from bot.catalogue import catalogue as module
from bot.catalogue.catalogue import PLACEHOLDER, code_of
from bot.catalogue.load import entries, texts
from bot.domain.action import Verb
from bot.domain.base import SHANGHAI
from bot.domain.case import CaseState
from bot.domain.decision import Reason
from bot.domain.money import Money
from bot.ports.notifier import Urgency
from tests.unit.catalogue.codes import all_named, named_in

BOTH = pytest.mark.parametrize("language", list(Language))
HAN = re.compile(r"[\u4e00-\u9fff]")


def _params(text: str) -> set[tuple[str, str | None]]:
    return {(found["name"], found["spec"]) for found in PLACEHOLDER.finditer(text)}


def _enums() -> list[type[StrEnum]]:
    found: set[type[StrEnum]] = {Urgency}
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
    assert [
        code for code, text in texts(Language.EN).items() if HAN.search(text) and code != "report.other_language"
    ] == []
    words = {
        code: text for code, text in texts(Language.ZH).items() if re.search(r"[A-Za-z]{3,}", PLACEHOLDER.sub("", text))
    }
    assert [code for code, text in words.items() if not HAN.search(text) and code != "report.other_language"] == []


def test_every_code_that_the_source_names_has_a_text() -> None:
    codes = texts(Language.EN)
    lost = [
        f"{named.where}: {named.code}"
        for named in all_named()
        if not (any(code.startswith(named.code) for code in codes) if named.prefix else named.code in codes)
    ]
    assert lost == []


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


def test_an_unknown_code_is_shown_and_does_not_fail() -> None:
    assert Catalogue("zh").text(Reason(code="no.such", params={"a": "1", "b": "二"})) == "[no.such] a=1 b=二"


@pytest.fixture
def own_texts(monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    table = MappingProxyType({
        "plain": "x {a} y",
        "enum": "{v:verb}",
        "whole": "{w:code}",
        "verb.refuse": "no!",
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
