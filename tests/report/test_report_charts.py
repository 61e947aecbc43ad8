"""The charts: which axis has the colour, what is aggregated, and that every choice of the reader is drawn."""

import json
import math
import re
from dataclasses import replace
from itertools import combinations

import pytest
import vl_convert

from gdbench.door.chart import MAJOR
from gdbench.judgement.study import study
from gdbench.record.records import SessionRecord
from gdbench.record.store import Store
from gdbench.reference.optimum import Optimum
from gdbench.reference.problem import ProblemRecord
from gdbench.report.analysis.emphasis import by_effect, omega_squared, ordered
from gdbench.report.analysis.lines import GapLine, Scale
from gdbench.report.analysis.units import incomparable
from gdbench.report.charts import charts as all_charts
from gdbench.report.charts import descent_layers
from gdbench.report.charts.charts import charts
from gdbench.report.charts.figure import Control, choose, resolved
from gdbench.report.charts.methods.profiles_and_ranks import against_figure
from gdbench.report.charts.palette import HUES, PAPER, SCREEN, theme
from tests.report.descriptions import mistakes, version
from tests.report.records import BOOTH, PROBLEM, Case, OnSurface, descend, down_booth, write_store
from tests.swept import swept


def drawn(folder):
    with Store.read(folder) as store:
        about = study(store)
        return about, charts(about, store)


def by_id(found, id_):
    return next(figure for figure in found.all if figure.id == id_)


def rows(csv):
    return [[float(cell) if cell else None for cell in line.split(",")] for line in csv.splitlines()[1:]]


@pytest.fixture(scope="module")
def grid():
    """8 rates × 3 optimizers of which only the rate matters, × 2 starting points."""
    results = {rate: descend(rate, (0.0, 0.0, 0.0), limit=400) for rate in (0.01 * 1.5**k for k in range(8))}
    return [
        Case(rate, result, {f"start_{number}": {}}, optimizer=optimizer)
        for rate, result in results.items()
        for number in range(2)
        for optimizer in ("gradient_descent", "nesterov", "adam")
    ]


def test_omega_squared_is_that_of_hays():
    # means 2 and 7 of 3 values each, centre 4.5: SS_between = 37.5, SS_within = 4, MS_within = 1
    assert omega_squared([[1.0, 2.0, 3.0], [6.0, 7.0, 8.0]]) == pytest.approx((37.5 - 1) / (41.5 + 1))


def test_an_axis_with_a_value_for_each_setting_explains_nothing():
    assert omega_squared([[1.0], [2.0], [3.0]]) == 0.0


def test_the_axis_that_explains_most_of_the_ranking_comes_first(tmp_path, grid):
    with Store.read(write_store(tmp_path / "grid", grid)) as store:
        assert by_effect(study(store))[0] == "learning_rate"
    # the same with the roles exchanged: now the optimizer decides, and three rates do nothing
    results = {"a": descend(0.2, (0, 0, 0), 300), "b": descend(0.02, (0, 0, 0), 300)}
    cases = [Case(rate, result, optimizer=name) for rate in (0.1, 0.2, 0.3) for name, result in results.items()]
    with Store.read(write_store(tmp_path / "other", cases)) as store:
        assert by_effect(study(store))[0] == "optimizer"


def test_values_that_differ_in_one_number_have_an_order_and_others_the_plans(tmp_path):
    result = descend(0.1, (0, 0, 0), limit=5)
    starts = [{"normal": {"mean": 0.0, "std": std}} for std in (10.0, 0.5, 2.0)]
    cases = [
        Case(0.1, result, start, replicate=k, optimizer=name)
        for k, start in enumerate(starts)
        for name in ("nesterov", "adam")
    ]
    with Store.read(write_store(tmp_path / "store", cases)) as store:
        settings = study(store).settings
    assert ordered("initialization", settings) == (["normal(std=0.5)", "normal(std=2)", "normal(std=10)"], True)
    assert ordered("optimizer", settings) == (["nesterov", "adam"], False)


