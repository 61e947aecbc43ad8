"""The docs as a site: every page in its place, searchable when opened from a folder, and nothing fetched."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browsers import chromium

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Built with its reference, from copies: nothing is written into the project."""
    pytest.importorskip("material", reason="the docs' theme is not installed: pip install 'gdbench[docs]'")
    home = tmp_path_factory.mktemp("site")
    shutil.copytree(DOCS, home / "docs", ignore=shutil.ignore_patterns("reference", "__pycache__"))
    shutil.copy(ROOT / "mkdocs.yml", home)
    (home / "configs").symlink_to(ROOT / "configs")
    for build in (["docs/site/reference.py"], ["-m", "mkdocs", "build", "--strict"]):
        done = subprocess.run(
            [sys.executable, *build],
            cwd=home,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)},
        )
        assert done.returncode == 0, done.stderr
    return home / "site"


def test_it_builds_and_every_link_leads_somewhere_and_every_page_is_listed(site):
    assert "Huber 1964" in (site / "reference" / "costs.html").read_text(encoding="utf-8")


#: What the button of the first session puts into the clipboard: its text, as the theme takes it.
COPIED = """
const code = document.querySelector('.language-pycon code');
code.setAttribute('data-md-copying', '');
const text = code.innerText;
code.removeAttribute('data-md-copying');
return text;
"""


def test_opened_from_a_folder_it_searches_copies_what_one_types_and_fetches_nothing(site, tmp_path):
    with chromium(tmp_path, performance="ALL") as driver:
        wait = pytest.importorskip("selenium.webdriver.support.ui").WebDriverWait(driver, 60)

        def shown(selector):
            def first(_):
                found = driver.find_elements("css selector", selector)
                return next((one for one in found if one.is_displayed()), None)

            return wait.until(first)

        driver.get((site / "tutorial" / "five-steps.html").as_uri())
        copied = driver.execute_script(COPIED)
        driver.execute_script("document.querySelector('[data-md-toggle=search]').click()")
        shown("input.md-search__input").send_keys("huber")
        assert shown(".md-search-result__item")
        log = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    assert copied.split("\n")[:2] == ["hours = [1.0, 2.0, 3.0, 4.0]", "marks = [2.0, 4.1, 5.9, 8.1]"]
    asked = [one["params"]["request"]["url"] for one in log if one["method"] == "Network.requestWillBeSent"]
    assert asked
    assert [url for url in asked if url.startswith(("http", "ws"))] == []
