"""Which choices make sense together: a bad pair is refused before anything runs, with its reason."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from itertools import chain

from gdbench.config.grid.choice import Choice, Choices
from gdbench.data.data import Dataset
from gdbench.data.files.remedies import told
from gdbench.data.held_out import HeldOutRows
from gdbench.descent.costs import COSTS
from gdbench.descent.errors import BadPairing, GdbenchError
from gdbench.descent.initializers import INITIALIZERS
from gdbench.descent.kernels.formula import parse_formula
from gdbench.descent.kernels.kernel import KERNELS, measures_gaps
from gdbench.descent.learning_rates import LEARNING_RATES
from gdbench.descent.models import MODELS, model_facts, variables
from gdbench.descent.stopping import STOPPING_RULES
from gdbench.descent.stopping.progress import NONE_HELD_OUT
from gdbench.planning.extent import remarks, too_large
from gdbench.planning.pairing_steps import Complaint, in_batches, quadratic, steps

_SHOWN = 5

#: A relative gap that rounding may hide where the optimum costs about what zeros do.
_FINEST = 1e-15


class BadChoice(BadPairing):
    """A bad pairing, with the axis whose choice is to blame."""

    def __init__(self, axis: str, reason: str) -> None:
        self.axis = axis
        super().__init__(reason)


class Pairing:
    """What choices on one data set make of one another; those that differ in a rate alone are asked once.

    Choices are known by identity, which costs a tenth of their hash: those of a grid come again and again. They
    are kept, so that no other takes the place of one in memory.
    """

    def __init__(self, dataset: Dataset | None, targets: Sequence[float]) -> None:
        self._dataset, self._targets = dataset, targets
        self._known: dict[Hashable, tuple[Choices, BadChoice | None, tuple[str, ...]]] = {}

    def check(self, choices: Choices) -> None:
        """Raise BadChoice where the choices of one run make no sense together."""
        refused = self._judged(choices)[1]
        if refused:
            raise BadChoice(refused.axis, str(refused))

    def doubts(self, choices: Choices) -> tuple[str, ...]:
        """As below, of choices that go together."""
        return self._judged(choices)[2]

    def _judged(self, choices: Choices) -> tuple[Choices, BadChoice | None, tuple[str, ...]]:
        bearing = _bearing(choices)
        if bearing not in self._known:
            refused = None
            try:
                check_pairing(choices, self._dataset)
            except BadChoice as error:
                refused = error.with_traceback(None)
            said = () if refused else tuple(doubts(choices, self._dataset, self._targets))
            self._known[bearing] = choices, refused, said
        return self._known[bearing]


def _bearing(choices: Choices) -> Hashable:
    """What pairing looks at: the choices; of a rate that needs the same whatever its number, its name."""
    rate = choices["learning_rate"]
    alike = not (rate.members or callable(LEARNING_RATES[rate.name].facts.get("needs")))
    others = tuple((axis, id(choice)) for axis, choice in choices.items() if not (alike and choice is rate))
    return rate.name, others


def check_pairing(choices: Choices, dataset: Dataset | None) -> None:
    """Raise BadChoice where the choices of one run make no sense together."""
    complaints = [too_large(choices, dataset), _start(choices, dataset), steps(choices, dataset)]
    if dataset is None or dataset.held_out is None:
        complaints.append(("convergence", NONE_HELD_OUT) for _ in [1] if looks_at_test(choices["convergence"]))
    if dataset is not None:
        complaints[1:1] = [_formula(choices["model"], dataset), _target(choices, dataset), _outputs(choices)]
        complaints.append(_kernel(choices, dataset))
    for axis, reason in chain.from_iterable(complaints):
        raise BadChoice(axis, reason)


def looks_at_test(rule: Choice) -> bool:
    """Whether a stopping rule, or one within it, looks at rows that are held out."""
    if rule.members:
        return any(map(looks_at_test, rule.members))
    return bool(STOPPING_RULES[rule.name].facts.get("held_out"))


def doubts(choices: Choices, dataset: Dataset | None, targets: Sequence[float] = ()) -> Iterator[str]:
    """What may be run but is unwise, a sentence each. targets: relative gaps that are watched for."""
    yield from _unmeasurable(choices, dataset, targets)
    yield from remarks(choices, dataset)
    if dataset is None:
        return
    facts = model_facts(choices["model"].to_plain())
    if dataset.standardized and facts.affine and not facts.bias:
        yield (
            f"{dataset.label}: without a bias '{choices['model'].name}' goes through 0 where the features are "
            "at their means, which standardizing takes out. With 'standardize: false' it goes through 0 where "
            "they are 0, as a fit without intercept does elsewhere."
        )
    if dataset.held_out and dataset.parameters.get("noise") == 0.0:
        yield f"{dataset.label} has no noise, so the rows held out tell what the others tell."
    yield from (f"{dataset.name}: {told(note)}." for note in dataset.notes)
    if "targets" not in COSTS[choices["cost"].name].facts:
        yield from _classes_as_numbers(choices, dataset)


def _classes_as_numbers(choices: Choices, dataset: Dataset) -> Iterator[str]:
    cost, model = choices["cost"].name, choices["model"]
    if len(dataset.classes) == 2 and model_facts(model.to_plain()).responds_as_is:
        no, yes = dataset.classes
        yield (
            f"cost '{cost}' takes {no} and {yes} of {dataset.target_name} for numbers, 0 and 1, and model "
            f"'{model.name}' does not stay between them; model and cost 'logistic' fit a probability of {yes}."
        )
    if len(dataset.classes) > 2:
        yield (
            f"cost '{cost}' takes the classes of {dataset.label} for numbers "
            f"(0, 1, … {len(dataset.classes) - 1}); softmax would compare them as classes."
        )


def _unmeasurable(choices: Choices, dataset: Dataset | None, targets: Sequence[float]) -> Iterator[str]:
    """Targets that rounding hides, unless the optimum is near 0; of surfaces it mostly is."""
    fine = [f"{target:g}" for target in targets if target < _FINEST]
    if dataset is None or not fine:
        return
    kernel, gradient = choices["kernel"].name, choices["gradient"].name
    if not measures_gaps({"kernel": {kernel: {}}, "gradient": {gradient: {}}}):
        by = f"kernel '{kernel}'" if gradient == "analytic" else f"gradient '{gradient}'"
        yield (
            f"{'target' if len(fine) == 1 else 'targets'} {', '.join(fine)}: with {by} a gap below four "
            "roundings of the optimum's cost is not measurable, and a target there is recorded as not met. "
            "Kernel 'centred', for squared error with the analytic gradient, measures it."
        )


def _formula(model: Choice, dataset: Dataset) -> Iterator[Complaint]:
    """A formula is only understood once it is known how many features there are."""
    size = MODELS[model.name].facts.get("size")
    try:
        if size:
            size(dataset.table.features, **model.parameters)
            yield from _columns_by_name(model, dataset)
    except GdbenchError as error:
        yield "model", str(error)


def _columns_by_name(model: Choice, dataset: Dataset) -> Iterator[Complaint]:
    """A column called by its own name would be taken for a parameter."""
    expression = model.parameters.get("expression")
    if not isinstance(expression, str):
        return
    mentioned = parse_formula(expression, ()).parameters
    for variable, column in zip(variables(len(dataset.feature_names)), dataset.feature_names, strict=True):
        if column in mentioned and variable not in mentioned:
            yield (
                "model",
                (
                    f"in formula '{expression}' the column '{column}' of {dataset.label} is called {variable}; "
                    f"'{column}' would be a parameter. Write {variable} in its place."
                ),
            )


def _target(choices: Choices, dataset: Dataset) -> Iterator[Complaint]:
    cost = choices["cost"].name
    wanted = COSTS[cost].facts.get("targets")
    values = dataset.target_values
    if wanted and not _TARGETS[wanted][1](values):
        needs = _TARGETS[wanted][0]
        found = f"'{dataset.target_name}' of {dataset.label} {_described(values)}"
        yield "cost", f"cost '{cost}' needs a target of {needs}, but {found}. {_remedy(wanted, dataset)}"
    elif wanted and dataset.held_out:
        yield from _held_out_targets(cost, wanted, dataset, dataset.held_out)


def _held_out_targets(cost: str, wanted: str, dataset: Dataset, held_out: HeldOutRows) -> Iterator[Complaint]:
    """Refuse rows to test on that hold what the cost has no value for."""
    found, known = {row[-1] for row in held_out.table.rows}, set(dataset.target_values)
    strange = sorted(found - known)
    if wanted == "counts":
        strange = [] if _TARGETS[wanted][1](strange) else strange
    if strange:
        code = strange[0]
        name = f"'{dataset.classes[int(code)]}'" if dataset.classes else f"{code:g}"
        remedy = "" if held_out.how.file else " Hold out the same share of each class: 'stratify: true'."
        yield (
            "cost",
            (
                f"cost '{cost}' cannot be tested: '{dataset.target_name}' is {name} in a row held out of "
                f"{dataset.label} and in none to train on.{remedy}"
            ),
        )


_TARGETS: Mapping[str, tuple[str, Callable[[list[float]], bool]]] = {
    "binary": ("two classes, 0 and 1", lambda values: values == [0.0, 1.0]),
    "classes": (
        "classes 0, 1, 2, …",
        lambda values: len(values) > 1 and values == [float(k) for k in range(len(values))],
    ),
    "counts": ("counts 0, 1, 2, …", lambda values: all(v >= 0 and v == int(v) for v in values)),
}


def _described(values: list[float]) -> str:
    if len(values) == 1:
        return f"holds only {values[0]:g}"
    if len(values) == 2:
        return f"holds {values[0]:g} and {values[1]:g}"
    if values[0] < 0:
        return f"goes down to {values[0]:g}"
    shown = ", ".join(f"{value:g}" for value in values[:_SHOWN])
    return f"has {len(values)} different values ({shown}{', …' if len(values) > _SHOWN else ''})"


def _remedy(wanted: str, dataset: Dataset) -> str:
    if wanted == "binary" and len(dataset.classes) > 2:
        first, second = dataset.classes[:2]
        return f"Keep two of its classes, for example with classes: [{first}, {second}], or choose softmax."
    return "Choose another cost, or another target."


def _outputs(choices: Choices) -> Iterator[Complaint]:
    model, cost = choices["model"].name, choices["cost"].name
    facts, over_classes = MODELS[model].facts, COSTS[cost].facts.get("targets") == "classes"
    if over_classes and not facts.get("many"):
        yield "cost", f"cost '{cost}' compares a score for each class, but model '{model}' gives a single one."
    if facts.get("only") == "classes" and not over_classes:
        yield "model", f"model '{model}' gives a score for each class: it goes with cost softmax, not '{cost}'."


def _start(choices: Choices, dataset: Dataset | None) -> Iterator[Complaint]:
    start, axis = choices["initialization"].name, "initialization"
    facts = INITIALIZERS[start].facts
    minimised = choices["surface" if dataset is None else "model"].name
    if facts.get("data") and dataset is None:
        yield axis, f"initialization '{start}' looks at data, and a surface has none."
    if facts.get("layers") and not (dataset is not None and "layers" in MODELS[minimised].facts):
        yield axis, f"initialization '{start}' scales by the layers of a model, and '{minimised}' has none."
    if facts.get("starts") and dataset is not None and not dataset.starts:
        yield axis, f"initialization '{start}' is for surfaces and NIST's sets, which bring starting points."


def _kernel(choices: Choices, dataset: Dataset) -> Iterator[Complaint]:
    kernel, model = choices["kernel"].name, choices["model"].name
    if KERNELS[kernel].facts.get("affine") and not model_facts(choices["model"].to_plain()).affine:
        yield "kernel", f"kernel '{kernel}' is for scores of the form w · x + b, unlike model '{model}'."
    if KERNELS[kernel].facts.get("squared") and not quadratic(choices, dataset):
        yield "kernel", f"kernel '{kernel}' is for squared error: cost mse or half_mse, penalty none or l2."
    whole = KERNELS[kernel].facts.get("squared") and not KERNELS[kernel].facts.get("batches")
    if whole and in_batches(choices):
        yield "kernel", f"kernel '{kernel}' merges the rows, so it has no batches: use batch_size full."
