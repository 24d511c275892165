"""`refundpilot console` at the terminal: where it answers, the link that lets in once, and people's tokens."""

from __future__ import annotations

import sys
import webbrowser

from bot.cli.front import Front
from bot.cli.interrupt import run
from bot.cli.use_cases import use_cases
from bot.config import Home
from bot.console.serving import served_at
from bot.ports.exits import ExitCode
from bot.ports.office_views import ALONE


def console(front: Front, home: Home, person: str, port: int, *, opens: bool) -> ExitCode:
    """Serve until Ctrl-C; where a console of this home answers already, let in there."""

    def ready(url: str, way_in: str) -> None:
        front.done("console.at", {"home": str(home.path), "url": url, "way_in": way_in}, url=url)
        sys.stdout.flush()  # whoever started this reads the link from a pipe
        front.tell("console.way_in", url=way_in)
        front.tell("console.ending")
        if opens:
            webbrowser.open(way_in)

    there = run(lambda stop: use_cases().run_console(home, port, person, ready, stop), lambda: None)
    if there:
        way_in = use_cases().way_into_console(home, person)
        front.done("console.running", {"home": str(home.path), "url": there, "way_in": way_in}, url=there)
        if way_in:
            front.tell("console.way_in", url=way_in)
        if opens:
            webbrowser.open(way_in or there)
    return ExitCode.DONE


def token(front: Front, home: Home, name: str, *, revoke: bool) -> ExitCode:
    """A token for a person, on stdout alone so that it can be piped; or its end."""
    name = name or ("" if home.settings.console.person else ALONE.name)
    told = use_cases().make_console_token(home, name, revoke=revoke)
    if revoke:
        code = "console.token_revoked" if told else "console.token_none"
        front.done(code, {"name": name, "revoked": bool(told)}, name=name)
        return ExitCode.DONE
    url = f"{served_at(home.path)}enter" if served_at(home.path) else front.say.text_of("console.anywhere")
    front.tell("console.token_made", name=name, url=url)
    front.print({"name": name, "token": told, "exit_code": ExitCode.DONE}, told)
    return ExitCode.DONE
