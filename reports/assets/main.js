// Begins: unpacks the run, wires the panels that the page has, and the keys that work everywhere.

import { byId, onClick } from "./dom.js";
import { load } from "./data.js";
import { mountCopying, mountLinks, showAnomaly } from "./links.js";
import { mountMessages } from "./messages.js";
import { mountOperations } from "./operations.js";
import { createStore } from "./state.js";
import { mountTheme } from "./theme.js";
import { mountTimeline } from "./timeline.js";

/** @typedef {import("./data.js").Run} Run */
/** @typedef {import("./state.js").Store} Store */
/** @typedef {(run: Run, store: Store) => void} Mount */

/** @type {Record<string, Mount>} */
const PANELS = { timeline: mountTimeline, messages: mountMessages, operations: mountOperations };

mountTheme();
mountCopying();
onClick("print", () => print());
onClick("keys", help);
load(byId("run-data")).then(begin).catch(complain);

/** @param {Run} run */
function begin(run) {
  const store = createStore(run);
  for (const [name, mount] of Object.entries(PANELS)) if (document.getElementById(name)) mount(run, store);
  mountLinks(run, store);
  document.addEventListener("keydown", (event) => everywhere(run, store, event));
  document.documentElement.dataset.ready = "true";
}

/**
 * @param {Run} run
 * @param {Store} store
 * @param {KeyboardEvent} event
 */
function everywhere(run, store, event) {
  const typing = event.target instanceof HTMLInputElement;
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  /** @type {Record<string, () => void>} */
  const keys = {
    n: () => showAnomaly(run, store, 1),
    p: () => showAnomaly(run, store, -1),
    "/": () => document.getElementById("operations-filter")?.focus(),
    "?": help,
    Escape: () => store.set({ row: -1, fault: "" }),
  };
  if (!(event.key in keys)) return;
  keys[event.key]();
  event.preventDefault();
}

function help() {
  const dialog = byId("help");
  if (dialog instanceof HTMLDialogElement) dialog.showModal();
}

/**
 * Says what is missing; the page's text, figures and tables stay.
 * @param {unknown} error
 */
function complain(error) {
  const trouble = byId("trouble");
  trouble.hidden = false;
  trouble.textContent =
    `The timeline and the diagrams could not be drawn in this browser (${error}). ` +
    "What follows is complete without them.";
  console.error(error);
}
