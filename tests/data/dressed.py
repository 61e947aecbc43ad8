"""A clean table dressed as people dress theirs: marks, units, gaps, encodings, lines around it, at random."""

import csv
import gzip
import io
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

GAPS = (None, None, "", "?", "NA", "-", "n.a.", "-999", "n/a")
THOUSANDS = (None, None, ",", ".", "'", " ", "\u00a0", "_", "\u202f")
UNITS = (None, None, "$", "€", " m²", "%", " EUR", "£")
CITIES = ("Ames", "Boone", "Nevada")
NAMES = (("area", "rooms", "lot", "price"), ("area (m²)", "rooms", "lot [ha]", "price (€)"))


@dataclass(frozen=True)
class Dressed:
    """content: of the file.  numbers: what it says, by name.  labels: of the city, if there is one."""

    suffix: str
    content: bytes
    numbers: Mapping[str, Sequence[float]]
    labels: Sequence[str]
    target: str
    gap: str | None


def dressed(seed: int) -> Dressed:
    """One of the family."""
    draw = random.Random(seed)
    n = draw.randint(12, 30)
    separator = draw.choice((",", ";", "\t", "|", ",", " "))
    marks = _marks(draw, separator)
    names = draw.choice(NAMES) if separator != " " else NAMES[0]
    columns = (
        [round(draw.uniform(20, 4000), draw.choice((0, 1, 2))) for _ in range(n)],
        [float(draw.randint(1, 6)) for _ in range(n)],
        [round(draw.uniform(-3, 3), 2) for _ in range(n)],
        [round(draw.uniform(1000, 900000), draw.choice((0, 2))) for _ in range(n)],
    )
    numbers = dict(zip(names, columns, strict=True))
    gap, unit = draw.choice(GAPS), draw.choice(UNITS)
    gap = None if separator == " " and gap == "" else gap
    rows = []
    for i in range(n):
        row = [_written(column[i], *marks) for column in columns]
        row[3] = _with_unit(row[3], unit, separator)
        for j in (0, 2):
            if gap is not None and draw.random() < 0.15:
                row[j], columns[j][i] = gap, math.nan
        padded = draw.random() < 0.1 and separator != " "
        rows.append([f" {cell} " for cell in row] if padded else row)
    header, labels = list(names), list[str]()
    if draw.random() < 0.4:
        labels = [draw.choice(CITIES) for _ in range(n)]
        _insert(2, header, rows, "city", labels)
    if draw.random() < 0.4:
        _insert(0, header, rows, "id", [str(i + 1) for i in range(n)])
    if draw.random() < 0.3:
        form = draw.choice(("2023-01-{:02d}", "{:02d}.02.2021"))
        _insert(len(header), header, rows, "when", [form.format(i % 28 + 1) for i in range(n)])
    text = _laid_out(draw, separator, header, rows)
    content = _encoded(draw, text)
    suffix = draw.choice((".csv", ".txt", ".tsv")) if separator == "\t" else draw.choice((".csv", ".txt"))
    if draw.random() < 0.2:
        content, suffix = gzip.compress(content, mtime=0), f"{suffix}.gz"
    return Dressed(suffix, content, numbers, labels, names[3], gap)


def _marks(draw: random.Random, separator: str) -> tuple[str, str | None, str]:
    decimal, thousands = draw.choice((".", ".", ",")), draw.choice(THOUSANDS)
    blank = separator == " " and thousands is not None and thousands.isspace()
    return decimal, None if thousands == decimal or blank else thousands, draw.choice(("-", "\u2212", "-"))


def _written(value: float, decimal: str, thousands: str | None, minus: str) -> str:
    whole, _, rest = f"{abs(value):.2f}".rstrip("0").rstrip(".").partition(".")
    if thousands:
        whole = f"{int(whole):,}".replace(",", thousands)
    return (minus if value < 0 else "") + whole + (decimal + rest if rest else "")


def _with_unit(text: str, unit: str | None, separator: str) -> str:
    unit = (unit or "").strip() if separator == " " else unit or ""
    return unit + text if unit in ("$", "£") else text + unit


def _insert(j: int, header: list[str], rows: list[list[str]], name: str, cells: Sequence[str]) -> None:
    header.insert(j, name)
    for row, cell in zip(rows, cells, strict=True):
        row.insert(j, cell)


def _laid_out(draw: random.Random, separator: str, header: list[str], rows: list[list[str]]) -> str:
    out, end = io.StringIO(), draw.choice(("\n", "\r\n"))
    above = draw.random()
    if above < 0.1:
        out.write(f"# made by hand{end}")
    elif above < 0.2 and separator in ",;":
        out.write(f"Flats of 2021{end}{end}")
    elif above < 0.35 and separator == ";":
        out.write(f"sep=;{end}")
    if separator == " ":
        out.write("".join(f"{'  '.join(row)}{end}" for row in [header, *rows]))
        return out.getvalue()
    writer = csv.writer(
        out, delimiter=separator, lineterminator=end, quoting=draw.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    )
    writer.writerow(header)
    trailing = [""] if draw.random() < 0.15 else []
    for row in rows:
        writer.writerow(row + trailing)
        if draw.random() < 0.05:
            out.write(end)
    if draw.random() < 0.1:
        writer.writerow(["Total", *[""] * (len(header) - 1)])
    return out.getvalue()


def _encoded(draw: random.Random, text: str) -> bytes:
    encoding = draw.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252"))
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode("utf-8")
