/**
 * The panels beside the verdict: rate, ring, last passages, chips. They follow the paint, never precede it.
 *
 * Figures are the server's, plus what this station did that the server has not counted yet.
 */

import { spaced } from "./codes.js";
import { element, figure, icon, write } from "./page.js";

/**
 * @typedef {import("./types.js").Progress} Progress @typedef {import("./types.js").Scan} Scan @typedef {import("./types.js").Passage} Passage
 * @typedef {{id: string, ground: "ok" | "att" | "err", title: string, detail: string, code: string, at: string}} Line
 */

const KEPT = 10;

/** @param {import("./types.js").Translate} t */
export function createPanels(t) {
  /** @type {Line[]} */
  let lines = [];
  let target = 0;
  /** @type {Progress | null} */
  let progress = null;

  /** @param {Progress} shown */
  function drawFigures(shown) {
    const share = shown.expected ? shown.equipped / shown.expected : 0;
    const percent = Math.floor(share * 100);
    write(element("cadence-valeur"), figure(shown.rate));
    write(element("cadence-objectif"), figure(target));
    write(element("cadence-poste"), figure(shown.station_count));
    write(element("anneau-texte"), t("share", { share: percent }));
    element("anneau").setAttribute("aria-label", t("ring", { share: percent }));
    element("anneau")
      .querySelector(".anneau__part")
      ?.setAttribute("stroke-dasharray", `${percent} ${100 - percent}`);
    element("anneau")
      .querySelector(".anneau__part")
      ?.toggleAttribute("hidden", percent === 0);
    write(element("avance-faits"), `${figure(shown.equipped)} / ${figure(shown.expected)}`);
    write(element("avance-entre"), figure(shown.between));
    write(element("avance-restent"), figure(shown.remaining));
    write(element("avance-fin"), shown.end_at ?? "–");
    drawCurve(shown);
  }

  /** @param {Progress} shown */
  function drawCurve(shown) {
    const top = Math.max(target * 1.15, ...shown.curve, 1);
    const step = 338 / Math.max(shown.curve.length - 1, 1);
    const points = shown.curve.map((rate, i) => `${(i * step).toFixed(1)} ${(62 - (rate / top) * 58).toFixed(1)}`);
    const curve = element("courbe");
    const line = points.length > 1 ? `M${points.join("L")}` : "";
    curve.querySelector(".courbe__jour")?.setAttribute("d", line);
    curve.querySelector(".courbe__aire")?.setAttribute("d", line && `${line}L338 62L0 62Z`);
    const y = (62 - (target / top) * 58).toFixed(1);
    curve.querySelector(".courbe__objectif")?.setAttribute("d", `M0 ${y}H338`);
    curve.setAttribute("aria-label", t("curve", { rate: figure(shown.rate), target: figure(target) }));
  }

  function drawLines() {
    const theirs = (progress?.last ?? []).map((passage) => fromServer(passage, t));
    const rest = theirs.filter((line) => !lines.some((own) => own.title === line.title && own.ground === line.ground));
    element("derniers").replaceChildren(...[...lines, ...rest].slice(0, KEPT).map(row));
  }

  return {
    /** @param {number} perHour */
    aim(perHour) {
      target = perHour;
    },
    /** Without network the rest of the site is not known: say so, and since when. @param {boolean} online @param {number} askedAt  when the figures were asked for */
    reach(online, askedAt) {
      const at = new Date(askedAt).toTimeString().slice(0, 5);
      write(element("poste-seul"), online || !progress ? "" : t("alone", { at }));
    },
    /** @param {Progress} next @param {Scan[]} pending */
    show(next, pending) {
      progress = next;
      drawFigures(counted(next, pending));
      drawLines();
    },
    /** Count again after an event. @param {Scan[]} pending */
    count(pending) {
      if (progress) drawFigures(counted(progress, pending));
    },
    /** Put one line on top of the last passages. @param {Line} line */
    add(line) {
      lines = [line, ...lines].slice(0, KEPT);
      drawLines();
    },
    /** Change the line of an event the server or an undo came back on. @param {string} id @param {Partial<Line>} changes */
    change(id, changes) {
      lines = lines.map((line) => (line.id === id ? { ...line, ...changes } : line));
      drawLines();
    },
  };
}

