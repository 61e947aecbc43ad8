"""Configs from a grammar, and accidents that happen to their structure: what a fuzzer of bytes seldom reaches.

A config is drawn as a tree: data, axes with choices of the registries and parameters of their domains, ranges,
`zip`, `when`, `exclude`, `include`, rules within rules, sections. Then things happen to it: a branch is cut,
grafted elsewhere, doubled, renamed, wrapped, unwrapped, made deep, or a leaf becomes what nobody meant. It is
written as YAML in one of several styles, with anchors or without.
"""

import copy
import re
from pathlib import Path

import yaml

from gdbench.descent.synthetic import GENERATORS
from gdbench.plugins.choices import BY_AXIS

CONFIGS = Path(__file__).parents[1] / "configs"

#: Leaves that somebody may write and nobody means.
ODD = [
    *(None, True, False, 0, -1, 1, 2, 10**9, 10**30, -(10**400), 1e-320, 1e308, float("nan"), float("inf")),
    *(
        "",
        " ",
        "0.1",
        "1e-3",
        "yes",
        "null",
        ".nan",
        "~",
        "a" * 3000,
        "é😀",
        "\x00",
        "\x1b[31m",
        "..",
        "/",
        "-x",
    ),
    *("mse", "linear", "certified", "auto", "none", "any", "all", "full", "constant", "over_L", "target", "y"),
    *(
        [],
        {},
        [[]],
        [{}],
        [None],
        {"": 1},
        {"a": {"b": {"c": {}}}},
        [1, [2, [3, [4]]]],
        {"values": []},
        {"not": 1},
    ),
]
#: Keys that mean something somewhere.
KEYS = [
    *("name", "description", "data", "grid", "repeats", "seed", "targets", "divergence", "timeout", "plugins"),
    *("watch", "audit", "tracking", "report", "extends", "dataset", "file", "synthetic", "target", "features"),
    *(
        "standardize",
        "classes",
        "perturb",
        "zip",
        "exclude",
        "include",
        "values",
        "when",
        "not",
        "above",
        "at_most",
    ),
    *(
        "any",
        "all",
        "linspace",
        "logspace",
        "per_decade",
        "range",
        "max_iterations",
        "rate",
        "hidden",
        "tags",
        "x",
    ),
    *BY_AXIS,
]
SETS = ["diabetes", "iris", "breast_cancer", "wine", "Longley", "Misra1a", "Eckerle4", "no_such_set"]
RANGES = ["linspace", "logspace", "per_decade", "range"]
#: Numbers within most domains: what is large is another fuzzer's.
NUMBERS = [0.0, 0.001, 0.05, 0.1, 0.5, 0.9, 1, 1.0, 2, 3, 5, 10, 20]


def shipped():
    """The configs that gdbench brings along, as trees; numbers as YAML 1.2 reads them."""
    loader = type("Loader", (yaml.SafeLoader,), {})
    number = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
    loader.add_implicit_resolver("tag:yaml.org,2002:float", number, list("-+.0123456789"))
    texts = [path.read_text(encoding="utf-8") for path in sorted(CONFIGS.glob("*.yaml"))]
    return [yaml.load(text, loader) for text in texts]


