"""The Playwright kit without platform words: find, launch, session, read and act, behind one gate with a guard for each shop."""
