"""`python -m forcedex`."""

from forcedex.cli.main import run

run()
