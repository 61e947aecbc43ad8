"""A distinct thing to minimise: as a plan names it, and as it is recorded with what is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gdbench.descent.costs import cost_facts
from gdbench.descent.models import parameter_names
from gdbench.descent.problems.problem_constants import ProblemConstants, Yardstick, yardstick
from gdbench.descent.problems.shape import ParameterName
from gdbench.descent.recording.result import RunResult
from gdbench.descent.registry import Spec
from gdbench.descent.theory.card import Card
from gdbench.reference.optimum import Optimum

if TYPE_CHECKING:
    from gdbench.data.data import Dataset  # who reads a record needs no data, nor what reads it


#: What a record keeps of its data, as `Dataset.describe` gives it.
DataRecord = Mapping[str, Any]


@dataclass(frozen=True)
class Problem:
    """A distinct thing to minimise: what of a spec defines it, and the data where there is any."""

    id: str
    definition: Spec
    dataset: Dataset | None


@dataclass(frozen=True)
class ProblemRecord:
    """A distinct thing to minimise: data × model × cost × penalty, or a surface.

    baseline: the cost at all-zero parameters (of a surface, or where a formula has no value there: at the
    published start). The relative objective gap of a cost f is (f − f*) / (baseline − f*): one yardstick
    for every run of the problem, whatever its start.
    smoothness: L, a Lipschitz constant of the gradient, None where there is none or it is unknown.
    convexity: μ, the least curvature in any direction, None where it may be 0 or is unknown.
    starts: the problem's own starting points.
    card: what theory knows of it, as `Card.to_plain`; empty in records of earlier versions.
    """

    id: str
    label: str
    rows: int
    features: int
    parameters: int
    baseline: float | None
    optimum: Optimum
    data: DataRecord = field(default_factory=dict)
    smoothness: float | None = None
    starts: Sequence[Sequence[float]] = ()
    convexity: float | None = None
    card: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, object] | None = None

    @property
    def family(self) -> str:
        """What the folds of one problem have in common; of any other problem its id."""
        return str(self.data.get("test", {}).get("family") or self.id)

    @property
    def folded_data(self) -> str:
        """The digest of the data that this is a fold of, which other models have in common; "" of no fold."""
        return str(self.data.get("test", {}).get("family", "")).partition(" ")[0]

    @property
    def whole(self) -> ProblemRecord:
        """The same under the id and the label that its folds share."""
        return replace(self, id=self.family, label=str(self.data.get("test", {}).get("label") or self.label))

    @property
    def baseline_at(self) -> str:
        """Where the baseline is the cost: surfaces have published starts; a formula may have no value at 0."""
        if not self.rows:
            return "at its published start"
        return "at all-zero parameters, or at a published start" if self.starts else "at all-zero parameters"

    @cached_property
    def theory(self) -> Card:
        """What theory knows of it."""
        return Card.from_plain(self.card)

    @cached_property
    def constants(self) -> ProblemConstants:
        """What every run of the problem is told of it."""
        starts = tuple(tuple(start) for start in self.starts)
        return ProblemConstants(self.optimum.cost, self.baseline, self.smoothness, starts, self.convexity)

    def names(self, spec: Spec, size: int) -> tuple[tuple[str, ...], Sequence[ParameterName]]:
        """(the outputs of a spec's model, the names of its parameters); of classes as many as the size makes.

        Raises GdbenchError where a plug-in is not here.
        """
        features, none = [str(name) for name in self.data.get("features", ())], ("",)
        if "model" not in spec or not features:
            return none, [ParameterName(f"w{j}") for j in range(1, size + 1)]
        if cost_facts(spec["cost"]).targets != "classes":
            return none, parameter_names(spec["model"], features, none)
        known = [str(name) for name in self.data.get("classes", ())]
        for count in range(max(2, len(known)), size + 1):
            outputs = (*known, *(str(k) for k in range(len(known), count)))
            names = parameter_names(spec["model"], features, outputs)
            if len(names) >= size:
                return outputs, names
        return none, ()

    @cached_property
    def yardstick(self) -> Yardstick | None:
        """What relative gaps are measured by; None where no optimum is known."""
        return yardstick(self.optimum.cost, self.baseline)

    def relative_gap(self, cost: float | None) -> float | None:
        """(cost − f*) / (baseline − f*); None where no optimum or no cost is known."""
        measure = self.yardstick
        return measure.gap(cost) if measure and cost is not None else None

    def relative_gap_of(self, result: RunResult) -> float | None:
        """The same where a run ended, of the gap that it carried if it did."""
        measure, gap = self.yardstick, result.gap(self.optimum.cost)
        return measure.relative(gap) if measure and gap is not None else None
