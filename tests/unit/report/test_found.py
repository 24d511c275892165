"""Claims on what detectors found: the report tells every yes with the facts behind it, and keeps quiet about the rest."""

from __future__ import annotations

import pytest

from bot.catalogue import Catalogue, Language
from bot.domain.outcome import CaseStatus
from bot.report.write import page
from tests.unit.engine.builders import NOW, Situation, came_back, unshipped
from tests.unit.report.runs import Store, a_run, line


def told(situation: Situation, language: Language) -> str:
    return page((a_run(line(1, situation, CaseStatus.HELD)),), Store().get, Catalogue(language), NOW, "sheet.xlsx")


@pytest.mark.parametrize(
    ("language", "heading", "sentence", "fact"),
    [
        (Language.ZH, "侦测到的异常", "侦测到：空包", "退货包裹几乎没有重量"),
        (Language.EN, "Signs of abuse", "Detected: empty parcel", "The return weighs next to nothing"),
    ],
)
def test_a_card_tells_what_was_found_and_why(language: Language, heading: str, sentence: str, fact: str) -> None:
    text = told(came_back(counted=0, back_g=12), language)
    assert heading in text
    assert sentence in text
    assert fact in text


@pytest.mark.parametrize(("language", "heading"), [(Language.ZH, "侦测到的异常"), (Language.EN, "Signs of abuse")])
def test_a_case_without_signs_has_no_such_heading(language: Language, heading: str) -> None:
    assert heading not in told(unshipped(), language)
