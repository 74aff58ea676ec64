// How times, counts and operations are said: the same rules as reports/words.py.

/** @typedef {import("./data.js").Run} Run */

/**
 * An instant of virtual time: `1.240 s`.
 * @param {number} ns
 */
export function instant(ns) {
  return `${(ns / 1e9).toFixed(3)} s`;
}

/**
 * How long something took, in the unit that fits.
 * @param {number} ns
 */
export function duration(ns) {
  if (ns < 1e3) return `${Math.round(ns)} ns`;
  if (ns < 1e6) return `${Math.floor(ns / 1e3)} µs`;
  if (ns < 1e9) return `${(ns / 1e6).toFixed(1)} ms`;
  return instant(ns);
}

/**
 * A whole number with its thousands apart.
 * @param {number} number
 */
export function count(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

/**
 * A count with its noun: `1 line`, `3 lines`.
 * @param {number} number
 * @param {string} noun
 */
export function plural(number, noun) {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/**
 * What is left out, said aloud.
 * @param {number} shown
 * @param {number} whole
 * @param {string} noun
 */
export function showing(shown, whole, noun) {
  const things = plural(whole, noun);
  return shown === whole ? `all ${things}` : `showing ${count(shown)} of ${things}`;
}

/**
 * What an operation asked: `write k3=5`, `read k3`, `cas k3 [4, 5]`.
 * @param {Run} run
 * @param {number} row
 */
export function asked(run, row) {
  const f = run.text(run.f[row]);
  const key = run.text(run.key[row]);
  const value = run.text(run.asked[row]);
  if (key === "") return value === "" ? f : `${f} ${value}`;
  if (value === "") return `${f} ${key}`;
  return f === "write" ? `${f} ${key}=${value}` : `${f} ${key} ${value}`;
}

/**
 * What it asked and what came back: `read k3 → 4`.
 * @param {Run} run
 * @param {number} row
 */
export function outcome(run, row) {
  const result = run.text(run.result[row]);
  return result === "" ? asked(run, row) : `${asked(run, row)} → ${result}`;
}

/**
 * An operation in one line, with its name where an anomaly gave it one: `w7 write k3=5`.
 * @param {Run} run
 * @param {number} row
 */
export function title(run, row) {
  const name = run.marked.get(row);
  return name ? `${name} ${outcome(run, row)}` : outcome(run, row);
}
