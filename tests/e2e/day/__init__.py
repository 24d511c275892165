"""The parts of the promotion day's harness (tests/e2e/promotion_day.py): clock, robot, person, script, memory, verdict."""
