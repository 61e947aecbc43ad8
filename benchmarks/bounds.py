"""What the kernels promise: ratios of two contestants' seconds, each with its bound."""

from typing import NamedTuple


class Bound(NamedTuple):
    """slow / fast ≥ factor, or (`most`) slow / fast ≤ factor, on shapes whose name contains `where`."""

    where: str
    above: str
    below: str
    factor: float
    most: bool = False

    def holds(self, ratio):
        return ratio <= self.factor if self.most else ratio >= self.factor


BOUNDS = [
    Bound("", "textbook", "compiled", 3.0),
    Bound("linear mse 442×10", "textbook", "compiled", 4.0),
    Bound("100×2", "textbook", "compiled", 5.0),
    Bound("mlp", "textbook", "compiled", 5.0),
    Bound("softmax", "pypy textbook", "pypy compiled", 3.0),
    Bound("", "compiled", "unrolled", 1.15, most=True),
    Bound("", "pypy compiled", "C", 2.5, most=True),
    Bound("linear mse 442×10", "pypy compiled", "numpy", 1.2, most=True),
    Bound("linear mse 100×2", "pypy compiled", "numpy", 0.2, most=True),
    Bound("linear mse 442×10", "qr", "numpy", 1.0, most=True),
    Bound("linear mse 10000×20", "qr", "numpy", 0.2, most=True),
    Bound("linear mse 442×10", "centred", "numpy", 1.0, most=True),
    Bound("linear mse 10000×20", "centred", "numpy", 0.2, most=True),
    Bound("linear mse", "centred", "qr", 1.5, most=True),
    Bound("", "central", "2p costs", 1.2, most=True),
]


def preparing_bound(shape):
    """Seconds from a definition to a kernel that waits for rows: 5 ms for small shapes, 100 ms for digits."""
    return 0.1 if shape.classes > 1 else 0.005


def rows_of(shape, measured):
    """(what, ratio, bound in words, whether it holds) for the bounds that apply and could be measured."""
    for bound in BOUNDS:
        if bound.where in shape.name and bound.above in measured and bound.below in measured:
            ratio = measured[bound.above] / measured[bound.below]
            sign = "≤" if bound.most else "≥"
            yield f"{bound.above} / {bound.below}", ratio, f"{sign} {bound.factor:g}", bound.holds(ratio)


def verdict(value, bound):
    """How a table tells a bound that a value may not exceed."""
    return f"≤ {bound:g}: {'holds' if value <= bound else 'missed'}"


def markdown(head, rows, texts=(0,)):
    """A Markdown table, ready to be pasted; texts: columns that do not stand to the right."""
    lines = [head, ["---" if i in texts else "---:" for i in range(len(head))], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def filled(page, name, text, by):
    """A page of the docs with this text at its place; raises ValueError where the page has no such place."""
    opens, closes = f"<!-- {name}: written by {by} -->", f"<!-- {name}: end -->"
    before, opened, rest = page.partition(opens)
    _, closed, after = rest.partition(closes)
    if not (opened and closed):
        raise ValueError(f"the page has no place for {name!r}: {opens} … {closes}")
    return f"{before}{opens}\n\n{text}\n\n{closes}{after}"
