"""Draw the README's moving picture of a terminal again: `python docs/site/terminal.py`.

Runs the README's first command in an empty folder, for a terminal of 80 columns, and lets its lines appear one
after the other. rich draws the terminal; the movement is a style sheet, so that the picture is one SVG.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[2]
COMMAND = ["run", "configs/lr_sweep.yaml"]
COLUMNS = 80
#: Seconds before the first line after the command, between two lines, and that the whole stays.
PAUSE, EACH, STAYS = 1.2, 0.12, 6.0


def lines() -> list[str]:
    """What the command prints, escape codes and all; of a line that is drawn over, its last state."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "configs").symlink_to(ROOT / "configs")
        done = subprocess.run(
            [sys.executable, "-c", "from gdbench.cli import main; main()", *COMMAND, "--no-tracking"],
            cwd=folder,
            env={**os.environ, "COLUMNS": str(COLUMNS), "FORCE_COLOR": "1", "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=True,
        )
    printed = re.sub(r"\x1b\[\?25[lh]|\x1b\[1A|\x1b\[2K", "", done.stdout.decode())
    last = [line.rsplit("\r", 1)[-1] for line in printed.split("\n")]
    return [line for line in last if line.strip()]


def drawn(shown: list[str]) -> str:
    console = Console(
        record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor"
    )
    for line in shown:
        console.print(Text.from_ansi(line), overflow="crop", no_wrap=True)
    svg = console.export_svg(title="gdbench", unique_id="gdbench")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)  # nothing is fetched
    return svg.replace("</style>", f"{movement(len(shown))}\n    </style>", 1)


def movement(count: int) -> str:
    """Each line is hidden until its time, over and over; who asks for no motion sees the whole."""
    whole = PAUSE + EACH * count + STAYS
    rules = []
    for number in range(1, count):
        at = 100.0 * (PAUSE + EACH * number) / whole
        states = f"0%, {at:.2f}% {{ opacity: 0 }} {at + 0.01:.2f}%, 100% {{ opacity: 1 }}"
        rules.append(f"@keyframes line-{number} {{ {states} }}")
        rules.append(f'text[clip-path$="line-{number})"] {{ animation: line-{number} {whole:.2f}s infinite }}')
    return "@media (prefers-reduced-motion: no-preference) {\n" + "\n".join(rules) + "\n}"


if __name__ == "__main__":
    picture = drawn([f"$ gdbench {' '.join(COMMAND)}", *lines()])
    (ROOT / "docs" / "pictures" / "terminal.svg").write_text(picture, encoding="utf-8")
