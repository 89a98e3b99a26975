/**
 * Waiting page: asks every two seconds whether the leader has accepted this station, and lets the scanner be tried meanwhile.
 *
 * The answer is {state: "waiting" | "accepted" | "refused" | "expired", token?, url?}; a token goes to the storage of this tab only.
 */

import { endingCode, spaced } from "./codes.js";
import { element, translator, values, write } from "./page.js";
import { createReader } from "./reader.js";
import { createSounds } from "./sounds.js";

const POLL_MS = 2000;
const TOKEN = "cartable.station.token";

/** @type {{status_url: string, start_url: string}} */
const config = values("poste-config");
const t = translator(values("poste-textes"));
const sounds = createSounds(0);
const heard = element("essai");

createReader({
  field: null,
  ending: endingCode,
  isKnown: () => false,
  onRead(reading) {
    const code = spaced(reading.text);
    write(heard, reading.found ? t(reading.corrected ? "test_corrected" : "test_heard", { code }) : t("test_misread"));
    sounds.cue(reading.found ? "lu" : "err");
  },
  onKey() {},
});

async function ask() {
  try {
    const answer = await fetch(config.status_url, {
      cache: "no-store",
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(8000),
    });
    const status = await answer.json();
    element("attente-reseau").hidden = true;
    if (status.state === "accepted" && status.token) return enter(status.token, status.url);
    if (status.state === "refused" || status.state === "expired") return location.reload();
  } catch {
    write(element("attente-reseau"), t("waiting_retry"));
  }
  window.setTimeout(ask, POLL_MS);
}

/** @param {string} token @param {string} url */
function enter(token, url) {
  for (const key of Object.keys(sessionStorage))
    if (key.startsWith("cartable.station.")) sessionStorage.removeItem(key);
  sessionStorage.setItem(TOKEN, token);
  location.replace(url);
}

void ask();