def test_a_hole_is_filled_by_the_choice_or_else_by_its_first_piece():
    control = Control("colour", "Colour", {"a": "A", "b": "B"})
    hole = choose(control, {"a": {"field": "a"}, "b": None})
    spec = {"encoding": {"color": hole, "x": {"field": "x"}}}
    assert resolved(spec, {"colour": "a"}) == {"encoding": {"color": {"field": "a"}, "x": {"field": "x"}}}
    assert resolved(spec, {"colour": "b"}) == {"encoding": {"x": {"field": "x"}}}
    assert resolved(spec, {}) == resolved(spec, {"colour": "a"})


@pytest.mark.parametrize("each", [60, 4], ids=["a line each", "grouped"])
def test_every_choice_makes_a_description_that_vega_lite_accepts(tmp_path, grid, monkeypatch, each):
    monkeypatch.setattr(descent_layers, "EACH", each)
    monkeypatch.setattr("gdbench.report.charts.descent_chart.EACH", each)
    _, found = drawn(write_store(tmp_path / "grid", grid))
    assert {figure.id for figure in found.all} == {"first", "gap", "rates", "heat", "tuning", "starts"}
    for figure in found.all:
        for control in figure.controls:
            for choice in control.choices:
                spec = {**figure.chosen(**{control.name: choice}), "datasets": {}}
                assert "@" not in json.dumps(spec)
                assert mistakes(spec) == []
                vl_convert.vegalite_to_vega(json.dumps(spec))


METHODS = """
grid:
  surface: [booth, matyas, {quadratic: {condition: [2, 4, 8, 16], dimension: 2}}]
  gradient: forward
  optimizer: [gradient_descent, nesterov, adam]
  learning_rate: [0.001, 0.01]
  convergence: {max_iterations: 30}
targets: [1e-1]
"""


def test_charts_of_methods_and_of_numerical_gradients_are_descriptions_too(tmp_path):
    with swept(tmp_path, METHODS) as store:
        found = charts(study(store), store).all
    shown = {figure.id.split("-")[0]: figure for figure in found}
    assert set(shown) >= {"profile", "ranks", "steps", "paths"}
    lines = [GapLine(name, "booth", "", [0, 5, 9], [1.0, 0.1, 0.0]) for name in "ab"]
    against = against_figure(1, "booth", lines[:1], lines, "glm-1")
    assert [mistakes(figure.chosen()) for figure in (*shown.values(), against)] == [[]] * (len(shown) + 1)


def test_schema_notebook_and_what_draws_speak_of_one_version():
    drawn = vl_convert.get_vegalite_versions()[-1]
    assert drawn.split(".")[0] == version().split(".")[0] == str(MAJOR)
    assert mistakes({"mark": "bar", "encodings": {}}) != []


def test_a_line_is_the_median_of_the_runs_with_their_quartiles(tmp_path):
    starts = [(0.0, 0.0, 40.0), (22.0, 0.0, 40.0), (22.0, -20.0, 30.0)]
    cases = [Case(0.1, descend(0.1, start, limit=30), replicate=k) for k, start in enumerate(starts)]
    _, found = drawn(write_store(tmp_path / "store", cases))
    gaps = [[PROBLEM.relative_gap(cost) for cost in case.result.curve.cost] for case in cases]
    for n, k, middle, low, high in rows(by_id(found, "gap").data["lines-1"]):
        at = sorted(gap[int(k)] for gap in gaps)
        assert n == 0
        assert middle == pytest.approx(at[1], rel=1e-3)
        assert (low, high) == pytest.approx(((at[0] + at[1]) / 2, (at[1] + at[2]) / 2), rel=1e-3)


def test_more_settings_than_a_chart_shows_share_points_and_the_caption_says_so(tmp_path, grid, monkeypatch):
    monkeypatch.setattr(descent_layers, "EACH", 10)
    monkeypatch.setattr("gdbench.report.charts.descent_chart.EACH", 10)
    _, found = drawn(write_store(tmp_path / "grid", grid))
    figure = by_id(found, "gap")
    assert "More than 10 settings (48): each line is the median" in figure.caption
    places = {}
    for n, x, *_ in rows(figure.data["lines-1"]):
        places.setdefault(n, []).append(x)
    assert len(places) == 48
    assert len({tuple(xs) for xs in places.values()}) == 1


