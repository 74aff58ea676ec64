// The run's data, unpacked from the page: operations in typed columns, faults, anomalies, and what panels brought along.

/**
 * @typedef {{
 *   id: string, kind: string, label: string, begin: number, end: number, lasts: boolean, effective: boolean,
 *   effects: Record<string, number>, row: number
 * }} Fault
 */
/**
 * @typedef {{
 *   headline: string, ops: number[], names: Record<string, string>, instant: number, begin: number, end: number
 * }} Anomaly
 */
/**
 * @typedef {object} Run
 * @property {number} simulated the run's length (ns)
 * @property {number} count how many operations there are: the length of every column
 * @property {string[]} lanes
 * @property {(number: number) => string} text the text with this number, "" for -1
 * @property {Int32Array} index history index of each operation's invocation
 * @property {Float64Array} start
 * @property {Float64Array} end of one that was never answered: the run's end
 * @property {Uint8Array} answered
 * @property {Uint8Array} type 1 ok, 2 fail, 3 info
 * @property {Int32Array} lane
 * @property {Int32Array} process
 * @property {Int32Array} f
 * @property {Int32Array} key
 * @property {Int32Array} asked
 * @property {Int32Array} result
 * @property {Int32Array} error
 * @property {Int32Array[]} laneRows the rows of each lane, in time
 * @property {Map<number, string>} marked rows that are part of an anomaly, with their names
 * @property {Fault[]} faults
 * @property {number} faultRows
 * @property {Anomaly[]} anomalies
 * @property {Record<string, any>} panels
 */

export const TYPES = ["invoke", "ok", "fail", "info"];
const FAULT_ROWS_MAX = 10;

/**
 * The run in this page.
 * @param {HTMLElement} holder
 * @returns {Promise<Run>}
 */
export async function load(holder) {
  const letters = atob((holder.textContent ?? "").trim());
  const bytes = new Uint8Array(letters.length);
  for (let place = 0; place < letters.length; place += 1) bytes[place] = letters.charCodeAt(place);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return unpack(await new Response(stream).json());
}

/**
 * The row of the operation with this history index, -1 for none.
 * @param {Run} run
 * @param {number} index
 */
export function rowOf(run, index) {
  const row = lowerBound(run.count, (place) => run.index[place] >= index);
  return row < run.count && run.index[row] === index ? row : -1;
}

/**
 * The first place of 0 … length at which a condition that stays true becomes true.
 * @param {number} length
 * @param {(place: number) => boolean} holds
 */
export function lowerBound(length, holds) {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * @param {any} raw
 * @returns {Run}
 */
function unpack(raw) {
  const columns = raw.operations;
  const size = columns.index.length;
  const start = Float64Array.from(summed(columns.start));
  const lane = Int32Array.from(columns.lane);
  /** @type {Run} */
  const run = {
    simulated: raw.simulated,
    count: size,
    lanes: columns.lanes,
    text: (number) => (number < 0 ? "" : columns.texts[number]),
    index: Int32Array.from(summed(columns.index)),
    start,
    end: Float64Array.from(columns.took, (/** @type {number} */ took, /** @type {number} */ row) =>
      took < 0 ? raw.simulated : start[row] + took,
    ),
    answered: Uint8Array.from(columns.took, (/** @type {number} */ took) => (took < 0 ? 0 : 1)),
    type: Uint8Array.from(columns.type),
    lane,
    process: Int32Array.from(columns.process),
    f: Int32Array.from(columns.f),
    key: Int32Array.from(columns.key),
    asked: Int32Array.from(columns.asked),
    result: Int32Array.from(columns.result),
    error: Int32Array.from(columns.error),
    laneRows: grouped(lane, columns.lanes.length),
    marked: new Map(),
    faults: raw.faults,
    faultRows: stack(raw.faults),
    anomalies: raw.anomalies,
    panels: raw.panels,
  };
  for (const anomaly of run.anomalies)
    for (const index of anomaly.ops) run.marked.set(rowOf(run, index), anomaly.names[index]);
  return run;
}

/**
 * @param {number[]} differences
 */
function summed(differences) {
  let sum = 0;
  return differences.map((difference) => (sum += difference));
}

/**
 * @param {Int32Array} lane
 * @param {number} lanes
 */
function grouped(lane, lanes) {
  /** @type {number[][]} */
  const rows = Array.from({ length: lanes }, () => []);
  lane.forEach((number, row) => rows[number].push(row));
  return rows.map((numbers) => Int32Array.from(numbers));
}

/**
 * Gives each fault a row of its own as long as there are some, so that those in force together stand below one another.
 * @param {Fault[]} faults by begin
 * @returns {number} how many rows there are
 */
function stack(faults) {
  /** @type {number[]} */
  const until = [];
  for (const fault of faults) {
    const free = until.findIndex((end) => end < fault.begin);
    fault.row = free >= 0 ? free : Math.min(until.length, FAULT_ROWS_MAX - 1);
    until[fault.row] = Math.max(fault.end, until[fault.row] ?? 0);
  }
  return until.length;
}
