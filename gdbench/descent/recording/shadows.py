"""Shadow stopping: where each of several rules would have ended a run, found while it goes on."""

from __future__ import annotations

from typing import Dict, Mapping, Optional

from gdbench.descent.iterate import Iterate
from gdbench.descent.problems.landscape import Landscape
from gdbench.descent.recording.plain import Plain
from gdbench.descent.stopping import Rule, Verdict


class Shadows:
    """Shows each iterate to every watched rule, without a say in when the run stops.

    fired: label → {"iteration": k, "outcome", "cost": f(w_k), "reason"} of the first time that the rule
    held, as plain data; None where it has not. A rule that has fired is asked no more.
    """

    def __init__(self, rules: Mapping[str, Rule], landscape: Landscape) -> None:
        self._waiting = [(label, rule.watch(landscape)) for label, rule in rules.items()]
        self.fired: Dict[str, Optional[Plain]] = dict.fromkeys(rules)

    def see(self, now: Iterate) -> None:
        waiting = []
        for label, watcher in self._waiting:
            verdict = watcher(now)
            if verdict:
                self.fired[label] = _account(now, verdict)
            else:
                waiting.append((label, watcher))
        self._waiting = waiting


def _account(now: Iterate, verdict: Verdict) -> Plain:
    return {"iteration": now.k, "outcome": verdict.outcome, "cost": now.cost, "reason": verdict.reason}
