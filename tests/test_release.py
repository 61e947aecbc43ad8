"""What is released works where nothing but it was installed: a wheel that was built from the sdist."""

import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import click
import pytest

import gdbench

ROOT = Path(__file__).parents[1]
SITE = f"python{sys.version_info.major}.{sys.version_info.minor}"


def given(arguments, cwd):
    done = subprocess.run([*map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built from the sdist, as a packager does it."""
    pytest.importorskip("hatchling", reason="what builds the wheel is not installed: pip install hatchling")
    folder = tmp_path_factory.mktemp("built")
    build = [sys.executable, "-m", "hatchling", "build", "-d", folder]
    given([*build, "-t", "sdist"], ROOT)
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    given([*build, "-t", "wheel"], folder / sdist.name.removesuffix(".tar.gz"))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def released(wheel, tmp_path_factory):
    """The command of an environment into which the wheel was installed, beside this one's other packages."""
    home = tmp_path_factory.mktemp("fresh")
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index", "--no-deps"]
    given([*pip, "--disable-pip-version-check", wheel], home)
    # a path is no site folder: what was installed in place for development is not found through it
    site = Path(given([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], home).strip())
    (site / "others.pth").write_text(str(Path(click.__file__).parents[1]), encoding="utf-8")
    return python.with_name("gdbench")


def test_a_wheel_runs_an_example_that_it_brings(released, tmp_path):
    given([released, "new", "--example", "quickstart"], tmp_path)
    assert "Use η" in given([released, "run", "quickstart.yaml", "--no-tracking"], tmp_path)
    page = tmp_path / "results" / "quickstart" / "report" / "index.html"
    given([released, "report", "quickstart"], tmp_path)
    assert page.is_file()
    assert given([released, "--version"], tmp_path) == f"gdbench {gdbench.__version__}\n"
    asked = "import gdbench.config.examples as examples; print(examples.shipped())"
    home = given([released.with_name("python"), "-c", asked], tmp_path)
    assert home.strip() == str(released.parents[1] / f"lib/{SITE}/site-packages/gdbench/shipped")


def test_a_wheel_holds_all_files_of_the_package_and_what_the_docs_refer_to(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    files = [path.relative_to(ROOT) for path in ROOT.glob("gdbench/**/*") if path.is_file()]
    wanted = {path.as_posix() for path in files if path.suffix != ".pyc"}
    for folder in ("configs", "runners", "docs"):
        wanted |= {
            f"gdbench/shipped/{path.relative_to(ROOT).as_posix()}"
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
    assert wanted <= names
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/"))]


def test_the_changelog_opens_with_this_version():
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    released = [line for line in lines if line.startswith("## [") and "Unreleased" not in line]
    assert released[0].startswith(f"## [{gdbench.__version__}]")