def test_a_run_that_diverged_counts_as_above_every_other_from_its_end_on(tmp_path, monkeypatch):
    monkeypatch.setattr(descent_layers, "EACH", 1)
    monkeypatch.setattr("gdbench.report.charts.descent_chart.EACH", 1)
    cases = [Case(rate, descend(rate, (0, 0, 0), limit=300)) for rate in (0.1, 0.5)]
    _, found = drawn(write_store(tmp_path / "store", cases))
    lost = [(x, height) for n, x, height, *_ in rows(by_id(found, "gap").data["lines-1"]) if n == 1]
    end = cases[1].result.iterations
    assert all((height == 1e300) == (x > end) for x, height in lost)
    assert lost[-1][0] == 300


def test_beyond_what_a_page_holds_settings_merge_along_the_axes_that_matter_least(tmp_path, grid, monkeypatch):
    monkeypatch.setattr(all_charts, "HELD", 20)
    about, found = drawn(write_store(tmp_path / "grid", grid))
    assert len(about.settings) == 48
    assert len(found.settings) <= 20
    assert {row["learning_rate"] for row in found.settings} == {s.axes["learning_rate"] for s in about.settings}
    assert re.match(r"Charts merge the runs of settings that agree in learning rate η", found.note)
    assert {found.homes[run.key] for run in about.runs} == {row["n"] for row in found.settings}


def test_more_values_of_one_axis_than_a_page_holds_are_thinned_evenly(tmp_path, monkeypatch):
    monkeypatch.setattr(all_charts, "HELD", 5)
    result = descend(0.1, (0, 0, 0), limit=20)
    _, found = drawn(write_store(tmp_path / "store", [Case(0.01 * k, result) for k in range(1, 22)]))
    kept = [row["rate"] for row in found.settings]
    assert kept == pytest.approx([0.01, 0.06, 0.11, 0.16, 0.21])
    assert "Charts leave out 16 values of learning rate η" in found.note


def test_of_very_many_rates_some_are_left_out_and_no_other_axis_is(tmp_path, monkeypatch):
    monkeypatch.setattr(all_charts, "HELD", 8)
    monkeypatch.setattr(all_charts, "THINNED", 4)
    methods = ("gradient_descent", "heavy_ball")
    result = descend(0.1, (0, 0, 0), limit=20)
    cases = [Case(0.01 * k, result, optimizer=method) for method in methods for k in range(1, 10)]
    about, found = drawn(write_store(tmp_path / "store", cases))
    assert len(about.settings) == 18
    kept = {(row["rate"], row["optimizer"]) for row in found.settings}
    assert kept == {(rate, method) for rate in (0.01, 0.04, 0.06, 0.09) for method in methods}
    assert found.note == "Charts leave out 5 values of learning rate η, evenly; 4 remain."


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"interpreter": "PyPy 7.3.11"}, "the runs had different interpreters"),
        ({"host": "elsewhere"}, "the runs had different machines"),
        ({}, ""),
    ],
)
def test_seconds_are_shown_only_where_they_can_be_compared(tmp_path, change, reason):
    result = descend(0.1, (0, 0, 0), limit=20)
    cases = [Case(0.1, result), Case(0.2, replace(result, **change))]
    with Store.read(write_store(tmp_path / "store", cases)) as store:
        about = study(store)
        assert incomparable(about, store) == reason
        figure = by_id(charts(about, store), "gap")
    shown = {choice for control in figure.controls if control.name == "per" for choice in control.choices}
    assert ("seconds" in shown) == (reason == "")
    assert not reason or f"No axis of seconds: {reason}." in figure.caption


def test_seconds_of_a_crowded_machine_are_not_shown(tmp_path):
    folder = write_store(tmp_path / "store", [Case(0.1, descend(0.1, (0, 0, 0), limit=20))])
    session = SessionRecord("plan1", 0.0, "processes", "processes", 8, 2, "bench", 1, 1, comparable=False)
    with Store.open(folder) as store:
        store.end_session(store.begin_session(session), "finished", 1.0)
    with Store.read(folder) as store:
        assert incomparable(study(store), store) == "more workers than cores shared the machine"


