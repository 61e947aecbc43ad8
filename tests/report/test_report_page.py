"""The written report: files, structure, words, and every situation a store can be in."""

import csv
import html
import json
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from gdbench.descent.errors import GdbenchError
from gdbench.descent.recording.result import Curve, RunResult
from gdbench.judgement.study import study
from gdbench.record.records import SessionRecord
from gdbench.record.store import Store
from gdbench.reference.optimum import Optimum
from gdbench.report.page.export import settings_frame
from gdbench.report.page.write import write_report, write_reports
from tests import sampling
from tests.report.records import NORMAL, PROBLEM, RATES, TARGETS, Case, descend, sweep, write_store
from tests.swept import swept

VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """Elements with their attributes and text, and a check that every element is closed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.texts, self.scripts, self.cells = [], [], [], {}, []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag in {"td", "th"}:
            self.cells.append((dict(attrs), ""))
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        if self.open and self.open[-1][0] == "script":
            named = self.open[-1][1].get("id") or self.open[-1][1].get("class")
            self.scripts[named or len(self.scripts)] = data
        elif self.open and self.open[-1][0] in {"td", "th"}:
            self.cells[-1] = (self.cells[-1][0], self.cells[-1][1] + data)
            self.texts.append(data)
        elif self.open and self.open[-1][0] != "style":
            self.texts.append(data)

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


@pytest.fixture(scope="module")
def written(folder):
    return write_report(folder, ["html", "md", "svg", "csv"])


@pytest.fixture(scope="module")
def page(written):
    return Page(written[0].read_text(encoding="utf-8"))


def report(tmp_path, cases, **options):
    folder = write_store(tmp_path / "store", cases, **options)
    files = {path.name: path.read_text(encoding="utf-8") for path in write_report(folder)}
    return Page(files["index.html"]), files


def told(page):
    """What the page draws, its data as rows."""
    drawn = json.loads(page.scripts["charts"])
    for name, held in drawn["data"].items():
        if isinstance(held, dict):
            drawn["data"][name] = [dict(zip(held["columns"], row, strict=True)) for row in held["rows"]]
    return drawn


def charts(page):
    return told(page)["figures"]


def points(page, name="lines-1"):
    """Number of a setting → its line as (x, height)."""
    lines = {}
    for line in told(page)["data"][name].splitlines()[1:]:
        n, x, height, *_ = line.split(",")
        lines.setdefault(int(n), []).append((float(x), float(height)))
    return lines


def layers(spec):
    """The layers of a chart, those of layers too."""
    for layer in spec.get("layer", []):
        yield layer
        yield from layers(layer)


def test_all_files_are_written_beside_the_store_and_nothing_else(folder, written):
    names = [path.name for path in written]
    assert names[:5] == ["index.html", "report.md", "first.svg", "rates.svg", "gap.svg"]
    assert {"settings.csv", "runs.csv", "curves.csv"} <= set(names)
    assert sorted(p.name for p in (folder / "report").iterdir()) == sorted(names)


def test_the_page_has_landmarks_and_one_title(page):
    assert [len(page.all(tag)) for tag in ("header", "main", "footer", "h1", "title")] == [1] * 5
    assert page.all("html") == [{"lang": "en"}]


def test_every_id_is_unique_and_every_reference_to_one_exists(page):
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    for _, attrs in page.elements:
        for name in ("aria-labelledby", "aria-describedby"):
            assert set(attrs.get(name, "").split()) <= set(ids)


def test_tables_have_captions_and_headers_with_scope(page):
    assert len(page.all("caption")) == len(page.all("table"))
    assert {attrs.get("scope") for attrs in page.all("th")} == {"col", "row"}


def test_every_chart_has_a_caption_and_says_the_same_in_words(page):
    assert [chart["id"] for chart in charts(page)] == ["first", "gap", "rates", "heat", "starts"]
    assert len(page.all("figcaption")) == 5
    places = [attrs for attrs in page.all("div") if attrs.get("class") == "chart"]
    told = [attrs["aria-describedby"] for attrs in places]
    assert told == ["first-text", "rates-text", "gap-text", "heat-text", "starts-text"]
    assert "η=0.25 · zeros: diverged" in page.text


def test_nothing_is_loaded_from_anywhere(written, page):
    for _, attrs in page.elements:
        for name in ("src", "href", "srcset", "data", "action"):
            assert attrs.get(name, "").startswith(("#", "data:")) or name not in attrs
    assert not re.search(r"@import|url\(", written[0].read_text(encoding="utf-8").split("</style>")[0])
    [policy] = [a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy


def test_the_vega_libraries_are_there_once(written):
    assert written[0].read_text(encoding="utf-8").count("window.vegaEmbed") == 2  # set once, called once
    assert written[0].stat().st_size < 1_500_000


def test_what_a_user_wrote_is_shown_and_never_run(tmp_path):
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
    case = Case(0.1, descend(0.1, (0, 0, 0), limit=9), {"</script><script>alert(3)</script>": {}})
    problem = replace(PROBLEM, label=evil)
    options = {"description": evil, "config_text": evil, "environment": {evil: evil}, "experiment": evil}
    page, files = report(tmp_path, [case, Case(0.2, case.result)], problems=[problem], **options)
    assert page.all("img") == []
    assert all("alert" not in code for name, code in page.scripts.items() if isinstance(name, int))
    assert evil in page.text
    fences = re.compile(r"^```$.*?^```$", re.MULTILINE | re.DOTALL)
    assert not re.search(r"(?<!\\)<", fences.sub("", files["report.md"]))


def test_the_page_shows_the_settings_in_the_order_of_the_table(folder, page):
    with Store.read(folder) as store:
        table = settings_frame(study(store))
    shown = [
        cell.get("data-order", text) for cell, text in page.cells if cell.get("data-axis") == "learning_rate"
    ]
    assert [float(rate) for rate in shown[: len(table)]] == [float(rate) for rate in table["learning_rate"]]


def test_the_numbers_of_the_page_carry_their_full_precision(cases, page):
    exact = {repr(case.result.final_cost) for case in cases if case.initialization is None}
    assert exact <= {attrs.get("title") for attrs in page.all("td")}


#: What a page puts into a cell besides its text.
BESIDE = re.compile(r"<(small|span class=.star)[^>]*>.*?</(small|span)>|<[^>]+>", re.DOTALL)


def tables_of(text):
    """Of each table of a page its id, the file/column of each column, its rows of cells as (text, number)."""
    for name, inner in re.findall(r'<table[^>]* id="([^"]+)-table">(.*?)</table>', text, re.DOTALL):
        heads, body = inner.split("<tbody>")
        sources = [found and found[1] for found in map(SOURCE.search, re.findall(r"<th scope[^>]*>", heads))]
        rows = [
            [(html.unescape(BESIDE.sub("", told)).strip(), TITLE.search(of)) for of, told in CELL.findall(row)]
            for row in re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.DOTALL)
        ]
        yield name, sources, rows


SOURCE, TITLE = re.compile(r'data-source="([^"]+)"'), re.compile(r' title="([^"]*)"')
CELL = re.compile(r"<t[hd]([^>]*)>(.*?)</t[hd]>", re.DOTALL)


def test_every_number_of_the_page_equals_its_csv(written):
    """Columns of the one table say from which file they are; its rows are known by their choices."""
    files = {path.stem: list(csv.DictReader(path.open(encoding="utf-8"))) for path in written[2:]}
    checked = Counter()
    for name, sources, rows in tables_of(written[0].read_text(encoding="utf-8")):
        for place, row in enumerate(rows if name in files else []):
            for at, (text, full) in enumerate(row):
                file, column = sources[at].split("/") if sources[at] else (name, list(files[name][0])[at])
                if not full or column not in files[file][0]:
                    continue
                same = [one for one in files[file] if one.get("initialization") == row[1][0]]
                [there] = (
                    [one for one in same if one["learning_rate"] == row[0][0]]
                    if sources[at]
                    else [files[name][place]]
                )
                # the frame of settings has words in such a column, and the number beside it
                number = there.get(f"{column}_median", there[column])
                assert float(number) == float(full[1]), (name, column, text)
                checked[file] += 1
    joined = {"settings", "iterations-to-target", "evaluations-to-target", "endings", "seconds"}
    assert joined <= set(checked)


def test_long_tables_are_folded_and_have_their_rows_all_the_same(tmp_path):
    cases = [Case(0.001 * k, descend(0.001 * k, (0, 0, 0), limit=20)) for k in range(1, 41)]
    page, _ = report(tmp_path, cases)
    assert "Show all 40 rows" in page.text
    hidden = [attrs for attrs in page.all("tr") if "hidden" in attrs and "data-n" in attrs]
    assert len(hidden) >= 20


def test_the_page_says_what_ran_how_columns_are_defined_and_how_to_repeat_it(page):
    for words in (
        "gdbench run configs/lr_sweep.yaml",
        "<not a tag>",
        "The minimum of a quadratic is its centre.",
    ):
        assert words in page.text
    for words in ("iterations_to_0.01_reached", "platform Linux x86_64", "2859.696348"):
        assert words in page.text


def test_a_diverging_curve_does_not_stretch_the_axis(page):
    lines = [layer for layer in layers(charts(page)[0]["spec"]) if "detail" in layer.get("encoding", {})]
    [domain] = {tuple(line["encoding"]["y"]["scale"]["domain"]) for line in lines}
    assert 1 <= domain[1] <= 100
    assert "The vertical axis is cut at 10" in page.text


def test_curves_in_the_page_have_at_most_300_points_and_keep_their_ends(cases, page):
    alone = [case for case in cases if case.initialization is None and case.rate in RATES]
    drawn = points(page)
    assert len(drawn) == len({(case.rate, str(case.initialization)) for case in cases})
    for case in alone:
        [row] = [
            row
            for row in told(page)["data"]["settings"]
            if row["rate"] == case.rate and row["initialization"] == "zeros"
        ]
        line = drawn[row["n"]]
        assert len(line) <= 300
        assert (line[0][0], line[-1][0]) == (0, case.result.iterations)


def test_the_markdown_twin_has_the_same_verdict_table_and_picture(written, page):
    text = written[1].read_text(encoding="utf-8")
    assert "**Use η = 0.2 (zeros or normal(std=1), under 1 % apart): it keeps a relative gap of 1e-06" in text
    assert "](gap.svg)" in text
    rows = [line for line in text.split("## How fast?")[1].split("## ")[0].splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 12
    assert {line.count(" | ") for line in rows} == {rows[0].count(" | ")}
    assert written[2].read_text(encoding="utf-8").startswith("<svg")


def test_an_experiment_without_a_finished_run_has_a_page(tmp_path):
    page, files = report(tmp_path, sweep(rates=[0.1], limit=3), finished=[], problems=[])
    assert "No run has finished yet: 0 of 4." in page.text
    assert charts(page) == []
    assert "this page fills as runs finish" in page.text
    assert "window.vegaEmbed=" not in files["index.html"]


def test_a_partial_plan_says_so_on_the_page(tmp_path):
    cases = sweep(rates=[0.1, 0.2], limit=30)
    page, _ = report(tmp_path, cases, finished=cases[:5])
    assert "5 of 8 runs so far" in page.text
    assert "3 of 8 runs are missing: the sweep is still running, or was interrupted." in page.text


def test_a_single_run_has_a_page_with_its_curve(tmp_path):
    page, _ = report(tmp_path, [Case(0.1, descend(0.1, (0, 0, 0)))])
    assert [chart["id"] for chart in charts(page)] == ["first", "gap"]
    assert "The one run." in page.text


def test_a_run_that_ended_where_it_began_can_be_drawn(tmp_path):
    page, _ = report(tmp_path, [Case(0.1, descend(0.1, (22.0, -31.0, 40.0)))])
    assert len(charts(page)) == 2


def test_when_all_diverged_the_page_advises_a_smaller_rate(tmp_path):
    page, _ = report(tmp_path, sweep(rates=[0.5, 1.0]))
    assert "Every setting diverged: try a learning rate below 0.5." in page.text
    assert "best" not in {attrs.get("class") for attrs in page.all("tr")}
    assert [chart["id"] for chart in charts(page)] == ["first", "gap"]


@pytest.mark.parametrize("kind", ["unknown", "none exists"])
def test_without_an_optimum_the_chart_shows_the_cost_and_targets_are_not_measured(tmp_path, kind):
    problem = replace(PROBLEM, optimum=Optimum(kind, "No point attains it."))
    cases = [
        Case(rate, replace(descend(rate, (0, 0, 0), limit=50), iterations_to=dict.fromkeys(TARGETS)))
        for rate in (0.1, 0.2)
    ]
    page, _ = report(tmp_path, cases, problems=[problem])
    assert "no optimum is known" in page.text
    assert "not measured" in page.text
    assert "Final cost by learning rate" in page.text
    assert "Cost, iteration by iteration" in page.text


def test_failures_show_their_reason_and_traceback(tmp_path):
    broken = RunResult("failed", "The cost divided by zero.", traceback="Traceback …\nZeroDivisionError: <b>")
    page, _ = report(tmp_path, [Case(0.1, broken), Case(0.2, descend(0.2, (0, 0, 0)))])
    assert "ZeroDivisionError: <b>" in page.text
    assert "The cost divided by zero." in page.text


def test_a_curve_without_gradient_norms_is_drawn(tmp_path):
    full = descend(0.1, (0, 0, 0), limit=20)
    bare = replace(full, final_gradient_norm=None, curve=Curve(full.curve.iteration, {"cost": full.curve.cost}))
    page, files = report(tmp_path, [Case(0.1, bare)])
    assert len(charts(page)) == 2
    assert len(files["curves.csv"].splitlines()) == 22


def test_two_problems_have_a_chart_each(tmp_path):
    second = replace(PROBLEM, id="p2", label="another")
    cases = [
        Case(rate, descend(rate, (0, 0, 0), limit=20), problem=problem, model=model)
        for rate in (0.1, 0.2)
        for problem, model in (("p1", "linear"), ("p2", "logistic"))
    ]
    page, _ = report(tmp_path, cases, problems=[PROBLEM, second])
    assert [chart["id"] for chart in charts(page)] == ["first", "gap", "rates", "first-2", "gap-2", "rates-2"]
    assert [chart["problem"] for chart in charts(page)] == ["", *[PROBLEM.label] * 2, "", *["another"] * 2]


def test_of_dozens_of_problems_the_first_alone_are_played_and_it_is_said(tmp_path, monkeypatch):
    config = """\
