// Draws the timeline. Reads the run, the layout and the state; keeps nothing but the hatching patterns.

import { FADE, timeAt, visible, xOf } from "./layout.js";
import { colour } from "./theme.js";
import { duration, instant, title } from "./words.js";

/** @typedef {import("./data.js").Run} Run */
/** @typedef {import("./layout.js").Layout} Layout */
/** @typedef {import("./state.js").State} State */
/**
 * @typedef {{
 *   run: Run, layout: Layout, state: State, context: CanvasRenderingContext2D, hovered: number, ratio: number
 * }} Scene
 */

const KINDS = ["", "ok", "fail", "info"];
const LETTERS = ["", "", "F", "I"];
const INFO = 3;
const FADED_MIN = 4; // pixels of a bar that has a fading edge: seen from further away, edges would cover all else
const MONO = '11px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace';
const SANS = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const DIMMED = 0.5; // how strongly operations are drawn that are no part of an anomaly, when there is one
const LETTER_WIDTH = 6.7; // of one monospace character at 11 pixels
const LABEL_MIN = 26; // the narrowest bar that says more than its letter
const LETTERS_MIN = 6; // fewer than these of a longer text say nothing
const TICK_MIN = 90; // pixels between two ticks

/**
 * Draws everything.
 * @param {Scene} scene
 */
export function draw(scene) {
  const { context, layout, run, state } = scene;
  context.setTransform(scene.ratio, 0, 0, scene.ratio, 0, 0);
  context.fillStyle = colour("surface");
  context.fillRect(0, 0, layout.width, layout.height);
  drawAxis(scene);
  drawNames(scene);
  context.save();
  context.beginPath();
  context.rect(layout.left, 0, layout.width - layout.left, layout.height);
  context.clip();
  drawFaults(scene);
  for (let lane = 0; lane < run.lanes.length; lane += 1) drawLane(scene, lane);
  for (const row of run.marked.keys()) if (row >= 0) drawMarked(scene, row);
  if (state.row >= 0) outline(scene, state.row, "accent", 2.5);
  if (scene.hovered >= 0) outline(scene, scene.hovered, "ink", 1.5);
  const anomaly = run.anomalies[state.anomaly];
  if (anomaly) drawInstant(scene, anomaly.instant);
  context.restore();
}

/** @param {Scene} scene */
function drawAxis({ context, layout, state }) {
  const step = tickStep(((state.to - state.from) * TICK_MIN) / Math.max(layout.width - layout.left, 1));
  context.font = `11px ${SANS}`;
  context.textBaseline = "middle";
  context.textAlign = "left";
  for (let tick = Math.ceil(state.from / step) * step; tick <= state.to; tick += step) {
    const x = Math.round(xOf(layout, state, tick)) + 0.5;
    context.fillStyle = colour("rule");
    context.fillRect(x - 0.5, 18, 1, layout.height);
    context.fillStyle = colour("soft");
    context.fillText(tickText(tick, step), x + 4, 11);
  }
}

/**
 * A round step that is at least this long: 1, 2 or 5 times a power of ten.
 * @param {number} least
 */
function tickStep(least) {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power;
}

/**
 * @param {number} time
 * @param {number} step
 */
function tickText(time, step) {
  const digits = Math.max(0, 9 - Math.floor(Math.log10(step) + 1e-9));
  return `${(time / 1e9).toFixed(Math.min(digits, 9))} s`;
}

/** @param {Scene} scene */
function drawNames({ context, layout, run }) {
  context.font = `600 ${layout.laneHeight > 20 ? 12 : 10}px ${SANS}`;
  context.textBaseline = "middle";
  context.textAlign = "left";
  run.lanes.forEach((lane, number) => {
    const top = layout.lanesTop + number * layout.laneHeight;
    context.fillStyle = colour("rule");
    context.fillRect(0, top + layout.laneHeight - 1, layout.width, 1);
    context.fillStyle = colour("ink");
    context.fillText(lane, 12, top + layout.laneHeight / 2, layout.left - 16);
  });
  if (run.faults.length) {
    context.fillStyle = colour("soft");
    context.fillText("faults", 12, layout.faultsTop + layout.faultHeight / 2, layout.left - 16);
  }
}

