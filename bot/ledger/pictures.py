"""I14 on the disk: every picture that the ledger knows is there and is what its name says."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, select

from bot.ledger import schema
from bot.ledger.findings import Finding, finding

_NAMED_BY_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


def orphans(db: Connection, root: Path) -> Iterator[Finding]:
    """Files that no event names: what a kill between keeping a file and writing it down leaves behind. Harmless, so a note."""
    known = set(db.execute(select(schema.evidence.c.sha256)).scalars())
    for sha in sorted(set(_files(root)) - known):
        yield finding("I14", f"picture {sha}", "audit.picture_orphaned", sha256=sha)


def files(db: Connection, root: Path) -> Iterator[Finding]:
    """Compare the ledger's pictures with the files below `root` whose name is a hash, wherever they lie in it."""
    table = schema.evidence
    known = set(db.execute(select(table.c.sha256).where(table.c.erased_at.is_(None))).scalars())
    found = _files(root)
    for sha in sorted(known - set(found)):
        yield finding("I14", f"picture {sha}", "audit.picture_missing", sha256=sha)
    for sha in sorted(known & set(found)):
        if hashlib.sha256(found[sha].read_bytes()).hexdigest() != sha:
            yield finding("I14", f"picture {sha}", "audit.picture_altered", sha256=sha)


def _files(root: Path) -> dict[str, Path]:
    return {path.stem: path for path in root.rglob("*") if _NAMED_BY_HASH.fullmatch(path.stem)}
