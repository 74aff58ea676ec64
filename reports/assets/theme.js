// Light, dark, or as the system says; and the colours of the style sheet for what is drawn on a canvas.

import { byId } from "./dom.js";

const MODES = ["auto", "light", "dark"];

/** @type {Map<string, string>} */
const resolved = new Map();
/** @type {(() => void)[]} */
const listeners = [];

/**
 * The colour with this name in the style sheet, as it is now.
 * @param {string} name
 * @returns {string}
 */
export function colour(name) {
  let value = resolved.get(name);
  if (value === undefined) {
    const probe = document.createElement("span");
    probe.style.color = `var(--${name}, var(--fault-other))`;
    document.body.append(probe);
    value = getComputedStyle(probe).color;
    probe.remove();
    resolved.set(name, value);
  }
  return value;
}

/**
 * Calls the listener after the colours changed.
 * @param {() => void} listener
 */
export function onTheme(listener) {
  listeners.push(listener);
}

/** Wires the button, the system's setting, and paper, which is always light. */
export function mountTheme() {
  const button = byId("theme");
  let mode = "auto";
  button.addEventListener("click", () => {
    mode = MODES[(MODES.indexOf(mode) + 1) % MODES.length];
    button.textContent = `Theme: ${mode}`;
    apply(mode);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => apply(mode));
  addEventListener("beforeprint", () => apply("light"));
  addEventListener("afterprint", () => apply(mode));
}

/** @param {string} mode */
function apply(mode) {
  if (mode === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = mode;
  resolved.clear();
  for (const listener of listeners) listener();
}
