"""Pictures and Vega's own JavaScript, by vl-convert: where memory is bounded, in a process that may die of it.

vl-convert is a JavaScript machine that reserves more address space than a bound may leave (ulimit -v), and ends
its process by a signal where it does not get it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import version

import vl_convert

from gdbench.config.processes import memory_limit
from gdbench.report.kept import keep, kept

#: Seconds for all pictures of a report; they take about one.
_PATIENCE = 300.0

#: Points of a picture to one of the page.
_SHARP = 2

#: What a page asks of the bundle.
_EXPORTED = "window.vegaEmbed = vegaEmbed;"

_CHILD = """\
import json, sys
import vl_convert
wanted = json.load(sys.stdin)
bundle = vl_convert.javascript_bundle(wanted["bundle"]) if wanted["bundle"] else ""
svgs = [vl_convert.vegalite_to_svg(spec) for spec in wanted["specs"]]
json.dump({"bundle": bundle, "svgs": svgs}, sys.stdout)
"""


class Undrawable(Exception):
    """vl-convert cannot do its work here: the text is a sentence."""


@lru_cache(maxsize=1)
def vega() -> str:
    """Vega, Vega-Lite and their embedder as one module that sets `window.vegaEmbed`; raises Undrawable.

    It is the same for each version of vl-convert, which takes over a second to make it: made once, and kept.
    """
    name = f"vega-embed-{version('vl-convert-python')}.js"
    bundle = kept(name)
    if bundle is None:
        made = _apart(_EXPORTED, [])["bundle"] if memory_limit() else vl_convert.javascript_bundle(_EXPORTED)
        bundle = str(made).encode()
        keep(name, bundle)
    return bundle.decode()


def svgs(specs: Sequence[str]) -> list[str]:
    """The pictures of descriptions in Vega-Lite; raises Undrawable."""
    if memory_limit() and specs:
        return [str(picture) for picture in _apart("", specs)["svgs"]]
    return [str(vl_convert.vegalite_to_svg(spec)) for spec in specs]


def png(spec: str, sharp: float = _SHARP) -> bytes:
    """The picture of one description, as sharp as screens are; raises Undrawable where memory is bounded."""
    if memory_limit():
        raise Undrawable(
            "memory is bounded, and a picture of points needs more address space than may be left."
        )
    return bytes(vl_convert.vegalite_to_png(spec, scale=sharp))


def pdf(spec: str) -> bytes:
    """The picture of one description for a paper; raises Undrawable where memory is bounded."""
    if memory_limit():
        raise Undrawable("memory is bounded, and a PDF needs more address space than may be left.")
    return bytes(vl_convert.vegalite_to_pdf(spec))


def _apart(bundle: str, specs: Sequence[str]) -> dict[str, str | list[str]]:
    """In a process of its own."""
    try:
        done = subprocess.run(  # noqa: S603  our own interpreter
            [sys.executable, "-P", "-c", _CHILD],
            input=json.dumps({"bundle": bundle, "specs": list(specs)}).encode(),
            capture_output=True,
            timeout=_PATIENCE,
            check=True,
        )
        answer: dict[str, str | list[str]] = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        code = getattr(error, "returncode", 0)
        how = f"was ended by signal {-code}" if code < 0 else "ended without an answer"
        raise Undrawable(
            f"vl-convert, which draws charts, {how}: the bound of {memory_limit() / 1e6:.0f} MB on memory "
            "(ulimit -v) is too small for it. Lift it to have them."
        ) from error
    return answer
