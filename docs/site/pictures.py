"""Draw the pictures of the examples again: `python docs/site/pictures.py`, a few minutes.

Runs every shipped config into results/ (what is there is not run again) and copies a chart of each.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
#: Configs of which another chart tells more than the first.
CHARTS = {"tuned_comparison": "profile-performance"}


def draw(config: Path) -> None:
    gdbench = [sys.executable, "-c", "from gdbench.cli import main; main()"]
    name = config.stem
    subprocess.run([*gdbench, "run", str(config), "--no-tracking", "--quiet"], cwd=ROOT, check=False)
    subprocess.run([*gdbench, "report", name, "--format", "svg"], cwd=ROOT, check=True)
    shutil.copy(ROOT / "results" / name / "report" / f"{CHARTS.get(name, 'gap')}.svg", PICTURES / f"{name}.svg")


if __name__ == "__main__":
    chosen = set(sys.argv[1:])
    for path in sorted(ROOT.glob("configs/*.yaml")):
        if not chosen or path.stem in chosen:
            draw(path)
