"""Draw the README's picture of a page again: `python docs/site/page.py`.

Runs the README's first command, writes its report, and takes the first screen of it as people see it, for which
Chromium and its driver are on the PATH.
"""

import subprocess
import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from selenium import webdriver
from selenium.webdriver.support.ui import WebDriverWait

ROOT = Path(__file__).parents[2]
WIDTH, HEIGHT = 1280, 760


def drawn(folder: Path) -> bytes:
    """The first screen, as PNG."""
    for verb in (
        ["run", ROOT / "configs" / "lr_sweep.yaml", "--no-tracking"],
        ["report", "lr_sweep", "--format", "html"],
    ):
        gdbench = [sys.executable, "-c", "from gdbench.cli import main; main()"]
        subprocess.run([*gdbench, *map(str, verb)], cwd=folder, check=True, capture_output=True)
    options = webdriver.ChromeOptions()
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--hide-scrollbars",
        f"--window-size={WIDTH},{HEIGHT + 150}",
    ):
        options.add_argument(flag)
    with webdriver.Chrome(options=options) as driver:
        driver.get((folder / "results" / "lr_sweep" / "report" / "index.html").as_uri())
        state = "return document.documentElement.dataset.charts"
        WebDriverWait(driver, 60).until(lambda one: one.execute_script(state) == "drawn")
        return driver.get_screenshot_as_png()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        screen = Image.open(BytesIO(drawn(Path(folder)))).convert("RGB").crop((0, 0, WIDTH, HEIGHT))
        few = screen.quantize(96, dither=Image.Dither.NONE)
        few.save(ROOT / "docs" / "pictures" / "page.png", optimize=True)
