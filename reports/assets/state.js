// The one selection and the one time window that every panel renders from; the address bar holds both.

import { rowOf } from "./data.js";

/** @typedef {import("./data.js").Run} Run */
/**
 * @typedef {{
 *   row: number, fault: string, anomaly: number, from: number, to: number
 * }} State `row` -1: no operation; times in ns
 */
/**
 * @typedef {{
 *   get: () => State, set: (patch: Partial<State>) => void, listen: (listener: (state: State,
 *   before: State) => void) => void
 * }} Store
 */

const PADDING = 0.2;
const SPAN_MIN = 1000;
const QUIET_MS = 250;

/**
 * A store that begins at the first anomaly, or with the whole run, unless the address says otherwise.
 * @param {Run} run
 * @returns {Store}
 */
export function createStore(run) {
  /** @type {State} */
  let state = {
    row: -1,
    fault: "",
    anomaly: 0,
    ...(run.anomalies.length ? around(run, 0) : whole(run)),
    ...fromAddress(run),
  };
  /** @type {((state: State, before: State) => void)[]} */
  const listeners = [];
  /** @type {Store} */
  const store = {
    get: () => state,
    set(patch) {
      const before = state;
      state = { ...state, ...patch };
      for (const listener of listeners) listener(state, before);
    },
    listen: (listener) => void listeners.push(listener),
  };
  keepAddress(run, store);
  return store;
}

/**
 * The window that shows the whole run.
 * @param {Run} run
 */
export function whole(run) {
  return { from: 0, to: Math.max(run.simulated, SPAN_MIN) };
}

/**
 * The window round an anomaly.
 * @param {Run} run
 * @param {number} number
 */
export function around(run, number) {
  const { begin, end } = run.anomalies[number];
  return padded(run, begin, end);
}

/**
 * The window that shows this span with some room about it.
 * @param {Run} run
 * @param {number} begin
 * @param {number} end
 */
export function padded(run, begin, end) {
  const room = Math.max((end - begin) * PADDING, SPAN_MIN);
  return clamped(run, begin - room, end + room);
}

/**
 * The window moved into the run, and made no shorter than can be drawn.
 * @param {Run} run
 * @param {number} from
 * @param {number} to
 */
export function clamped(run, from, to) {
  const end = whole(run).to;
  const span = Math.min(Math.max(to - from, SPAN_MIN), end);
  const begin = Math.min(Math.max(from, 0), end - span);
  return { from: begin, to: begin + span };
}

/**
 * @param {Run} run
 * @returns {Partial<State>}
 */
function fromAddress(run) {
  const fields = new URLSearchParams(location.hash.slice(1));
  /** @type {Partial<State>} */
  const found = {};
  const op = fields.get("op");
  if (op !== null) found.row = rowOf(run, Number(op));
  const span = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(fields.get("t") ?? "");
  if (span) Object.assign(found, clamped(run, Number(span[1]) * 1e9, Number(span[2]) * 1e9));
  else if (found.row !== undefined && found.row >= 0)
    Object.assign(found, padded(run, run.start[found.row], run.end[found.row]));
  return found;
}

/**
 * A selection is a step one can go back from; a moved window only changes the address of the current one.
 * @param {Run} run
 * @param {Store} store
 */
function keepAddress(run, store) {
  let timer = 0;
  store.listen((state, before) => {
    const selects = state.row !== before.row && state.row >= 0;
    if (selects) history.pushState(null, "", address(run, state));
    clearTimeout(timer);
    timer = setTimeout(() => history.replaceState(null, "", address(run, store.get())), QUIET_MS);
  });
  addEventListener("popstate", () => {
    const found = fromAddress(run);
    if (Object.keys(found).length) store.set(found);
  });
}

/**
 * @param {Run} run
 * @param {State} state
 */
function address(run, state) {
  const op = state.row >= 0 ? `op=${run.index[state.row]}&` : "";
  return `#${op}t=${(state.from / 1e9).toFixed(6)}-${(state.to / 1e9).toFixed(6)}`;
}
