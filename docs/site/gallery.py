"""Write the gallery's pages again: `python docs/site/gallery.py [NAME …]`, a few minutes.

Runs every config of configs/literature into results/ (what is there is not run again) and writes for each a
page with its config, its picture and its numbers beside the published ones, and the index's table of all.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import gdbench
from gdbench.judgement.expectations import tally
from gdbench.report.tables.expectations_table import AGREE, measured_text, quantity

ROOT = Path(__file__).parents[2]
PAGES, PICTURES = ROOT / "docs" / "gallery", ROOT / "docs" / "pictures" / "literature"
CONFIGS = sorted(ROOT.glob("configs/literature/*.yaml"))

_PAGE = """# {title}

{description}

```yaml title="configs/literature/{name}.yaml"
--8<-- "configs/literature/{name}.yaml"
```

```text
gdbench run configs/literature/{name}.yaml
```

## Published and measured

{table}

{sources}

## What came out

![Relative objective gap or cost per iteration, one line for each setting](../pictures/literature/{name}.svg)

{answer}
"""

_ROW = "| {} | {} | {} | {} | {} |"
_HEAD = (_ROW.format("agree", "what", "published", "measured", "run"), _ROW.format(*["---"] * 5))


def run(names: set[str]) -> None:
    """Every config, or those named, and their pictures."""
    command = [sys.executable, "-c", "from gdbench.cli import main; main()"]
    chosen = [path for path in CONFIGS if not names or path.stem in names]
    paths = [str(path.relative_to(ROOT)) for path in chosen]
    subprocess.run(
        [*command, "run", *paths, "--no-tracking", "--quiet", "--runner", "serial"], cwd=ROOT, check=True
    )
    for path in chosen:
        subprocess.run([*command, "report", path.stem, "--format", "svg"], cwd=ROOT, check=True)
        shutil.copy(ROOT / "results" / path.stem / "report" / "gap.svg", PICTURES / f"{path.stem}.svg")


def page(path: Path) -> tuple[str, str]:
    """A config's page, and its row of the index."""
    study, text = gdbench.load(path.stem), path.read_text(encoding="utf-8")
    title = text.splitlines()[0].removeprefix("# ").rstrip(".")
    checks = study.expectations
    rows = [
        _ROW.format(AGREE[c.verdict], quantity(c), c.published, measured_text(c), _plain(c.setting))
        for c in checks
    ]
    sources = list(dict.fromkeys(c.source for c in checks))
    told = "\n".join(f"- {_plain(source)}" for source in sources)
    description = re.search(r"^description: (.*)$", text, re.MULTILINE)
    assert description is not None
    written = _PAGE.format(
        title=title,
        description=f"{tally(checks)}.",
        name=path.stem,
        table="\n".join([*_HEAD, *rows]),
        sources=told,
        answer=_plain(study.answer.text),
    )
    first = sources[0].removeprefix("derived; ").removeprefix("derived from ").partition(":")[0]
    row = f"| [`{path.stem}`]({path.stem}.md) | {description[1]} | {_plain(first)} | {len(checks)} |"
    return written, row


def _plain(text: str) -> str:
    return text.replace("*", "\\*").replace("|", "\\|").replace("~", "\\~").replace("[", "\\[")


def main() -> None:
    PAGES.mkdir(exist_ok=True)
    PICTURES.mkdir(exist_ok=True)
    run(set(sys.argv[1:]))
    rows, checked = [], []
    for path in CONFIGS:
        written, row = page(path)
        (PAGES / f"{path.stem}.md").write_text(written, encoding="utf-8")
        rows.append(row)
        checked += gdbench.load(path.stem).expectations
    index, total = PAGES / "index.md", f"{len(CONFIGS)} experiments; {tally(checked)}."
    table = "|---|---|---|---|\n" + "\n".join(rows) + f"\n\n{total}\n"
    text = re.sub(r"\|---\|.*?agree\.\n", lambda _: table, index.read_text(encoding="utf-8"), flags=re.DOTALL)
    index.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
