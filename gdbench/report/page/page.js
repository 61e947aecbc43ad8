// The page's own script: fills the charts' holes, draws them, links what is selected, and sorts tables.

const dark = matchMedia("(prefers-color-scheme: dark)");
const narrow = matchMedia("(max-width: 700px)");
const themes = JSON.parse(document.getElementById("themes").textContent);

function config() {
  const base = themes[dark.matches ? "dark" : "light"];
  // Narrow screens have no room for a legend at the side.
  const legend = narrow.matches
    ? { ...base.legend, orient: "bottom", direction: "vertical", columns: 1, labelLimit: 0,
        layout: { bottom: { direction: "vertical", anchor: "start", margin: 10 } } }
    : { ...base.legend, orient: "right", labelLimit: 0 };
  return { ...base, legend };
}

// A description without holes; figure.py's `resolved` does the same.
function resolved(spec, choices) {
  if (Array.isArray(spec)) return spec.map((piece) => resolved(piece, choices));
  if (spec === null || typeof spec !== "object") return spec;
  if ("choose" in spec) {
    const pieces = spec.of;
    const made = choices[spec.choose];
    return resolved(made in pieces ? pieces[made] : Object.values(pieces)[0], choices);
  }
  const kept = Object.entries(spec)
    .map(([key, value]) => [key, value?.type === "csv" ? { parse: value.parse } : resolved(value, choices)])
    .filter(([key, value]) => value !== null || spec[key] === null);
  return Object.fromEntries(kept);
}

// A data set as Vega takes it: rows. It would compile a function to read CSV, which the page's policy forbids;
// ours holds numbers under plain names.
function rows(data) {
  if (data.columns) {
    const kept = (cells) => data.columns.map((name, place) => [name, cells[place]]).filter(([, value]) => value !== null);
    return data.rows.map((cells) => Object.fromEntries(kept(cells)));
  }
  if (typeof data !== "string") return data;
  const [names, ...lines] = data.trimEnd().split("\n").map((line) => line.split(","));
  return lines.map((cells) => Object.fromEntries(names.map((name, place) => [name, cells[place]])));
}

// Every description speaks of the page's selection: { number of a bright setting: true }, or null for all.
class Study {
  constructor(root) {
    this.root = root;
    const told = JSON.parse(root.querySelector("script.charts").textContent);
    const data = Object.fromEntries(Object.entries(told.data).map(([name, held]) => [name, rows(held)]));
    Object.assign(this, { figures: told.figures, data, titles: told.titles });
    this.settings = new Map((data.settings ?? []).map((row) => [row.n, row]));
    this.choices = { screen: narrow.matches ? "narrow" : "wide" };
    this.picked = new Map(); // axis → the set of its selected values
    this.views = new Map();
    this.drawing = Promise.resolve();
    this.listen();
  }

  listen() {
    for (const choice of this.root.querySelectorAll("select.control")) {
      this.choices[choice.dataset.control] ??= choice.value;
      choice.addEventListener("change", () => this.choose(choice.dataset.control, choice.value));
    }
    for (const button of this.root.querySelectorAll("button.value")) {
      button.addEventListener("click", () => this.pick(button.dataset.axis, button.dataset.value));
    }
    for (const list of this.root.querySelectorAll("select.value")) {
      list.addEventListener("change", () => {
        this.picked.delete(list.dataset.axis);
        if (list.value) this.pick(list.dataset.axis, list.value);
        else this.show();
      });
    }
    this.root.querySelector("button.clear")?.addEventListener("click", () => {
      this.picked.clear();
      this.show();
    });
    for (const cell of this.root.querySelectorAll("tr[data-n] [data-axis]")) {
      cell.addEventListener("click", () => {
        const row = this.settings.get(Number(cell.parentElement.dataset.n));
        if (row && cell.dataset.axis in row) this.pick(cell.dataset.axis, row[cell.dataset.axis]);
      });
    }
    for (const button of this.root.querySelectorAll("button.view")) {
      button.addEventListener("click", () => {
        const { gallery, kind } = button.dataset;
        this.viewsOf(gallery).forEach((other) => other.setAttribute("aria-pressed", other === button));
        this.choices[gallery] = kind;
        this.draw(this.figures.filter((figure) => this.figureOf(figure).dataset.gallery === gallery));
      });
    }
    for (const button of this.root.querySelectorAll("button[data-save]")) {
      button.addEventListener("click", () => this.save(button));
    }
  }

