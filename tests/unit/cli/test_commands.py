"""The command line: what it passes on, what it prints, and the code it ends with."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner, Result

from bot import errors
from bot.cli import callers, commands, fetch, homes, running
from bot.cli.commands import cli
from bot.config import HomeFiles
from bot.domain.decision import Reason
from bot.ports.exits import EXIT_OF, SEVERITY, ExitCode, exit_code_of, worst
from bot.ports.results import DemoOptions
from bot.ports.wanted import Wanted
from tests.unit.cli.fakes import BAD_DEMO, DEMO, SHOP, FakeApp
from tests.unit.config.homes import SHEET, sandbox, spoil, trial_home


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> FakeApp:
    fake = FakeApp()
    for module in (commands, running):
        monkeypatch.setattr(module, "use_cases", lambda: fake)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.delenv("REFUNDPILOT_HOME", raising=False)
    return fake


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return trial_home(tmp_path / "home")


def call(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words], env={"COLUMNS": "200"})


def all_errors(base: type[errors.RefundPilotError] = errors.RefundPilotError) -> list[type[errors.RefundPilotError]]:
    return [base] + [
        found for child in base.__subclasses__() if child.__module__ == "bot.errors" for found in all_errors(child)
    ]


def made(kind: type[errors.RefundPilotError]) -> errors.RefundPilotError:
    return kind("x", wait_s=1) if kind is errors.RateLimited else kind("x")  # type: ignore[call-arg]  # its one own argument


DESIGNED = {
    errors.ConfigError: 2,
    errors.BrowserMissing: 2,
    errors.TapeError: 2,
    errors.SessionExpired: 3,
    errors.ChallengeRequired: 3,
    errors.Stopped: 4,
    errors.LedgerError: 5,
    errors.ChainBroken: 5,
    errors.OverCap: 1,
    errors.TargetMissing: 1,
    errors.OutcomeUnknown: 1,
    errors.GuardRefused: 1,
}


@pytest.mark.parametrize(("kind", "code"), DESIGNED.items(), ids=lambda v: getattr(v, "__name__", str(v)))
def test_error_ends_with_the_designed_code(
    app: FakeApp, home: Path, kind: type[errors.RefundPilotError], code: int
) -> None:
    app.error = made(kind)
    assert call("sweep", "--home", home).exit_code == code


def test_every_error_family_has_a_line_in_the_table() -> None:
    assert set(errors.RefundPilotError.__subclasses__()) <= {*EXIT_OF} | {
        kind for kind in errors.RefundPilotError.__subclasses__() if kind.__module__ != "bot.errors"
    }


@pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_error_is_told_in_words_with_a_cure(
    app: FakeApp, home: Path, kind: type[errors.RefundPilotError], language: str
) -> None:
    spoil(HomeFiles(home).settings, 'language = "auto"', f'language = "{language}"')
    app.error = made(kind)
    told = call("sweep", "--home", home)
    lines = told.stderr.strip().splitlines()
    assert len(lines) == 2, told.stderr
    assert lines[1].startswith("→ ")
    assert "[" not in told.stderr, "a code without a text"
    assert any("\u4e00" <= letter <= "\u9fff" for letter in lines[0] + lines[1]) is (language == "zh")


def test_worst_of_several_shops_is_told() -> None:
    assert worst([ExitCode.DONE, ExitCode.HELD, ExitCode.PERSON]) is ExitCode.PERSON
    assert worst([]) is ExitCode.DONE
    assert set(SEVERITY) == set(ExitCode)


def test_unforeseen_error_is_one_line_and_its_trace_goes_to_the_log(app: FakeApp, home: Path) -> None:
    app.error = ZeroDivisionError("token=abc123")
    told = call("sweep", "--home", home)
    assert told.exit_code == exit_code_of(app.error) == ExitCode.HELD
    assert "Traceback" not in told.output
    (log,) = HomeFiles(home).logs.iterdir()
    text = log.read_text(encoding="utf-8")
    assert "Traceback" in text
    assert "abc123" not in text


@pytest.mark.parametrize("words", [("demo",), ("sweep",), ("run",), ("status",), ("audit",), ("policy", "check")])
def test_json_is_one_object_and_nothing_else(app: FakeApp, home: Path, words: tuple[str, ...]) -> None:
    told = call(*words, *(() if words == ("demo",) else ("--home", home)), "--json")
    body = json.loads(told.stdout)
    assert body["exit_code"] == told.exit_code
    assert told.stdout.isascii()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("stop",), {"stopped": True, "was_stopped": False}),
        (("stop", "--clear"), {"stopped": False, "was_stopped": False}),
        (("stop", "--close-breaker", "1001"), {"shop": str(SHOP), "breaker": "", "breaker_was": "page"}),
        (("init", "{home}", "--force"), {}),
    ],
)
def test_what_changes_a_home_tells_it_as_one_object_too(
    app: FakeApp, home: Path, words: tuple[str, ...], said: dict[str, object]
) -> None:
    named = () if "{home}" in words else ("--home", home)
    told = call(*(word.format(home=home) for word in words), *named, "--json")
    body = json.loads(told.stdout)
    assert body.items() >= {**said, "home": str(home), "exit_code": 0}.items()
    assert body["message"]
    assert told.stdout.isascii()
    assert told.stderr == ""


@pytest.mark.parametrize(
    "words", [("sweep",), ("status",), ("audit",), ("policy", "check"), ("stop", "--close-breaker", "1")]
)
def test_error_under_json_is_one_object_too(app: FakeApp, tmp_path: Path, words: tuple[str, ...]) -> None:
    told = call(*words, "--home", tmp_path, "--json")
    body = json.loads(told.stdout)
    assert (body["exit_code"], told.exit_code, body["error"]) == (2, 2, "error.config")
    assert told.stderr == ""


def test_demo_json_has_the_promised_keys(app: FakeApp) -> None:
    body = json.loads(call("demo", "--json").stdout)
    assert {"cases", "effects", "mismatches", "held", "verbs", "report", "seconds"} <= set(body)


def test_demo_passes_its_options_on(app: FakeApp) -> None:
    call("demo", "--cases", 20, "--seed", 7, "--headed")
    assert app.asked["options"] == DemoOptions(cases=20, seed=7, headed=True)


def test_demo_that_disagrees_says_so_and_fails(app: FakeApp) -> None:
    app.demo = BAD_DEMO
    told = call("demo")
    assert told.exit_code == BAD_DEMO.exit_code
    assert "done more than once: case [red]7[/red], Refuse ¥1.00" in told.stdout


def test_demo_that_was_stopped_by_hand_says_so(app: FakeApp) -> None:
    app.demo = DEMO.model_copy(update={"stopped": Reason(code="run.stopped"), "exit_code": ExitCode.HELD})
    assert "Left early: " in call("demo").stdout


def test_demo_that_agrees_says_so(app: FakeApp) -> None:
    told = call("demo")
    assert told.exit_code == 0
    assert f"agree on every effect: {DEMO.effects}" in told.stdout
    assert DEMO.report in told.stdout


@pytest.mark.parametrize("command", ["demo", "sweep"])
def test_the_reports_path_is_never_broken_in_two(
    app: FakeApp, home: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    path = f"/long/{'folder/' * 20}report.html"
    app.demo = DEMO.model_copy(update={"report": path})
    app.swept = app.swept.model_copy(update={"report": path})
    words = [command, *(["--home", str(home)] if command == "sweep" else [])]
    told = CliRunner().invoke(cli, words, env={"COLUMNS": "60"})
    assert path in told.stdout


@pytest.mark.parametrize("name", ["taobao/1001", "1001", '小店 "一"'])
def test_shop_is_found_by_key_id_or_name(app: FakeApp, home: Path, name: str) -> None:
    call("sweep", "--home", home, "--shop", name, "--posture", "act")
    assert app.asked == {"home": home, "wanted": Wanted(shop=SHOP, posture="act"), "tape": None}


def test_the_shadow_posture_is_the_shops_own_with_a_candidate_and_refused_without_one(app: FakeApp, home: Path) -> None:
    told = call("sweep", "--home", home, "--posture", "shadow")
    assert (told.exit_code, app.asked) == (2, {})
    assert "taobao/1001" in told.stderr
    assert "--shadow" in told.stderr
    call("sweep", "--home", home, "--posture", "shadow", "--shadow", home / "policy.toml")
    assert app.asked == {"home": home, "wanted": Wanted(), "tape": None}


def test_unknown_shop_is_refused_with_the_known_ones(app: FakeApp, home: Path) -> None:
    told = call("sweep", "--home", home, "--shop", "1002")
    assert told.exit_code == 2
    assert "taobao/1001" in told.stderr
    assert app.asked == {}


@pytest.mark.parametrize("words", [("sweep",), ("sweep", "--posture", "brave"), ("demo", "--cases", "0"), ("fly",)])
def test_wrong_usage_ends_with_2(app: FakeApp, words: tuple[str, ...]) -> None:
    assert call(*words).exit_code == ExitCode.CONFIG


def test_home_comes_from_the_environment_too(app: FakeApp, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFUNDPILOT_HOME", str(home))
    call("sweep")
    assert app.asked["home"] == home


def test_bad_configuration_is_told_before_anything_starts(app: FakeApp, home: Path) -> None:
    spoil(HomeFiles(home).settings, "reader_tabs = 2", "reader_tbas = 2")
    told = call("sweep", "--home", home)
    assert told.exit_code == 2
    assert "browser.reader_tbas: unknown key; did you mean reader_tabs?" in told.stderr
    assert app.asked == {}


def test_a_sweep_that_cannot_begin_is_an_alarm_too(app: FakeApp, home: Path) -> None:
    HomeFiles(home).policy.write_text("[[strategy", encoding="utf-8")
    told = call("sweep", "--home", str(home))
    alarms = (HomeFiles(home).logs / "alarms.jsonl").read_text(encoding="utf-8")
    assert told.exit_code == ExitCode.CONFIG
    assert "policy.no_sweep" in alarms
    assert "policy.toml" in alarms


@pytest.mark.parametrize("sits_here", [True, False])
def test_a_sweep_that_cannot_begin_calls_people_by_the_last_good_settings_unless_somebody_sits_here(
    app: FakeApp, home: Path, monkeypatch: pytest.MonkeyPatch, *, sits_here: bool
) -> None:
    """The home as it was last whole has a channel; what a channel does with it is its own tests' business."""
    raised: list[str] = []

    async def send_due(_: object) -> None:
        raised.append("sent")

    spoil(HomeFiles(home).settings, "reader_tabs = 2", "reader_tbas = 2")
    last_good = SimpleNamespace(settings=SimpleNamespace(channel=("group",)))
    monkeypatch.setattr(homes, "attended", lambda _: sits_here)
    monkeypatch.setattr(callers, "load_home", lambda *_, **__: last_good)
    monkeypatch.setattr(callers, "use_cases", lambda: app)
    monkeypatch.setattr(app, "raise_alarm", lambda _, alarm: raised.append(alarm.reason.code), raising=False)
    monkeypatch.setattr(app, "send_due", send_due, raising=False)
    assert call("sweep", "--home", str(home)).exit_code == ExitCode.CONFIG
    assert raised == ([] if sits_here else ["policy.no_sweep", "sent"])


