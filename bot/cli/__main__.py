"""`python -m bot.cli`: how units and tasks start the program, so that no script has to be found."""

from bot.cli import main

main()