  // --- drawing

  choose(name, value) {
    this.choices[name] = value;
    for (const twin of this.root.querySelectorAll(`select[data-control="${name}"]`)) {
      if ([...twin.options].some((option) => option.value === value)) twin.value = value;
    }
    const changed = ({ controls }) => name === "problem" || name in controls;
    return this.draw(this.figures.filter(changed));
  }

  // One drawing at a time: a second change waits for the first to end.
  draw(figures = this.figures) {
    return (this.drawing = this.drawing.then(() => this.drawAll(figures)));
  }

  async drawAll(figures) {
    for (const figure of figures) this.figureOf(figure).hidden = !this.wanted(figure);
    for (const figure of figures) {
      const place = this.place(figure);
      if (this.figureOf(figure).hidden) continue;
      try {
        await this.drawOne(figure, place);
      } catch (error) {
        place.textContent = "This chart could not be drawn; the tables hold its numbers.";
        console.error(figure.id, error);
      }
    }
  }

  async drawOne(figure, place) {
    const spec = resolved(figure.spec, this.choices);
    const shared = Object.fromEntries(figure.data.map((name) => [name, this.data[name]]));
    spec.datasets = { ...spec.datasets, ...shared };
    this.views.get(figure.id)?.finalize();
    // ast: expressions are interpreted, not compiled
    const options = { config: config(), renderer: "svg", actions: false, ast: true, patch: (vega) => this.open(vega) };
    const { view } = await window.vegaEmbed(place, spec, options);
    this.views.set(figure.id, view);
    view.addEventListener("click", (_, item) => this.clicked(figure, item));
    nearest(view, place);
    // empty groups of marks have no words; those of the whole chart stand beside it
    for (const mute of place.querySelectorAll('[role="graphics-symbol"]:not([aria-label])')) mute.setAttribute("aria-hidden", "true");
    await this.light(figure, view, this.bright());
    place.dispatchEvent(new CustomEvent("drawn", { bubbles: true, detail: { study: this, figure, view } }));
    performance.mark(`drawn ${place.id}`);
  }

  // Of a gallery one kind of picture is shown: the chosen one, where the problem has it.
  wanted(figure) {
    if (!this.ofProblem(figure)) return false;
    const { gallery, kind } = this.figureOf(figure).dataset;
    if (!gallery) return true;
    const there = this.figures.filter((other) => this.figureOf(other).dataset.gallery === gallery && this.ofProblem(other));
    const kinds = there.map((other) => this.figureOf(other).dataset.kind);
    const order = this.viewsOf(gallery).map((button) => button.dataset.kind);
    const shown = kinds.includes(this.choices[gallery]) ? this.choices[gallery] : order.find((one) => kinds.includes(one));
    return kind === (shown ?? kind);
  }

  ofProblem(figure) {
    return !this.choices.problem || !figure.problem || figure.problem === this.choices.problem;
  }

  viewsOf(gallery) {
    return [...this.root.querySelectorAll("button.view")].filter((button) => button.dataset.gallery === gallery);
  }

  figureOf(figure) {
    return this.place(figure).closest("figure");
  }

  place(figure) {
    return this.root.querySelector(`[data-figure="${figure.id}"]`);
  }

  // Legends that can be clicked, each entry under the name of its axis.
  open(vega) {
    let number = 0; // names must be unique
    for (const legend of vega.legends ?? []) {
      const axis = Object.keys(this.titles).find((name) => this.titles[name] === legend.title);
      if (!axis || legend.type === "gradient") continue;
      const parts = ["labels", "symbols"].map((part) => [
        part,
        { ...legend.encode?.[part], name: `pick ${axis} ${number++}`, interactive: true },
      ]);
      legend.encode = { ...legend.encode, ...Object.fromEntries(parts) };
    }
    return vega;
  }

  // --- selecting

