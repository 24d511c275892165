"""Claims on how a mobile number may be written, and on what is none."""

from __future__ import annotations

import pytest

from bot.domain.phones import PHONE, plain_digits


@pytest.mark.parametrize(
    "text",
    [
        "13812345678",
        "电话138-1234-5678。",
        "138 1234 5678",
        "+8613812345678",
        "86 13812345678",
        "１３８１２３４５６７８",
    ],
)
def test_a_number_is_found_however_it_is_written(text: str) -> None:
    found = PHONE.search(plain_digits(text))
    assert found
    assert "".join(found.groups()) == "13812345678"


@pytest.mark.parametrize(
    "text", ["113812345678", "138123456789", "2026-11-28 07:00:00", "186138123456789", "¥138.12 345678"]
)
def test_a_longer_number_an_amount_and_a_time_are_none(text: str) -> None:
    assert not PHONE.search(text)
