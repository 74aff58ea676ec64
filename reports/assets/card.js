// The card that follows the pointer, and what is said of an operation or a fault on it and in the selection below the timeline.

import { byId, definitions, element } from "./dom.js";
import { count, duration, instant } from "./words.js";
import { TYPES } from "./data.js";

/** @typedef {import("./data.js").Run} Run */
/** @typedef {import("./data.js").Fault} Fault */

const GAP = 14;

/**
 * Shows these parts beside the pointer.
 * @param {PointerEvent | MouseEvent} event
 * @param {Node[]} parts
 */
export function showCard(event, parts) {
  const card = byId("card");
  card.replaceChildren(...parts);
  card.hidden = false;
  const { width, height } = card.getBoundingClientRect();
  const left = event.clientX + GAP + width > innerWidth ? event.clientX - GAP - width : event.clientX + GAP;
  const top = event.clientY + GAP + height > innerHeight ? event.clientY - GAP - height : event.clientY + GAP;
  card.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
}

/** Puts the card away. */
export function hideCard() {
  byId("card").hidden = true;
}

/**
 * A heading and facts.
 * @param {string} title
 * @param {[string, string][]} pairs
 * @returns {Node[]}
 */
export function cardOf(title, pairs) {
  return [element("strong", {}, title), definitions(pairs)];
}

/**
 * The facts of an operation.
 * @param {Run} run
 * @param {number} row
 * @returns {[string, string][]}
 */
export function operationFacts(run, row) {
  const answered = run.answered[row] === 1;
  return [
    ["outcome", TYPES[run.type[row]] + (run.type[row] === 3 ? ": it may still happen" : "")],
    ["client", run.lanes[run.lane[row]]],
    ["process", run.process[row] < 0 ? "" : String(run.process[row])],
    ["history index", String(run.index[row])],
    ["began", instant(run.start[row])],
    ["ended", answered ? instant(run.end[row]) : "never answered"],
    ["took", answered ? duration(run.end[row] - run.start[row]) : ""],
    ["error", run.text(run.error[row])],
  ];
}

/**
 * The facts of a fault.
 * @param {Fault} fault
 * @returns {[string, string][]}
 */
export function faultFacts(fault) {
  const effects = Object.entries(fault.effects).map(([name, number]) => `${count(number)} ${name}`);
  return [
    ["began", instant(fault.begin)],
    ["ended", fault.lasts ? "the run's end" : instant(fault.end)],
    ["did", effects.join(", ") || "nothing"],
  ];
}
