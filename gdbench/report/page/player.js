// The player of descents: moves charts through the recorded iterations, and tells what holds at the one shown.

const calm = matchMedia("(prefers-reduced-motion: reduce)");

// Milliseconds that a whole descent takes, and a step of it at least and at most; where motion is unwelcome it is
// told in a few pictures, a second each.
const [WHOLE, SHORTEST, LONGEST, CALM, PICTURES] = [8000, 60, 700, 1000, 10];

function made(tag, properties = {}, ...children) {
  const { data = {}, ...plain } = properties;
  const element = Object.assign(document.createElement(tag), plain);
  Object.assign(element.dataset, data);
  element.append(...children);
  return element;
}

// Six digits, as people write numbers of any size.
function short(value) {
  const size = Math.abs(value);
  const plain = value === 0 || (size >= 1e-4 && size < 1e7);
  return plain ? String(Number(value.toPrecision(6))) : value.toExponential(4);
}

// Of one problem: the views that move together, under the controls of the first.
class Player {
  constructor(study, figure) {
    const { frames, paths, columns, rows } = figure.played;
    Object.assign(this, { study, id: figure.id, frames, columns, views: new Map() });
    this.at = frames.length - 1;
    this.timer = null;
    this.paths = paths.map(([name, end, n], place) => {
      const stops = study.data[rows].filter((row) => Number(row.path) === place);
      return { name, end, n, stops, last: Number(stops.at(-1).k) };
    });
    this.build(study.place(figure));
  }

  build(place) {
    const button = (sign, label, act) => {
      const one = made("button", { type: "button", textContent: sign, title: label });
      one.setAttribute("aria-label", label);
      one.addEventListener("click", act);
      return one;
    };
    this.toggle = button("▶", "Play", () => this.playOrPause());
    this.slider = made("input", { type: "range", min: 0, max: this.frames.length - 1, step: 1, value: this.at });
    this.slider.setAttribute("aria-label", "Recorded iteration");
    this.slider.addEventListener("input", () => this.go(Number(this.slider.value)));
    this.told = made("output", { className: "iteration" });
    const back = button("◀", "One recorded iteration back", () => this.go(this.at - 1));
    const forth = button("▶|", "One recorded iteration on", () => this.go(this.at + 1));
    back.textContent = "|◀";
    const bar = made("div", { className: "player" }, this.toggle, back, this.slider, forth, this.told);
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", "Play the descent: space bar, and the arrow keys left and right");
    this.body = made("tbody");
    const heads = ["setting", ...this.columns.map(([, title]) => title), "ended"];
    const head = made("tr", {}, ...heads.map((text) => made("th", { scope: "col", textContent: text })));
    const caption = made("caption", { className: "hidden", textContent: "The iterates that are shown" });
    const table = made("table", { className: "stops" }, caption, made("thead", {}, head), this.body);
    const scroll = made("div", { className: "scroll", tabIndex: 0 }, table);
    const title = place.closest("figure").querySelector(".figure-title").textContent;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", `${title}: the iterates that are shown`);
    place.after(bar, scroll);
  }

  join(figure, view) {
    const place = this.study.place(figure);
    if (!this.views.has(figure.id)) {
      place.tabIndex = 0;
      place.closest("figure").addEventListener("keydown", (event) => this.pressed(event));
    }
    this.views.set(figure.id, view);
    return this.show();
  }

  pressed(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("select, .scroll")) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) this.go(this.at + step);
    else if (event.key === " " && !event.target.closest("button, summary, a")) this.playOrPause();
    else return;
    event.preventDefault();
  }

  // --- moving

  go(place) {
    this.pause();
    return this.move(place);
  }

  move(place) {
    this.at = Math.max(0, Math.min(this.frames.length - 1, place));
    return this.show();
  }

  playOrPause() {
    if (this.timer !== null) return this.pause();
    this.label("❚❚", "Pause");
    if (this.at === this.frames.length - 1) this.move(0);
    return this.wait();
  }

  wait() {
    const step = Math.max(SHORTEST, Math.min(LONGEST, WHOLE / this.frames.length));
    this.timer = setTimeout(() => this.tick(), calm.matches ? CALM : step);
  }

  async tick() {
    const timer = this.timer;
    await this.move(this.at + (calm.matches ? Math.ceil(this.frames.length / PICTURES) : 1));
    if (timer !== this.timer) return; // paused meanwhile
    if (this.at === this.frames.length - 1) this.pause();
    else this.wait();
  }

  pause() {
    clearTimeout(this.timer);
    this.timer = null;
    this.label("▶", "Play");
  }

  label(sign, text) {
    this.toggle.textContent = sign;
    this.toggle.title = text;
    this.toggle.setAttribute("aria-label", text);
  }

  // --- showing

  show() {
    const k = this.frames[this.at];
    this.slider.value = this.at;
    const words = `iteration ${k.toLocaleString("en")}`;
    this.slider.setAttribute("aria-valuetext", words);
    this.told.textContent = words;
    this.body.replaceChildren(...this.paths.map((path) => this.row(path, k)));
    return Promise.all([...this.views.values()].map((view) => view.signal("frame", k).runAsync()));
  }

  row(path, k) {
    const stop = path.stops.findLast((row) => Number(row.k) <= k);
    const name = made("th", { scope: "row" }, this.swatch(path), path.name);
    const cells = this.columns.map(([column]) => {
      const value = stop[column];
      const text = column === "k" ? Number(value).toLocaleString("en") : short(Number(value));
      return made("td", { className: "number", textContent: text, title: value, data: { column, value } });
    });
    const ended = k >= path.last ? path.end : "";
    return made("tr", {}, name, ...cells, made("td", { textContent: ended }));
  }

  // The colour of a path, where the colours tell paths apart.
  swatch(path) {
    const axis = this.study.choices.colour ?? Object.keys(this.study.titles)[0];
    const held = this.study.settings.get(path.n);
    const view = this.views.get(this.id);
    if (this.paths.length < 2 || !view || !held) return "";
    try {
      const scale = view.scale("color");
      const color = scale(held[axis]) ?? scale(held.rate);
      const one = made("span", { className: "swatch" });
      one.style.background = color;
      return one;
    } catch {
      return "";
    }
  }
}

const players = new Map(); // the first chart's place → its player

document.addEventListener("drawn", ({ detail: { study, figure, view } }) => {
  if (!figure.played) return;
  const lead = study.figures.find((other) => other.id === figure.played.with);
  const place = study.place(lead);
  if (!players.has(place)) players.set(place, new Player(study, lead));
  players.get(place).join(figure, view);
});
