// The timeline panel: keeps canvas, state and reader together. What is drawn where is in layout.js and drawing.js.

import { byId, definitions, element, onClick, onWidth } from "./dom.js";
import { cardOf, faultFacts, hideCard, operationFacts, showCard } from "./card.js";
import { draw, windowText } from "./drawing.js";
import { mountMap } from "./map.js";
import { faultAt, layOut, operationAt, timeAt } from "./layout.js";
import { around, clamped, padded, whole } from "./state.js";
import { onTheme } from "./theme.js";
import { lowerBound } from "./data.js";
import { title } from "./words.js";

/** @typedef {import("./data.js").Run} Run */
/** @typedef {import("./state.js").Store} Store */
/** @typedef {import("./layout.js").Layout} Layout */
/** @typedef {{canvas: HTMLCanvasElement, layout: Layout, hovered: number, paint: () => void}} Surface */

const ZOOM = 1.6;
const PAN = 0.2;
const DRAG_MIN = 4; // pixels; less is a click

/**
 * @param {Run} run
 * @param {Store} store
 */
export function mountTimeline(run, store) {
  const surface = makeSurface(run, store);
  mountMap(run, store, /** @type {HTMLCanvasElement} */ (byId("timeline-map")));
  wirePointer(run, store, surface);
  wireKeys(run, store, surface.canvas);
  wireButtons(run, store);
  store.listen((state, before) => {
    if (state.row !== before.row) showSelection(run, store);
    surface.paint();
  });
  onTheme(surface.paint);
  showSelection(run, store);
}

/**
 * Zooms about an instant.
 * @param {Run} run
 * @param {Store} store
 * @param {number} factor
 * @param {number} [about]
 */
function zoom(run, store, factor, about) {
  const { from, to } = store.get();
  const middle = about ?? (from + to) / 2;
  store.set(clamped(run, middle - (middle - from) / factor, middle + (to - middle) / factor));
}

/**
 * @param {Run} run
 * @param {Store} store
 * @param {number} shift in parts of the window
 */
function pan(run, store, shift) {
  const { from, to } = store.get();
  store.set(clamped(run, from + shift * (to - from), to + shift * (to - from)));
}

/**
 * The canvas with its size and its drawing, at most once a frame.
 * @param {Run} run
 * @param {Store} store
 * @returns {Surface}
 */
function makeSurface(run, store) {
  const canvas = /** @type {HTMLCanvasElement} */ (byId("timeline-canvas"));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  let waiting = false;
  const surface = { canvas, layout: layOut(run, 0), hovered: -1, paint };

  function paint() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw({
        run,
        layout: surface.layout,
        state: store.get(),
        context,
        hovered: surface.hovered,
        ratio: devicePixelRatio || 1,
      });
      byId("view-range").textContent = windowText(store.get());
    });
  }

  onWidth(canvas, (width) => {
    const ratio = devicePixelRatio || 1;
    surface.layout = layOut(run, width);
    canvas.width = Math.round(surface.layout.width * ratio);
    canvas.height = Math.round(surface.layout.height * ratio);
    canvas.style.height = `${surface.layout.height}px`;
    paint();
  });
  return surface;
}

/**
 * @param {Run} run
 * @param {Store} store
 * @param {Surface} surface
 */
function wirePointer(run, store, surface) {
  const { canvas } = surface;
  /** @type {{x: number, from: number, to: number, moved: boolean} | null} */
  let drag = null;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    const { from, to } = store.get();
    drag = { x: event.offsetX, from, to, moved: false };
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drag) return hover(run, store, surface, event);
    if (!drag.moved && Math.abs(event.offsetX - drag.x) < DRAG_MIN) return;
    drag.moved = true;
    canvas.classList.add("moving");
    hideCard();
    const shift = ((drag.x - event.offsetX) / (surface.layout.width - surface.layout.left)) * (drag.to - drag.from);
    store.set(clamped(run, drag.from + shift, drag.to + shift));
  });
  canvas.addEventListener("pointerup", (event) => {
    if (drag && !drag.moved) pick(run, store, surface, event);
    canvas.classList.remove("moving");
    drag = null;
  });
  canvas.addEventListener("pointercancel", () => (drag = null));
  canvas.addEventListener("pointerleave", () => {
    surface.hovered = -1;
    hideCard();
    surface.paint();
  });
  canvas.addEventListener("dblclick", () => store.set(whole(run)));
  canvas.addEventListener("wheel", (event) => turn(run, store, surface, event), { passive: false });
}

/**
 * @param {Run} run
 * @param {Store} store
 * @param {Surface} surface
 * @param {PointerEvent} event
 */
function hover(run, store, surface, event) {
  const { layout } = surface;
  const row = operationAt(run, layout, store.get(), event.offsetX, event.offsetY);
  const fault = faultAt(run, layout, store.get(), event.offsetX, event.offsetY);
  if (row >= 0) showCard(event, cardOf(title(run, row), operationFacts(run, row)));
  else if (fault) showCard(event, cardOf(`${fault.id} ${fault.label}`, faultFacts(fault)));
  else hideCard();
  if (row !== surface.hovered) {
    surface.hovered = row;
    surface.paint();
  }
}

