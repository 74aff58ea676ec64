// The messages round the anomaly: a lifeline for each host, time downward, an arrow for each message with what became of it.

import { byId, element, onWidth, shape } from "./dom.js";
import { cardOf, hideCard, showCard } from "./card.js";
import { duration, instant, plural } from "./words.js";
import { rowOf } from "./data.js";

/** @typedef {import("./data.js").Run} Run */
/** @typedef {import("./state.js").Store} Store */
/**
 * @typedef {{
 *   from: string, to: string, type: string, label: string, sent: number, arrivals: [number, string][], body: string,
 *   concerned: boolean
 * }} Message
 */
/** @typedef {{time: number, kind: string, node: string, text: string}} Note */
/** @typedef {{instant: number, begin: number, end: number, showing: string, messages: Message[], notes: Note[]}} Window */
/** @typedef {{width: number, columns: Map<string, number>, y: (time: number) => number, height: number}} Plan */

const ROW = 19; // pixels from one instant to the next
const TOP = 14;
const GUTTER = 84;
const COLUMN_MIN = 108;
const STUB = 46; // pixels of a lost message's line
const NAMES_MAX = 2; // hosts that are named beside it
const UNDER_WAY = "under way";
const LOST = ["dropped", "corrupted"];
/** How a host's line goes on after each of these, and how it went before the first of them in a window. */
const AFTER = /** @type {Record<string, string>} */ ({
  crash: "down",
  pause: "paused",
  boot: "lifeline",
  resume: "lifeline",
});
const BEFORE = /** @type {Record<string, string>} */ ({ boot: "down", resume: "paused" });
const GLYPHS = /** @type {Record<string, string>} */ ({
  crash: "✕",
  boot: "▲",
  pause: "‖",
  resume: "▶",
  wipe: "∅",
  clock: "◷",
  violation: "!",
  log: "≡",
});

/**
 * @param {Run} run
 * @param {Store} store
 */
export function mountMessages(run, store) {
  const { hosts, windows } = /** @type {{hosts: string[], windows: Window[]}} */ (run.panels.messages);
  const figure = byId("messages-figure");
  let drawn = -1;

  function render() {
    const { anomaly } = store.get();
    drawn = anomaly;
    const window = windows[anomaly];
    byId("messages-showing").textContent = window
      ? `Round ${instant(window.instant)}: ${window.showing}.`
      : "The messages of this anomaly are not on the page; the run keeps them.";
    figure.replaceChildren();
    showLog(window);
    if (!window) return;
    const plan = planOf(run, window, hosts, anomaly, figure.clientWidth);
    figure.append(heads(plan), picture(run, plan, window, anomaly));
    figure.scrollTop = plan.y(window.instant) - figure.clientHeight / 2;
  }

  onWidth(figure, render);
  store.listen((state) => {
    if (state.anomaly !== drawn) render();
  });
}

/**
 * Columns for the hosts that take part, rows for the instants at which something happens.
 * @param {Run} run
 * @param {Window} window
 * @param {string[]} hosts
 * @param {number} anomaly
 * @param {number} room
 * @returns {Plan}
 */
function planOf(run, window, hosts, anomaly, room) {
  const clients = window.messages
    .flatMap((message) => [message.from, message.to])
    .filter((host) => !hosts.includes(host));
  const lanes = operationsIn(run, window, anomaly).map((row) => run.lanes[run.lane[row]]);
  const shown = [...hosts, ...[...new Set([...clients, ...lanes])].sort(byNumber)];
  const width = Math.max(room - 2, GUTTER + shown.length * COLUMN_MIN);
  const step = (width - GUTTER) / shown.length;
  const times = [...new Set(instants(run, window, anomaly))].sort((one, other) => one - other);
  const rows = new Map(times.map((time, row) => [time, row]));
  return {
    width,
    columns: new Map(shown.map((host, place) => [host, GUTTER + (place + 0.5) * step])),
    y: (time) => TOP + (rows.get(time) ?? times.filter((other) => other <= time).length - 0.5) * ROW,
    height: TOP * 2 + times.length * ROW,
  };
}