class Grammar:
    """draw: a `random.Random`, which decides everything.  shipped: trees to begin with beside those drawn."""

    def __init__(self, draw, shipped):
        self.draw, self.shipped = draw, shipped

    def text(self):
        """A config with up to five accidents, as YAML."""
        tree = self.config() if self.draw.random() < 0.5 else copy.deepcopy(self.draw.choice(self.shipped))
        for _ in range(self.draw.choice([0, 1, 1, 1, 2, 2, 3, 5])):
            tree = self.accident(tree)
        return self.written(tree)

    def override(self, tree):
        """A setting for `--set`, of a place that is in a config or nearly."""
        parts, node = [], tree
        while isinstance(node, dict) and node and (not parts or self.draw.random() < 0.7):
            parts.append(str(self.draw.choice(list(node))))
            node = node.get(parts[-1])
        if self.draw.random() < 0.2:
            parts.append(self.draw.choice(KEYS))
        return f"{'.'.join(parts)}={self.written(self.draw.choice([node, self.odd()]), flow=True).strip()}"

    # --- a config as one might mean it

    def config(self):
        draw = self.draw
        config = {"name": draw.choice(["study", "a.b", "x-1", "x" * 100]), "grid": self.grid()}
        if "surface" not in config["grid"]:
            config["data"] = self.some(self.source, 3)
        sections = {
            "description": lambda: "What is asked.",
            "repeats": lambda: draw.randint(1, 3),
            "seed": lambda: draw.randint(0, 9),
            "targets": lambda: self.some(lambda: draw.choice([1e-2, 1e-3, 1e-6]), 3),
            "divergence": lambda: draw.choice([1e3, 1e6]),
            "timeout": lambda: draw.choice([1, "2 min", "90 s"]),
            "watch": lambda: self.some(self.rule, 3),
            "audit": lambda: self.choice("gradient"),
            "tracking": lambda: {"tags": {"team": "optics"}, "curve_points": 20},
            "report": lambda: {"formats": ["html", "md"], "title": "A title"},
        }
        for name, make in sections.items():
            if draw.random() < 0.15:
                config[name] = make()
        items = list(config.items())
        draw.shuffle(items)
        return dict(items)

    def source(self):
        draw, source = self.draw, {}
        kind = draw.random()
        if kind < 0.6:
            source["dataset"] = draw.choice(SETS)
        elif kind < 0.9:
            source["synthetic"] = self.named(GENERATORS)
        else:
            source["file"] = draw.choice(["there.csv", "not_there.csv", "."])
            source["target"] = draw.choice(["y", "z"])
        for key, make in {
            "standardize": lambda: draw.random() < 0.5,
            "features": lambda: self.some(lambda: draw.choice(["age", "bmi", "x", "x0"]), 2),
            "classes": lambda: [0, 1],
            "perturb": lambda: {"scale": 2.0},
        }.items():
            if draw.random() < 0.15:
                source[key] = make()
        return source

    def grid(self):
        draw = self.draw
        names = ["surface"] if draw.random() < 0.3 else ["model", "cost"]
        names += ["learning_rate", "convergence"]
        names += [
            name
            for name in BY_AXIS
            if name not in (*names, "surface", "model", "cost") and draw.random() < 0.25
        ]
        grid = {name: self.axis(name) for name in names}
        if draw.random() < 0.2:
            zipped = draw.sample(sorted(grid), k=min(2, len(grid)))
            length = draw.randint(1, 3)
            grid["zip"] = {name: [self.choice(name) for _ in range(length)] for name in zipped}
            for name in zipped if draw.random() < 0.8 else ():
                del grid[name]
        for name in ("exclude", "include"):
            if draw.random() < 0.2:
                grid[name] = self.some(lambda: self.condition(grid), 3)
        return grid

    def axis(self, name):
        draw = self.draw
        if name == "learning_rate" and draw.random() < 0.3:
            return {draw.choice(RANGES): [draw.choice(NUMBERS), draw.choice(NUMBERS), draw.randint(1, 5)]}
        value = self.some(lambda: self.choice(name), 3)
        if draw.random() < 0.1:
            value = {
                "values": value,
                "when": {draw.choice(list(BY_AXIS)): self.choice(draw.choice(list(BY_AXIS)))},
            }
        return value

    def choice(self, name):
        if name == "convergence":
            return self.rule()
        if name == "learning_rate" and self.draw.random() < 0.5:
            return self.draw.choice(NUMBERS)
        return self.named(BY_AXIS.get(name) or BY_AXIS["cost"])

    def rule(self, depth=0):
        draw = self.draw
        if depth < 3 and draw.random() < 0.3:
            return {draw.choice(["any", "all"]): [self.rule(depth + 1) for _ in range(draw.randint(1, 3))]}
        if draw.random() < 0.5:
            return {"max_iterations": draw.randint(1, 300)}
        return self.named(BY_AXIS["convergence"])

    def condition(self, grid):
        names = [name for name in grid if name in BY_AXIS] or ["cost"]
        found = {}
        for name in self.draw.sample(names, k=min(len(names), self.draw.randint(1, 2))):
            found[name] = self.draw.choice(
                [
                    self.choice(name),
                    {"above": 0.1},
                    {"not": self.choice(name)},
                    [self.choice(name)],
                    {"at_most": 1},
                ]
            )
        return found

    def named(self, registry):
        """A choice by its name, with none, some or all of its parameters."""
        entry = self.draw.choice(list(registry))
        given = {
            p.name: self.value(p.domain.schema)
            for p in entry.parameters
            if p.required or self.draw.random() < 0.4
        }
        if not given and self.draw.random() < 0.7:
            return entry.name
        if len(given) == 1 and self.draw.random() < 0.3:
            return {entry.name: next(iter(given.values()))}
        return {entry.name: given}

    def value(self, schema):
        """What a domain allows, or nearly."""
        draw = self.draw
        if "enum" in schema:
            return draw.choice(list(schema["enum"]))
        for several in ("anyOf", "oneOf"):
            if several in schema:
                return self.value(draw.choice(list(schema[several])))
        kind = schema.get("type", "number")
        kind = draw.choice(kind) if isinstance(kind, list) else kind
        if kind == "array":
            return [self.value(schema.get("items", {})) for _ in range(draw.randint(1, 3))]
        if kind == "object":
            return {}
        if kind in ("string", "boolean", "null"):
            return {"string": "x", "boolean": draw.random() < 0.5, "null": None}[kind]
        return max(draw.choice(NUMBERS), schema.get("minimum", 0)) if kind == "number" else self.whole(schema)

    def whole(self, schema):
        least = int(schema.get("minimum", 0))
        return min(self.draw.randint(least, least + 8), int(schema.get("maximum", 1 << 60)))

    def some(self, make, most):
        """One, bare or in a list, or several."""
        if self.draw.random() < 0.5:
            return make()
        return [make() for _ in range(self.draw.randint(1, most))]

    # --- what may happen to it

    def accident(self, tree):
        places = [*_places(tree)]
        path = self.draw.choice([place for place in places if len(place) < 60])  # PyYAML recurses
        how = self.draw.choice(
            [
                self.cut,
                self.odd_leaf,
                self.graft,
                self.double,
                self.rename,
                self.wrap,
                self.unwrap,
                self.deepen,
                self.swap,
            ]
        )
        return how(tree, path, places)

    def odd(self):
        return copy.deepcopy(self.draw.choice(ODD))

    def cut(self, tree, path, _places):
        if not path:
            return {}
        parent = _at(tree, path[:-1])
        del parent[path[-1]]
        return tree

    def odd_leaf(self, tree, path, _places):
        return _put(tree, path, self.odd())

    def graft(self, tree, path, places):
        return _put(tree, path, copy.deepcopy(_at(tree, self.draw.choice(places))))

    def swap(self, tree, path, places):
        other = self.draw.choice(places)
        one, two = copy.deepcopy(_at(tree, path)), copy.deepcopy(_at(tree, other))
        if path[: len(other)] == other or other[: len(path)] == path:
            return tree  # one within the other
        return _put(_put(tree, path, two), other, one)

    def double(self, tree, path, _places):
        """A list of it, once or many times: some hundred where it is small."""
        value = _at(tree, path)
        times = self.draw.choice([1, 2, 3, 300 if not isinstance(value, (dict, list)) else 4])
        return _put(tree, path, [copy.deepcopy(value) for _ in range(times)])

    def rename(self, tree, path, _places):
        if not path or not isinstance(path[-1], str):
            return tree
        parent = _at(tree, path[:-1])
        key = self.draw.choice([*KEYS, path[-1] + "s", path[-1][:-1], path[-1].upper(), f" {path[-1]}"])
        parent[key] = parent.pop(path[-1])
        return tree

    def wrap(self, tree, path, _places):
        return _put(tree, path, {self.draw.choice(KEYS): _at(tree, path)})

    def unwrap(self, tree, path, _places):
        value = _at(tree, path)
        inner = (
            list(value.values() if isinstance(value, dict) else value)
            if isinstance(value, (dict, list))
            else []
        )
        return _put(tree, path, self.draw.choice(inner)) if inner else tree

    def deepen(self, tree, path, _places):
        value = _at(tree, path)
        key = self.draw.choice([None, *KEYS])
        for _ in range(self.draw.choice([2, 5, 30, 60])):
            value = [value] if key is None else {key: value}
        return _put(tree, path, value)

    # --- how it is written

    def written(self, tree, flow=None):
        """In blocks or in a line, with anchors where branches are the same object."""
        style = self.draw.choice([False, None, True]) if flow is None else flow
        if self.draw.random() < 0.1 and isinstance(tree, dict) and tree:
            branch = self.draw.choice(list(tree.values()))
            tree = {**tree, self.draw.choice(KEYS): branch}  # PyYAML writes the second as an alias
        return yaml.dump(
            tree,
            Dumper=yaml.SafeDumper,
            default_flow_style=style,
            sort_keys=False,
            allow_unicode=True,
            width=1000,
        )


def _places(node, path=()):
    yield path
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, inner in items:
        yield from _places(inner, (*path, key))


def _at(tree, path):
    for key in path:
        tree = tree[key]
    return tree


def _put(tree, path, value):
    if not path:
        return value
    _at(tree, path[:-1])[path[-1]] = value
    return tree
