/**
 * The field as a search: names of the day's list (F3), and serial numbers that look like the one that was typed. Proposals only:
 * a person chooses, and only what has been on the screen can be chosen.
 */

import { normalised } from "./codes.js";
import { element } from "./page.js";

/**
 * @typedef {import("./types.js").Student} Student @typedef {import("./types.js").Device} Device
 * @typedef {{code: string, title: string, detail: string}} Choice
 */

const SHOWN = 7;
const CALM_MS = 120;

/** Write a name for comparison: no accents, hyphens, apostrophes. @param {string} text */
export function folded(text) {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/œ/gi, "oe")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** Students whose name (or class) has words that begin like every word typed. @param {Iterable<Student>} students @param {string} text @returns {Choice[]} */
export function byName(students, text) {
  const typed = folded(text).split(" ").filter(Boolean);
  if (typed.length === 0) return [];
  const found = [...students].filter((student) => {
    const words = folded(`${student.n} ${student.d}`).split(" ");
    return typed.every((part) => words.some((word) => word.startsWith(part)));
  });
  return found
    .map((student) => ({ code: student.c, title: student.n, detail: student.d }))
    .sort((a, b) => a.title.localeCompare(b.title));
}

/** Signs that people take one for the other. @param {string} text */
function confusable(text) {
  return text.replace(/O/g, "0").replace(/[IL]/g, "1").replace(/S/g, "5").replace(/B/g, "8").replace(/Z/g, "2");
}

/** Devices whose serial could be misread as this text. @param {Iterable<Device>} devices @param {string} text @returns {Choice[]} */
export function bySerial(devices, text) {
  const typed = confusable(normalised(text));
  if (typed.length < 5) return [];
  return [...devices]
    .filter((device) => confusable(device.s.toUpperCase()) === typed)
    .map((device) => ({ code: device.c, title: device.s, detail: device.c }));
}

/**
 * @param {HTMLInputElement} field
 * @param {{students: () => Iterable<Student>, devices: () => Iterable<Device>, onChoose: (code: string) => void, t: import("./types.js").Translate}} options
 */
export function createSearch(field, options) {
  const list = element("choix");
  const hint = element("choix-aide");
  /** @type {Choice[]} */
  let choices = [];
  let active = 0;
  let timer = 0;

  /** @param {Choice[]} found @param {string} words */
  function show(found, words) {
    choices = found.slice(0, SHOWN);
    active = 0;
    hint.textContent = words;
    hint.hidden = words === "";
    list.hidden = choices.length === 0;
    list.replaceChildren(...choices.map(option));
    field.setAttribute("aria-expanded", String(choices.length > 0));
    mark();
  }

  /** @param {Choice} choice @param {number} place */
  function option(choice, place) {
    const item = document.createElement("li");
    const title = document.createElement("b");
    const detail = document.createElement("span");
    item.id = `choix-${place}`;
    item.setAttribute("role", "option");
    title.textContent = choice.title;
    detail.textContent = choice.detail;
    item.append(title, detail);
    item.addEventListener("pointerdown", (event) => event.preventDefault());
    item.addEventListener("click", () => choose(place));
    return item;
  }

  function mark() {
    for (const [place, item] of [...list.children].entries())
      item.setAttribute("aria-selected", String(place === active));
    if (choices.length > 0) field.setAttribute("aria-activedescendant", `choix-${active}`);
    else field.removeAttribute("aria-activedescendant");
    list.children[active]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} place */
  function choose(place) {
    const choice = choices[place];
    close();
    if (choice) options.onChoose(choice.code);
  }

  function close() {
    window.clearTimeout(timer);
    show([], "");
  }

  function look() {
    const found = byName(options.students(), field.value);
    show(
      found,
      found.length === 0
        ? options.t("no_match")
        : found.length === 1
          ? options.t("match_one")
          : options.t("matches", { count: found.length }),
    );
  }

  field.addEventListener("input", () => {
    window.clearTimeout(timer);
    // A code being scanned into the field is no name: it has digits, or the signs of a French digit row.
    if (isName(field.value)) timer = window.setTimeout(look, CALM_MS);
    else if (choices.length > 0 || !hint.hidden) close();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (choices.length === 0 || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    event.preventDefault();
    active = (active + (event.key === "ArrowDown" ? 1 : choices.length - 1)) % choices.length;
    mark();
  });
  field.addEventListener("blur", () => window.setTimeout(close, 150));

  return {
    close,
    /** Enter on a text that is no code. True where it was dealt with. @param {string} text */
    enter(text) {
      if (choices.length > 0) {
        choose(active);
        return true;
      }
      if (isName(text)) {
        look();
        return true;
      }
      const serials = bySerial(options.devices(), text);
      if (serials.length > 0) show(serials, options.t("proposals"));
      return serials.length > 0;
    },
  };
}

/** Two letters at least, and no sign that names do not have. @param {string} text */
function isName(text) {
  return /^[\p{L}\p{M}\s.'’-]{2,60}$/u.test(text.trim()) && (text.match(/\p{L}/gu) ?? []).length >= 2;
}