def test_stop_works_with_a_broken_configuration_and_clears_again(app: FakeApp, home: Path) -> None:
    HomeFiles(home).settings.write_text("[[[", encoding="utf-8")
    assert call("stop", "--home", home).exit_code == 0
    assert HomeFiles(home).stop.read_text(encoding="utf-8").startswith("stopped at 20")
    assert call("stop", "--clear", "--home", home).exit_code == 0
    assert not HomeFiles(home).stop.exists()
    assert "already" in call("stop", "--clear", "--home", home).stderr


def test_stop_never_makes_a_home_by_mistake(app: FakeApp, tmp_path: Path) -> None:
    assert call("stop", "--home", tmp_path / "typo").exit_code == 2
    assert not (tmp_path / "typo").exists()


def test_breaker_is_closed_for_the_named_shop_and_the_kill_switch_left_alone(app: FakeApp, home: Path) -> None:
    call("stop", "--home", home)
    told = call("stop", "--close-breaker", "1001", "--home", home)
    assert told.exit_code == 0
    assert "it was open: page" in told.stderr
    assert app.asked == {"closed": SHOP}
    assert HomeFiles(home).stop.exists()


def test_breaker_of_no_shop_is_an_error_and_stops_nothing(app: FakeApp, home: Path) -> None:
    """As of a script's variable that is not set."""
    assert call("stop", "--close-breaker", "", "--home", home).exit_code == 2
    assert not HomeFiles(home).stop.exists()


