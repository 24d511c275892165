"""Judging what a picture proves: pure, from the lines that were read on it (`judge`), and which pictures suffice (`choose`)."""
