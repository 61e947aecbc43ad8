"""Performance and data profiles: which share of the problems each method solves within how much effort."""

from __future__ import annotations

import altair as alt

from gdbench.judgement.numerals import count, figure, listing
from gdbench.judgement.study import Study
from gdbench.report.analysis.profiles import Profile, data_profile, performance_profile
from gdbench.report.charts.figure import Figure, Spec, filled
from gdbench.report.charts.palette import HUES

#: Lines that can be told apart; further methods, those that solve least, are left out and counted.
METHODS = 12
_NAMES = {"performance": "Performance profile", "data": "Data profile"}


def profile_figures(study: Study) -> list[Figure]:
    """Both profiles, as far as they apply."""
    found = (performance_profile(study), data_profile(study))
    return [_figure(profile) for profile in found if not profile.absent]


def _figure(profile: Profile) -> Figure:
    ranked = sorted(profile.lines, key=lambda line: (-line.solved, line.method))
    shown = ranked[:METHODS]
    left = len(ranked) - len(shown)
    name = f"profile-{profile.kind}"
    rows = [
        {"method": line.method, "x": x, "y": y} for line in shown for x, y in zip(line.x, line.y, strict=True)
    ]
    caption = [profile.note, "Higher is better; the left end tells who is fastest, the right who solves most."]
    if left:
        caption.append(f"{count(left)} further methods, which solve the fewest problems, are left out.")
    return Figure(
        id=name,
        title=_NAMES[profile.kind],
        caption=" ".join(filter(None, caption)),
        alternative=_alternative(profile),
        spec=_spec(profile, [line.method for line in shown], name),
        data={name: rows},
    )


def _spec(profile: Profile, methods: list[str], name: str) -> Spec:
    left = min(line.x[0] for line in profile.lines)
    powers = [10.0**power for power in range(20) if 10.0**power <= profile.end]
    ticks = [*([0] if left < 1 else []), *powers] if len(powers) > 1 else alt.Undefined
    x = alt.X(
        "x:Q",
        title=f"{profile.x_title} (log scale)",
        scale=alt.Scale(type="log" if left >= 1 else "symlog", domain=[left, profile.end], nice=False),
        axis=alt.Axis(format="~g", values=ticks),
    )
    y = alt.Y(
        "y:Q", title="share of problems solved", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")
    )
    hue = alt.Color(
        "method",
        type="nominal" if len(methods) <= HUES else "ordinal",
        sort=methods,
        scale=alt.Scale(domain=methods),
    )
    pick = alt.selection_point("method", fields=["method"], bind="legend", toggle="true")
    base = alt.Chart(alt.NamedData(name)).encode(x=x, y=y, detail="method:N")
    line = base.mark_line(interpolate="step-after", strokeWidth=2.2).encode(
        color=hue,
        opacity=alt.condition(pick, alt.value(0.9), alt.value(0.1)),
    )
    handle = base.mark_line(interpolate="step-after", strokeWidth=12, opacity=0.0).encode(
        tooltip=[alt.Tooltip("method:N"), alt.Tooltip("y:Q", format=".0%", title="share solved")]
    )
    chart = alt.layer(line.add_params(pick), handle).properties(width="container", height=300).to_dict()
    return filled(chart, {})


def _alternative(profile: Profile) -> str:
    lines = [
        f"{line.method}: {figure(100 * line.y[0], 3)} % at the left end, {count(line.solved)} of "
        f"{count(profile.problems)} in the end"
        for line in profile.lines[:METHODS]
    ]
    return f"{_NAMES[profile.kind]}, the share of problems solved against {profile.x_title}. {listing(lines)}."
