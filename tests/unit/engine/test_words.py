"""Claims on words: everything that a decision can say has a text in both languages, with nothing left unfilled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import pytest

from bot.catalogue.catalogue import PLACEHOLDER, Catalogue
from bot.domain.decision import Answer, Decision, Reason
from bot.engine.conditions import TESTS
from bot.engine.facts import Facts
from bot.engine.flip import VALUE_TYPES
from bot.engine.ruling import Cause
from tests.unit.engine.situations import ROWS, decided

BOTH = pytest.mark.parametrize("language", ["zh", "en"])


def said(decision: Decision) -> Iterator[Reason]:
    yield from decision.reasons
    for trace in decision.traces:
        yield from trace.because


@BOTH
def test_every_sentence_of_every_decision_can_be_said(language: str) -> None:
    catalogue = Catalogue(language)
    for reason in {(reason.code, *reason.params.items()): reason for reason in all_said()}.values():
        text = catalogue.text(reason)
        assert catalogue.has(reason.code), reason.code
        assert not PLACEHOLDER.search(text), text


def all_said() -> Iterator[Reason]:
    for name in ROWS:
        yield from said(decided(name))


@BOTH
def test_every_flip_can_be_said(language: str) -> None:
    catalogue = Catalogue(language)
    for flip in filter(None, (decided(name).flip for name in ROWS)):
        text = catalogue.text_of("flip.text", **flip.model_dump(mode="json"))
        for code in (flip.was, flip.would_be):
            assert catalogue.has(code) or code[0] in "¥-0123456789", code
            assert code not in text or code[0] in "¥-0123456789"


@BOTH
def test_every_fact_has_a_name_and_a_sentence_for_each_value(language: str) -> None:
    catalogue = Catalogue(language)
    for field in fields(Facts):
        codes = [f"fact_name.{field.name}"]
        boolean = VALUE_TYPES[field.name] is bool
        codes += [f"fact.{field.name}.{word}" for word in ("yes", "no")] if boolean else [f"fact.{field.name}"]
        assert [code for code in codes if not catalogue.has(code)] == []


@BOTH
def test_every_number_has_both_sentences_and_every_cause_a_headline(language: str) -> None:
    catalogue = Catalogue(language)
    numbers = [name for name, test in TESTS.items() if test.edge] + ["max_amount"]
    codes = [f"test.{name}.{answer}" for name in numbers for answer in (Answer.YES, Answer.NO)]
    told_otherwise = {Cause.DECIDED, Cause.WAITS, Cause.NOT_PENDING}
    codes += [f"hold.{cause.value}" for cause in Cause if cause not in told_otherwise]
    assert [code for code in codes if not catalogue.has(code)] == []
