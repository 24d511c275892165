"""Seeded worlds: who bought what, what went wrong, and what a flawless clerk would do about it."""