/**
 * @param {Run} run
 * @param {Window} window
 * @param {number} anomaly
 */
function instants(run, window, anomaly) {
  const sent = window.messages.map((message) => message.sent);
  const arrived = window.messages.flatMap((message) => message.arrivals.map(([time]) => time));
  const operations = operationsIn(run, window, anomaly).flatMap((row) => [run.start[row], run.end[row]]);
  const inside = [...sent, ...arrived, ...operations].filter((time) => time >= window.begin && time <= last(window));
  return [...inside, ...window.notes.map((note) => note.time), window.instant];
}

/**
 * The last instant that is drawn: the last arrival of a message that was sent in the window.
 * @param {Window} window
 */
function last(window) {
  return Math.max(window.end, ...window.messages.flatMap((message) => message.arrivals.map(([time]) => time)));
}

/**
 * The rows of the anomaly's operations that overlap the window.
 * @param {Run} run
 * @param {Window} window
 * @param {number} anomaly
 */
function operationsIn(run, window, anomaly) {
  const rows = run.anomalies[anomaly].ops.map((index) => rowOf(run, index));
  return rows.filter((row) => row >= 0 && run.start[row] <= window.end && run.end[row] >= window.begin);
}

/** @param {Plan} plan */
function heads(plan) {
  const names = [...plan.columns].map(([host, x]) => shape("text", { class: "host", x, y: 19 }, host));
  return element("div", { class: "hosts" }, svg(plan.width, 28, ...names));
}

/**
 * @param {Run} run
 * @param {Plan} plan
 * @param {Window} window
 * @param {number} anomaly
 */
function picture(run, plan, window, anomaly) {
  return svg(
    plan.width,
    plan.height,
    ...moments(plan, window),
    ...window.notes
      .filter((note) => note.kind.startsWith("fault") || note.kind === "phase")
      .flatMap((note) => across(plan, note)),
    ...[...plan.columns].flatMap(([host, x]) => lifeline(plan, window, host, x)),
    ...operationsIn(run, window, anomaly).map((row) => bar(run, plan, window, row)),
    ...window.messages.filter((message) => !isLost(message)).map((message) => arrow(plan, message)),
    ...lostTogether(plan, window).map((messages) => stub(plan, messages)),
    ...window.notes.filter((note) => plan.columns.has(note.node)).map((note) => glyph(plan, note)),
    ...now(plan, window),
  );
}

/**
 * The times at the left: each that has a row of its own, unless it reads the same as the one above.
 * @param {Plan} plan
 * @param {Window} window
 */
function moments(plan, window) {
  const times = [
    ...new Set([...window.messages.map((message) => message.sent), ...window.notes.map((note) => note.time)]),
  ].sort((one, other) => one - other);
  const written = times.filter(
    (time, place) => place === 0 || (time / 1e9).toFixed(4) !== (times[place - 1] / 1e9).toFixed(4),
  );
  return written.map((time) =>
    shape("text", { class: "moment", x: 8, y: plan.y(time) + 4 }, `${(time / 1e9).toFixed(4)} s`),
  );
}

/**
 * A fault's beginning or end, or a phase's, over all lifelines.
 * @param {Plan} plan
 * @param {Note} note
 */
function across(plan, note) {
  const y = plan.y(note.time);
  return [
    shape("line", { class: "note-line", x1: GUTTER - 4, x2: plan.width, y1: y, y2: y }),
    shape("text", { class: "note", x: GUTTER, y: y + 4 }, note.text),
  ];
}

/**
 * A host's line, broken while it is down or paused.
 * @param {Plan} plan
 * @param {Window} window
 * @param {string} host
 * @param {number} x
 */
