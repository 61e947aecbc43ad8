"""What an installation brings: packages, megabytes of wheels and on disk, and which dependency they are for.

    python benchmarks/installing.py            of this folder, and of benchopt beside
    python benchmarks/installing.py --write    into docs/explanation/installing.md as well

Wheels are fetched as pip fetches them, and installed into environments of their own, which are thrown away.
"""

import argparse
import importlib.metadata
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.bounds import filled, markdown

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "explanation" / "installing.md"
#: What a user of benchopt installs for a problem on bundled data.
BENCHOPT = ["benchopt", "scikit-learn"]
#: What pyproject.toml does not say, or says of versions.
WORDS = {
    "mlflow": "tracking, and the browser of runs",
    "pandas": "frames in Python, files of data",
    "pydantic": "configs",
    "pyyaml": "configs",
}
#: A dependency in pyproject.toml, and what it says it is for.
DEPENDENCY = re.compile(r'^ {4}"([\w-]+)[^"]*",(?: +# (.*))?$', re.MULTILINE)


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words[:6]))} …: {done.stderr.strip()[-2000:]}")


class Installed:
    """wheels: megabytes.  sizes: package → megabytes on disk.  needs: package → packages that it asks for."""

    def __init__(self, what, folder):
        folder.mkdir()
        wheels, place = folder / "wheels", folder / "environment"
        venv.create(place, with_pip=True)
        python = place / "bin" / "python"
        run(python, "-m", "pip", "wheel", "--quiet", "--wheel-dir", wheels, *what)
        run(python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", *wheels.glob("*.whl"))
        self.sizes, self.needs = {}, {}
        (site,) = place.glob("lib/python*/site-packages")
        for one in importlib.metadata.distributions(path=[str(site)]):
            name = canonicalize_name(one.metadata["Name"])
            files = {Path(one.locate_file(file)) for file in one.files or ()}
            self.sizes[name] = sum(file.stat().st_size for file in files if file.exists()) / 1e6
            asked = [Requirement(text) for text in one.requires or ()]
            taken = [one for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})]
            self.needs[name] = {canonicalize_name(one.name): one.extras for one in taken}
        self.wheels = sum(wheel.stat().st_size for wheel in wheels.glob("*.whl")) / 1e6
        for stays in ("pip", "setuptools"):
            if not any(stays in needs for needs in self.needs.values()):
                self.sizes.pop(stays, None)

    def reached(self, start, without=None):
        """All that this package needs, itself included; without: what it is not to ask for."""
        found, waiting = set(), [start]
        while waiting:
            name = waiting.pop()
            if name not in found and name in self.sizes:
                found.add(name)
                waiting += [one for one in self.needs[name] if name != start or one != without]
        return found

    def megabytes(self, names):
        return sum(self.sizes[name] for name in names)

    def told(self):
        return (
            f"{len(self.sizes)} packages, {self.wheels:.0f} MB of wheels, {self.megabytes(self.sizes):.0f} MB"
        )


def table(ours):
    """A row for each dependency: what it brings, and what would go if it alone went."""
    words = {canonicalize_name(name): why for name, why in DEPENDENCY.findall(_project())} | WORDS
    everything, rows = ours.reached("gdbench"), []
    for name in ours.needs["gdbench"]:
        brought = ours.reached(name)
        alone = everything - ours.reached("gdbench", without=name)
        askers = sorted(asker for asker in everything - {"gdbench"} if name in ours.needs[asker])
        goes = (
            f"{len(alone)}, {_mega(ours.megabytes(alone))}"
            if alone
            else f"0: {' and '.join(askers[:2])} need it"
        )
        if len(askers) == 1:
            goes = goes.replace("need it", "needs it")
        brings = ours.megabytes(brought)
        rows.append((brings, [name, words.get(name, ""), f"{len(brought)}, {_mega(brings)}", goes]))
    rows.sort(reverse=True)
    return markdown(["package", "what for", "brings", "alone"], [row for _, row in rows], texts=(0, 1, 3))


def _mega(value):
    return f"{value:.0f} MB" if value >= 1 else f"{value:.1f} MB"


def _project():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return text[text.index("\ndependencies = [") : text.index("[project.optional-dependencies]")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="into the page of the docs, too")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        ours = Installed([str(ROOT)], Path(root, "ours"))
        theirs = Installed(BENCHOPT, Path(root, "theirs"))
    version = f"CPython {sys.version_info[0]}.{sys.version_info[1]}, {sys.platform.capitalize()}"
    text = f"{ours.told()} on disk ({version}); {' with '.join(BENCHOPT)}: {theirs.told()}.\n\n{table(ours)}"
    print(text)
    if given.write:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(
            filled(page, "installation", text, "benchmarks/installing.py --write"), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
