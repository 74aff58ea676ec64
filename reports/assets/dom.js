// Makes elements. Text goes in as text: nothing here, or anywhere in this report, is parsed as markup.

/** @typedef {Record<string, string | number | boolean>} Attributes */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element with attributes and children; a string child becomes a text node.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  assign(made, attributes);
  made.append(...children);
  return made;
}

/**
 * An SVG element, as `element`.
 * @param {string} tag
 * @param {Attributes} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElement}
 */
export function shape(tag, attributes = {}, ...children) {
  const made = /** @type {SVGElement} */ (document.createElementNS(SVG, tag));
  assign(made, attributes);
  made.append(...children);
  return made;
}

/**
 * The element with this id, which the page is known to have.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

/**
 * Calls `handler` when the element with this id is clicked, where the page has one.
 * @param {string} id
 * @param {() => void} handler
 */
export function onClick(id, handler) {
  document.getElementById(id)?.addEventListener("click", handler);
}

/**
 * Calls `handler` with the element's width now and after every change of it, in a frame of its own: it may change the page.
 * @param {HTMLElement} watched
 * @param {(width: number) => void} handler
 */
export function onWidth(watched, handler) {
  let width = -1;
  new ResizeObserver(() => {
    requestAnimationFrame(() => {
      if (watched.clientWidth === width) return;
      width = watched.clientWidth;
      handler(width);
    });
  }).observe(watched);
}

/**
 * A description list of (name, text) pairs; those without text are left out.
 * @param {[string, string][]} pairs
 * @returns {HTMLElement}
 */
export function definitions(pairs) {
  const rows = pairs.filter(([, text]) => text !== "");
  return element(
    "dl",
    {},
    ...rows.map(([name, text]) => element("div", {}, element("dt", {}, name), element("dd", {}, text))),
  );
}

/**
 * @param {Element} made
 * @param {Attributes} attributes
 */
function assign(made, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false) made.setAttribute(name, String(value));
  }
}