  clicked(figure, item) {
    const [kind, named] = (item?.mark?.name ?? "").split(" ");
    if (kind === "pick") return this.pick(named, item.datum.value);
    const datum = item?.datum;
    if (!datum) return undefined;
    const row = { ...this.settings.get(datum.n), ...datum };
    if ("pair" in figure.controls) {
      const axes = (figure.controls.pair.includes(this.choices.pair) ? this.choices.pair : figure.controls.pair[0]).split("/");
      [datum.x, datum.y].forEach((value, place) => this.pick(axes[place], value, false));
      return this.show();
    }
    const axis = this.choices.colour;
    return axis in row ? this.pick(axis, row[axis]) : undefined;
  }

  pick(axis, value, shown = true) {
    // "7 others" is no value
    if (![...this.settings.values()].some((row) => row[axis] === value)) return;
    const values = this.picked.get(axis) ?? new Set();
    if (!values.delete(value)) values.add(value);
    if (values.size) this.picked.set(axis, values);
    else this.picked.delete(axis);
    if (shown) this.show();
  }

  bright() {
    if (!this.picked.size) return null;
    const holds = (row) => [...this.picked].every(([axis, values]) => values.has(row[axis]));
    const numbers = [...this.settings.values()].filter(holds).map((row) => [row.n, true]);
    return Object.fromEntries(numbers);
  }

  light(figure, view, lit) {
    const knows = figure.spec.params?.some((param) => param.name === "lit");
    return knows ? view.signal("lit", lit).runAsync() : undefined;
  }

  show() {
    const lit = this.bright();
    for (const figure of this.figures) {
      const view = this.views.get(figure.id);
      if (view) this.light(figure, view, lit);
    }
    for (const row of this.root.querySelectorAll("tr[data-n]")) {
      row.classList.toggle("faded", lit !== null && !(row.dataset.n in lit));
    }
    for (const button of this.root.querySelectorAll("button.value")) {
      const { axis, value } = button.dataset;
      button.setAttribute("aria-pressed", Boolean(this.picked.get(axis)?.has(value)));
    }
    for (const list of this.root.querySelectorAll("select.value")) {
      const [first, more] = this.picked.get(list.dataset.axis) ?? [];
      list.value = first && !more ? first : "";
    }
    this.tell(lit);
  }

  tell(lit) {
    const line = this.root.querySelector(".selection");
    if (!line) return;
    this.root.querySelector("button.clear").hidden = lit === null;
    const chosen = [...this.picked].map(([axis, values]) => `${this.titles[axis]} ${[...values].join(", ")}`);
    const count = lit && Object.keys(lit).length;
    line.textContent = lit ? `${count} of ${this.settings.size} settings: ${chosen.join("; ")}` : "Nothing is selected.";
  }

  // --- saving

  async save(button) {
    const chart = button.closest("figure").querySelector(".chart");
    const view = this.views.get(chart.dataset.figure);
    if (!view) return;
    const link = document.createElement("a");
    link.href = await view.toImageURL(button.dataset.save, 2);
    link.download = `${chart.id}.${button.dataset.save}`;
    link.click();
  }
}

// --- tooltips

// Lines and dots tell of the point that is nearest to the pointer: a line of two pixels is hard to hit.
const REACH = 40;

function points(view) {
  const found = [];
  const look = (item, x, y) => {
    if (item.marktype === "line" || item.marktype === "symbol") {
      for (const one of item.items) if (one.tooltip) found.push([x + one.x, y + one.y, one]);
    } else if (item.items) {
      for (const one of item.items) look(one, x + (one.x ?? 0), y + (one.y ?? 0));
    }
  };
  for (const one of view.scenegraph().root.items) look(one, one.x ?? 0, one.y ?? 0);
  return found;
}

