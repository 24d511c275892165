"""A home is taken whole or refused with file, line and key of everything that is wrong with it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bot.catalogue import Catalogue, Language
from bot.config import BadConfig, Home, HomeFiles, LoginKey, load_home
from bot.domain.ids import ShopKey
from bot.domain.money import Money
from tests.unit.config.homes import line_of, spoil, trial_home


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return trial_home(tmp_path / "home")


def settings_of(home: Path) -> Path:
    return HomeFiles(home).settings


def refusal(home: Path) -> list[str]:
    with pytest.raises(BadConfig) as caught:
        load_home(home)
    return [str(problem) for problem in caught.value.problems]


def add(home: Path, text: str) -> None:
    """Put a line under [browser]."""
    spoil(settings_of(home), "[browser]\n", f"[browser]\n{text}\n")


def test_written_home_loads_with_the_sandbox_shops(home: Path) -> None:
    loaded = load_home(home)
    (shop,) = loaded.settings.shop
    assert (shop.name, shop.posture, len(shop.verbs)) == ('小店 "一"', "observe", 7)
    assert loaded.settings.limits.shop_day == Money(20_000_000)
    assert loaded.shop_login(ShopKey(platform="taobao", shop_id="1001")).account == "ops:robot"
    assert loaded.courier_login("main").password.get_secret_value() == "canary-courier"


def test_byte_order_mark_and_windows_line_ends_are_taken(home: Path) -> None:
    file = settings_of(home)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert isinstance(load_home(home), Home)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("reader_tbas = 2", "browser.reader_tbas: unknown key; did you mean reader_tabs?"),
        (
            "zzz = 1",
            "browser.zzz: unknown key; known here: headed, path, proxy, reader_tabs, recycle_after_cases, recycle_after_s, restart_after_cases, restart_after_mb, restart_after_s, sign_in_after_s",
        ),
    ],
)
def test_unknown_key_is_told_with_its_line_and_the_nearest_known_key(home: Path, line: str, told: str) -> None:
    add(home, line)
    assert refusal(home) == [f"refundpilot.toml:{line_of(settings_of(home), line)}: {told}"]


@pytest.mark.parametrize("table", ["schedule.off_hours", "shop.schedule", "shop.schedule.days_off", "shop.liability"])
def test_unknown_key_of_a_table_that_may_be_left_out_is_told_like_any_other(home: Path, table: str) -> None:
    file = settings_of(home)
    file.write_text(f"{file.read_text(encoding='utf-8')}\n[{table}]\nzzz = 1\n", encoding="utf-8")
    told = [line for line in refusal(home) if "zzz" in line]
    assert len(told) == 1
    assert told[0].startswith(f"refundpilot.toml:{line_of(file, 'zzz = 1')}: ")
    assert "unknown key; known here: " in told[0]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("reader_tabs = 2", "reader_tabs = 9", "browser.reader_tabs: 9 is above the most, 4"),
        ("reader_tabs = 2", "reader_tabs = 0", "browser.reader_tabs: 0 is below the least, 1"),
        ("reader_tabs = 2", 'reader_tabs = "2"', "browser.reader_tabs: '2' is not a whole number (without quotes)"),
        ("reader_tabs = 2", "reader_tabs = true", "browser.reader_tabs: true is not a whole number (without quotes)"),
        ("headed = false", 'headed = "no"', "browser.headed: 'no' is not true or false (without quotes)"),
        ('language = "auto"', 'language = "fr"', "language: 'fr' is not one of 'auto', 'zh' or 'en'"),
        ('"200000.00"', "200000.00", 'limits.shop_day: write amounts in quotes, like "5000.00"'),
        ('"200000.00"', '"2e5"', "limits.shop_day: '2e5' is not an amount; write it like \"5000.00\""),
        ('"200000.00"', '"-1"', "limits.shop_day: '-1' is not an amount; write it like \"5000.00\""),
        ('account = "kd"', 'account = ""', "courier[1].account: must not be empty"),
        (
            'posture = "observe"',
            'posture = "auto"',
            "shop[1].posture: 'auto' is not one of 'observe', 'propose' or 'act'",
        ),
        ('"agree_return"', '"agree_returns"', "shop[1].verbs[2]: 'agree_returns' is not one of"),
        ('"complain"]', '"hold"]', "shop[1].verbs[7]: 'hold' is not one of"),
        ('courier = "main"', 'courier = "mian"', "shop[1].courier: no [[courier]] has the name mian"),
        (
            '"http://127.0.0.1:4001"',
            '"http://shop.example"',
            "shop[1].url: 'http://shop.example' is not an https:// address",
        ),
        (
            '"http://127.0.0.1:4001"',
            '"https://a@b.example"',
            "shop[1].url: 'https://a@b.example' is not an https:// address",
        ),
        (
            '"http://127.0.0.1:4001"',
            '"http://127.0.0.1:4001/?shop=1"',
            "shop[1].url: 'http://127.0.0.1:4001/?shop=1' has to end before ? and #",
        ),
        *(
            ('proxy = ""', f'proxy = "{bad}"', f"browser.proxy: '{bad}' is not a proxy")
            for bad in (
                "proxy.corp:3128",
                "http://proxy.corp",
                "http://me:pw@proxy.corp:3128",
                "http://proxy.corp:3128/x",
                "http://proxy.corp:3128#x",
            )
        ),
        ('shop_id = "1001"', 'shop_id = "10/01"', "shop[1].shop_id: '10/01': only letters"),
    ],
)
def test_bad_value_is_told_with_its_line(home: Path, old: str, new: str, told: str) -> None:
    spoil(settings_of(home), old, new)
    line = line_of(settings_of(home), new)
    assert any(text.startswith(f"refundpilot.toml:{line}: {told}") for text in refusal(home)), refusal(home)


@pytest.mark.parametrize("name", ["refundpilot.toml", "policy.toml", "credentials.toml"])
@pytest.mark.parametrize("language", list(Language))
def test_a_folder_in_place_of_a_file_is_told_with_its_path(home: Path, name: str, language: Language) -> None:
    (home / name).unlink()
    (home / name).mkdir()
    with pytest.raises(BadConfig) as caught:
        load_home(home)
    told = [one.told(Catalogue(language)) for one in caught.value.problems]
    assert any(text.startswith(f"{name}: ") and str(home / name) in text for text in told)


def test_a_file_that_may_not_be_read_is_told_with_its_path(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path, **_: object) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_text", refused)
    assert refusal(home)[0] == f"refundpilot.toml: {settings_of(home)} cannot be read: Permission denied"


@pytest.mark.parametrize("text", ["[[strategy", "a = [1,\n\n", 'a = "x', "a =\n"])
def test_what_is_never_closed_is_told_at_the_last_line(home: Path, text: str) -> None:
    file = settings_of(home)
    file.write_text(f"# one\n# two\n{text}", encoding="utf-8")
    last = len(file.read_text(encoding="utf-8").splitlines())
    assert refusal(home)[0].startswith(f"refundpilot.toml:{last}: not TOML: ")
    assert "end of document" not in refusal(home)[0]


def test_missing_key_is_told_at_its_block(home: Path) -> None:
    file = settings_of(home)
    spoil(file, 'shop_id = "1001"\n', "")
    assert f"refundpilot.toml:{line_of(file, '[[shop]]')}: shop[1].shop_id: missing" in refusal(home)


def test_a_file_without_shops_is_refused(home: Path) -> None:
    settings_of(home).write_text('language = "zh"\n', encoding="utf-8")
    assert refusal(home)[0] == "refundpilot.toml:1: shop: missing"


def test_shops_and_couriers_named_twice_are_refused(home: Path) -> None:
    file = settings_of(home)
    blocks = file.read_text(encoding="utf-8").split("# ---- shops ----\n")[1]
    spoil(file, blocks, blocks + "\n" + blocks)
    told = [text.split(": ", 1)[1] for text in refusal(home)]
    assert told == ["courier[2].name: main stands in the file twice", "shop[2].shop_id: 1001 stands in the file twice"]


def test_all_errors_of_all_files_are_told_at_once(home: Path) -> None:
    files = HomeFiles(home)
    spoil(files.settings, "reader_tabs = 2", "reader_tabs = 9\nrader_tabs = 1")
    spoil(files.settings, '"200000.00"', '"1,2"')
    spoil(files.settings, 'courier = "main"', 'courier = "x"')
    files.policy.write_text("[[[", encoding="utf-8")
    told = refusal(home)
    assert len(told) == 5
    assert told[-1].startswith("policy.toml:1: not TOML: ")


def test_syntax_error_is_told_with_its_line(home: Path) -> None:
    add(home, "what = = 1")
    line = line_of(settings_of(home), "what = = 1")
    assert refusal(home) == [f"refundpilot.toml:{line}: not TOML: Invalid value"]


def test_file_in_another_encoding_is_refused_in_words(home: Path) -> None:
    settings_of(home).write_bytes('language = "auto" # 中文'.encode("gbk"))
    assert refusal(home) == ["refundpilot.toml: not UTF-8 text: save the file as UTF-8"]


def test_missing_files_are_told_with_their_cure(tmp_path: Path) -> None:
    told = refusal(tmp_path)
    assert [text.split(":")[0] for text in told] == ["refundpilot.toml", "policy.toml"]
    assert all("refundpilot init" in text for text in told)


def test_policy_error_is_told_with_file_line_and_key(home: Path) -> None:
    file = HomeFiles(home).policy
    file.write_text(f"nonsense_key = 1\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
    (told,) = refusal(home)
    assert told.startswith("policy.toml:1: nonsense_key: ")


def test_missing_password_is_told_with_the_place_to_write_it(home: Path) -> None:
    spoil(HomeFiles(home).credentials, 'password = "canary-courier"', 'password = ""')
    line = line_of(HomeFiles(home).credentials, 'password = ""')
    place = f'credentials.toml:{line}: courier."main".password: '
    assert refusal(home) == [
        f"{place}no password for the account kd; write it here, or store it in the keyring as refundpilot/courier/main"
    ]


def test_password_without_quotes_is_told_and_never_shown(home: Path) -> None:
    spoil(HomeFiles(home).credentials, 'password = "canary-courier"', "password = 86420975")
    (told,) = refusal(home)
    assert told.endswith('courier."main".password: write the password in quotes, like "12345678"')
    assert "86420975" not in told


def test_password_of_an_unknown_shop_is_refused_without_showing_it(home: Path) -> None:
    spoil(HomeFiles(home).credentials, '"1001"', '"1010"')
    told = refusal(home)
    assert any('taobao."1010".password: unknown key; did you mean taobao."1001".password?' in text for text in told)
    assert not any("canary" in text for text in told)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_credentials_that_others_may_read_are_refused(home: Path, mode: int) -> None:
    HomeFiles(home).credentials.chmod(mode)
    (told,) = refusal(home)
    assert f"mode {mode:04o}" in told
    assert "chmod 600" in told


def test_commands_that_never_sign_in_need_no_passwords(home: Path) -> None:
    HomeFiles(home).credentials.unlink()
    assert load_home(home, with_logins=False).logins == {}


def test_comments_and_order_do_not_change_the_config_hash_but_values_do(home: Path) -> None:
    before = load_home(home).config_hash
    add(home, "# a comment")
    spoil(settings_of(home), "headed = false\n", "")
    spoil(settings_of(home), "reader_tabs = 2", "headed = false\nreader_tabs = 2")
    assert load_home(home).config_hash == before
    spoil(settings_of(home), "reader_tabs = 2", "reader_tabs = 3")
    assert load_home(home).config_hash != before


def test_home_never_shows_a_password(home: Path) -> None:
    loaded = load_home(home)
    login = loaded.logins[LoginKey(platform="taobao", name="1001")]
    assert "canary" not in repr(loaded) + repr(login) + str(login)


@pytest.mark.parametrize(
    ("written", "meant"),
    [('"1000.00"', Money(100_000)), ('"0.00"', Money(0)), ('""', None)],
    ids=["limit", "all", "off"],
)
def test_the_limit_of_one_person_is_a_sum_or_off(tmp_path: Path, written: str, meant: Money | None) -> None:
    home = trial_home(tmp_path / "home")
    line = 'second_person_above = "1000.00"'
    spoil(HomeFiles(home).settings, line, f"second_person_above = {written}")
    assert load_home(home).settings.limits.second_person_above == meant


@pytest.mark.parametrize("written", ["1000", "1000.0", '"much"', "false"])
def test_a_limit_of_one_person_that_is_no_sum_is_refused(tmp_path: Path, written: str) -> None:
    home = trial_home(tmp_path / "home")
    spoil(HomeFiles(home).settings, 'second_person_above = "1000.00"', f"second_person_above = {written}")
    with pytest.raises(BadConfig):
        load_home(home)
