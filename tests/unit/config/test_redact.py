"""No secret passes the redactor in any spelling; ordinary text passes unchanged."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.catalogue import Catalogue, Language
from bot.config import BadConfig, HomeFiles, load_home
from bot.config.redact import MASK, SECRETS, Redactor
from tests.unit.config.homes import spoil, trial_home

SECRET = 'canary Pa55/wörd+"x"'


@pytest.fixture
def redactor() -> Redactor:
    redactor = Redactor()
    redactor.learn(SecretStr(SECRET))
    return redactor


SPELLINGS = {
    "plain": SECRET,
    "percent": quote(SECRET, safe=""),
    "form": quote_plus(SECRET),
    "json": json.dumps(SECRET)[1:-1],
    "hex": SECRET.encode().hex(),
    "base64": base64.b64encode(SECRET.encode()).decode(),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_learnt_secret_is_masked_in_every_spelling(redactor: Redactor, spelling: str) -> None:
    assert redactor(f"before {spelling} after").startswith(f"before {MASK}")


@given(st.binary(max_size=9), st.binary(max_size=9))
def test_secret_inside_a_longer_base64_text_is_masked(before: bytes, after: bytes) -> None:
    redactor = Redactor()
    redactor.learn(SecretStr(SECRET))
    cleaned = redactor(base64.b64encode(before + SECRET.encode() + after).decode())
    assert MASK in cleaned
    kept = cleaned.replace(MASK, "")
    assert len(kept) < len(base64.b64encode(before + after)) + 12


@pytest.mark.parametrize(
    "text",
    [
        "Cookie: sid=abc123",
        'Set-Cookie: "sid=abc123"',
        "Authorization: Bearer abc123",
        '{"password": "abc123"}',
        "https://x.example/?token=abc123&a=1",
        '"smsCode": "abc123"',
    ],
)
def test_what_is_named_like_a_secret_is_masked(text: str) -> None:
    cleaned = Redactor()(text)
    assert "abc123" not in cleaned
    assert MASK in cleaned


@pytest.mark.parametrize("language", list(Language))
def test_what_we_say_of_a_password_that_is_missing_passes_unchanged(tmp_path: Path, language: Language) -> None:
    home = trial_home(tmp_path)
    spoil(HomeFiles(home).credentials, "[taobao.", "[taobap.")
    with pytest.raises(BadConfig) as caught:
        load_home(home)
    told = [one.told(Catalogue(language)) for one in caught.value.problems]
    assert len(told) == 2, "one password is missing, one stands where nobody looks"
    for text in told:
        assert Redactor()(text) == text
        assert Redactor()(json.dumps(text, ensure_ascii=False)) == json.dumps(text, ensure_ascii=False)


@pytest.mark.parametrize("value", ["no", "abc123", "unknown", '"no password for you"', "no password", "缺少账号"])
def test_a_value_that_only_begins_like_our_words_is_masked(value: str) -> None:
    cleaned = Redactor()(f'credentials.toml:3: taobao."1001".password: {value}')
    assert cleaned.partition('"1001".')[2].startswith(f"password={MASK}")


def test_a_secret_inside_our_words_is_masked_all_the_same(redactor: Redactor) -> None:
    text = (
        f"password: no password for the account {SECRET}; token=abc123; write it here, or store it in the keyring as x"
    )
    cleaned = redactor(text)
    assert SECRET not in cleaned
    assert "abc123" not in cleaned


def test_phone_keeps_its_ends_and_longer_numbers_are_left_alone() -> None:
    assert Redactor()("tel 13812345678, case 91381234567812345") == "tel 138****5678, case 91381234567812345"


@pytest.mark.parametrize(
    "text", ["", "sweep of taobao/1001: 60 cases", "售后编号 91381234567812345 同意退款 ¥1,299.00"]
)
def test_ordinary_text_passes_unchanged(redactor: Redactor, text: str) -> None:
    assert redactor(text) == text


def test_short_secret_does_not_eat_the_log() -> None:
    redactor = Redactor()
    redactor.learn(SecretStr("a"))
    assert redactor("a man") == "a man"


def test_passwords_of_a_loaded_home_are_learnt(tmp_path: Path) -> None:
    load_home(trial_home(tmp_path))
    assert SECRETS("x canary-Pa55/word x canary-courier") == f"x {MASK} x {MASK}"
