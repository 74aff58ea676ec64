// The table of operations: plain rows round the anomaly at first; all of them, filtered, once asked for. Rows out of sight
// do not exist.

import { byId, element, onClick } from "./dom.js";
import { duration, instant, asked, outcome, showing } from "./words.js";
import { TYPES } from "./data.js";

/** @typedef {import("./data.js").Run} Run */
/** @typedef {import("./state.js").Store} Store */
/** @typedef {(row: number) => boolean} Test */

const ROW = 28; // pixels, as in panels.css
const SPARE = 12; // rows drawn beyond what is in sight
const TYPING_MS = 120;

/**
 * @param {Run} run
 * @param {Store} store
 */
export function mountOperations(run, store) {
  const scroll = byId("operations-scroll");
  const filter = /** @type {HTMLInputElement} */ (byId("operations-filter"));
  const body = /** @type {HTMLTableSectionElement} */ (byId("operations-table").querySelector("tbody"));
  /** @type {number[] | null} the rows that pass the filter; null while the page's own rows stand */
  let shown = null;
  let timer = 0;

  function apply() {
    const passes = parse(run, filter.value);
    shown = [];
    for (let row = 0; row < run.count; row += 1) if (passes(row)) shown.push(row);
    byId("operations-showing").textContent = showing(shown.length, run.count, "operation");
    scroll.scrollTop = 0;
    render();
  }

  function render() {
    if (!shown) return;
    const first = Math.max(0, Math.floor(scroll.scrollTop / ROW) - SPARE);
    const last = Math.min(shown.length, Math.ceil((scroll.scrollTop + scroll.clientHeight) / ROW) + SPARE);
    const rows = shown.slice(first, last).map((row) => line(run, store, row));
    body.replaceChildren(gap(first), ...rows, gap(shown.length - last));
  }

  centre(scroll, body);
  filter.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(apply, TYPING_MS);
  });
  scroll.addEventListener("scroll", () => requestAnimationFrame(render), { passive: true });
  onClick("operations-all", () => {
    filter.value = "";
    apply();
  });
}

/**
 * Scrolls the table so that the last marked row is in its middle.
 * @param {HTMLElement} scroll
 * @param {HTMLElement} body
 */
function centre(scroll, body) {
  const marked = /** @type {HTMLElement | undefined} */ ([...body.querySelectorAll("tr.marked")].at(-1));
  if (marked) scroll.scrollTop = marked.offsetTop - scroll.clientHeight / 2;
}

/**
 * @param {Run} run
 * @param {Store} store
 * @param {number} row
 */
function line(run, store, row) {
  const type = TYPES[run.type[row]];
  const classes = [run.marked.has(row) ? "marked" : "", store.get().row === row ? "selected" : ""]
    .filter(Boolean)
    .join(" ");
  const cells = [
    cell(String(run.index[row]), "figure"),
    cell(run.lanes[run.lane[row]]),
    cell(run.process[row] < 0 ? run.lanes[run.lane[row]] : String(run.process[row]), "figure"),
    cell(asked(run, row), "code"),
    element("td", {}, element("span", { class: `outcome ${type}` }, type)),
    cell(run.text(run.result[row]) || run.text(run.error[row]), "code"),
    cell(instant(run.start[row]), "figure"),
    cell(run.answered[row] ? duration(run.end[row] - run.start[row]) : "", "figure"),
  ];
  return element("tr", { "data-op": run.index[row], class: classes }, ...cells);
}

/**
 * @param {string} text
 * @param {string} [name]
 */
function cell(text, name) {
  return element("td", name ? { class: name } : {}, text);
}

/**
 * An empty row as high as so many rows.
 * @param {number} rows
 */
function gap(rows) {
  const made = element("tr", { "aria-hidden": "true" }, element("td", { colspan: 8 }));
  made.style.height = `${rows * ROW}px`;
  made.hidden = rows === 0;
  return made;
}

/**
 * A filter such as `key:k3 client:c4 f:cas type:info t>1.2s` as a test of rows; words without a colon are looked for in
 * the operation.
 * @param {Run} run
 * @param {string} text
 * @returns {Test}
 */
function parse(run, text) {
  const tests = text
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => testOf(run, word));
  return (row) => tests.every((test) => test(row));
}

/**
 * @param {Run} run
 * @param {string} word
 * @returns {Test}
 */
function testOf(run, word) {
  const time = /^t([<>])(\d+(?:\.\d+)?)s?$/.exec(word);
  if (time) {
    const limit = Number(time[2]) * 1e9;
    return time[1] === "<" ? (row) => run.start[row] < limit : (row) => run.end[row] > limit;
  }
  const [, field, wanted] = /^(f|key|client|process|type):(.*)$/.exec(word) ?? [];
  /** @type {Record<string, (row: number) => string>} */
  const fields = {
    f: (row) => run.text(run.f[row]),
    key: (row) => run.text(run.key[row]),
    client: (row) => run.lanes[run.lane[row]],
    process: (row) => String(run.process[row]),
    type: (row) => TYPES[run.type[row]],
  };
  if (field) return (row) => fields[field](row) === wanted;
  const sought = word.toLowerCase();
  return (row) => `${outcome(run, row)} ${run.text(run.error[row])}`.toLowerCase().includes(sought);
}
