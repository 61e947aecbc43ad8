"""The report: what the store remembers, shown so that a reader knows which setting to use and why.

Rooms in layers, the upper ones reading the lower: page > comparison > charts, tables > analysis.

    analysis/    numbers of a study (`gdbench.judgement.study`), as frozen dataclasses; nothing here draws
    tables/      typed cells under defined columns, which page, Markdown, CSV, LaTeX and notebooks print
    charts/      Vega-Lite with holes, which the page's controls fill
    comparison/  several experiments, each with the first: sentences, and tables
    page/        HTML, Markdown, CSV, LaTeX, frames, the terminal, the notebook

What each gives; where `absent` is not "", a table or a chart's data does not apply, and it says why:

    tables.contents.tables(study)               → list[Table]: all of a report, in reading order
    charts.charts.charts(study, store)          → Charts: figures of each problem, and of all together
    comparison.compare.compare(names, studies)  → Comparison

    analysis.sensitivity.sensitivity(study, problem)  → Sensitivity: a point per setting with a plain rate
    analysis.heat_map.heat_map(study, problem, x, y)  → HeatMap: a cell per pair of labels
    analysis.effects.effects(study, problem)          → list[Effect]: an axis' levels against the best one
    analysis.profiles.performance_profile(study)      → Profile: step lines, one per method; data_profile too
    analysis.ranks.critical_difference(study)         → CriticalDifference: mean ranks, CD, groups
    analysis.lines.lines(members, store, problem)     → list[Band]: median and quartiles by iteration
    analysis.paths.paths(study, problem), contours    → iterates and heights of problems in the plane
"""

#: What a report can be written as, and what it is when nobody says.
FORMATS = ("html", "md", "csv", "latex", "svg", "pdf")
USUAL = ("html", "md", "csv")

#: What pictures of single iterations can be written as, and what they are when nobody says.
STILLS = ("svg", "png", "gif")
