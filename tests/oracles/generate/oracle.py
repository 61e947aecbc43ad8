"""What the generators share: each compares what it makes with the committed file, or writes it anew."""

import json
import math
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

ORACLES = Path(__file__).parents[1]


def main(
    name: str,
    make: Callable[[], dict],
    layout: Callable[[dict], str] | None = None,
    *,
    tolerance: float = 0.0,
) -> None:
    """`python -m tests.oracles.generate.NAME` compares; with --write it replaces tests/oracles/NAME.json.

    layout: how the file is written.  tolerance: relative, of numbers that rounding may change.
    """
    path, made = ORACLES / f"{name}.json", make()
    if "--write" in sys.argv:
        committed = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        path.write_text((layout or by_line)(kept(made, committed, tolerance)), encoding="utf-8")
    sys.exit(compare(made, path, tolerance))


def kept(made: Any, committed: Any, tolerance: float) -> Any:
    """What was made, with the numbers of the committed file where they differ by no more than rounding may."""
    if isinstance(made, dict):
        known = committed if isinstance(committed, dict) else {}
        return {key: kept(value, known.get(key), tolerance) for key, value in made.items()}
    if isinstance(made, list | tuple):
        fits = isinstance(committed, list) and len(made) == len(committed)
        pairs = zip(made, committed if fits else [None] * len(made), strict=True)
        return [kept(*pair, tolerance) for pair in pairs]
    return committed if distance(made, committed) <= tolerance else made


def compare(made: dict, path: Path, tolerance: float) -> str | None:
    """Print how what was made differs from what is committed; a sentence if by more than it may."""
    plain = json.loads(json.dumps(made))
    found = list(differences(plain, json.loads(path.read_text(encoding="utf-8"))))
    worst = max((distance(ours, theirs) for _, ours, theirs in found), default=0.0)
    for place, ours, theirs in found:
        if distance(ours, theirs) > tolerance:
            print(f"{place}: made {ours}, committed {theirs}")
    if worst > tolerance:
        return f"{path.name}: differs from what is committed"
    same = f"{len(found)} numbers differ, by {worst:.1e} at most" if found else "the same, all digits"
    print(f"{path.name}: {same}")
    return None


def differences(made: object, committed: object, place: str = "") -> Iterator[tuple[str, object, object]]:
    """(where, made, committed) of each leaf in which two JSON trees differ."""
    if isinstance(made, dict) and isinstance(committed, dict):
        for key in [*made, *(key for key in committed if key not in made)]:
            yield from differences(made.get(key), committed.get(key), f"{place}/{key}")
    elif isinstance(made, list) and isinstance(committed, list) and len(made) == len(committed):
        for number, pair in enumerate(zip(made, committed, strict=True)):
            yield from differences(*pair, f"{place}/{number}")
    elif made != committed:
        yield place, made, committed


def distance(made: object, committed: object) -> float:
    """How far apart two numbers are, relatively; infinitely where they are not two numbers."""
    try:
        ours, theirs = (Fraction(value) for value in (made, committed))
    except (TypeError, ValueError):
        return math.inf
    return float(abs(ours - theirs) / max(abs(ours), abs(theirs))) if ours != theirs else 0.0


def by_line(made: dict) -> str:
    """JSON with a line for each leaf."""
    return json.dumps(made, indent=1) + "\n"
