"""Pins every dependency: exact versions into pyproject.toml, the same with hashes into requirements.lock.

    python .ci/pin.py             what is installed here stays; what is new is resolved
    python .ci/pin.py --upgrade   everything is resolved afresh

Neither file names a registry: whoever installs uses the one that their own PC is set to (docs/adr/0004).
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
import tomllib
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = ROOT / "pyproject.toml"
LOCK = ROOT / "requirements.lock"
BEGIN = "# ---- pinned by .ci/pin.py ----\n"
END = "# ---- end of pins ----\n"
COMPILE = ("uv", "pip", "compile", "--quiet", "--universal", "--no-header", "--no-annotate", "--no-emit-index-url")


def main() -> None:
    """Resolve twice (the project, its build tools), then write both files."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--upgrade", action="store_true")
    upgrade = options.parse_args().upgrade
    text = PROJECT.read_text(encoding="utf-8")
    bare = re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), "", text, flags=re.DOTALL).rstrip() + "\n"
    with tempfile.TemporaryDirectory() as folder:
        lock = compiled(Path(folder), bare, "" if upgrade else installed())
        build = compiled_build(Path(folder), tomllib.loads(bare)["build-system"]["requires"])
    PROJECT.write_text(f"{bare}\n{block(pins(lock), pins(build))}", encoding="utf-8")
    LOCK.write_text(lock, encoding="utf-8")


def installed() -> str:
    """Versions of this environment, as constraints."""
    return "\n".join(sorted({f"{one.name}=={one.version}" for one in distributions() if one.name != "refundpilot"}))


def compiled(folder: Path, project: str, constraints: str) -> str:
    """The project's dependencies, its extras but the tray's (pyproject.toml says why), and its dev group, for every platform, with hashes."""
    (folder / "pyproject.toml").write_text(project, encoding="utf-8")
    (folder / "constraints.txt").write_text(constraints, encoding="utf-8")
    wanted = (
        "--generate-hashes",
        "--extra",
        "desktop",
        "--extra",
        "ocr",
        "--group",
        "dev",
        "-c",
        "constraints.txt",
        "pyproject.toml",
    )
    return run(folder, *COMPILE, *wanted)


def compiled_build(folder: Path, requires: list[str]) -> str:
    """What builds the package."""
    (folder / "build.txt").write_text("\n".join(requires), encoding="utf-8")
    return run(folder, *COMPILE, "--python-version", "3.11", "build.txt")


def run(folder: Path, *command: str) -> str:
    return subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout


def pins(lock: str) -> list[str]:
    """`name==version ; marker` of each entry."""
    found = re.findall(r"^([A-Za-z0-9_.-]+==[^\s;\\]+)(?: ;\s*([^\\\n]+))?", lock, flags=re.MULTILINE)
    return [f"{pin} ; {marker.strip()}" if marker.strip() else pin for pin, marker in found]


def block(project: list[str], build: list[str]) -> str:
    """The part of pyproject.toml that this program owns."""
    return f"{BEGIN}[tool.uv]\n{listed('constraint-dependencies', project)}{listed('build-constraint-dependencies', build)}{END}"


def listed(key: str, entries: list[str]) -> str:
    lines = "".join(f'  "{entry.replace(chr(34), chr(39))}",\n' for entry in entries)
    return f"{key} = [\n{lines}]\n"


if __name__ == "__main__":
    main()