def test_version_is_told(app: FakeApp) -> None:
    assert call("--version").stdout.startswith("refundpilot 0.")


def test_init_writes_a_home_for_a_simulator(app: FakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "fetch_sandbox", lambda _: sandbox())
    told = call("init", tmp_path / "new", "--simulator", "http://127.0.0.1:1")
    assert told.exit_code == 0
    assert call("sweep", "--home", tmp_path / "new").exit_code == app.swept.exit_code


def test_init_as_json_names_the_files_it_wrote(app: FakeApp, tmp_path: Path) -> None:
    body = json.loads(call("init", tmp_path / "new", "--json").stdout)
    assert all(Path(body[name]).is_file() for name in ("settings", "policy", "credentials"))


def test_init_refuses_to_overwrite(app: FakeApp, home: Path) -> None:
    told = call("init", home)
    assert told.exit_code == 2
    assert "--force" in told.stderr
    assert call("init", home, "--force").exit_code == 0


def test_init_without_an_answer_says_how_to_start_a_simulator(app: FakeApp, tmp_path: Path) -> None:
    told = call("init", tmp_path / "new", "--simulator", "http://127.0.0.1:1")
    assert told.exit_code == 2
    assert "python -m simulator" in told.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("place", ["file/home", "file"])
def test_init_where_nothing_can_be_written_ends_with_2_and_names_the_place(
    app: FakeApp, tmp_path: Path, place: str
) -> None:
    (tmp_path / "file").touch()
    told = call("init", tmp_path / place)
    assert told.exit_code == ExitCode.CONFIG
    assert str(tmp_path / place) in told.stderr.replace("\n", "")
    assert "nternal error" not in told.stderr