def test_two_over_L_is_marked_and_the_region_that_diverged_is_shaded(tmp_path):
    cases = [Case(rate, descend(rate, (0, 0, 0))) for rate in (0.1, 0.2, 0.25, 0.5)]
    problem = replace(PROBLEM, smoothness=8.05)
    _, found = drawn(write_store(tmp_path / "store", cases, problems=[problem]))
    figure = by_id(found, "rates")
    text = json.dumps(figure.spec)
    assert '"2/L = 0.2484"' in text
    assert '"limit": 0.248447' in text
    assert '"from": 0.25' in text
    assert "From η = 0.25 on every run diverged." in figure.caption


def test_a_rate_at_which_some_runs_were_lost_shows_them_beside_its_mark(tmp_path):
    one_of_two = [Case(0.2, descend(0.2, (0, 0, 0))), Case(0.2, descend(0.5, (0, 0, 0)), replicate=1)]
    cases = [Case(0.1, descend(0.1, (0, 0, 0))), *one_of_two, Case(0.5, descend(0.5, (0, 0, 0)))]
    _, found = drawn(write_store(tmp_path / "store", cases))
    figure = by_id(found, "rates")
    assert [row["lost"] for row in figure.data["rates-1"]] == [None, "1 of 2 runs lost", None]
    assert "Small crosses: settings that lost some of their runs." in figure.caption
    assert figure.alternative.count("1 of 2 runs lost") == 1
    assert figure.svg().startswith("<svg")


