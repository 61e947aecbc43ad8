"""The page in a real Chromium, from a file, with the network cut."""

import shutil

import pytest

from gdbench.report.write import write_report

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="chromium or chromedriver is not on the PATH: the page is not opened"
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
    "--window-size=1280,900",
]


@pytest.fixture(scope="module")
def address(folder):
    return write_report(folder, ["html"])[0].as_uri()


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    driver.execute_cdp_cmd("Network.enable", {})
    offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
    yield driver
    driver.quit()


@pytest.fixture
def browser(chromium, address):
    chromium.get_log("browser")
    chromium.get(address)
    drawn(chromium)
    return chromium


def drawn(driver):
    state = "return document.documentElement.dataset.charts"
    WebDriverWait(driver, 60).until(lambda d: d.execute_script(state) == "drawn")


def opacities(browser):
    """Opacity of every visible line of the first chart, by its dash and colour."""
    return browser.execute_script(
        "return [...document.querySelectorAll('#gap .mark-line path')]"
        ".map(path => [path.getAttribute('stroke'), Number(path.getAttribute('opacity') ?? 1)])"
    )


def column(browser, number):
    """What the cells of a column sort by, and what they show."""
    return browser.execute_script(
        "return [...document.querySelectorAll('#settings-table tbody tr')].map(row => row.cells[arguments[0]])"
        ".map(cell => [cell.dataset.order, cell.textContent.trim()])",
        number,
    )


def test_every_chart_is_drawn_without_a_complaint_or_a_request(browser):
    charts = browser.find_elements(By.CSS_SELECTOR, ".chart")
    assert [len(chart.find_elements(By.CSS_SELECTOR, "svg.marks")) for chart in charts] == [1, 1]
    assert len([line for line in opacities(browser) if line[1] > 0.5]) == 24
    assert browser.find_elements(By.CSS_SELECTOR, "#rates .mark-symbol path")
    assert browser.get_log("browser") == []
    requested = browser.execute_script("return performance.getEntriesByType('resource').map(e => e.name)")
    assert [name for name in requested if not name.startswith("data:")] == []


def test_the_page_is_no_wider_than_a_phone(browser):
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    try:
        browser.refresh()
        drawn(browser)
        assert browser.execute_script("return document.documentElement.scrollWidth") == 390
        charts = "[...document.querySelectorAll('.chart svg.marks')]"
        edges = f"return {charts}.map(svg => svg.getBoundingClientRect().right)"
        assert all(edge <= 390 for edge in browser.execute_script(edges))
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_charts_follow_the_dark_mode(browser):
    ink = "return document.querySelector('#gap .role-axis-title text').getAttribute('fill')"
    light = browser.execute_script(ink)
    features = [{"name": "prefers-color-scheme", "value": "dark"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    try:
        WebDriverWait(browser, 30).until(lambda d: d.execute_script(ink) != light)
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_a_click_on_a_header_sorts_the_table_and_another_turns_it_round(browser):
    rates = [float(rate) for rate, _ in column(browser, 0)]
    assert rates != sorted(rates)
    header = browser.find_element(By.CSS_SELECTOR, "#settings-table thead button")
    header.click()
    assert [float(rate) for rate, _ in column(browser, 0)] == sorted(rates)
    header.click()
    assert [float(rate) for rate, _ in column(browser, 0)] == sorted(rates, reverse=True)
    assert browser.find_element(By.CSS_SELECTOR, "th[aria-sort]").get_attribute("aria-sort") == "descending"


def test_censored_speeds_sort_after_those_that_were_reached(browser):
    buttons = browser.find_elements(By.CSS_SELECTOR, "#settings-table thead button")
    place = next(i for i, button in enumerate(buttons) if button.text == "to 1e-06")
    buttons[place].click()
    shown = [text for _, text in column(browser, place)]
    assert [text.startswith(">") for text in shown] == sorted(text.startswith(">") for text in shown)
    assert any(text.startswith(">") for text in shown)


def test_a_click_on_a_legend_entry_leaves_its_lines_and_fades_the_others(browser):
    before = opacities(browser)
    entry = next(
        text
        for text in browser.find_elements(By.CSS_SELECTOR, "#gap .role-legend-label text")
        if text.text == "0.2"
    )
    entry.click()
    WebDriverWait(browser, 10).until(lambda d: opacities(d) != before)
    bright = [stroke for stroke, opacity in opacities(browser) if opacity > 0.5]
    faded = [stroke for stroke, opacity in opacities(browser) if 0 < opacity < 0.2]
    assert (len(bright), len(set(bright)), len(faded)) == (4, 1, 20)
