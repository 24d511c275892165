"""The terminal in front of one command: where words go, in which language, as pictures or as one JSON object."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import NoReturn

import typer
from loguru import logger
from pydantic import BaseModel
from rich.console import Console, RenderableType
from rich.text import Text

from bot.catalogue import Catalogue, language_of
from bot.cli.interrupt import Interrupted
from bot.cli.steps import Steps
from bot.cli.summary import Summary
from bot.cli.terminal import RichProgress
from bot.config import BadConfig, Home, HomeFiles, load_home
from bot.config.documents import read_document
from bot.config.logs import start_logs
from bot.domain.decision import Reason
from bot.errors import RefundPilotError
from bot.ports.exits import ExitCode, exit_code_of
from bot.ports.progress import NullProgress, Progress


class Front:
    """Results go to stdout, everything else to stderr; with `--json` stdout has one object and nothing else."""

    def __init__(self, catalogue: Catalogue, *, as_json: bool) -> None:
        self.say = catalogue
        self.summary = Summary(catalogue)
        self.as_json = as_json
        self._out = Console()
        self._err = Console(stderr=True)

    def show(self, result: BaseModel, picture: RenderableType, *, report: str = "") -> None:
        """The command's result, and where its report is: a path in one piece, so that it can be copied."""
        self.print(result.model_dump(mode="json"), picture)
        if report and not self.as_json:
            self._out.print(Text(self.say.text_of("cli.report", path=report), style="dim"), soft_wrap=True)

    def print(self, body: Mapping[str, object], picture: RenderableType, *, whole: bool = False) -> None:
        """One of the two; JSON in ASCII only: a pipe on a Chinese Windows PC is not UTF-8. `whole`: no line is broken."""
        if self.as_json:
            sys.stdout.write(json.dumps(body, indent=2) + "\n")
        else:
            self._out.print(picture, soft_wrap=whole)

    def done(self, code: str, body: Mapping[str, object], **params: object) -> None:
        """What was done where there is no result to show: a sentence for the person, or the object with it as its `message`."""
        if self.as_json:
            self.print({**body, "message": self.say.text_of(code, **params), "exit_code": ExitCode.DONE}, "")
        else:
            self.tell(code, **params)

    def tell(self, code: str, **params: object) -> None:
        """A line of the catalogue for the person, on stderr."""
        self._err.print(Text(self.say.text_of(code, **params)), soft_wrap=True)

    def progress(self) -> AbstractContextManager[Progress]:
        """A live picture on a terminal, silence elsewhere."""
        return RichProgress(self._err, self.say) if self._err.is_terminal else nullcontext(NullProgress())

    def steps(self, code: str) -> Steps:
        """A bar for what may take longer than two seconds; `code` says what is being done."""
        return Steps(self._err, self.say.text_of(code))

    def heard(self) -> None:
        """Answers the first Ctrl-C."""
        self.tell("cli.stopping")

    def failed(self, error: RefundPilotError) -> None:
        """What, and the cure: on stderr, or as the JSON object."""
        what, cure = [*told(error, self.say)], cure_of(error, self.say)
        if self.as_json:
            body = {"error": error.reason_code, "message": what, "cure": cure, "exit_code": exit_code_of(error)}
            self.print(body, "")
            return
        for line in what:
            self._err.print(Text(line, style="red"), soft_wrap=True)
        if cure:
            self._err.print(Text(f"→ {cure}"), soft_wrap=True)


def told(error: RefundPilotError, say: Catalogue) -> Iterator[str]:
    """The error in the operator's language; a configuration has a line a problem."""
    if isinstance(error, BadConfig):
        yield from (problem.told(say) for problem in error.problems)
        return
    where = f"{error.case}: " if error.case else ""
    yield where + say.text(Reason(code=error.reason_code, params=error.params))


def cure_of(error: RefundPilotError, say: Catalogue) -> str:
    """What a person can do: by the error's own code, else its family's; a hint of the raiser follows."""
    families = [getattr(kind, "code", "") for kind in type(error).__mro__]
    cures = (say.cure(Reason(code=code, params=error.params)) for code in (error.reason_code, *families))
    return " ".join(filter(None, [next(filter(None, cures), ""), error.hint]))


def conduct(work: Callable[[Front], ExitCode], *, home: Path | None = None, as_json: bool = False) -> NoReturn:
    """Run one command to its exit code: every error is told, none shows a traceback to an operator."""
    front = Front(Catalogue(language_at(home)), as_json=as_json)
    _start_logs(home)
    raise typer.Exit(_code(work, front))


def _start_logs(home: Path | None) -> None:
    """A home that cannot be written is the command's to tell, in words; here it only costs the log its file."""
    try:
        start_logs(HomeFiles(home).logs if home and home.is_dir() else None)
    except OSError as error:
        start_logs(None)
        logger.debug("no log file: {}", error)


def _code(work: Callable[[Front], ExitCode], front: Front) -> ExitCode:
    try:
        return work(front)
    except RefundPilotError as error:
        logger.debug("{}: {}", type(error).__name__, error)
        front.failed(error)
        return exit_code_of(error)
    except (Interrupted, KeyboardInterrupt):
        front.tell("cli.interrupted")
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001  # the last-resort handler (S19, S31): told in one line, kept whole in the log
        logger.opt(exception=True).debug("not foreseen")
        front.failed(RefundPilotError(f"{type(error).__name__}: {error}"))
        return exit_code_of(error)


def to_read(front: Front, home: Path) -> Home:
    """The home of a command that decides nothing: by the last whole policy where policy.toml is broken, with a word about it.

    Raises:
        BadConfig: as `load_home`; a broken policy alone is none where the last whole one is kept.
    """
    loaded = load_home(home, with_logins=False, last_good_policy=True)
    if loaded.broken_policy:
        first = loaded.broken_policy[0].told(front.say)
        front.tell("cli.policy_broken", name=loaded.policy.name, detail=first)
    return loaded


def language_at(home: Path | None) -> str:
    """The home's language as far as it can be read: a broken configuration is told in its owner's language too."""
    said = read_document(HomeFiles(home).settings, optional=True).data.get("language", "auto") if home else "auto"
    return language_of(said if said in {"zh", "en"} else "auto")