def test_paths_are_drawn_over_the_contours_of_a_surface_of_two_parameters(tmp_path):
    cases = [OnSurface(rate, down_booth(rate)) for rate in (0.01, 0.05)]
    _, found = drawn(write_store(tmp_path / "store", cases, problems=[BOOTH]))
    figure = by_id(found, "paths")
    first = [point for point in figure.data["paths-1"] if point["path"] == 1]
    assert [first[0][name] for name in ("x", "y", "mark")] == [-5.0, 5.0, "start"]
    assert first[-1]["mark"] == "end"
    kept = [point["k"] for point in first]
    assert kept == figure.played.frames == sorted(set(kept))
    assert (len(kept), kept[0], kept[-1]) == (60, 0, 60)
    lines = rows(figure.data["contours-1"])
    levels = sorted({level for *_, level in lines})
    assert len(levels) >= 8
    # a point of a contour line has the height of the line, but for the coarseness of the grid
    heights = [((x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2, level) for _, x, y, level in lines]
    assert all(height == pytest.approx(level, rel=0.1, abs=0.5) for height, level in heights)


def test_what_is_told_of_an_iterate_is_what_was_recorded_and_its_arrow_points_down_the_slope(tmp_path):
    case = OnSurface(0.01, down_booth(0.01))
    _, found = drawn(write_store(tmp_path / "store", [case], problems=[BOOTH]))
    figure = by_id(found, "paths")
    told = {int(k): [cost, w1, w2] for _, k, _, cost, w1, w2 in rows(figure.data["stops-1"])}
    recorded = {int(k): [x, y] for k, x, y in case.result.path}
    assert {k: place for k, (_, *place) in told.items()} == {k: recorded[k] for k in told}
    assert [told[k][0] for k in told] == pytest.approx([case.result.curve.cost[k] for k in told])
    for point in figure.data["paths-1"][:5]:
        x, y = recorded[point["k"]]
        slope = 10 * x + 8 * y - 34, 8 * x + 10 * y - 38
        tip = point["tx"] - x, point["ty"] - y
        assert math.atan2(tip[1], tip[0]) == pytest.approx(math.atan2(-slope[1], -slope[0]), abs=1e-3)


def test_of_many_runs_the_best_and_others_evenly_chosen_are_played(tmp_path):
    cases = [OnSurface(rate, down_booth(rate)) for rate in (0.001 * k for k in range(1, 21))]
    _, found = drawn(write_store(tmp_path / "store", cases, problems=[BOOTH]))
    figure = by_id(found, "paths")
    assert [name for name, *_ in figure.played.paths] == [
        *("η=0.02", "η=0.001", "η=0.005", "η=0.01", "η=0.015", "η=0.019")
    ]
    assert "6 of 20 paths are drawn" in figure.caption


def test_a_problem_whose_cost_the_report_cannot_evaluate_has_paths_without_contours(tmp_path):
    problem = ProblemRecord("p1", "line", 5, 1, 2, 74.0, Optimum("closed form", "", 0.0, (1.0, 3.0), 0.0))
    _, found = drawn(write_store(tmp_path / "store", [Case(0.05, down_booth(0.05))], problems=[problem]))
    figure = by_id(found, "paths")
    assert figure.data["contours-1"] == ""
    assert "No contour lines: the data or the plug-in" in figure.caption
    assert figure.svg().startswith("<svg")


def linear(colour):
    """The parts of '#rrggbb' as light."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def contrast(one, other):
    """The ratio of WCAG 2."""
    light = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (linear(one), linear(other)))
    return (light[1] + 0.05) / (light[0] + 0.05)


#: How colours look without red or green cones (Machado 2009), and with all.
SEEN = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "no green": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.01182, 0.04294, 0.968881),
    ),
}


def oklab(light):
    def times(rows, values):
        return [sum(a * b for a, b in zip(row, values, strict=True)) for row in rows]

    cones = times(
        ((0.41222, 0.53633, 0.05145), (0.2119, 0.6807, 0.1074), (0.0883, 0.28172, 0.62998)),
        [min(1.0, max(0.0, part)) for part in light],
    )
    lab = ((0.21045, 0.79362, -0.00407), (1.978, -2.42859, 0.45059), (0.0259, 0.78277, -0.80868))
    return times(lab, [cone ** (1 / 3) for cone in cones])


@pytest.mark.parametrize("dark", [False, True])
def test_colours_stand_out_from_their_paper_and_from_one_another(dark):
    of, paper = theme(dark=dark), SCREEN if dark else PAPER
    hues = of["range"]["category"]
    assert len(hues) == len(set(hues)) == HUES
    assert min(contrast(hue, paper) for hue in hues) >= 3
    words = [of["style"][name]["color"] for name in ("best", "worst", "failed")]
    words += [of["axis"]["labelColor"], of["axis"]["titleColor"], of["text"]["color"]]
    assert min(contrast(colour, paper) for colour in words) >= 4.5
    for matrix in SEEN.values():
        seen = [
            oklab([sum(a * b for a, b in zip(row, linear(hue), strict=True)) for row in matrix])
            for hue in hues[:-1]
        ]
        assert min(math.dist(one, other) for one, other in combinations(seen, 2)) > 0.05


def test_black_or_white_can_be_read_on_every_cell():
    edge = 0.179  # what the description asks of a cell's luminance
    assert min(max((light + 0.05) / 0.05, 1.05 / (light + 0.05)) for light in (edge - 1e-9, edge + 1e-9)) > 4.5


@pytest.mark.parametrize(("bottom", "top", "said"), [(1e-16, 1.5e-16, 1), (0.3, 1.0, 3), (0.01, 3.0, 3)])
def test_no_two_heights_of_a_logarithmic_axis_are_called_alike(bottom, top, said):
    axis = descent_layers._labels(Scale("relative objective gap", bottom, top, log=True))
    scale = {"type": "log", "domain": [bottom, top], "nice": False}
    spec = {
        "data": {"values": [{"y": bottom}, {"y": top}]},
        "mark": "point",
        "encoding": {"y": {"field": "y", "type": "quantitative", "scale": scale, "axis": axis}},
    }
    drawn = re.findall(r">([\d.]+e[-−]?\d+)</text>", vl_convert.vegalite_to_svg(spec))
    assert len(drawn) == len(set(drawn)) >= said


def test_of_very_many_settings_on_many_problems_the_first_problems_are_drawn(tmp_path, monkeypatch):
    monkeypatch.setattr(all_charts, "HELD", 9)
    monkeypatch.setattr(all_charts, "OWN", 2)
    problems = [replace(PROBLEM, id=f"p{number}", label=f"problem {number}") for number in range(5)]
    result = descend(0.1, (0, 0, 0), limit=20)
    cases = [Case(0.01 * (n + k), result, problem=problems[n].id) for n in range(5) for k in (5, 50)]
    _, found = drawn(write_store(tmp_path / "store", cases, problems=problems))
    assert list(found.by_problem) == ["p0", "p1"]
    assert found.note == "The first 2 problems have charts; the tables and their files have all 5."