function lifeline(plan, window, host, x) {
  const changes = window.notes.filter((note) => note.node === host && note.kind in AFTER);
  let kind = BEFORE[changes[0]?.kind] ?? "lifeline";
  let from = 0;
  const parts = [];
  for (const note of changes) {
    const y = plan.y(note.time);
    parts.push(shape("line", { class: kind, x1: x, x2: x, y1: from, y2: y }));
    kind = AFTER[note.kind];
    from = y;
  }
  return [...parts, shape("line", { class: kind, x1: x, x2: x, y1: from, y2: plan.height })];
}

/**
 * An operation of the anomaly on its client's lifeline.
 * @param {Run} run
 * @param {Plan} plan
 * @param {Window} window
 * @param {number} row
 */
function bar(run, plan, window, row) {
  const x = plan.columns.get(run.lanes[run.lane[row]]) ?? GUTTER;
  const top = run.start[row] < window.begin ? 0 : plan.y(run.start[row]);
  const bottom = run.end[row] > last(window) ? plan.height : plan.y(run.end[row]);
  const kind = ["", "ok", "fail", "info"][run.type[row]];
  return shape(
    "g",
    { class: `bar ${kind}`, "data-op": run.index[row] },
    shape("rect", { class: "body", x: x - 6, y: top, width: 12, height: Math.max(bottom - top, 4), rx: 4 }),
    shape("text", { class: "name", x: x + 10, y: (top + bottom) / 2 + 4 }, run.marked.get(row) ?? ""),
  );
}

/**
 * @param {Plan} plan
 * @param {Message} message
 */
function arrow(plan, message) {
  const arrivals = message.arrivals.length
    ? message.arrivals
    : /** @type {[number, string][]} */ ([[message.sent, UNDER_WAY]]);
  const classes = ["message", message.arrivals.length ? "" : "flying", message.concerned ? "concerned" : ""];
  const made = shape(
    "g",
    { class: classes.filter(Boolean).join(" ") },
    ...arrivals.flatMap(([time, fate]) => path(plan, message, time, fate)),
  );
  return telling(made, () => cardOf(message.type, facts(message)));
}

/**
 * One copy's way: a line, a head where it arrived, a cross where this copy was lost.
 * @param {Plan} plan
 * @param {Message} message
 * @param {number} time
 * @param {string} fate
 */
function path(plan, message, time, fate) {
  const x1 = plan.columns.get(message.from) ?? GUTTER;
  const x2 = plan.columns.get(message.to) ?? GUTTER;
  const y1 = plan.y(message.sent);
  const y2 = fate === UNDER_WAY ? y1 + ROW : plan.y(time);
  const towards = x2 >= x1 ? 1 : -1;
  const end = LOST.includes(fate)
    ? cross(x2 - 8 * towards, y2)
    : shape("path", { class: "head", d: `M${x2} ${y2}l${-8 * towards} -4v8z` });
  return [
    shape("line", { class: "reach", x1, y1, x2, y2 }),
    shape("line", { class: "arrow", x1, y1, x2: x2 - 6 * towards, y2 }),
    shape(
      "text",
      { class: "name", x: x2 - 10 * towards, y: y2 - 4, "text-anchor": towards > 0 ? "end" : "start" },
      message.label,
    ),
    end,
  ];
}

/** @param {Message} message */
function isLost(message) {
  return message.arrivals.length > 0 && message.arrivals.every(([, fate]) => LOST.includes(fate));
}

/**
 * Lost messages of one type that a host sent in one direction at one instant: drawn as one.
 * @param {Plan} plan
 * @param {Window} window
 * @returns {Message[][]}
 */
function lostTogether(plan, window) {
  /** @type {Map<string, Message[]>} */
  const groups = new Map();
  for (const message of window.messages.filter(isLost)) {
    const right = (plan.columns.get(message.to) ?? 0) > (plan.columns.get(message.from) ?? 0);
    const name = JSON.stringify([message.from, message.sent, message.type, right, message.concerned]);
    groups.set(name, [...(groups.get(name) ?? []), message]);
  }
  return [...groups.values()];
}

/**
 * A short line towards those whom lost messages never reached, with their names.
 * @param {Plan} plan
 * @param {Message[]} messages
 */