def test_a_home_whose_logs_cannot_be_written_is_no_reason_for_a_traceback(app: FakeApp, home: Path) -> None:
    (home / "logs").rmdir()
    (home / "logs").touch()
    assert call("status", "--home", home).exit_code == ExitCode.DONE


def test_a_kill_switch_that_cannot_be_set_is_told_with_its_file(app: FakeApp, home: Path) -> None:
    HomeFiles(home).stop.mkdir()
    told = call("stop", "--home", home)
    assert told.exit_code == ExitCode.CONFIG
    assert str(HomeFiles(home).stop) in told.stderr


@pytest.mark.parametrize("language", ["zh_CN.UTF-8", "en_US.UTF-8"])
@pytest.mark.parametrize("address", ["127.0.0.1:8000", "ftp://x", "http://"])
def test_an_address_that_is_none_is_told_without_a_word_of_the_other_language(
    app: FakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, language: str
) -> None:
    monkeypatch.setenv("LC_ALL", language)
    what, cure = call("init", tmp_path / "new", "--simulator", address).stderr.splitlines()
    assert address in what
    assert "not an http address" not in what
    assert cure.startswith("→ ")


def test_no_output_has_a_password(app: FakeApp, home: Path) -> None:
    canaries = [shop["password"] for shop in json.loads(SHEET)["shops"]]
    for words in (("sweep",), ("status",), ("audit", "--json"), ("policy", "check")):
        told = call(*words, "--home", home)
        assert not any(canary in told.output for canary in canaries)