/**
 * @param {Run} run
 * @param {Store} store
 * @param {Surface} surface
 * @param {PointerEvent} event
 */
function pick(run, store, surface, event) {
  const { layout } = surface;
  const fault = faultAt(run, layout, store.get(), event.offsetX, event.offsetY);
  store.set({ row: operationAt(run, layout, store.get(), event.offsetX, event.offsetY), fault: fault ? fault.id : "" });
}

/**
 * The wheel zooms once the canvas was clicked, or with Ctrl; sideways it moves. Otherwise it scrolls the page, as everywhere.
 * @param {Run} run
 * @param {Store} store
 * @param {Surface} surface
 * @param {WheelEvent} event
 */
function turn(run, store, surface, event) {
  const asked = event.ctrlKey || event.metaKey || document.activeElement === surface.canvas;
  if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) pan(run, store, event.deltaX / surface.layout.width);
  else if (asked) zoom(run, store, 1.0015 ** -event.deltaY, timeAt(surface.layout, store.get(), event.offsetX));
  else return;
  event.preventDefault();
}

/**
 * @param {Run} run
 * @param {Store} store
 * @param {HTMLCanvasElement} canvas
 */
function wireKeys(run, store, canvas) {
  /** @type {Record<string, () => void>} */
  const keys = {
    "+": () => zoom(run, store, ZOOM),
    "=": () => zoom(run, store, ZOOM),
    "-": () => zoom(run, store, 1 / ZOOM),
    0: () => store.set(whole(run)),
    ArrowLeft: () => pan(run, store, -PAN),
    ArrowRight: () => pan(run, store, PAN),
    j: () => step(run, store, 1),
    k: () => step(run, store, -1),
    ArrowDown: () => changeLane(run, store, 1),
    ArrowUp: () => changeLane(run, store, -1),
    Enter: () => select(run, store, nearest(run, store, store.get().row >= 0 ? run.lane[store.get().row] : 0)),
    Escape: () => store.set({ row: -1, fault: "" }),
  };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    keys[event.key]();
    event.preventDefault();
  });
}

/**
 * @param {Run} run
 * @param {Store} store
 */
function wireButtons(run, store) {
  onClick("view-anomaly", () => store.set(around(run, store.get().anomaly)));
  onClick("view-whole", () => store.set(whole(run)));
  onClick("zoom-in", () => zoom(run, store, ZOOM));
  onClick("zoom-out", () => zoom(run, store, 1 / ZOOM));
}

/**
 * The next or previous operation of the selected one's lane.
 * @param {Run} run
 * @param {Store} store
 * @param {number} by
 */
function step(run, store, by) {
  const { row } = store.get();
  if (row < 0) return select(run, store, nearest(run, store, 0));
  const rows = run.laneRows[run.lane[row]];
  const place = lowerBound(rows.length, (at) => rows[at] >= row) + by;
  if (place >= 0 && place < rows.length) select(run, store, rows[place]);
}

/**
 * @param {Run} run
 * @param {Store} store
 * @param {number} by
 */
function changeLane(run, store, by) {
  const { row } = store.get();
  const lane = row < 0 ? 0 : Math.min(Math.max(run.lane[row] + by, 0), run.lanes.length - 1);
  select(run, store, nearest(run, store, lane));
}

/**
 * The operation of a lane that began last before the selected one, or before the middle of the window.
 * @param {Run} run
 * @param {Store} store
 * @param {number} lane
 */
function nearest(run, store, lane) {
  const { row, from, to } = store.get();
  const time = row >= 0 ? run.start[row] : (from + to) / 2;
  const rows = run.laneRows[lane];
  return rows[Math.max(lowerBound(rows.length, (place) => run.start[rows[place]] > time) - 1, 0)];
}

/**
 * Selects an operation and moves the window so that it can be seen.
 * @param {Run} run
 * @param {Store} store
 * @param {number} row
 */
export function select(run, store, row) {
  const { from, to } = store.get();
  const seen = run.start[row] <= to && run.end[row] >= from;
  const span = (to - from) / 2;
  const long = run.end[row] - run.start[row] > 2 * span;
  const moved = long
    ? padded(run, run.start[row], run.end[row])
    : clamped(run, run.start[row] - span, run.start[row] + span);
  store.set({ row, ...(seen ? {} : moved) });
}

/**
 * The selected operation below the timeline, and in words for those who hear the page.
 * @param {Run} run
 * @param {Store} store
 */
function showSelection(run, store) {
  const { row } = store.get();
  const panel = byId("selection");
  panel.hidden = row < 0;
  if (row < 0) return;
  const facts = operationFacts(run, row);
  panel.replaceChildren(element("h3", {}, title(run, row)), definitions(facts));
  byId("spoken").textContent = [title(run, row), ...facts.map(([name, text]) => (text ? `${name} ${text}` : ""))]
    .filter(Boolean)
    .join(", ");
}
