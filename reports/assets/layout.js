// Where things stand on the timeline: the axis, a row for each fault, a lane for each client; and what stands at a point.

import { lowerBound } from "./data.js";

/** @typedef {import("./data.js").Run} Run */
/** @typedef {import("./data.js").Fault} Fault */
/** @typedef {import("./state.js").State} State */
/**
 * @typedef {object} Layout all in CSS pixels
 * @property {number} width
 * @property {number} height
 * @property {number} left where time begins, after the lanes' names
 * @property {number} faultsTop
 * @property {number} faultHeight
 * @property {number} lanesTop
 * @property {number} laneHeight
 * @property {number} barHeight
 */

export const FADE = 56; // how far an operation that may still happen is drawn on, in pixels
const AXIS = 26;
const FAULT = 20;
const REACH = 4; // how far beside a thin bar still hits it, in pixels

/**
 * @param {Run} run
 * @param {number} width
 * @returns {Layout}
 */
export function layOut(run, width) {
  const laneHeight = run.lanes.length <= 16 ? 30 : run.lanes.length <= 40 ? 22 : 15;
  const longest = Math.max(0, ...run.lanes.map((lane) => lane.length));
  const faultsTop = AXIS + 2;
  const lanesTop = faultsTop + run.faultRows * FAULT + 6;
  return {
    width,
    height: lanesTop + run.lanes.length * laneHeight + 6,
    left: Math.min(140, Math.max(64, 26 + longest * 8)),
    faultsTop,
    faultHeight: FAULT,
    lanesTop,
    laneHeight,
    barHeight: laneHeight - (laneHeight > 20 ? 9 : 5),
  };
}

/**
 * The pixel of an instant.
 * @param {Layout} layout
 * @param {State} state
 * @param {number} time
 */
export function xOf(layout, state, time) {
  return layout.left + ((time - state.from) / (state.to - state.from)) * (layout.width - layout.left);
}

/**
 * The instant at a pixel.
 * @param {Layout} layout
 * @param {State} state
 * @param {number} x
 */
export function timeAt(layout, state, x) {
  return state.from + ((x - layout.left) / (layout.width - layout.left)) * (state.to - state.from);
}

/**
 * The part of a lane's rows that can be seen between two instants: [first, last) places in `run.laneRows[lane]`.
 * @param {Run} run
 * @param {number} lane
 * @param {number} from
 * @param {number} to
 */
export function visible(run, lane, from, to) {
  const rows = run.laneRows[lane];
  const first = lowerBound(rows.length, (place) => run.end[rows[place]] >= from);
  const last = lowerBound(rows.length, (place) => run.start[rows[place]] > to);
  return [first, last];
}

/**
 * The operation at a point, -1 for none.
 * @param {Run} run
 * @param {Layout} layout
 * @param {State} state
 * @param {number} x
 * @param {number} y
 */
export function operationAt(run, layout, state, x, y) {
  const lane = Math.floor((y - layout.lanesTop) / layout.laneHeight);
  if (lane < 0 || lane >= run.lanes.length || x < layout.left) return -1;
  const [first, last] = visible(run, lane, timeAt(layout, state, x - REACH), timeAt(layout, state, x + REACH));
  const time = timeAt(layout, state, x);
  const rows = Array.from(run.laneRows[lane].subarray(first, last));
  return rows.sort((one, other) => distance(run, one, time) - distance(run, other, time))[0] ?? -1;
}

/**
 * The fault whose bar is at a point, null for none.
 * @param {Run} run
 * @param {Layout} layout
 * @param {State} state
 * @param {number} x
 * @param {number} y
 */
export function faultAt(run, layout, state, x, y) {
  const row = Math.floor((y - layout.faultsTop) / layout.faultHeight);
  const near = (/** @type {Fault} */ fault) =>
    fault.row === row && xOf(layout, state, fault.begin) - REACH <= x && x <= xOf(layout, state, fault.end) + REACH;
  return run.faults.find(near) ?? null;
}

/**
 * @param {Run} run
 * @param {number} row
 * @param {number} time
 */
function distance(run, row, time) {
  return Math.max(run.start[row] - time, time - run.end[row], 0);
}