function stub(plan, messages) {
  const [first] = messages;
  const x1 = plan.columns.get(first.from) ?? GUTTER;
  const y = plan.y(first.sent);
  const towards = (plan.columns.get(first.to) ?? 0) > x1 ? 1 : -1;
  const x2 = x1 + STUB * towards;
  const hosts = [...new Set(messages.map((message) => message.to))];
  const who = hosts.length <= NAMES_MAX ? hosts.join(" ") : `${hosts.length} hosts`;
  const made = shape(
    "g",
    { class: first.concerned ? "message lost concerned" : "message lost" },
    shape("line", { class: "reach", x1, y1: y, x2, y2: y }),
    shape("line", { class: "arrow", x1, y1: y, x2, y2: y }),
    cross(x2, y),
    shape(
      "text",
      {
        class: "name",
        x: x1 + 6 * towards,
        y: towards > 0 ? y - 5 : y + 13,
        "text-anchor": towards > 0 ? "start" : "end",
      },
      `${first.type} ✕ ${who}`,
    ),
  );
  return telling(made, () => messages.flatMap((message) => cardOf(`${message.type}, lost`, facts(message))));
}

/**
 * @param {number} x
 * @param {number} y
 */
function cross(x, y) {
  return shape("path", { class: "cross", d: `M${x - 4} ${y - 4}l8 8m0 -8l-8 8` });
}

/**
 * Lets an element show a card while the pointer is on it.
 * @template {SVGElement} Kind
 * @param {Kind} made
 * @param {() => Node[]} parts
 * @returns {Kind}
 */
function telling(made, parts) {
  made.addEventListener("pointermove", (event) => showCard(event, parts()));
  made.addEventListener("pointerleave", hideCard);
  return made;
}

/**
 * @param {Message} message
 * @returns {[string, string][]}
 */
function facts(message) {
  const fates = message.arrivals.map(
    ([time, fate]) =>
      /** @type {[string, string]} */ ([fate, `${instant(time)}, after ${duration(time - message.sent)}`]),
  );
  return [
    ["from", `${message.from} to ${message.to}`],
    ["sent", instant(message.sent)],
    ...fates,
    ["says", message.body],
  ];
}

/**
 * @param {Plan} plan
 * @param {Note} note
 */
function glyph(plan, note) {
  const made = shape(
    "text",
    { class: `mark ${note.kind}`, x: plan.columns.get(note.node) ?? 0, y: plan.y(note.time) + 5 },
    GLYPHS[note.kind] ?? "•",
  );
  return telling(made, () =>
    cardOf(note.node, [
      ["at", instant(note.time)],
      [note.kind, note.text],
    ]),
  );
}

/**
 * @param {Plan} plan
 * @param {Window} window
 */
function now(plan, window) {
  const y = plan.y(window.instant) + 8;
  return [
    shape("line", { class: "now", x1: 0, x2: plan.width, y1: y, y2: y }),
    shape("text", { class: "now-label", x: plan.width - 8, y: y - 4 }, "it shows here"),
  ];
}

/** @param {Window | undefined} window */
function showLog(window) {
  const log = byId("messages-log");
  const lines = window ? window.notes.filter((note) => note.kind === "log") : [];
  log.hidden = lines.length === 0;
  const summary = log.querySelector("summary");
  if (summary) summary.textContent = `${plural(lines.length, "log line")} meanwhile`;
  const rows = lines.map((note) =>
    element(
      "li",
      {},
      element("span", {}, instant(note.time)),
      element("strong", {}, note.node),
      element("span", {}, note.text),
    ),
  );
  log.querySelector("ol")?.replaceChildren(...rows);
}

/**
 * @param {number} width
 * @param {number} height
 * @param {...Node} children
 */
function svg(width, height, ...children) {
  return shape("svg", { width, height, viewBox: `0 0 ${width} ${height}` }, ...children);
}

/**
 * c2 before c10.
 * @param {string} one
 * @param {string} other
 */
function byNumber(one, other) {
  return one.localeCompare(other, "en", { numeric: true });
}
