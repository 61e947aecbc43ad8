"""The report: what the store remembers, told so that a reader knows which setting to use and why.

The seam between numbers and pictures. Everything here is a pure function of a `Study` (study.py), or of
several, and gives frozen dataclasses; nothing here draws, and nothing that draws computes.

Tables (table.py): a `Table` has `id`, `title`, `columns` (each `Column`: name, dtype, meaning, title),
`rows` of `Cell`s (text for people, value for machines, kind = CSS classes, note = small print), `note`
(how to read it) and `absent`: where that is not "", the table does not apply, it says why, and it has no rows.

    contents.tables(study)  → list[Table]        all of a report, in reading order
    comparison.compare([study, …]) → Comparison  several experiments: sentences, and tables

For charts, per problem unless said; each has `note` and `absent` as a table has:

    sensitivity.sensitivity(study, problem)     → Sensitivity: a point per setting with a plain rate, 2/L, edge
    heat_map.heat_map(study, problem, x, y)     → HeatMap: a cell per pair of labels; heat_map.pairs: which
    effects.effects(study, problem)             → list[Effect]: an axis' levels against the best one, in pairs
    profiles.performance_profile(study), profiles.data_profile(study) → Profile: step lines, one per method
    ranks.critical_difference(study)            → CriticalDifference: mean ranks, CD, groups not told apart
    lines.lines(members, store, problem)        → list[Band]: per setting median and quartiles by iteration
    paths.paths(study, problem), paths.contours(problem, spec, box) → iterates and heights of 2-D problems
"""

#: What a report can be written as, and what it is when nobody says.
FORMATS = ("html", "md", "csv", "latex")
USUAL = ("html", "md", "csv")
