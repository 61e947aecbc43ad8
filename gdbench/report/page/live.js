// While a sweep runs: asks whether the page has been made anew, and shows that one where the reader was.

const KEPT = "gdbench live";
const PACE = 2000; // milliseconds between questions
const LOST = 3; // questions without an answer until nobody is taken to answer any more

const badge = document.body.appendChild(document.createElement("p"));
badge.className = "live";
const told = (words) => (badge.textContent = words);
told(`live · as of ${new Date().toLocaleTimeString()}`);

// --- what the reader has chosen, and where he is

const named = (details) => [
  details.closest("figure")?.querySelector(".chart")?.id,
  details.closest(".grid")?.querySelector("table")?.id,
  details.closest("section")?.getAttribute("aria-labelledby"),
  details.querySelector("summary")?.textContent,
].join(" ");
const anchors = () => [...document.querySelectorAll("main [id]")].filter((one) => one.getClientRects().length);

function remember() {
  // what a link has scrolled to stands a fraction of a pixel below the edge
  const above = anchors().filter((one) => one.getBoundingClientRect().top < 1).at(-1);
  sessionStorage.setItem(KEPT, JSON.stringify({
    controls: studies.map((study) => study.choices),
    picked: studies.map((study) => [...study.picked].map(([axis, values]) => [axis, [...values]])),
    opened: [...document.querySelectorAll("details[open]")].map(named),
    heights: [...document.querySelectorAll(".chart")].map((chart) => [chart.id, chart.offsetHeight]),
    frames: [...players].map(([place, { at, frames }]) => [place.id, at === frames.length - 1 ? null : frames[at]]),
    grids: [...document.querySelectorAll(".grid table")].map(gridState),
    focus: document.activeElement?.id ?? "",
    anchor: above ? [above.id, above.getBoundingClientRect().top] : ["", scrollY],
  }));
}

function gridState(table) {
  const box = table.closest(".grid");
  const sorted = [...table.tHead.rows[0].cells].map((header) => header.getAttribute("aria-sort"));
  return {
    id: table.id,
    column: sorted.findIndex(Boolean),
    order: sorted.find(Boolean),
    words: box.querySelector("input.filter")?.value ?? "",
    columns: [...box.querySelectorAll("input[data-column]")].map((one) => [one.dataset.column, one.checked]),
    unfolded: box.querySelector("button.unfold")?.textContent.startsWith("Show all") === false,
  };
}

function restoreGrid({ id, column, order, words, columns, unfolded }) {
  const table = document.getElementById(id);
  const box = table?.closest(".grid");
  if (!box) return;
  const header = table.tHead.rows[0].cells[column];
  for (let turn = 0; turn < 2 && header && header.getAttribute("aria-sort") !== order; turn += 1) {
    header.querySelector("button")?.click();
  }
  const filter = box.querySelector("input.filter");
  if (words && filter) {
    filter.value = words;
    filter.dispatchEvent(new Event("input"));
  }
  for (const [number, checked] of columns) {
    const choice = box.querySelector(`input[data-column="${number}"]`);
    if (choice && choice.checked !== checked) choice.click();
  }
  if (unfolded) box.querySelector("button.unfold")?.click();
}

function scroll([id, offset]) {
  const place = id && document.getElementById(id);
  scrollTo({ top: place ? scrollY + place.getBoundingClientRect().top - offset : offset, behavior: "instant" });
}

function restore(kept) {
  history.scrollRestoration = "manual";
  studies.forEach((study, number) => {
    Object.assign(study.choices, kept.controls[number]);
    for (const list of study.root.querySelectorAll("select.control")) {
      const wanted = study.choices[list.dataset.control];
      if ([...list.options].some((option) => option.value === wanted)) list.value = wanted;
    }
    study.picked = new Map((kept.picked[number] ?? []).map(([axis, values]) => [axis, new Set(values)]));
    if (study.picked.size) study.show();
  });
  for (const details of document.querySelectorAll("details")) {
    if (kept.opened.includes(named(details))) details.open = true;
  }
  kept.grids.forEach(restoreGrid);
  // until a chart is drawn it is as high as it was, so that nothing below it moves
  for (const [id, height] of kept.heights) {
    const chart = document.getElementById(id);
    if (chart) chart.style.minHeight = `${height}px`;
  }
  document.getElementById(kept.focus)?.focus({ preventScroll: true });
  scroll(kept.anchor);
  const moved = new AbortController();
  for (const kind of ["wheel", "touchstart", "keydown", "pointerdown"]) {
    addEventListener(kind, () => moved.abort(), { signal: moved.signal, passive: true });
  }
  const frames = new Map(kept.frames);
  document.addEventListener("drawn", ({ target, detail: { figure } }) => {
    target.style.minHeight = "";
    const player = players.get(target);
    const k = frames.get(target.id);
    if (figure.played && player && k != null) {
      frames.delete(target.id);
      player.move(player.frames.findLastIndex((frame) => frame <= k));
    }
    if (!moved.signal.aborted) scroll(kept.anchor);
  });
}

const kept = sessionStorage.getItem(KEPT);
sessionStorage.removeItem(KEPT);
if (kept) restore(JSON.parse(kept));

// --- asking

const busy = () =>
  [...players.values()].some((player) => player.timer !== null) ||
  document.activeElement?.matches("select, input.filter") ||
  !document.getSelection().isCollapsed;

let unanswered = 0;
const { version } = document.documentElement.dataset;

async function ask() {
  if (!document.hidden) {
    try {
      const answer = await fetch("version", { cache: "no-store" });
      const now = await answer.text();
      unanswered = 0;
      if (answer.ok && now !== version && !busy()) {
        remember();
        location.reload();
        return;
      }
    } catch {
      unanswered += 1;
      if (unanswered >= LOST) {
        badge.setAttribute("role", "status");
        told("no longer live: gdbench report --watch has ended");
        return;
      }
    }
  }
  setTimeout(ask, PACE);
}

setTimeout(ask, PACE);