name: swept
grid:
  surface: [booth, matyas]
  learning_rate: [0.01, 0.02]
  optimizer: [gradient_descent, adam]
  convergence: {max_iterations: 5}
"""
    swept(tmp_path, config).close()
    [page, *_] = write_report(tmp_path / "swept", ["html"])
    whole = [chart["id"] for chart in charts(Page(page.read_text(encoding="utf-8")))]
    monkeypatch.setattr("gdbench.report.charts.charts.DETAILED", 1)
    [page, *_] = write_report(tmp_path / "swept", ["html"])
    few = Page(page.read_text(encoding="utf-8"))
    assert set(whole) - {chart["id"] for chart in charts(few)} == {"paths-2", "heat-2"}
    assert "Descents are played, and heat maps drawn, of the first 1 problems." in few.text


def test_experiments_side_by_side_are_told_apart_and_keep_their_ids_apart(tmp_path):
    folders = [
        write_store(tmp_path / day / "lr_sweep", sweep(rates=[0.1, rate], limit=50))
        for day, rate in (("monday", 0.05), ("tuesday", 0.2))
    ]
    [path, *_] = write_reports(folders, ["html"])
    assert path == folders[0] / "report" / "with-tuesday-lr_sweep" / "index.html"
    page = Page(path.read_text(encoding="utf-8"))
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {"e1-gap", "e2-gap", "versus-1"} <= set(ids)
    assert [attrs["aria-label"] for attrs in page.all("article")] == ["monday/lr_sweep", "tuesday/lr_sweep"]
    for _, attrs in page.elements:
        for name in ("aria-labelledby", "aria-describedby"):
            assert set(attrs.get(name, "").split()) <= set(ids)
        if attrs.get("href", "").startswith("#"):
            assert attrs["href"][1:] in ids


def test_a_sweep_that_runs_says_since_when(tmp_path):
    cases = sweep(rates=[0.1], limit=3)
    folder = write_store(tmp_path / "store", cases, finished=cases[:1])
    session = SessionRecord("plan1", 1_700_000_000.0, "processes", "processes", 2, 2, "bench", 1, 3)
    with Store.open(folder) as store:
        store.begin_session(session)
    page = Page(write_report(folder, ["html"])[0].read_text(encoding="utf-8"))
    assert "Still running since 2023-11-14 22:13 UTC: 3 of 4 runs are missing." in page.text
    assert "processes (processes)" in page.text


def test_six_hundred_runs_fit_into_three_megabytes(tmp_path):
    result = descend(0.1, (0, 0, 0))
    cases = [Case(0.0004 * rate, result, NORMAL, replicate) for rate in range(1, 61) for replicate in range(10)]
    [path] = write_report(write_store(tmp_path, cases), ["html"])
    assert path.stat().st_size < 3_000_000
    assert len(charts(Page(path.read_text(encoding="utf-8")))) == 4


def test_a_report_is_replaced_as_a_whole(tmp_path):
    folder = write_store(tmp_path, [Case(0.1, descend(0.1, (0, 0, 0), limit=5))])
    [first] = write_report(folder, ["html"])
    before = first.read_text(encoding="utf-8")
    first.write_text("stale", encoding="utf-8")
    assert write_report(folder, ["html"]) == [first]
    assert first.read_text(encoding="utf-8") == before


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    folder = write_store(tmp_path, [Case(0.1, descend(0.1, (0, 0, 0), limit=5))])
    Path(folder / "report").write_text("in the way", encoding="utf-8")
    with pytest.raises(GdbenchError, match="the report cannot be written"):
        write_report(folder, ["csv"])


def test_an_unknown_format_names_those_that_exist(tmp_path):
    with pytest.raises(GdbenchError, match=r"no report format is called 'htm'\. Did you mean html\?"):
        write_report(tmp_path, ["htm"])


#: Sixteen methods on twelve problems, at three rates.
MANY = """\
grid:
  surface:
    - {quadratic: {condition: 10, dimension: 10}}
    - {quadratic: {condition: 1000, dimension: 10}}
    - linear_full_rank
    - booth
    - rosenbrock
    - beale
    - himmelblau
    - styblinski_tang
    - helical_valley
    - powell_singular
    - wood
    - broyden_tridiagonal
  optimizer:
    - gradient_descent
    - {gradient_descent: {momentum: 0.9}}
    - {heavy_ball: {beta: 0.9}}
    - {nesterov: {beta: 0.9}}
    - adagrad
    - rmsprop
    - adadelta
    - adam
    - amsgrad
    - adamw
    - adamax
    - nadam
    - radam
    - rprop
    - asgd
    - lion
  learning_rate: [0.001, 0.01, 0.1]
  initialization: published
  convergence: {any: [{target: 1.0e-6}, {max_iterations: 500}]}
targets: [1e-1, 1e-3, 1e-6]
"""


if sampling.whole:  # a page of 576 settings takes ten seconds

    @pytest.mark.exhaustive
    def test_a_page_of_many_methods_and_problems_is_no_larger_than_three_megabytes(tmp_path):
        swept(tmp_path, MANY).close()
        [page, *_] = write_report(tmp_path / "swept", ["html"])
        assert page.stat().st_size < 3_000_000