function nearest(view, place) {
  let known = null;
  const forget = () => (known = null);
  for (const name of ["lit", "width"]) {
    try {
      view.addSignalListener(name, forget);
    } catch {
      // a chart without this signal
    }
  }
  const svg = place.querySelector("svg.marks");
  const handler = view._tooltip;
  svg.addEventListener("pointermove", (event) => {
    const over = event.target.__data__;
    const itself = (over?.tooltip ?? over?.mark?.items?.[0]?.tooltip) && !["line", "symbol"].includes(over.mark?.marktype);
    if (itself) return;
    known ??= points(view);
    if (!known.length) return;
    const [left, top] = view.origin();
    const bounds = svg.getBoundingClientRect();
    const x = event.clientX - bounds.left - left;
    const y = event.clientY - bounds.top - top;
    let best = null;
    let least = REACH * REACH;
    for (const [a, b, item] of known) {
      const distance = (a - x) * (a - x) + (b - y) * (b - y);
      if (distance < least) [best, least] = [item, distance];
    }
    handler.call(null, handler, event, best, best?.tooltip ?? null);
  }, true);
}

// --- tables

function compare(a, b) {
  if (a === b) return 0;
  if (a === "") return 1;
  if (b === "") return -1;
  const difference = Number(a) - Number(b);
  return Number.isNaN(difference) ? a.localeCompare(b, undefined, { numeric: true }) : difference;
}

// A table that can be sorted and, where it is long, folded and filtered; of one made of several, columns are chosen.
class Grid {
  constructor(table) {
    this.table = table;
    this.box = table.closest(".grid");
    this.rows = [...table.tBodies[0].rows];
    this.most = this.rows.filter((row) => !row.hidden).length;
    this.unfolded = false;
    this.filter = this.box.querySelector("input.filter");
    this.more = this.box.querySelector("button.unfold");
    this.filter?.addEventListener("input", () => this.show());
    this.more?.addEventListener("click", () => {
      this.unfolded = !this.unfolded;
      this.show();
    });
    for (const choice of this.box.querySelectorAll("input[data-column]")) {
      choice.addEventListener("change", () => this.choose(Number(choice.dataset.column), choice.checked));
    }
    if (table.classList.contains("sortable")) this.listen();
  }

  listen() {
    const headers = [...this.table.tHead.rows[0].cells];
    headers.forEach((header, column) => {
      header.querySelector("button").addEventListener("click", () => {
        const sign = header.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        this.rows.sort((a, b) => sign * compare(key(a.cells[column]), key(b.cells[column])));
        this.table.tBodies[0].append(...this.rows);
        headers.forEach((other) => other.removeAttribute("aria-sort"));
        header.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
        this.show();
      });
    });
  }

  choose(column, shown) {
    for (const row of [this.table.tHead.rows[0], ...this.rows]) row.cells[column].hidden = !shown;
  }

  show() {
    const words = (this.filter?.value ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    const holds = (row) => words.every((word) => row.textContent.toLowerCase().includes(word));
    const found = words.length ? this.rows.filter(holds) : this.rows;
    const kept = new Set(this.unfolded ? found : found.slice(0, this.most));
    for (const row of this.rows) row.hidden = !kept.has(row);
    const told = this.box.querySelector(".told");
    if (told) told.textContent = words.length ? `${found.length} of ${this.rows.length} rows` : "";
    if (this.more) {
      this.more.textContent = this.unfolded ? `Show ${this.most} rows` : `Show all ${found.length} rows`;
      this.more.parentElement.hidden = found.length <= this.most;
    }
  }
}

// What a cell sorts by; where the page shows just that, it is not written twice.
function key(cell) {
  if (cell.dataset.order !== undefined) return cell.dataset.order;
  return cell.title || [...cell.childNodes].find((node) => node.nodeName !== "SMALL")?.textContent || "";
}

document.querySelectorAll(".grid table").forEach((table) => new Grid(table));

const studies = [...document.querySelectorAll("article.study")].map((root) => new Study(root));

async function drawPage() {
  document.documentElement.dataset.charts = "drawing";
  for (const study of studies) await study.draw();
  document.documentElement.dataset.charts = "drawn";
}

dark.addEventListener("change", drawPage);
narrow.addEventListener("change", () => {
  for (const study of studies) study.choices.screen = narrow.matches ? "narrow" : "wide";
  drawPage();
});
if (narrow.matches) document.querySelectorAll("details.selectors").forEach((details) => (details.open = false));
drawPage();
