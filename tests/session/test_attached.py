"""What MLflow's parent run gets of the report, and what is said where it cannot be written."""

from __future__ import annotations

from pathlib import Path

import gdbench
from gdbench.judgement.study import study
from gdbench.record.store import Store
from gdbench.session.attached import attached

CONFIG = """\
name: few
data: {dataset: diabetes, standardize: true}
grid: {model: linear, cost: mse, learning_rate: [0.1, 0.3], convergence: {max_iterations: 20}}
"""


def test_a_sweep_gets_page_pictures_and_data_or_the_reason_why_not(tmp_path: Path) -> None:
    (tmp_path / "few.yaml").write_text(CONFIG)
    gdbench.run(tmp_path / "few.yaml", results=tmp_path, runner="serial", tracking=False)
    said: list[str] = []
    with Store.read(tmp_path / "few") as store:
        files = attached(study(store), store, said.append)
        assert sorted(files) == ["curves.parquet", "curves.svg", "picture.svg", "report.html", "runs.parquet"]
        assert all(path.stat().st_size for path in files.values())
        assert said == []
        page = files["report.html"]
        page.unlink()
        page.mkdir()
        assert attached(study(store), store, said.append) == {}
    [reason] = said
    assert f"{page}: the report cannot be written" in reason
