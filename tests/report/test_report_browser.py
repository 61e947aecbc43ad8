"""The page in a real Chromium, from a file, with the network cut."""

import os
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from gdbench.record.locate import STORE_NAME
from gdbench.report import live
from gdbench.report.page.write import live_page, write_report
from tests.browsers import CHROMIUM, DRIVER, FLAGS
from tests.report.records import BOOTH, Case, OnSurface, descend, down_booth, write_store

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="chromium or chromedriver is not on the PATH: the page is not opened"
)

OFFLINE = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}


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
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", OFFLINE)
    yield driver
    driver.quit()


@pytest.fixture
def browser(chromium, address):
    return opened(chromium, address)


def opened(driver, address):
    driver.get_log("browser")
    driver.get(address)
    drawn(driver)
    # of the pictures that tell how fast the lines of all settings
    for button in driver.find_elements(By.CSS_SELECTOR, "button.view[data-kind=gap]"):
        button.click()
    until(driver, lambda: driver.find_elements(By.CSS_SELECTOR, "#gap svg.marks"))
    return driver


def drawn(driver):
    state = "return document.documentElement.dataset.charts"
    WebDriverWait(driver, 60).until(lambda d: d.execute_script(state) == "drawn")


def lines(browser, chart="gap"):
    """Colour, dashes and opacity of every visible line of a chart."""
    return browser.execute_script(
        "return [...document.querySelectorAll(`#${arguments[0]} .mark-line path`)]"
        ".map(path => [path.getAttribute('stroke'), path.getAttribute('stroke-dasharray'),"
        " Number(path.getAttribute('opacity') ?? 1)]).filter(([stroke]) => stroke)",
        chart,
    )


def bright(browser, chart="gap"):
    return [(stroke, dash) for stroke, dash, opacity in lines(browser, chart) if opacity > 0.5]


def faded(browser, chart="gap"):
    return [(stroke, dash) for stroke, dash, opacity in lines(browser, chart) if 0 < opacity < 0.1]


def until(browser, holds):
    WebDriverWait(browser, 20).until(lambda _: holds())


def column(browser, number):
    """What the cells of a column sort by, and what they show."""
    return browser.execute_script(
        "return [...document.querySelectorAll('#settings-table tbody tr')].map(row => row.cells[arguments[0]])"
        ".map(cell => [cell.dataset.order ?? (cell.title || cell.firstChild.textContent),"
        " cell.textContent.trim()])",
        number,
    )


def selected_rows(browser):
    """The learning rates of the rows of the table of settings that are not faded."""
    return browser.execute_script(
        "const bright = '#settings-table tbody tr:not(.faded) [data-axis=learning_rate]';"
        "return [...document.querySelectorAll(bright)].map(cell => cell.firstChild.textContent.trim())"
    )


def choose(browser, control, value):
    browser.execute_script(
        "const list = document.querySelector(`select[data-control=${arguments[0]}]`);"
        "list.value = arguments[1]; list.dispatchEvent(new Event('change'))",
        control,
        value,
    )


def test_every_chart_is_drawn_without_a_complaint_or_a_request(browser):
    charts = browser.find_elements(By.CSS_SELECTOR, ".chart")
    assert [len(chart.find_elements(By.CSS_SELECTOR, "svg.marks")) for chart in charts] == [1, 1, 1, 1, 1]
    assert len(bright(browser)) == 12
    assert browser.find_elements(By.CSS_SELECTOR, "#rates .mark-symbol path")
    assert browser.find_elements(By.CSS_SELECTOR, "#heat .mark-rect path")
    assert browser.get_log("browser") == []
    requested = browser.execute_script("return performance.getEntriesByType('resource').map(e => e.name)")
    assert [name for name in requested if not name.startswith("data:")] == []


@pytest.mark.skipif("GDBENCH_AXE" not in os.environ, reason="GDBENCH_AXE names no axe.min.js of npm")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_that_shuts_people_out(browser, scheme):
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    try:
        found = browser.execute_async_script(
            Path(os.environ["GDBENCH_AXE"]).read_text(encoding="utf-8")
            + "; const done = arguments[arguments.length - 1]; axe.run(document, {resultTypes: ['violations']})"
            ".then(({violations}) => done(violations.map(({id, nodes}) => [id, nodes[0].html])))"
        )
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert found == []


