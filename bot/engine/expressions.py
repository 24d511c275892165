"""Free conditions: one more question in the words of the rule-engine library, typed on load, never `eval` (docs/adr/0009).

An expression names facts (`amount`, `type`, `hours_left` …) and answers yes or no. Money is a decimal number of yuan, an enum
the word that the policy writes for it, a day or a moment a datetime in Asia/Shanghai, goods a list of texts. One unknown fact
makes the answer unknown; what an expression raises while it is asked holds the case (S19).
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_FLOOR, Context, Decimal
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from bot.domain.base import SHANGHAI
from bot.domain.decision import Answer
from bot.domain.facts import Known
from bot.domain.money import Money
from bot.engine.asking import Condition, Test
from bot.engine.claim import Titles
from bot.engine.crossings import Moving, crossings
from bot.engine.facts import VALUE_TYPES, Facts
from bot.engine.measures import LINES

if TYPE_CHECKING:
    from rule_engine import Rule

LONGEST = 500
"""Characters; what needs more is two strategies."""

_NODES = frozenset(
    {
        *("LogicExpression", "ComparisonExpression", "ArithmeticComparisonExpression", "ContainsExpression"),
        *("AddExpression", "SubtractExpression", "ArithmeticExpression", "UnaryExpression", "TernaryExpression"),
        *("SymbolExpression", "FloatExpression", "StringExpression", "BooleanExpression", "DatetimeExpression"),
        *("TimedeltaExpression", "ArrayExpression"),
    }
)
"""What an expression may be made of: no regular expressions (a page's text could stall one), no functions (some ask the
clock or chance, and a decision has to be made again from what is kept), no attributes."""

_PARTS = ("left", "right", "container", "member", "condition", "case_true", "case_false", "value")
_PRECISION = Context(prec=28)
_FEN = Decimal(100)
_LARGEST = 10**12
"""Above any sum, count or hour there is; `inf` and `nan` are numbers to the library."""


@dataclass(frozen=True, slots=True)
class Free:
    """A checked expression with its parts: the facts that it names in their order, and per fact values around each number written."""

    rule: Rule
    nodes: tuple[Any, ...]
    names: tuple[str, ...]
    edges: Mapping[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class FreeCondition(Condition):
    """An expression among a strategy's conditions; `wanted` is its text."""

    @property
    def asked(self) -> tuple[str, ...]:
        return compiled(self.wanted).names

    def edges_of(self, fact: str) -> tuple[Any, ...]:
        """Values of a number around each number that the expression writes; where a case's answer changes, see `edges_in`."""
        return compiled(self.wanted).edges.get(fact, ())

    def edges_in(self, facts: Facts) -> Mapping[str, Sequence[Any]]:
        """Around every place at which moving one of its facts alone changes the answer; nothing while two are unknown."""
        free = compiled(self.wanted)
        known = {name: fact.value for name in free.names if isinstance(fact := getattr(facts, name), Known)}
        missing = set(free.names) - set(known)
        return {name: tuple(self._values(free, name, known)) for name in free.names if missing <= {name}}

    def _values(self, free: Free, name: str, known: Mapping[str, Any]) -> Iterator[Any]:
        line, others = LINES.get(name), {one: _plain(value) for one, value in known.items() if one != name}
        if line is None:
            yield from free.edges[name]
            return

        def answer(number: int) -> object:
            try:
                return free.rule.matches(others | {name: _plain(line.value(number))})
            except Exception:  # noqa: BLE001 - S19: an expression that breaks says something third
                return None

        here = line.number(known[name]) if name in known else None
        yield from map(line.value, crossings(free.nodes, Moving(name, line, here, others, answer)))

    def answer(self, facts: Facts) -> Answer:
        """Unknown where one of its facts is. Raises what the library raises: the strategy is broken then."""
        free = compiled(self.wanted)
        known = {name: fact for name in free.names if isinstance(fact := getattr(facts, name), Known)}
        if len(known) < len(free.names):
            return Answer.UNKNOWN
        values = {name: _plain(fact.value) for name, fact in known.items()}
        return Answer.YES if free.rule.matches(values) else Answer.NO


def free_condition(text: str) -> FreeCondition:
    """The condition of a checked text."""
    return FreeCondition("expression", Test(compiled(text).names[0], _never), text)


def _never(_value: object, _wanted: object) -> bool:
    raise AssertionError("an expression is asked as a whole")


def _plain(value: Any) -> Any:
    """A fact's value as the library takes it."""
    match value:
        case Money():
            return Decimal(value.fen) / _FEN
        case StrEnum():
            return value.value
        case Titles():
            return tuple(value)
        case date() if not isinstance(value, datetime):
            return datetime(value.year, value.month, value.day, tzinfo=SHANGHAI)
        case _:
            return value


