"""Draw the pictures of the tutorial's five steps again: `python docs/site/five_steps.py`.

The numbers are those of the page: four students, the rate 0.05, from zero.
"""

from pathlib import Path

import altair as alt
import pandas as pd

PICTURES = Path(__file__).parents[1] / "pictures" / "five_steps"
HOURS, MARKS = [1.0, 2.0, 3.0, 4.0], [2.0, 4.1, 5.9, 8.1]
#: Steps whose line is drawn, and the colour of each: the later, the darker.
SHOWN = {0: "#8c9aa5", 1: "#6baed6", 2: "#3182bd", 480: "#08306b"}


def cost(slope: float, height: float = 0.0) -> float:
    total = 0.0
    for x, y in zip(HOURS, MARKS, strict=True):
        error = slope * x + height - y
        total += error * error
    return total / len(HOURS)


def path(rate: float, steps: int) -> list[tuple[float, float]]:
    """(slope, height) at the start and after each step."""
    slope, height = 0.0, 0.0
    places = [(slope, height)]
    for _ in range(steps):
        errors = [slope * x + height - y for x, y in zip(HOURS, MARKS, strict=True)]
        by_slope = 2.0 * sum(e * x for e, x in zip(errors, HOURS, strict=True)) / len(HOURS)
        by_height = 2.0 * sum(errors) / len(HOURS)
        slope, height = slope - rate * by_slope, height - rate * by_height
        places.append((slope, height))
    return places


def lines() -> alt.LayerChart:
    """The students, and the line after some of the steps."""
    places = path(0.05, max(SHOWN))
    names = {k: {0: "before the first step", 1: "after 1 step"}.get(k, f"after {k} steps") for k in SHOWN}
    ends = pd.DataFrame(
        {"hours": x, "mark": places[k][0] * x + places[k][1], "line": names[k]}
        for k in SHOWN
        for x in (0.0, 5.0)
    )
    base = alt.Chart(ends).encode(
        alt.X("hours:Q", title="hours studied", scale=alt.Scale(domain=[0, 6.6], nice=False)),
        alt.Y("mark:Q", scale=alt.Scale(domain=[-0.5, 10.5], nice=False)),
        alt.Color(
            "line:N", scale=alt.Scale(domain=list(names.values()), range=list(SHOWN.values())), legend=None
        ),
    )
    labels = base.transform_filter("datum.hours == 5").mark_text(align="left", dx=5, fontSize=12)
    students = alt.Chart(pd.DataFrame({"hours": HOURS, "mark": MARKS})).encode(x="hours:Q", y="mark:Q")
    dots = students.mark_point(filled=True, size=70, color="#d95f02", opacity=1)
    return base.mark_line(strokeWidth=2) + labels.encode(text="line:N") + dots


def bowl() -> alt.LayerChart:
    """The cost by the slope, with the height at zero, and where the steps of three rates come to lie."""
    slopes = [i / 50 for i in range(-15, 221)]
    curve = pd.DataFrame({"slope": slopes, "cost": [cost(slope) for slope in slopes]})
    steps = []
    for rate, start in ((0.01, 0.0), (0.1, 4.0), (0.15, 1.65)):
        slope = start
        for k in range(7):
            steps.append({"slope": slope, "cost": cost(slope), "rate": str(rate), "k": k})
            errors = [(slope * x - y) * x for x, y in zip(HOURS, MARKS, strict=True)]
            slope -= rate * 2.0 * sum(errors) / len(HOURS)
    x = alt.X("slope:Q", title="slope (height 0)", scale=alt.Scale(domain=[-0.3, 4.4], nice=False))
    y = alt.Y("cost:Q", scale=alt.Scale(domain=[0, 46], nice=False))
    colour = alt.Color(
        "rate:N", title="learning rate", scale=alt.Scale(range=["#1b9e77", "#3182bd", "#d95f02"])
    )
    ground = alt.Chart(curve).mark_line(color="#888", clip=True).encode(x, y)
    points = alt.OverlayMarkDef(size=45)
    walked = alt.Chart(pd.DataFrame(steps)).mark_line(point=points, clip=True).encode(x, y, colour, order="k:Q")
    return ground + walked


if __name__ == "__main__":
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, chart in (("lines", lines()), ("bowl", bowl())):
        chart.properties(width=520, height=280, background="white").save(PICTURES / f"{name}.svg")
