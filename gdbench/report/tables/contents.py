"""The tables of a report, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Sequence

from gdbench.judgement.diagnoses import verdicts
from gdbench.judgement.model import LearnedModel, Parameter
from gdbench.judgement.settings import Setting, middle
from gdbench.judgement.study import Study
from gdbench.record.columns import ANSWER, PARAMETER_COLUMNS, Column
from gdbench.record.store import Store
from gdbench.reference.predictions import MEASURES
from gdbench.report.tables.diagnosis_table import diagnosis_table
from gdbench.report.tables.many_problems import many_problems_tables, winners_table
from gdbench.report.tables.methods_tables import methods_tables
from gdbench.report.tables.searches_table import searches_table
from gdbench.report.tables.seconds import seconds_table
from gdbench.report.tables.setting_rows import made_once
from gdbench.report.tables.settings_table import endings_table, settings_table
from gdbench.report.tables.shadows_table import shadows_table
from gdbench.report.tables.speed import effects_table, speed_table, starts_table
from gdbench.report.tables.table import Cell, Table, measured, rows_of, words
from gdbench.report.tables.theory_table import predictions_table

_PROBLEM = Column("problem", "string", "What was minimised.")


@made_once
def tables(study: Study) -> list[Table]:
    """All that a report tabulates, the settings first; those that do not apply are there too, and say why."""
    return [
        settings_table(study),
        *([searches_table(study)] if study.searches else []),
        *methods_tables(study),
        winners_table(study),
        speed_table(study),
        speed_table(study, "evaluations"),
        endings_table(study),
        *([held_out_table(study)] if set(study.measured) - {ANSWER} else []),
        *([answers_table(study)] if ANSWER in study.measured else []),
        effects_table(study),
        starts_table(study),
        *many_problems_tables(study),
        seconds_table(study),
    ]


def held_out_table(study: Study) -> Table:
    """How each setting does on the rows that it was fitted to and on those held out."""
    measures = [key for key in study.measured if key not in ("cost", ANSWER)]
    columns = (
        *([_PROBLEM] if len(study.problems) > 1 else []),
        Column("setting", "string", "The choices that tell it from the others."),
        Column("test_cost", "float64", "Mean cost per row held out, at the end, without penalty.", "test cost"),
        Column("best_test_cost", "float64", "The lowest of those recorded.", "lowest"),
        *(_measure_column(key) for key in measures),
    )
    rows = rows_of((_tested(study, setting, measures) for setting in study.ranked), columns)
    return Table("held-out", "Training and test", columns, rows, "Of each setting the median of its runs.")


def answers_table(study: Study) -> Table:
    """Where each setting's iterates ended, and the points that it answers with."""
    columns = (
        *([_PROBLEM] if len(study.problems) > 1 else []),
        Column("setting", "string", "The choices that tell it from the others."),
        Column("final_cost", "float64", "Mean cost per row of the last iterate.", "iterate"),
        Column("answer_cost", "float64", "That of the answer there; empty where it is the iterate.", "answer"),
        Column("best_answer_cost", "float64", "The lowest of the answers recorded.", "lowest answer"),
    )
    rows = rows_of((_answered(study, setting) for setting in study.ranked), columns)
    caption = "Targets, stopping rules and ranks go by the iterates. Of each setting the median of its runs."
    return Table("answers", "Iterates and answers", columns, rows, caption)


def _answered(study: Study, setting: Setting) -> dict[str, Cell]:
    known = [run.result.answer or {} for run in setting.runs]
    return {
        "problem": words(setting.problem.label),
        "setting": words(setting.name(study.method_axes)),
        "final_cost": measured(middle(run.result.final_cost for run in setting.runs)),
        "answer_cost": measured(middle(one.get("cost") for one in known)),
        "best_answer_cost": measured(middle(one.get("best_cost") for one in known)),
    }


def _measure_column(key: str) -> Column:
    part, name = key.split("/")
    measure = MEASURES[name]
    return Column(key.replace("/", "_"), "float64", measure.meaning, f"{measure.title}, {part}")


def _tested(study: Study, setting: Setting, measures: Sequence[str]) -> dict[str, Cell]:
    known = [run.result.held_out or {} for run in setting.runs]
    found = {}
    for key in measures:
        part, name = key.split("/")
        found[key.replace("/", "_")] = middle((one.get(part) or {}).get(name) for one in known)
    return {
        "problem": words(setting.problem.label),
        "setting": words(setting.name(study.method_axes)),
        "test_cost": measured(setting.test_cost),
        "best_test_cost": measured(middle(one.get("best_cost") for one in known)),
        **{name: measured(value, 3) for name, value in found.items()},
    }


#: Parameters of one problem that a table lists; `gdbench export` writes them all.
MOST = 200


def parameter_values(parameter: Parameter) -> dict[str, object]:
    """By column."""
    name = parameter.name
    return {
        "parameter": name.text,
        "layer": name.layer,
        "output": name.output,
        "term": name.term,
        "value": parameter.value,
        "original": parameter.original,
    }


def parameters_table(models: Sequence[LearnedModel]) -> Table:
    """What these models have learned."""
    title = "Learned parameters"
    if not models:
        return Table("parameters", title, absent="No run on data has ended at a point that can be used.")
    several = len(models) > 1
    shown = [column for column in PARAMETER_COLUMNS if column.name in ("parameter", "value", "original")]
    columns = (*([_PROBLEM] if several else []), *shown)
    rows = rows_of((_row(model, p) for model in models for p in model.parameters[:MOST]), columns)
    note = "Of the best run of each problem, where it ended."
    if any(len(model.parameters) > MOST for model in models):
        note += f" The first {MOST} of each; gdbench export writes them all."
    return Table("parameters", title, columns, rows, note)


def _row(model: LearnedModel, parameter: Parameter) -> dict[str, Cell]:
    return {
        "problem": words(model.problem.label),
        "parameter": words(parameter.name.text),
        "value": measured(parameter.value, 7),
        "original": measured(parameter.original, 7),
    }


def theory_tables(study: Study, store: Store) -> list[Table]:
    """Why each run ended as it did, theory beside measurement, and watched rules, for files of their own."""
    if not study.runs:
        return []
    return [
        diagnosis_table(study, verdicts(study, store), apart=True),
        predictions_table(study),
        shadows_table(study),
    ]
