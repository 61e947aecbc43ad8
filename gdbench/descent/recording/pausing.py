"""A run that is paused, and gone on with elsewhere, bit for bit: all that it knows, as one text."""

from __future__ import annotations

import base64
import json
import zlib
from typing import NamedTuple, Optional

from gdbench.descent.descend import Place
from gdbench.descent.diagnosis.trail import Trail
from gdbench.descent.iterate import Iterate
from gdbench.descent.learning_rates import Chooser
from gdbench.descent.problems.objective import Count
from gdbench.descent.recording.answer import AnswerPoint
from gdbench.descent.recording.held_out import SideCost
from gdbench.descent.recording.memory import Untold, decode, encode, memory_of, remember
from gdbench.descent.recording.recorder import Recorder, Shadows
from gdbench.descent.stopping import Condition, Foreseeing, Verdict, Watcher, due_of
from gdbench.descent.stopping.combining import joined

#: Raised when what is written changes; a text of another form is not read, and its run begins again.
FORM = 1

#: The rule under which a run is paused that others have outpaced.
RACE = "race"


class Parts(NamedTuple):
    """What of a run remembers something, besides the loop itself."""

    learning_rate: Chooser
    diverged: Watcher
    stop: Watcher
    shadows: Shadows
    recorder: Recorder
    trail: Trail
    counted: Count
    held_out: Optional[SideCost]
    batches: object
    answer: Optional[AnswerPoint] = None


class Gone(NamedTuple):
    """How far a run has come. seconds: that it has taken."""

    place: Place
    seconds: float


def pausing(stop: Watcher, limit: Optional[int]) -> Watcher:
    """The same rule, which pauses the run at the first iterate from `limit` on that it is shown.

    Nothing is looked at for that which it would not look at anyway: in batches it waits for the next epoch.
    """
    if limit is None:
        return stop

    def watcher(now: Iterate) -> Optional[Verdict]:
        verdict = stop(now)
        if verdict is None and now.k >= limit:
            reason = f"paused after {now.k} iterations: others of its race had come further"
            return Verdict(RACE, "outpaced", reason)
        return verdict

    over = Foreseeing(watcher, condition=lambda: Condition("k >= {0}", (limit,)))
    return Foreseeing(watcher, due_of(stop), lambda: joined(" or ", [stop, over]), (stop,))


def told(parts: Parts, place: Place, seconds: float) -> Optional[str]:
    """All that a run knows where it is paused; None where a part of it does not say what it remembers."""
    try:
        state = {
            "form": FORM,
            "now": encode(place.now),
            "optimizer": encode(place.state),
            "parts": [None if part is None else memory_of(part) for part in parts],
            "seconds": seconds,
        }
        decode(state["optimizer"])
    except Untold:
        return None
    return base64.b64encode(zlib.compress(json.dumps(state).encode())).decode()


def gone_on(parts: Parts, text: str) -> Gone:
    """Let fresh parts of the same run know what was told; raises `Untold` where that cannot be read here."""
    try:
        state = json.loads(zlib.decompress(base64.b64decode(text)))
        if state["form"] != FORM:
            raise Untold(f"form {state['form']}")
        for part, memory in zip(parts, state["parts"]):
            if part is not None:
                remember(part, memory)
        return Gone(Place(decode(state["now"]), decode(state["optimizer"])), state["seconds"])
    except (LookupError, ValueError, TypeError, AttributeError, zlib.error) as error:
        raise Untold(repr(error)) from error  # of a gdbench whose parts remember something else
