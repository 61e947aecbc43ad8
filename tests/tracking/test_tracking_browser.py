"""The printed addresses in a real Chromium, fresh and used: what a person sees without a click."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING

import pytest

from gdbench.judgement.answer import answer
from gdbench.judgement.study import study
from gdbench.record.store import Store
from gdbench.report.curve_pictures import pictures
from gdbench.tracking.sync import sync
from tests.browsers import CHROMIUM, DRIVER, FLAGS
from tests.tracking.studies import RECORDS, plan, write_store
from tests.tracking.test_tracking_ui import NAMES, PARENT, served

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.tracking.studies import Place

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="chromium or chromedriver is not on the PATH: MLflow's page is not opened"
)
PATIENCE = 90  # seconds: MLflow's pages load slowly on a busy machine


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, "--window-size=1600,1400", f"--user-data-dir={tmp_path / 'profile'}"):
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


#: Whether a picture that a description names has been loaded.
PICTURE = """
return [...document.querySelectorAll('img[src*="get-artifact"]')].some(one => one.naturalWidth > 300)
"""


def opened(browser: webdriver.Chrome, address: str) -> None:
    """As by typing it: a new document, in the profile as it is by now."""
    browser.get("about:blank")
    browser.get(address)


def shows_the_curves(browser: webdriver.Chrome) -> None:
    """Every curve there is, under a title and on log axes, the best run first; a crashed one has none."""
    # the view is applied upon what the browser has kept
    until(browser, lambda _: len(lines(browser)) == 3 and axes(browser) == ["log", "log"])
    drawn = {name.partition(" ")[0]: points for name, points in lines(browser).items()}
    assert drawn == {"η=0.1": pytest.approx(300, abs=10), "η=0.2": 151, "η=0.5": 3}
    seen = body(browser)
    assert "No charts in this section" not in seen, seen
    assert {"Relative gap", "Model training", "Which learning rates converge?"} <= set(seen.splitlines())
    rows = [link.text for link in browser.find_elements(By.CSS_SELECTOR, ".ag-row a")]
    assert set(rows) == NAMES - {PARENT}
    assert rows[0] == "η=0.1 · linear · mse", "the best is first"


def test_the_printed_addresses_show_the_runs_whatever_the_browser_has_seen_before(
    place: Place, browser: webdriver.Chrome, tmp_path: Path
) -> None:
    write_store(place.folder, [plan(*(r.key for r in RECORDS))])
    (tmp_path / "index.html").write_text("<h1 id='verdict'>Use 0.2</h1>")
    with Store.read(place.folder) as store:
        about = study(store)
        files = {"report.html": tmp_path / "index.html"}
        for name, picture in pictures(about, store).items():
            files[name] = tmp_path / name
            files[name].write_text(picture)
        sync(store, place.uri, place.results, files=lambda *_: files)
    with served(place) as (_, address):
        base, plain = address.partition("/#/")[0], address.partition("?")[0]
        before = [
            "about:blank",
            f"{base}/#/experiments?workflowType=genai",
            plain,  # MLflow's own list, with the sweep folded up
            address.replace("gdbench-curves", "gdbench-sweeps"),
        ]
        for first in before:
            opened(browser, first)
            if first != "about:blank":
                until(browser, lambda _: "lr_sweep" in body(browser))
            opened(browser, address)
            shows_the_curves(browser)
        if entry_points(group="mlflow.app", name="gdbench"):  # installed, not only on the path
            browser.refresh()
            shows_the_curves(browser)
            opened(browser, base)
            until(browser, lambda _: "viewStateShareKey=gdbench-curves" in browser.current_url)
            shows_the_curves(browser)
            assert "Ask a question" not in body(browser), "the assistant opens when it is asked to"
        opened(browser, f"{plain}?workflowType=machine_learning&viewStateShareKey=gdbench-best")
        until(browser, lambda _: "final/log10_relative_gap" in body(browser))
        child = browser.find_element(By.XPATH, "//a[normalize-space()='η=0.5 · linear · mse']")
        # a run's own page: what became of it, why, and its curve out of the picture of all
        page = child.get_attribute("href")
        child.click()
        until(browser, lambda _: "diverged: the cost was not finite" in body(browser))
        until(browser, lambda _: browser.execute_script(PICTURE))
        if entry_points(group="mlflow.app", name="gdbench"):
            opened(browser, f"{page}/model-metrics")
            until(browser, lambda _: len(lines(browser)) == 1 and axes(browser) == ["log", "log"])
            assert "Cost (mean cost per row)" in body(browser)
            opened(browser, page)
            until(browser, lambda _: browser.find_elements(By.LINK_TEXT, PARENT))
        # the sweep's: the answer, counts, and the report among its artifacts
        browser.find_element(By.XPATH, f"//a[normalize-space()='{PARENT}']").click()
        until(browser, lambda _: answer(about).text in body(browser))
        seen = body(browser)
        assert "4 runs: 2 converged, 1 diverged, 1 crashed." in seen
        assert "diabetes (0123456789abcdef" in seen
        until(browser, lambda _: browser.execute_script(PICTURE))
        sweep = browser.current_url.partition("?")[0].rstrip("/")
        opened(browser, f"{sweep}/model-metrics")  # it has no curves, and MLflow's own charts
        until(browser, lambda _: "outcomes" in body(browser).splitlines())
        assert "No chart data" not in body(browser)
        opened(browser, f"{sweep}/artifacts/report.html")
        until(browser, lambda _: browser.find_elements(By.TAG_NAME, "iframe"))
        browser.switch_to.frame(browser.find_element(By.TAG_NAME, "iframe"))
        until(browser, lambda _: browser.find_element(By.ID, "verdict").text == "Use 0.2")
