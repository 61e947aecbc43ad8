"""Each verdict has a page with what it means, the mathematics, and a config that shows it; each is run here."""

import re
from pathlib import Path

import pytest

from gdbench.descent.diagnosis import CAUSES
from gdbench.judgement.diagnoses import diagnoses
from gdbench.judgement.study import study
from tests.swept import swept

PAGES = Path(__file__).parents[2] / "docs" / "verdicts"
CONFIG = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


def test_every_verdict_has_a_page_and_every_page_a_verdict():
    assert {path.stem for path in PAGES.glob("*.md")} - {"README"} == set(CAUSES)


@pytest.mark.parametrize("verdict", CAUSES)
def test_the_pages_config_shows_its_verdict(tmp_path, verdict):
    text = (PAGES / f"{verdict}.md").read_text(encoding="utf-8")
    assert "## The mathematics" in text
    (config,) = CONFIG.findall(text)
    with swept(tmp_path, config) as store:
        found = diagnoses(study(store), store)
    for diagnosis in found.values():
        # of a wrong gradient the step that made it so is told first; a note is told last
        assert verdict in (diagnosis.verdict, "wrong_gradient", "not_unique")
        assert f"**{diagnosis.cause(verdict).grade}" in text.replace("**Proved", "**proved").replace(
            "**Estimated", "**estimated"
        ).replace("**Unknown", "**unknown")


def test_the_overview_names_every_verdict_with_its_meaning():
    text = (PAGES / "README.md").read_text(encoding="utf-8")
    for verdict, meaning in CAUSES.items():
        assert f"({verdict}.md) | {meaning} |" in text
