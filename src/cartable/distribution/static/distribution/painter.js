/**
 * Put a verdict on the screen: first the panel and the steps, in one task; what is spoken follows after the paint (SCANNING 2.4).
 * Every text goes in as text: a label that holds markup shows its signs.
 */

import { isCode, spaced } from "./codes.js";
import { afterPaint, draw, element, icon, write } from "./page.js";

/** @typedef {import("./types.js").Verdict} Verdict */

/** Names of more letters than these take smaller type, so that the panel never scrolls. */
const LONG = [18, 30, 44];

export function createPainter() {
  const panel = element("ecran");
  const parts = {
    situation: element("situation"),
    situationText: element("situation-texte"),
    divisionFirst: element("classe-1"),
    headline: element("affiche"),
    row: element("suite"),
    name: element("nom"),
    division: element("classe-2"),
    detail: element("detail"),
    label: element("code"),
    gestures: element("gestes"),
    next: element("geste"),
    nextText: element("geste-texte"),
    arrow: element("geste-fleche"),
    button: element("ecran-bouton"),
    other: element("ecran-autre"),
  };
  const shape = panel.querySelector(".ecran__forme");
  const polite = element("annonce");
  const assertive = element("alerte");
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

  /** @param {Verdict} verdict */
  function paintPanel(verdict) {
    const withStudent = verdict.ground === "encours";
    panel.dataset.etat = verdict.ground;
    panel.dataset.long = String(LONG.filter((length) => verdict.headline.length > length).length);
    write(parts.situationText, verdict.situation);
    write(parts.headline, verdict.headline);
    write(parts.divisionFirst, withStudent ? (verdict.division ?? "") : "");
    write(parts.division, withStudent ? "" : (verdict.division ?? ""));
    write(parts.name, verdict.name ?? "");
    write(parts.detail, verdict.detail ?? "");
    write(parts.label, verdict.label ? labelText(verdict.label) : "");
    parts.row.hidden = [parts.name, parts.division, parts.detail, parts.label].every((part) => part.hidden);
    write(parts.nextText, verdict.next);
    parts.next.hidden = verdict.next === "";
    parts.arrow.toggleAttribute("hidden", !verdict.arrow);
    parts.gestures.hidden = !verdict.gestures?.length;
    parts.gestures.replaceChildren(...(verdict.gestures ?? []).map(gesture));
    if (shape) draw(shape, verdict.icon);
  }

  /** @param {Verdict} verdict */
  function speak(verdict) {
    const words = [verdict.situation, verdict.headline, verdict.name, verdict.division, verdict.detail, verdict.next];
    const region = verdict.ground === "att" || verdict.ground === "err" ? assertive : polite;
    const silent = region === polite ? assertive : polite;
    silent.textContent = "";
    region.textContent = words.filter(Boolean).join(". ");
  }

  /** A narrow page may be scrolled past the verdict. */
  function reveal() {
    if (panel.getBoundingClientRect().top < 0) panel.scrollIntoView({ block: "start" });
  }

  return {
    reveal,
    /** Paint at once; `then` runs after the paint. @param {Verdict} verdict @param {() => void} [then] */
    paint(verdict, then) {
      paintPanel(verdict);
      parts.button.hidden = parts.other.hidden = true;
      if (verdict.cue && !calm.matches) panel.animate([{ transform: "scale(0.988)" }, { transform: "none" }], 160);
      afterPaint(() => {
        reveal();
        speak(verdict);
        then?.();
      });
    },
    /** Show which gesture is expected. @param {boolean} waitsForDevice @param {"A" | "B"} workshop */
    steps(waitsForDevice, workshop) {
      const [first, second] = [element("etape-1"), element("etape-2")];
      second.hidden = workshop === "A";
      element("etape-1-mot").hidden = workshop === "A";
      element("etape-1-mot-a").hidden = workshop !== "A";
      first.dataset.etat = waitsForDevice ? "faite" : "ici";
      second.dataset.etat = waitsForDevice ? "ici" : "";
      first.toggleAttribute("aria-current", !waitsForDevice);
      second.toggleAttribute("aria-current", waitsForDevice);
      for (const step of [first, second])
        if (step.hasAttribute("aria-current")) step.setAttribute("aria-current", "step");
    },
    /** Offer buttons inside the panel, two at most, for what a scanner cannot answer. @param {{words: string, act: () => void}[]} choices */
    offer(...choices) {
      for (const [place, { words, act }] of choices.entries()) {
        const button = place ? parts.other : parts.button;
        write(button, words);
        button.onclick = act;
      }
    },
    /** Say something without changing the panel. @param {string} text */
    say(text) {
      assertive.textContent = text;
    },
  };
}

/** @param {string} label */
function labelText(label) {
  return `${isCode(label) && label.startsWith("E") ? "" : "PC "}${spaced(label)}`;
}

/** @param {import("./types.js").Geste} geste */
function gesture({ icon: name, title, text }) {
  const item = document.createElement("li");
  const words = document.createElement("div");
  const strong = document.createElement("b");
  const line = document.createElement("span");
  strong.textContent = title;
  line.textContent = text;
  words.append(strong, line);
  item.append(icon(name), words);
  return item;
}
