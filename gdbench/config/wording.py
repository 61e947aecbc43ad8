"""Short human names for choices and runs, made from stored specs alone: no config, no registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from gdbench.plugins.choices import REGISTRIES

#: Axes that a symbol announces; the values of the others say by themselves what they are.
_SYMBOLS = {"learning_rate": "η="}

#: Digits of a number that is shown: fewer than a double has, so that none shows its last rounding.
_SHOWN_DIGITS = 12

#: What names a run when nothing varies.
_ALWAYS = ("model", "cost", "learning_rate")


def label(choice: object) -> str:
    """A choice in config form as it reads best in a table, different for different choices of an axis.

    {"constant": {"rate": 0.1}} → 0.1; {"zeros": {}} → zeros; {"normal": {"mean": 0.0, "std": 1.0}} →
    normal(std=1); {"any": [{"cost_change": {"tolerance": 1e-9}}, {"max_iterations": {"limit": 5000}}]}
    → cost_change ≤ 1e-09 or 5000 iterations. What is no choice (a name, a number) stands for itself.
    """
    if not isinstance(choice, Mapping):
        return _value(choice)
    if len(choice) != 1:
        return ", ".join(f"{key}={label(value)}" for key, value in choice.items())
    [(name, content)] = choice.items()
    if name in ("any", "all") and isinstance(content, (list, tuple)):
        return {"any": " or ", "all": " and "}[name].join(map(_member, content))
    return _component(name, content) if isinstance(content, Mapping) else f"{name}={_value(content)}"


def labeller() -> Callable[[object], str]:
    """`label` that remembers what it said: an axis has few choices, and a frame names them for many runs."""
    said: dict[str, str] = {}

    def remembered(choice: object) -> str:
        written = repr(choice)
        if written not in said:
            said[written] = label(choice)
        return said[written]

    return remembered


def shown(choice: object) -> object:
    """The choice with its numbers to twelve digits, as people read them: 0.3 for 0.30000000000000004."""
    if isinstance(choice, float):
        return float(f"{choice:.{_SHOWN_DIGITS}g}")
    if isinstance(choice, Mapping):
        return {key: shown(value) for key, value in choice.items()}
    return [shown(value) for value in choice] if isinstance(choice, (list, tuple)) else choice


class ShownLabels:
    """`label` of each of these as it is shown, or as it is where two would then be called alike.

    cuts: whether digits of any of them are not shown.
    """

    def __init__(self, choices: Iterable[object]) -> None:
        exact: dict[str, str] = {}
        short: dict[str, str] = {}
        for choice in choices:
            written = repr(choice)
            if written not in exact:
                exact[written], seen = label(choice), shown(choice)
                short[written] = exact[written] if seen == choice else label(seen)
        apart = len(set(short.values())) == len(set(exact.values()))
        self._said = short if apart else exact
        self.cuts = self._said != exact

    def __call__(self, choice: object) -> str:
        return self._said[repr(choice)]


class SpecLabels:
    """What the choices of some specs are called, axis by axis: as they are shown, and with all digits."""

    def __init__(self, specs: Sequence[Mapping[str, object]], axes: Sequence[str]) -> None:
        self._said = {axis: ShownLabels(spec[axis] for spec in specs if axis in spec) for axis in axes}
        self._cut = [axis for axis, said in self._said.items() if said.cuts]
        self._label, self._none = labeller(), dict[str, str]()

    def shown(self, spec: Mapping[str, object]) -> dict[str, str]:
        return {axis: said(spec[axis]) for axis, said in self._said.items() if axis in spec}

    def whole(self, spec: Mapping[str, object]) -> Mapping[str, str]:
        """Of the axes that have any digits that are not shown; where none has, the same empty one for all."""
        return {axis: self._label(spec[axis]) for axis in self._cut if axis in spec} or self._none


def run_label(spec: Mapping[str, object], varying: Sequence[str]) -> str:
    """The name of a run: what varies, as in "η=0.1 · normal(std=1) #2", or its main choices if nothing does.

    The number is the replicate's, counted from 0 as in the spec. It is left out for the first, unless
    `varying` names "replicate".
    """
    axes = [axis for axis in varying if axis != "replicate"] or _ALWAYS
    text = " · ".join(f"{_SYMBOLS.get(axis, '')}{label(spec[axis])}" for axis in axes if axis in spec)
    replicate = spec.get("replicate", 0)
    return f"{text} #{replicate}" if "replicate" in varying else numbered(text, replicate)


def numbered(text: str, replicate: object) -> str:
    """The name of a run by that of the first of its replicates."""
    return f"{text} #{replicate}" if replicate else text


def _member(rule: object) -> str:
    combined = isinstance(rule, Mapping) and ("any" in rule or "all" in rule)
    return f"({label(rule)})" if combined else label(rule)


#: Settings of stopping rules that go without saying.
_USUAL = {"patience": 1, "relative": False, "norm": 2, "min_delta": 0}


def _component(name: str, parameters: Mapping[str, object]) -> str:
    if {"tolerance", "patience"} & parameters.keys():
        parameters = {k: v for k, v in parameters.items() if v != _USUAL.get(k, ...)}
    if list(parameters) == ["rate"] and name == "constant":
        return _value(parameters["rate"])
    if list(parameters) == ["tolerance"]:
        return f"{name} ≤ {_value(parameters['tolerance'])}"
    if name == "max_iterations" and "limit" in parameters:
        return f"{_value(parameters['limit'])} iterations"
    telling = _unusual(name, parameters) if len(parameters) > 2 else _news(name, parameters)
    if not telling:
        return name
    alone = len(parameters) == 1 and not any(v is False for v in telling.values())
    values = [_value(v) if alone else f"{key}={_value(v)}" for key, v in telling.items()]
    return f"{name}({', '.join(values)})"


def _news(name: str, parameters: Mapping[str, object]) -> Mapping[str, object]:
    """What is worth saying: null means "choose for me", and a mean or an offset of 0 is no news by others."""
    telling = {key: value for key, value in parameters.items() if value is not None}
    if len(telling) < 2:
        return telling
    news = {k: v for k, v in telling.items() if v != 0 or (v is False and usual(name, k) is True)}
    return news or telling


def usual(name: str, parameter: str) -> object:
    """The default of a choice's parameter; None where none is known."""
    return next((known[parameter] for known in _defaults(name) if parameter in known), None)


def _unusual(name: str, parameters: Mapping[str, object]) -> Mapping[str, object]:
    """The parameters that differ from their defaults, of a choice that has many; all of an unknown choice."""
    # first those with just these parameters: of others the latest may go unsaid
    for known in sorted(_defaults(name), key=lambda known: len(known.keys() ^ parameters.keys())):
        if parameters.keys() <= known.keys():
            return {key: value for key, value in parameters.items() if value != known[key]}
    return parameters


def _defaults(name: str) -> list[Mapping[str, object]]:
    """Of the parameters of all choices of this name."""
    return [{p.name: p.default for p in r[name].parameters} for r in REGISTRIES if name in r]


def _value(value: object) -> str:
    """Exact and short: 0.1, 1, 1e-09, true."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Mapping):
        return label({k: v for k, v in value.items() if k != "until"}) + _until(value.get("until"))
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], Mapping):
        return ", then ".join(map(_value, value))
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _until(until: object) -> str:
    return "" if until is None else f" until {until}"
