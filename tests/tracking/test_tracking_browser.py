"""The printed address in a real Chromium with a fresh profile: what a person sees without a click."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from gdbench.judgement.answer import answer
from gdbench.judgement.study import study
from gdbench.record.store import Store
from gdbench.tracking.sync import sync
from tests.tracking.studies import RECORDS, plan, write_store
from tests.tracking.test_tracking_ui import NAMES, served

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.tracking.studies import Place

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="chromium or chromedriver is not on the PATH: MLflow's page is not opened"
)
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1600,1400",
]
PATIENCE = 90  # seconds: MLflow's pages load slowly on a busy machine


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


def body(browser: webdriver.Chrome) -> str:
    return str(browser.find_element(By.TAG_NAME, "body").text)


def until(browser: webdriver.Chrome, holds) -> None:
    WebDriverWait(browser, PATIENCE, ignored_exceptions=[Exception]).until(holds, body(browser)[-2000:])


def lines(browser: webdriver.Chrome) -> dict[str, int]:
    """The first chart's lines as drawn: name → how many points its path has."""
    return browser.execute_script(
        """
        const plot = [...document.querySelectorAll('.js-plotly-plot')].find(p => p.data.length);
        if (!plot) return {};
        const drawn = [...plot.querySelectorAll('.scatterlayer .trace path.js-line')];
        const shown = plot.data.filter(trace => trace.x && trace.x.length);
        if (drawn.length < shown.length) return {};
        return Object.fromEntries(shown.map(trace => [trace.name, trace.x.length]));
        """
    )


def axes(browser: webdriver.Chrome) -> list[str]:
    return browser.execute_script(
        "const plot = [...document.querySelectorAll('.js-plotly-plot')].find(p => p.data.length);"
        "return [plot.layout.xaxis.type, plot.layout.yaxis.type]"
    )


def test_the_curves_the_runs_under_their_sweep_and_the_report_are_seen_from_the_printed_address(
    place: Place, browser: webdriver.Chrome, tmp_path: Path
) -> None:
    write_store(place.folder, [plan(*(r.key for r in RECORDS))])
    (tmp_path / "index.html").write_text("<h1 id='verdict'>Use 0.2</h1>")
    with Store.read(place.folder) as store:
        sync(store, place.uri, place.results, files=lambda _: {"report.html": tmp_path / "index.html"})
    with served(place) as (_, address):
        browser.get(address)
        until(browser, lambda _: len(lines(browser)) == 3)
        # all three curves that there are, on log axes; a crashed run has none
        drawn = lines(browser)
        assert {name.partition(" ")[0]: points for name, points in drawn.items()} == {
            "η=slow": pytest.approx(300, abs=10),
            "η=fast": 151,
            "η=wild": 3,
        }
        assert axes(browser) == ["log", "log"]
        seen = body(browser)
        assert "Model training" in seen
        assert "Which learning rates converge?" in seen
        # the table: the sweep, unfolded, and its runs below it
        rows = browser.find_elements(By.CSS_SELECTOR, ".ag-center-cols-container .ag-row, .ag-row")
        named = [row.text for row in sorted(rows, key=lambda row: row.location["y"])]
        assert {line for text in named for line in text.splitlines()} >= NAMES
        parent = browser.find_element(By.XPATH, "//a[normalize-space()='4 runs plan-1: learning_rate']")
        child = browser.find_element(By.XPATH, "//a[normalize-space()='η=fast linear · mse']")
        assert parent.location["x"] < child.location["x"], "children are indented"
        assert parent.location["y"] < child.location["y"]
        # the sweep's own page: the answer, counts, and the report among its artifacts
        parent.click()
        with Store.read(place.folder) as store:
            told = answer(study(store)).text
        until(browser, lambda _: told in body(browser))
        seen = body(browser)
        assert "4 runs: 2 converged, 1 diverged, 1 crashed." in seen
        assert "diabetes (0123456789abcdef" in seen
        browser.get(f"{browser.current_url.partition('?')[0].rstrip('/')}/artifacts/report.html")
        until(browser, lambda _: browser.find_elements(By.TAG_NAME, "iframe"))
        browser.switch_to.frame(browser.find_element(By.TAG_NAME, "iframe"))
        until(browser, lambda _: browser.find_element(By.ID, "verdict").text == "Use 0.2")