/** @param {Scene} scene */
function drawFaults({ context, layout, run, state }) {
  context.font = `600 11px ${SANS}`;
  context.textBaseline = "middle";
  for (const fault of run.faults) {
    if (fault.end < state.from || fault.begin > state.to) continue;
    const left = Math.max(xOf(layout, state, fault.begin), layout.left - 2);
    const right = Math.min(xOf(layout, state, fault.end), layout.width + 2);
    const width = Math.max(right - left, 2);
    const top = layout.faultsTop + fault.row * layout.faultHeight + 2;
    const bar = layout.faultHeight - 4;
    context.fillStyle = colour(`fault-${fault.kind}`);
    context.globalAlpha = fault.effective ? 0.12 : 0.04;
    context.fillRect(left, layout.lanesTop - 3, width, layout.height);
    context.globalAlpha = fault.effective ? 1 : 0.45;
    context.fillRect(left, top, width, bar);
    context.globalAlpha = 1;
    if (state.fault === fault.id) frame(context, left, top, width, bar, colour("mark"), 2);
    const words = fault.effective ? fault.label : `${fault.label} (no effect)`;
    label(
      context,
      words,
      { left: Math.max(left, layout.left), right: left + width, top, height: bar },
      fault.effective ? "on-fault" : "ink",
      6.4,
    );
  }
}

/**
 * One lane. Bars that share a pixel with the one before them and its outcome are drawn once; a fail or an info never goes under.
 * @param {Scene} scene
 * @param {number} lane
 */
function drawLane(scene, lane) {
  const { context, layout, run, state } = scene;
  const rows = run.laneRows[lane];
  const [first, last] = visible(run, lane, timeAt(layout, state, layout.left - FADE), state.to);
  const top = layout.lanesTop + lane * layout.laneHeight + (layout.laneHeight - layout.barHeight) / 2;
  const taken = [-1, -1, -1, -1];
  const strength = run.marked.size > 0 ? DIMMED : 1;
  context.globalAlpha = strength;
  for (let place = first; place < last; place += 1)
    if (run.type[rows[place]] === INFO) drawFade(scene, rows[place], top);
  for (const type of [1, 2, 3]) {
    for (let place = first; place < last; place += 1) {
      const row = rows[place];
      if (run.type[row] !== type || run.marked.has(row)) continue;
      const left = xOf(layout, state, run.start[row]);
      const right = xOf(layout, state, run.end[row]);
      if (right < taken[type] + 1) continue;
      taken[type] = Math.floor(right);
      drawBar(scene, row, left, top, Math.max(right - left, 1), strength);
    }
  }
  context.globalAlpha = 1;
}

/**
 * A bar, its text always at full strength.
 * @param {Scene} scene
 * @param {number} row
 * @param {number} left
 * @param {number} top
 * @param {number} width
 * @param {number} strength
 */
function drawBar({ context, layout, run, ratio }, row, left, top, width, strength) {
  const type = run.type[row];
  const kind = KINDS[type];
  context.globalAlpha = strength;
  context.fillStyle = colour(kind);
  context.fillRect(left, top, width, layout.barHeight);
  if (width < 4) return;
  if (type !== 1) {
    context.fillStyle = hatching(context, kind, ratio);
    context.fillRect(left, top, width, layout.barHeight);
  }
  frame(context, left, top, width, layout.barHeight, colour(`${kind}-line`), 1);
  context.globalAlpha = 1;
  if (layout.barHeight < 12) return;
  const words = [LETTERS[type], width < LABEL_MIN ? "" : title(run, row)].filter(Boolean).join(" ");
  context.font = MONO;
  label(
    context,
    words,
    { left: Math.max(left, layout.left), right: left + width, top, height: layout.barHeight },
    strength < 1 ? "ink" : "on-bar",
    LETTER_WIDTH,
  );
}

/**
 * The fading edge of an operation that may still happen.
 * @param {Scene} scene
 * @param {number} row
 * @param {number} top
 */
function drawFade({ context, layout, run, state }, row, top) {
  const begin = xOf(layout, state, run.end[row]);
  if (begin - xOf(layout, state, run.start[row]) < FADED_MIN) return;
  const gradient = context.createLinearGradient(begin, 0, begin + FADE, 0);
  gradient.addColorStop(0, colour("info"));
  gradient.addColorStop(1, "rgba(255, 255, 255, 0)");
  context.fillStyle = gradient;
  context.fillRect(begin, top + 3, FADE, layout.barHeight - 6);
}

/**
 * An operation of an anomaly: at full strength, framed, and with a mark that stays when it is thinner than a pixel.
 * @param {Scene} scene
 * @param {number} row
 */
