"""Draws what a command printed: `FORCE_COLOR=1 forcedex … | python docs/screenshot.py FILE.svg TITLE`."""

import re
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text


def main() -> None:
    """Standard input to an SVG file without references to other hosts."""
    target, title = sys.argv[1:]
    console = Console(record=True, width=118, file=open("/dev/null", "w", encoding="utf-8"), force_terminal=True)
    console.print(Text.from_ansi(sys.stdin.read().rstrip()))
    svg = console.export_svg(title=title, theme=MONOKAI)
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code, monospace", "ui-monospace, Menlo, Consolas, monospace")
    Path(target).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
