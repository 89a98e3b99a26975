/**
 * Waiting page: asks every two seconds whether the leader has accepted this station, and lets the scanner be tried meanwhile.
 *
 * The answer is {state: "waiting" | "accepted" | "refused" | "expired", token?, url?, station?}; the token is kept on this browser's disk,
 * and nowhere else.
 */

import { endingCode, spaced } from "./codes.js";
import { element, translator, values, write } from "./page.js";
import { createReader } from "./reader.js";
import { followReleases } from "./renewal.js";
import { createSounds } from "./sounds.js";
import { openStore } from "./store.js";

const POLL_MS = 2000;

/** @type {{status_url: string, start_url: string, worker?: {url: string, scope: string}}} */
const config = values("poste-config");
const t = translator(values("poste-textes"));
const sounds = createSounds();
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
    if (status.state === "accepted" && status.token) return enter(status);
    if (status.state === "refused" || status.state === "expired") return location.reload();
  } catch {
    write(element("attente-reseau"), t("waiting_retry"));
  }
  window.setTimeout(ask, POLL_MS);
}

/** @param {{token: string, url: string, station: string}} status */
async function enter({ token, url, station }) {
  try {
    const store = await openStore();
    const empty = { day: null, station: null, cursor: "", progress: null, askedAt: 0, listAt: 0, ended: "" };
    await store.write({ stations: [{ id: station, token, madeAt: Date.now(), ...empty }] }, "strict");
    location.replace(url);
  } catch {
    write(element("attente-reseau"), t("no_disk_next"));
  }
}

// The page of the station is fetched while the leader answers: it opens without network from its first start on.
void followReleases(config.worker, () => true);
void ask();