function drawMarked(scene, row) {
  const { context, layout, run, state } = scene;
  const top = barTop(layout, run.lane[row]);
  const left = xOf(layout, state, run.start[row]);
  const width = Math.max(xOf(layout, state, run.end[row]) - left, 2);
  if (left > layout.width || left + width + FADE < layout.left) return;
  if (run.type[row] === INFO) drawFade(scene, row, top);
  drawBar(scene, row, left, top, width, 1);
  outline(scene, row, "mark", 2);
  if (width < LABEL_MIN) {
    context.fillStyle = colour("mark");
    context.beginPath();
    context.moveTo(left + width / 2 - 5, top - 4);
    context.lineTo(left + width / 2 + 5, top - 4);
    context.lineTo(left + width / 2, top + 3);
    context.fill();
  }
}

/**
 * @param {Scene} scene
 * @param {number} row
 * @param {string} name
 * @param {number} thickness
 */
function outline({ context, layout, run, state }, row, name, thickness) {
  const left = xOf(layout, state, run.start[row]);
  const width = Math.max(xOf(layout, state, run.end[row]) - left, 3);
  frame(context, left, barTop(layout, run.lane[row]), width, layout.barHeight, colour(name), thickness);
}

/**
 * The instant at which the anomaly shows.
 * @param {Scene} scene
 * @param {number} time
 */
function drawInstant({ context, layout, state }, time) {
  if (time < state.from || time > state.to) return;
  const x = Math.round(xOf(layout, state, time));
  context.fillStyle = colour("mark");
  for (let y = layout.faultsTop; y < layout.height; y += 7) context.fillRect(x, y, 1, 4);
}

/**
 * @param {Layout} layout
 * @param {number} lane
 */
function barTop(layout, lane) {
  return layout.lanesTop + lane * layout.laneHeight + (layout.laneHeight - layout.barHeight) / 2;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} left
 * @param {number} top
 * @param {number} width
 * @param {number} height
 * @param {string} style
 * @param {number} thickness
 */
function frame(context, left, top, width, height, style, thickness) {
  context.strokeStyle = style;
  context.lineWidth = thickness;
  context.strokeRect(left + 0.5, top + 0.5, Math.max(width - 1, 0.5), height - 1);
}

/**
 * Text inside a box, cut with an ellipsis where it does not fit, and left out where too little of it would be seen.
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {{left: number, right: number, top: number, height: number}} box
 * @param {string} name of the colour
 * @param {number} letterWidth
 */
function label(context, text, box, name, letterWidth) {
  const room = Math.floor((box.right - box.left - 6) / letterWidth);
  if (text === "" || (room < text.length && room < LETTERS_MIN)) return;
  context.fillStyle = colour(name);
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.fillText(
    text.length <= room ? text : `${text.slice(0, room - 1)}…`,
    box.left + 4,
    box.top + box.height / 2 + 0.5,
  );
}

/** @type {Map<string, CanvasPattern>} */
const patterns = new Map();

/**
 * Diagonal lines, leaning one way for info and the other for fail.
 * @param {CanvasRenderingContext2D} context
 * @param {string} kind
 * @param {number} ratio
 * @returns {CanvasPattern | string}
 */
function hatching(context, kind, ratio) {
  const line = colour(`${kind}-line`);
  const known = patterns.get(kind + line + ratio);
  if (known) return known;
  const size = Math.round(7 * ratio);
  const tile = document.createElement("canvas");
  tile.width = tile.height = size;
  const pen = /** @type {CanvasRenderingContext2D} */ (tile.getContext("2d"));
  pen.strokeStyle = line;
  pen.globalAlpha = 0.38;
  pen.lineWidth = 1.6 * ratio;
  pen.beginPath();
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift, kind === "info" ? size : 0);
    pen.lineTo(shift + size, kind === "info" ? 0 : size);
  }
  pen.stroke();
  const pattern = context.createPattern(tile, "repeat");
  pattern?.setTransform(new DOMMatrix().scale(1 / ratio));
  if (!pattern) return line;
  patterns.set(kind + line + ratio, pattern);
  return pattern;
}

/**
 * The window in words: `1.020 s to 1.380 s (360 ms)`.
 * @param {State} state
 */
export function windowText(state) {
  return `${instant(state.from)} to ${instant(state.to)} (${duration(state.to - state.from)})`;
}