def test_columns_are_chosen_and_rows_filtered(browser):
    heads = "return [...document.querySelectorAll('#settings-table thead th:not([hidden])')].length"
    before = browser.execute_script(heads)
    browser.find_element(By.CSS_SELECTOR, "details.columns summary").click()
    browser.find_element(By.CSS_SELECTOR, "input[data-column]:not(:checked)").click()
    assert browser.execute_script(heads) == before + 1
    browser.find_element(By.CSS_SELECTOR, "input.filter").send_keys("zeros 0.1")
    shown = "return document.querySelectorAll('#settings-table tbody tr:not([hidden])').length"
    until(browser, lambda: browser.execute_script(shown) < 12)


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
    ink = "return document.querySelector('#gap .role-axis-title text')?.getAttribute('fill')"
    light = browser.execute_script(ink)
    features = [{"name": "prefers-color-scheme", "value": "dark"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    try:
        until(browser, lambda: browser.execute_script(ink) not in {light, None})
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
    place = next(i for i, button in enumerate(buttons) if button.text == "kept 1e-06")
    buttons[place].click()
    shown = [text for _, text in column(browser, place)]
    assert [text.startswith(">") for text in shown] == sorted(text.startswith(">") for text in shown)
    assert any(text.startswith(">") for text in shown)


def test_a_click_on_a_rate_fades_the_others_in_every_chart_and_in_the_table(browser):
    entry = next(
        text
        for text in browser.find_elements(By.CSS_SELECTOR, "#gap .role-legend-label text")
        if text.text == "0.2"
    )
    entry.click()
    until(browser, lambda: len(faded(browser)) == 10)
    assert len(bright(browser)) == 2
    assert len({stroke for stroke, _ in bright(browser)}) == 1
    marks = browser.find_elements(By.CSS_SELECTOR, "#rates .role-mark.mark-symbol path")
    assert sum(float(mark.get_attribute("opacity")) > 0.5 for mark in marks) == 2
    assert selected_rows(browser) == ["0.2", "0.2"]
    told = browser.find_element(By.CSS_SELECTOR, ".selection")
    assert told.text == "2 of 12 settings: learning rate η 0.2"
    browser.find_element(By.CSS_SELECTOR, "button.clear").click()
    until(browser, lambda: len(bright(browser)) == 12)
    assert len(selected_rows(browser)) == 12


def test_settings_can_be_selected_from_the_keyboard(browser):
    browser.find_element(By.CSS_SELECTOR, ".selectors summary").send_keys(Keys.ENTER)
    for axis, value in (("learning_rate", "0.1"), ("initialization", "zeros")):
        button = browser.find_element(By.CSS_SELECTOR, f"button.value[data-axis={axis}][data-value='{value}']")
        button.send_keys(Keys.SPACE)
        assert button.get_attribute("aria-pressed") == "true"
    until(browser, lambda: len(bright(browser)) == 1)
    assert selected_rows(browser) == ["0.1"]


def test_the_reader_can_give_the_colour_to_another_axis_and_count_something_else(browser):
    assert len({stroke for stroke, _ in bright(browser)}) == 6
    choose(browser, "colour", "initialization")
    until(browser, lambda: len({stroke for stroke, _ in bright(browser)}) == 2)
    assert len({dash for _, dash in bright(browser)}) == 6
    title = "return document.querySelector('#gap .role-axis-title text')?.textContent"
    choose(browser, "per", "seconds")
    until(browser, lambda: browser.execute_script(title) == "seconds in the loop (log scale)")
    assert browser.get_log("browser") == []


def test_a_click_on_a_cell_of_the_heat_map_selects_both_of_its_values(browser):
    browser.execute_script("document.querySelector('#heat').scrollIntoView({block: 'center'})")
    browser.find_elements(By.CSS_SELECTOR, "#heat .role-mark.mark-text text")[0].click()
    until(browser, lambda: len(bright(browser)) == 1)
    assert len(selected_rows(browser)) == 1


def test_a_chart_can_be_saved_as_a_picture(browser):
    browser.execute_script(
        "window.saved = [];HTMLAnchorElement.prototype.click = function () { window.saved.push(this.download) }"
    )
    for button in browser.find_elements(By.CSS_SELECTOR, "#gap ~ .below button[data-save]"):
        browser.execute_script("arguments[0].click()", button)
    until(browser, lambda: browser.execute_script("return window.saved.length") == 2)
    assert set(browser.execute_script("return window.saved")) == {"gap.svg", "gap.png"}


def told(browser, column):
    """What the table of a player tells of each path."""
    cells = f"return [...document.querySelectorAll('.stops td[data-column={column}]')]"
    return [float(value) for value in browser.execute_script(f"{cells}.map(cell => cell.dataset.value)")]


def test_a_descent_is_played_from_the_keyboard_and_every_picture_is_an_iterate_that_was_recorded(
    chromium, tmp_path
):
    cases = [OnSurface(rate, down_booth(rate)) for rate in (0.01, 0.05)]
    [page, *_] = write_report(write_store(tmp_path / "booth", cases, problems=[BOOTH]), ["html"])
    assert page.stat().st_size < 3_000_000
    browser = opened(chromium, page.as_uri())
    recorded = {int(k): (x, y) for k, x, y in cases[1].result.path}
    slider = browser.find_element(By.CSS_SELECTOR, ".player input")
    frame = "return document.querySelector('.player .iteration').textContent"
    assert browser.execute_script(frame) == "iteration 60"
    for key, shown in ((Keys.ARROW_LEFT, 59), (Keys.ARROW_LEFT, 58), (Keys.ARROW_RIGHT, 59)):
        slider.send_keys(key)
        assert browser.execute_script(frame) == f"iteration {shown}"
    assert slider.get_attribute("aria-valuetext") == "iteration 59"
    assert told(browser, "k") == [59, 59]
    assert (told(browser, "w1")[0], told(browser, "w2")[0]) == recorded[59]
    title = "return document.querySelector('#paths .role-title text').textContent"
    until(browser, lambda: browser.execute_script(title) == "iteration 59")
    calm = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": calm})
    chart, toggle = (browser.find_element(By.CSS_SELECTOR, css) for css in ("#paths", ".player button"))
    slider.send_keys(Keys.ARROW_RIGHT)
    chart.send_keys(Keys.SPACE)
    assert (browser.execute_script(frame), toggle.get_attribute("aria-label")) == ("iteration 0", "Pause")
    assert (told(browser, "w1")[0], told(browser, "w2")[0]) == recorded[0] == (-5.0, 5.0)
    chart.send_keys(Keys.SPACE)
    assert toggle.get_attribute("aria-label") == "Play"
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    toggle.click()
    until(browser, lambda: told(browser, "k")[0] > 2)
    toggle.click()
    k = int(told(browser, "k")[0])
    assert (told(browser, "w1")[0], told(browser, "w2")[0]) == recorded[k]
    assert browser.get_log("browser") == []


@contextmanager
def on_this_machine(driver):
    """With the network there, which is cut for the pages that come from files."""
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", {**OFFLINE, "offline": False})
    yield
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", OFFLINE)


def test_a_page_that_follows_a_sweep_stays_as_its_reader_has_made_it(chromium, tmp_path):
    few, many = (
        write_store(
            tmp_path / name / "sweep", [Case(rate, descend(rate, (0.0, 0.0, 0.0), limit=90)) for rate in rates]
        )
        for name, rates in (("few", [0.01, 0.05, 0.2]), ("many", [0.01, 0.03, 0.05, 0.1, 0.2, 0.3]))
    )
    page = live.LivePage(few, lambda version: live_page([few, many][version - 1], version), clock=lambda: 0.0)
    with on_this_machine(chromium), live.serving(page) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        chromium.get(live.address(server))
        drawn(chromium)
        chromium.execute_script(
            "document.querySelectorAll('details').forEach((part, number) => { part.open = number % 2 === 0 });"
            "const list = document.querySelector('select.control');"
            "list.selectedIndex = 1; list.dispatchEvent(new Event('change'));"
            "document.querySelector('#settings-table thead button').click();"
            "document.querySelector('#settings-table tbody [data-axis=learning_rate]').click();"
            "document.querySelector('#settings-table').scrollIntoView()"
        )
        before = as_made(chromium)
        (few / STORE_NAME).touch()
        version = "return document.documentElement.dataset.version"
        until(chromium, lambda: chromium.execute_script(version) == "2")
        drawn(chromium)
        until(chromium, lambda: as_made(chromium) == before)
        assert len(column(chromium, 0)) == 6
        server.shutdown()
    assert chromium.get_log("browser") == []


def as_made(browser):
    """What a reader opened, chose, sorted and picked, and where the table that he reads stands."""
    return browser.execute_script(
        "return [[...document.querySelectorAll('details')].map(part => part.open),"
        " [...document.querySelectorAll('select.control')].map(list => list.value),"
        " [...document.querySelectorAll('[aria-sort]')].map(head => head.textContent + head.ariaSort),"
        " [...document.querySelectorAll('#settings-table tr:not(.faded) [data-axis=learning_rate]')]"
        ".map(cell => cell.textContent),"
        " Math.round(document.querySelector('#settings-table').getBoundingClientRect().top)]"
    )


def test_six_hundred_settings_are_drawn_as_medians_that_follow_the_selection(chromium, tmp_path):
    rates = [0.001 * 1.4**step for step in range(20)]
    cases = [
        Case(rate, result, {f"start_{number}": {}}, optimizer=optimizer)
        for rate in rates
        for result in [descend(rate, (0.0, 0.0, 0.0), limit=300)]
        for number in range(10)
        for optimizer in ("gradient_descent", "nesterov", "adam")
    ]
    [page, *_] = write_report(write_store(tmp_path / "many", cases), ["html"])
    assert page.stat().st_size < 3_000_000
    browser = opened(chromium, page.as_uri())
    assert browser.get_log("browser") == []
    assert len({stroke for stroke, _ in bright(browser)}) == 20
    browser.execute_script(
        "const list = document.querySelector('select.value[data-axis=learning_rate]');"
        "list.selectedIndex = 3; list.dispatchEvent(new Event('change'))"
    )
    until(browser, lambda: len(bright(browser)) == 1)
    assert browser.find_element(By.CSS_SELECTOR, ".selection").text.startswith("30 of 600 settings")
