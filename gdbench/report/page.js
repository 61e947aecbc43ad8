// The page's own script: draws the charts in the reader's colours and sorts the table.

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");
const narrow = matchMedia("(max-width: 700px)");
const views = new Map();

function config(themes) {
  const base = themes[dark.matches ? "dark" : "light"];
  const legend = narrow.matches
    ? { ...base.legend, orient: "bottom", direction: "vertical", columns: 2, labelLimit: 150,
        layout: { bottom: { direction: "vertical", anchor: "start", margin: 10 } } }
    : { ...base.legend, orient: "right", labelLimit: 220 };
  return { ...base, legend };
}

// Narrow screens have room for fewer ticks, and none for a legend at the side.
const options = (id, themes) => ({
  config: config(themes),
  renderer: "svg",
  actions: { export: true, source: false, compiled: false, editor: false },
  downloadFileName: id,
});

async function draw() {
  document.documentElement.dataset.charts = "drawing";
  const themes = read("themes");
  for (const { id, spec } of read("charts")) {
    views.get(id)?.finalize();
    views.set(id, await window.vegaEmbed(document.getElementById(id), spec, options(id, themes)));
  }
  document.documentElement.dataset.charts = "drawn";
}

// One drawing at a time: a second change waits for the first to end.
let drawing = Promise.resolve();
const redraw = () => (drawing = drawing.then(draw));
dark.addEventListener("change", redraw);
narrow.addEventListener("change", redraw);
redraw();

function compare(a, b) {
  if (a === b) return 0;
  if (a === "") return 1;
  if (b === "") return -1;
  const difference = Number(a) - Number(b);
  return Number.isNaN(difference) ? a.localeCompare(b) : difference;
}

for (const table of document.querySelectorAll("table.sortable")) {
  const headers = [...table.tHead.rows[0].cells];
  headers.forEach((header, column) => {
    header.firstElementChild.addEventListener("click", () => {
      const sign = header.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      const key = (row) => row.cells[column].dataset.order;
      const rows = [...table.tBodies[0].rows].sort((a, b) => sign * compare(key(a), key(b)));
      table.tBodies[0].append(...rows);
      headers.forEach((other) => other.removeAttribute("aria-sort"));
      header.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
    });
  });
}
