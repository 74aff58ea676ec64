// The page of a wire sweep: tells the cell that is pointed at or has the focus, and moves between cells by keys.

import { byId, element } from "./dom.js";

/** @type {Record<string, [number, number]>} */
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** @type {HTMLElement[]} */
const cells = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("td[data-cell]"))];
const byName = new Map(cells.map((cell) => [nameOf(cell), cell]));
const faults = rows();
const found = cells.filter((cell) => getComputedStyle(cell).fontWeight === "700");

for (const cell of cells) {
  cell.addEventListener("pointerenter", () => tell(cell));
  cell.addEventListener("focus", () => tell(cell));
  cell.addEventListener("click", () => choose(cell));
}
document.addEventListener("keydown", onKey);
const first = found[0] ?? cells[0];
if (first) first.tabIndex = 0;
const linked = byName.get(decodeURIComponent(location.hash.slice(1)));
if (linked) choose(linked);
document.documentElement.dataset.ready = "true";

/**
 * The faults of each side, in the order of the page.
 * @returns {Map<string, string[]>}
 */
function rows() {
  /** @type {Map<string, string[]>} */
  const sides = new Map();
  for (const cell of cells) {
    const { fault, side } = placeOf(cell);
    const known = sides.get(side) ?? [];
    if (!known.includes(fault)) known.push(fault);
    sides.set(side, known);
  }
  return sides;
}

/** @param {HTMLElement} cell */
function nameOf(cell) {
  return cell.dataset.cell ?? "";
}

/**
 * What a cell's name says: `stall@17:client`.
 * @param {HTMLElement} cell
 */
function placeOf(cell) {
  const [fault, rest] = nameOf(cell).split("@");
  const [at, side] = rest.split(":");
  return { fault, at: Number(at), side };
}

/** @param {HTMLElement} cell */
function tell(cell) {
  const again = `${byId("matrix").dataset.again ?? ""}${nameOf(cell)}`;
  byId("told").replaceChildren(
    element("p", {}, element("strong", {}, nameOf(cell)), ` ${cell.title}`),
    element("p", {}, element("small", {}, "again "), element("code", {}, again)),
  );
}

/** @param {HTMLElement} cell */
function choose(cell) {
  for (const each of cells) each.tabIndex = -1;
  cell.tabIndex = 0;
  cell.focus();
  history.replaceState(null, "", `#${encodeURIComponent(nameOf(cell))}`);
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const here = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  const cell = here && here.dataset.cell ? here : null;
  const next =
    event.key === "n" || event.key === "p"
      ? neighbourFound(cell, event.key === "n" ? 1 : -1)
      : cell && event.key in STEPS
        ? beside(cell, ...STEPS[event.key])
        : undefined;
  if (!next) return;
  choose(next);
  event.preventDefault();
}

/**
 * The cell so many faults further down and so many bytes further right.
 * @param {HTMLElement} cell
 * @param {number} down
 * @param {number} right
 */
function beside(cell, down, right) {
  const { fault, at, side } = placeOf(cell);
  const known = faults.get(side) ?? [];
  const other = known[known.indexOf(fault) + down];
  return byName.get(`${other}@${at + right}:${side}`);
}

/**
 * The next finding behind a cell or, backwards, before it; round at the ends.
 * @param {HTMLElement | null} cell
 * @param {number} step
 */
function neighbourFound(cell, step) {
  if (!cell) return found[step > 0 ? 0 : found.length - 1];
  const here = cells.indexOf(cell);
  const all = step > 0 ? found : [...found].reverse();
  return all.find((each) => (cells.indexOf(each) - here) * step > 0) ?? all[0];
}
