"""Command line (placeholder until the CLI slice lands)."""


def main() -> None: ...
