/** The bar at the top: which workshop, network, sound, clock. Each word is written only when it changes. */

import { draw, element, write } from "./page.js";

/** @typedef {import("./types.js").Workshop} Workshop @typedef {import("./types.js").Translate} Translate */

/** @param {string} role @param {string} words */
function say(role, words) {
  if (element(role).textContent !== words) write(element(role), words);
}

/** @param {Translate} t @param {Workshop} workshop */
export function showWorkshop(t, workshop) {
  const title = t(workshop === "A" ? "title_a" : "title_b");
  say("poste-titre", title);
  document.title = `${title} · ${document.title.split(" · ").at(-1)}`;
  element("atelier-a").setAttribute("aria-pressed", String(workshop === "A"));
  element("atelier-b").setAttribute("aria-pressed", String(workshop === "B"));
}

/** "En ligne", "Envoi · 3", "Hors ligne · 14 à envoyer". @param {Translate} t @param {{online: boolean, sending: boolean, count: number}} network */
export function showNetwork(t, { online, sending, count }) {
  const state = online ? (sending || count > 0 ? "sending" : "online") : count > 0 ? "offline" : "offline_none";
  element("reseau").dataset.etat = online ? "" : "coupe";
  say("reseau-mot", t(state, { count }));
  element("ligne-reseau").hidden = online;
}

/** @param {Translate} t @param {boolean} isOn */
export function showSound(t, isOn) {
  element("son").setAttribute("aria-pressed", String(isOn));
  say("son-mot", t(isOn ? "sound_on" : "sound_off"));
  draw(element("son"), isOn ? "son" : "son_coupe");
}

/** "Poste B2 · Opérateur 7". @param {Translate} t @param {string} name @param {string} operator  code of its card's event */
export function showName(t, name, operator) {
  const station = t("station", { name });
  say(
    "poste-nom",
    operator ? `${station} · ${t("operator", { number: Number(operator.replace("operator_", "")) })}` : station,
  );
}

/** How many passages the server came back on. @param {Translate} t @param {number} count */
export function showReview(t, count) {
  say("revoir-mot", t("to_review_count", { count }));
  element("revoir").hidden = count === 0;
}

/** Keep the clock right. */
export function runClock() {
  const tick = () => {
    const now = new Date();
    say("heure", [now.getHours(), now.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":"));
  };
  tick();
  window.setInterval(tick, 1000);
}