def _kinds() -> Mapping[type, Any]:
    from rule_engine import DataType  # noqa: PLC0415  # half a second that only policies with expressions pay

    return {
        bool: DataType.BOOLEAN,
        int: DataType.FLOAT,
        Money: DataType.FLOAT,
        str: DataType.STRING,
        StrEnum: DataType.STRING,
        date: DataType.DATETIME,
        datetime: DataType.DATETIME,
        Titles: DataType.ARRAY(DataType.STRING),
    }


@cache
def _schema() -> Mapping[str, Any]:
    """Every fact that an expression may name, with its type there."""
    kinds = _kinds()
    found = (
        (name, next((kinds[base] for base in kind.__mro__ if base in kinds), None))
        for name, kind in VALUE_TYPES.items()
    )
    return {name: kind for name, kind in found if kind is not None}


@cache
def compiled(text: str) -> Free:
    """Parse and check a text.

    Raises:
        ValueError: no expression, one that names an unknown fact (with the nearest known one), mixes types, names no fact,
            answers something else than yes or no, or uses what is left out on purpose.
    """
    import rule_engine  # noqa: PLC0415  # as above

    context = rule_engine.Context(type_resolver=dict(_schema()), default_timezone=SHANGHAI, decimal_context=_PRECISION)
    try:
        rule = rule_engine.Rule(text, context=context)
    except rule_engine.SymbolResolutionError as error:
        raise ValueError(_no_fact(error.symbol_name)) from error
    except rule_engine.EngineError as error:
        raise ValueError(f"not an expression: {error.message}") from error
    nodes = tuple(_walk(rule.statement.expression))
    _demand_plain(nodes)
    _demand_words(nodes)
    names = tuple(dict.fromkeys(node.name for node in nodes if _is(node, "Symbol")))
    if not names or rule.statement.expression.result_type != rule_engine.DataType.BOOLEAN:
        raise ValueError("an expression asks of at least one fact and answers yes or no")
    numbers = [node.value for node in nodes if _is(node, "Float")]
    if any(not number.is_finite() or abs(number) > _LARGEST for number in numbers):
        raise ValueError(f"a number of an expression is at most {_LARGEST}")
    words = tuple(dict.fromkeys(node.value for node in nodes if _is(node, "String")))
    kinds = {name: VALUE_TYPES[name] for name in names}
    edges = {name: words if kind is str else _around(kind, numbers) for name, kind in kinds.items()}
    return Free(rule, nodes, names, edges)


def _no_fact(name: str) -> str:
    near = difflib.get_close_matches(name, _schema(), n=1, cutoff=0.5)
    return f"{name} is no fact" + (f" (did you mean {near[0]}?)" if near else "")


def _is(node: Any, kind: str) -> bool:
    return type(node).__name__ == f"{kind}Expression"


def _walk(node: Any) -> Iterator[Any]:
    """The node and all below it, left to right."""
    yield node
    for part in _PARTS:
        below = getattr(node, part, None)
        for one in below if isinstance(below, tuple | list) else (below,):
            if type(one).__name__.endswith("Expression"):
                yield from _walk(one)


def _demand_plain(nodes: tuple[Any, ...]) -> None:
    for node in nodes:
        kind = type(node).__name__
        if kind not in _NODES or getattr(node, "scope", None) or getattr(node, "type", "") == "pow":
            raise ValueError(
                f"an expression compares and reckons, {kind.removesuffix('Expression').lower()} is not in it"
            )


def _demand_words(nodes: tuple[Any, ...]) -> None:
    """A word that an enum does not have would never be found, silently."""
    for node in nodes:
        sides = [getattr(node, part, None) for part in ("left", "right", "container", "member")]
        asked = [VALUE_TYPES[one.name] for one in sides if one is not None and _is(one, "Symbol")]
        known = [member.value for kind in asked if issubclass(kind, StrEnum) for member in kind]
        written = [one.value for side in sides for one in _walk(side) if _is(one, "String")] if known else []
        for word in set(written) - set(known):
            near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
            raise ValueError(f'"{word}" is no such word' + (f" (did you mean {near[0]}?)" if near else ""))


def _around(kind: type, numbers: list[Decimal]) -> tuple[Any, ...]:
    """The fact's values next to each number: below, at and above it."""
    if kind not in (int, Money):
        return ()
    make: Callable[[int], Any] = Money if kind is Money else int
    scaled = [int((number * (_FEN if kind is Money else 1)).to_integral_value(ROUND_FLOOR)) for number in numbers]
    return tuple(make(value) for value in sorted({near for one in scaled for near in (one - 1, one, one + 1)}))


def _checked(text: str) -> str:
    try:
        compiled(text)
    except Exception as error:  # the library raises what it likes: an overflow, a recursion, an index
        detail = str(error) if isinstance(error, ValueError) else f"not an expression: {type(error).__name__}"
        raise PydanticCustomError("expression", "{detail}", {"detail": detail}) from error
    return text


Expression = Annotated[str, Field(min_length=1, max_length=LONGEST), AfterValidator(_checked)]
