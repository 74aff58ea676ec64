// The strip below the timeline: the whole run at a glance, how busy it was, where faults and anomalies lie, and the window
// upon it.

import { onWidth } from "./dom.js";
import { clamped, whole } from "./state.js";
import { colour, onTheme } from "./theme.js";

/** @typedef {import("./data.js").Run} Run */
/** @typedef {import("./state.js").Store} Store */

const HEIGHT = 46;
const BUSIEST = 30; // pixels

/**
 * @param {Run} run
 * @param {Store} store
 * @param {HTMLCanvasElement} canvas
 */
export function mountMap(run, store, canvas) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const end = whole(run).to;
  let width = 0;
  /** @type {number[]} */
  let busy = [];

  function paint() {
    const ratio = devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(HEIGHT * ratio);
    canvas.style.height = `${HEIGHT}px`;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = colour("raised");
    context.fillRect(0, 0, width, HEIGHT);
    const x = (/** @type {number} */ time) => (time / end) * width;
    for (const fault of run.faults) {
      context.globalAlpha = fault.effective ? 0.5 : 0.15;
      context.fillStyle = colour(`fault-${fault.kind}`);
      context.fillRect(x(fault.begin), 0, Math.max(x(fault.end) - x(fault.begin), 1), HEIGHT);
    }
    context.globalAlpha = 1;
    const most = Math.sqrt(Math.max(1, ...busy)); // square roots: one burst must not flatten the rest
    context.fillStyle = colour("ok-line");
    busy.forEach((number, place) => {
      const height = (Math.sqrt(number) / most) * BUSIEST;
      context.fillRect(place * 2, HEIGHT - 4 - height, 1.5, height);
    });
    context.fillStyle = colour("mark");
    for (const anomaly of run.anomalies) context.fillRect(x(anomaly.instant) - 1, 0, 2, HEIGHT);
    const state = store.get();
    context.fillStyle = colour("surface");
    context.globalAlpha = 0.6;
    context.fillRect(0, 0, x(state.from), HEIGHT);
    context.fillRect(x(state.to), 0, width, HEIGHT);
    context.globalAlpha = 1;
    context.strokeStyle = colour("accent");
    context.lineWidth = 2;
    context.strokeRect(x(state.from), 1, Math.max(x(state.to) - x(state.from), 3), HEIGHT - 2);
  }

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    centre(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.buttons) centre(event);
  });

  /** @param {PointerEvent} event */
  function centre(event) {
    const { from, to } = store.get();
    const middle = (event.offsetX / width) * end;
    store.set(clamped(run, middle - (to - from) / 2, middle + (to - from) / 2));
  }

  onWidth(canvas, (wide) => {
    width = wide;
    busy = density(run, end, Math.ceil(width / 2));
    paint();
  });
  store.listen((state, before) => {
    if (state.from !== before.from || state.to !== before.to) paint();
  });
  onTheme(paint);
}

/**
 * How many operations begin in each of so many equal parts of the run.
 * @param {Run} run
 * @param {number} end
 * @param {number} parts
 */
function density(run, end, parts) {
  const counts = new Array(Math.max(parts, 1)).fill(0);
  for (let row = 0; row < run.count; row += 1)
    counts[Math.min(counts.length - 1, Math.floor((run.start[row] / end) * counts.length))] += 1;
  return counts;
}
