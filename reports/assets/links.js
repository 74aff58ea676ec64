// What leads from words to the timeline: mentioned operations, bars of the figures, rows of tables, faults, anomalies; and
// copying.

import { byId, onClick } from "./dom.js";
import { rowOf } from "./data.js";
import { around, padded } from "./state.js";
import { select } from "./timeline.js";

/** @typedef {import("./data.js").Run} Run */
/** @typedef {import("./state.js").Store} Store */

const COPIED_MS = 1600;

/**
 * @param {Run} run
 * @param {Store} store
 */
export function mountLinks(run, store) {
  document.addEventListener("click", (event) => {
    const origin = /** @type {Element} */ (event.target);
    const op = origin.closest("[data-op]");
    const fault = origin.closest("tr[data-fault]");
    if (op) follow(run, store, event, Number(op.getAttribute("data-op")), origin.closest("[data-anomaly]"));
    else if (fault) showFault(run, store, fault.getAttribute("data-fault") ?? "");
  });
  onClick("next-anomaly", () => showAnomaly(run, store, 1));
  store.listen((state, before) => {
    if (state.row !== before.row)
      mark("[data-op]", "data-op", state.row < 0 ? "" : String(run.index[state.row]), "selected");
    if (state.fault !== before.fault) mark("tr[data-fault]", "data-fault", state.fault, "chosen");
  });
}

/**
 * Goes to an anomaly so many further on, round and round.
 * @param {Run} run
 * @param {Store} store
 * @param {number} by
 */
export function showAnomaly(run, store, by) {
  const many = run.anomalies.length;
  if (!many) return;
  const anomaly = (store.get().anomaly + by + many) % many;
  store.set({ anomaly, ...around(run, anomaly) });
  const told = document.getElementById(`anomaly-${anomaly + 1}`);
  if (told instanceof HTMLDetailsElement) told.open = true;
  told?.scrollIntoView({ block: "start" });
  byId("spoken").textContent = `anomaly ${anomaly + 1} of ${many}: ${run.anomalies[anomaly].headline}`;
}

/** Wires every button that copies a text. It works without a network and without permissions. */
export function mountCopying() {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.addEventListener("click", () => void copy(/** @type {HTMLButtonElement} */ (button)));
  }
}

/** @param {HTMLButtonElement} button */
async function copy(button) {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copy ?? "");
    button.textContent = "Copied";
  } catch {
    button.textContent = "Copy it by hand: see below";
    document.querySelector(".command code")?.scrollIntoView({ block: "center" });
  }
  setTimeout(() => (button.textContent = before), COPIED_MS);
}

/**
 * @param {Run} run
 * @param {Store} store
 * @param {MouseEvent} event
 * @param {number} index
 * @param {Element | null} anomaly the anomaly within which it was mentioned
 */
function follow(run, store, event, index, anomaly) {
  const row = rowOf(run, index);
  if (row < 0) return;
  event.preventDefault();
  const number = anomaly ? Number(anomaly.getAttribute("data-anomaly")) - 1 : store.get().anomaly;
  if (number !== store.get().anomaly) store.set({ anomaly: number, ...around(run, number) });
  select(run, store, row);
  document.getElementById("timeline")?.scrollIntoView({ block: "nearest" });
}

/**
 * @param {Run} run
 * @param {Store} store
 * @param {string} id
 */
function showFault(run, store, id) {
  const fault = run.faults.find((one) => one.id === id);
  if (!fault) return;
  store.set({ fault: id, ...padded(run, fault.begin, fault.end) });
  document.getElementById("timeline")?.scrollIntoView({ block: "start" });
}

/**
 * Gives a class to the elements whose attribute has this value, and takes it from the others.
 * @param {string} selector
 * @param {string} attribute
 * @param {string} value
 * @param {string} name
 */
function mark(selector, attribute, value, name) {
  for (const one of document.querySelectorAll(selector))
    one.classList.toggle(name, value !== "" && one.getAttribute(attribute) === value);
}
