"""The configs and runner profiles that come with gdbench, in a checkout as in a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
_CONFIGS, _RUNNERS = "configs", "runners"


def shipped() -> Path:
    """The folder that holds configs/ and runners/: the project's own, or what a wheel carries of it."""
    carried = _PACKAGE / "shipped"
    return carried if carried.is_dir() else _PACKAGE.parent


def examples() -> dict[str, Path]:
    """Name → file: lr_sweep, literature/strang_zigzag, runners/slurm …, the plain names first."""
    home = shipped()
    configs = {_name(path, home / _CONFIGS): path for path in (home / _CONFIGS).rglob("*.yaml")}
    runners = {_name(path, home): path for path in (home / _RUNNERS).glob("*.yaml")}
    return dict(sorted({**configs, **runners}.items(), key=lambda one: ("/" in one[0], one[0])))


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).with_suffix("").as_posix()
