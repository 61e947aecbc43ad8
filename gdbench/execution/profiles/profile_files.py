"""Where runner profiles come from: a path, runners/, the user's own folder, or gdbench itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from click import get_app_dir
from pydantic import ValidationError

from gdbench.config.extending import apply_overrides
from gdbench.config.processes import memory_can_be_limited
from gdbench.config.yaml.document import Document, plain_document
from gdbench.config.yaml.mistakes import ConfigError
from gdbench.config.yaml.nodes import MappingNode, Node, ScalarNode, compose
from gdbench.config.yaml.places import ConfigText, Mistakes, Spot
from gdbench.config.yaml.reading import read_text
from gdbench.descent.domains import show
from gdbench.descent.errors import UnknownName, nearest
from gdbench.execution.profiles.kind_options import add_mistakes, checked_options
from gdbench.execution.profiles.profile import AUTO, BUILT_IN, Profile, kinds

FOLDER = Path("runners")
_SUFFIXES = (".yaml", ".yml")

#: What begins a `--set` that is meant for the profile and not for the config.
PREFIX = "runner."


class ListedProfile(NamedTuple):
    """A profile that `--runner NAME` would take. origin: its file, or "built-in". broken: what is wrong."""

    name: str
    origin: str
    profile: Profile | None
    broken: str = ""


def load_profile(name: str, workers: int | None = None, overrides: Iterable[str] = ()) -> Profile:
    """The profile of a path, of a name in runners/ or in the user's folder, or built in.

    workers, overrides (`runner.timeout=30s`): win over what it says, and are checked alike.
    Raises ConfigError with all that is wrong, UnknownName for a name that nothing has.
    """
    path = _path_of(name)
    if path is None and name not in BUILT_IN:
        places = f"{FOLDER}/, in {user_folder()}"
        raise UnknownName("runner", name, _names(), f" A profile is a file in {places}, or a path to one.")
    text = read_text(path) if path else _file_text(BUILT_IN[name])
    document = plain_document(_overridden(_root(text), workers, overrides))
    return _validated(document, path.stem if path else name)


def listed_profiles() -> Iterator[ListedProfile]:
    """Every profile that a name leads to, by name."""
    for name in sorted(_names()):
        origin = str(_path_of(name) or "built-in")
        try:
            yield ListedProfile(name, origin, load_profile(name))
        except ConfigError as error:
            yield ListedProfile(name, origin, None, str(error))


def split_overrides(overrides: Iterable[str]) -> tuple[list[str], list[str]]:
    """(those for the config, those for the profile, which begin with `runner.`)."""
    given = list(overrides)
    ours = [one for one in given if one.lstrip().startswith(PREFIX)]
    return [one for one in given if one not in ours], ours


def user_folder() -> Path:
    """The user's own profiles: $XDG_CONFIG_HOME/gdbench/runners, or what the platform has instead."""
    return Path(get_app_dir("gdbench")) / "runners"


def _path_of(name: str) -> Path | None:
    """The file that a name leads to; None where only gdbench itself may know it."""
    if Path(name).suffix in _SUFFIXES or Path(name).name != name:
        return Path(name)
    places = [folder / f"{name}{suffix}" for folder in (FOLDER, user_folder()) for suffix in _SUFFIXES]
    return next((path for path in places if path.is_file()), None)


def _names() -> set[str]:
    files = (path for folder in (FOLDER, user_folder()) if folder.is_dir() for path in folder.iterdir())
    return {*BUILT_IN, *(path.stem for path in files if path.suffix in _SUFFIXES)}


def _file_text(profile: Profile) -> ConfigText:
    """A built-in profile as the file it might be."""
    plain = profile.model_dump(exclude_unset=True, exclude={"name"})
    # JSON is YAML
    return ConfigText(f"built-in runner '{profile.name}'", json.dumps(plain))


def _root(text: ConfigText) -> MappingNode:
    root = compose(text)
    if isinstance(root, MappingNode):
        return root
    instead = "it is empty" if root is None else "this is something else"
    raise Spot(text, 0).error(f"a runner profile is a mapping that has at least a kind, but {instead}.")


def _overridden(root: MappingNode, workers: int | None, overrides: Iterable[str]) -> MappingNode:
    spot = root.spot
    whole = MappingNode(spot, None, pairs=((ScalarNode(spot, None, text=PREFIX[:-1], plain=False), root),))
    ((_, changed),) = apply_overrides(whole, overrides).pairs
    assert isinstance(changed, MappingNode)
    if workers is None:
        return changed
    value = compose(ConfigText("--workers", str(workers)))
    assert value is not None
    return _with(changed, "workers", value)


def _with(root: MappingNode, key: str, value: Node) -> MappingNode:
    others = [(k, v) for k, v in root.pairs if getattr(k, "text", None) != key]
    return replace(root, pairs=(*others, (ScalarNode(value.spot, None, text=key, plain=False), value)))


def _validated(document: Document, name: str) -> Profile:
    """The profile of a document; raises ConfigError with all that is wrong with it."""
    mistakes, given = Mistakes(document.places), document.value
    profile: Profile | None = None
    try:
        profile = Profile.model_validate(given)
    except ValidationError as error:
        add_mistakes(error, Profile, given, (), "key of a runner profile", mistakes)
    kind, options = given.get("kind"), given.get("options", {})
    if isinstance(kind, str) and kind not in kinds():
        mistakes.add(("kind",), f"no kind of runner is called '{kind}'. {nearest(kind, kinds())}")
    elif isinstance(kind, str) and isinstance(options, dict):
        options = checked_options(kind, options, mistakes)
        _check_enforceable(kind, given, mistakes)
    mistakes.raise_any()
    assert profile is not None
    return profile.model_copy(update={"options": options, "name": profile.name or name})


def _check_enforceable(kind: str, given: Mapping[str, object], mistakes: Mistakes) -> None:
    """What is promised must be kept: nothing here may be ignored in silence."""
    if kind == "serial":
        for key in ("timeout", "memory_limit"):
            if given.get(key) is not None:
                _refuse_serial(key, f"'{key}' cannot be enforced", mistakes)
        if given.get("workers", 1) not in (1, "all"):
            _refuse_serial("workers", f"'workers' must be 1, not {show(given['workers'])}", mistakes)
    elif given.get("memory_limit") is not None and not memory_can_be_limited():
        mistakes.add(
            ("memory_limit",),
            "'memory_limit' cannot be enforced: this system has no bound on a process's memory. Remove it.",
        )


def _refuse_serial(key: str, what: str, mistakes: Mistakes) -> None:
    why = "kind serial does every run in gdbench's own process. Remove it, or choose kind processes."
    mistakes.add((key,), f"{what}: {why}")


def runner_words(name: str, workers: int | None, overrides: Sequence[str]) -> tuple[str, ...]:
    """The words of a command line that choose this place again; options are left out, as they may be secret."""
    public = [one for one in overrides if not one.lstrip().startswith(f"{PREFIX}options")]
    chosen = ["--runner", name] if name != AUTO else []
    counted = ["--workers", str(workers)] if workers else []
    return (*chosen, *counted, *(word for one in public for word in ("--set", one)))