/** The server's figures, moved by what it has not counted yet. @param {Progress} progress @param {Scan[]} pending @returns {Progress} */
function counted(progress, pending) {
  const sum = { pairs: 0, arrivals: 0 };
  for (const scan of pending) {
    if (scan.kind === "pair") sum.pairs += 1;
    if (scan.kind === "arrival") sum.arrivals += 1;
    if (scan.kind === "no_charter") sum.arrivals -= 1;
    if (scan.kind === "undo") sum[scan.device_code ? "pairs" : "arrivals"] -= 1;
  }
  return {
    ...progress,
    equipped: progress.equipped + sum.pairs,
    arrived: progress.arrived + sum.arrivals,
    between: Math.max(0, progress.between + sum.arrivals - sum.pairs),
    remaining: Math.max(0, progress.remaining - sum.pairs),
    station_count: progress.station_count + sum.pairs,
  };
}

/**
 * The line of Derniers that an event of this station makes.
 * @param {import("./types.js").Verdict} verdict @param {Scan} event
 * @param {import("./types.js").Student | undefined} student @param {import("./types.js").Translate} t @returns {Line}
 */
export function lineOf(verdict, event, student, t) {
  const ground = verdict.ground === "err" || verdict.ground === "att" ? verdict.ground : "ok";
  const line = { id: event.id, at: event.happened_at.slice(11, 16), code: "" };
  const done = { ...line, title: student?.n ?? "", code: event.device_code ?? "" };
  if (event.kind === "pair") return { ...done, ground: "ok", detail: student?.d ?? "" };
  if (event.kind === "arrival")
    return { ...done, ground: "ok", detail: joined(student?.d, charterWord(student?.m, t)) };
  if (event.kind === "undo") return { ...done, ground: "att", detail: t("undone_short") };
  if (ground === "att" && student) return { ...line, ground, title: student.n, detail: verdict.situation };
  return { ...line, ground, title: verdict.headline, detail: student?.n ?? "" };
}

/**
 * The line of an event that the disk kept, when the station is opened again: passages alone, a refusal's words are gone.
 * @param {Scan} event @param {import("./types.js").Student | undefined} student @param {boolean} isLost @param {import("./types.js").Translate} t @returns {Line | null}
 */
export function lineOfKept(event, student, isLost, t) {
  if (!student || !["pair", "arrival", "undo"].includes(event.kind)) return null;
  const line = lineOf(/** @type {any} */ ({ ground: "ok" }), event, student, t);
  return isLost ? { ...line, ground: "err", detail: t("to_review") } : line;
}

/** @param {"paper" | "online" | null | undefined} medium @param {import("./types.js").Translate} t */
function charterWord(medium, t) {
  return t(medium === "online" ? "charter_online_short" : "charter_paper_short");
}

/** Words of one line; a student may be in no class. @param {(string | undefined)[]} words */
function joined(...words) {
  return words.filter(Boolean).join(" · ");
}

/** @param {Passage} passage @param {import("./types.js").Translate} t @returns {Line} */
function fromServer(passage, t) {
  const detail = passage.kind === "arrival" ? joined(passage.d, charterWord(passage.m, t)) : passage.d;
  return { id: "", ground: passage.ok ? "ok" : "err", title: passage.n, at: passage.at, detail, code: passage.c ?? "" };
}

/** @param {Line} line */
function row(line) {
  const item = document.createElement("li");
  const words = document.createElement("div");
  const title = document.createElement("b");
  const detail = document.createElement("span");
  const time = document.createElement("time");
  item.dataset.etat = line.ground;
  title.textContent = line.title;
  detail.textContent = line.detail;
  if (line.code) {
    const code = document.createElement("span");
    code.className = "code";
    code.textContent = spaced(line.code);
    detail.append(line.detail ? " · " : "", code);
  }
  time.textContent = line.at;
  words.append(title, detail);
  item.append(icon({ ok: "coche", att: "attention", err: "croix" }[line.ground]), words, time);
  return item;
}
