"""The notebooks of the docs run from top to bottom, in a kernel of their own."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "docs" / "notebooks"


def outputs(notebook, kind):
    """What the cells gave of a kind, in their order."""
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if kind in data:
                found.append(data[kind])
            elif output.get("name") == kind:
                found.append(output["text"])
    return found


@pytest.fixture(scope="module", params=["five_steps", "compare_optimizers"])
def executed(request, tmp_path_factory):
    """(name, notebook with its outputs), executed in a folder of its own; a cell that fails is an error."""
    notebook = nbformat.read(NOTEBOOKS / f"{request.param}.ipynb", as_version=4)
    folder = tmp_path_factory.mktemp(request.param)
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}})
    client.execute()
    return request.param, notebook


def test_every_cell_runs_and_nothing_is_warned_of(executed):
    _, notebook = executed
    said = "".join(outputs(notebook, "stderr"))
    assert "Traceback" not in said
    assert "Warning" not in said.replace("TqdmWarning", "")


def test_charts_are_drawn_and_the_answer_is_shown(executed):
    name, notebook = executed
    charts = [
        data
        for cell in notebook.cells
        for data in cell.get("outputs", [])
        if "vega" in str(data.get("data", {}))
    ]
    assert len(charts) == 2
    pages = "".join(outputs(notebook, "text/html"))
    assert {"five_steps": "Use η = ", "compare_optimizers": "Use "}[name] in pages


def test_the_notebooks_are_kept_without_outputs():
    for path in NOTEBOOKS.glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        assert not any(cell.get("outputs") for cell in notebook.cells), path.name
