/**
 * What this browser still owes the server, beside the station that is open: events of a station whose tab was closed before they were
 * sent, and journals carried here for stations without network. Loaded only where there is something.
 */

import { openJournal } from "./journal.js";
import { lockName } from "./opening.js";
import { caller, createSync } from "./sync.js";

/**
 * @typedef {import("./types.js").StationRecord} StationRecord @typedef {import("./types.js").Scan} Scan
 * @typedef {{store: import("./store.js").Store, record: StationRecord, api: string, t: import("./types.js").Translate}} Place
 */

const AGAIN_MS = 15_000;
let timer = 0;

/** @param {Place} place @param {(words: string) => void} say */
export async function runErrands(place, say) {
  for (const record of /** @type {StationRecord[]} */ (await place.store.all("stations")))
    if (record.id !== place.record.id) void sendLeftover(place, record);
  await deliver(place, say);
}

/** Send what an earlier station left, with its own token; not while another tab serves it. @param {Place} place @param {StationRecord} record */
async function sendLeftover({ store, api }, record) {
  const journal = await openJournal(store, record.id);
  if (journal.count === 0) return;
  await navigator.locks.request(lockName(record.id), { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    await new Promise((done) => {
      const sync = createSync({ api, token: record.token, isDurable: false }, journal, {
        onState: () => journal.count === 0 && done(undefined),
        onResults: (results) => journal.settle(results, { students: [], devices: [] }),
        onChanges() {},
        onDay() {},
        onStopped: done,
        onTooOld() {},
      });
      sync.send();
    });
  });
}

/** Send the journals that wait here; one leaves the disk once the server has listed each of its events. @param {Place} place @param {(words: string) => void} say */
export async function deliver(place, say) {
  const call = caller({ api: place.api, token: place.record.token });
  window.clearTimeout(timer);
  for (const { id, ...parcel } of await place.store.all("parcels")) {
    try {
      const answer = await call("journal", parcel);
      const count = acknowledged(parcel.scans, answer);
      await place.store.remove("parcels", [id]);
      say(place.t("journal_sent", { count }));
    } catch (error) {
      // The server will not take it (another day, another key): said, and the file is still where it came from.
      const isRefused = error instanceof Error && "status" in error && error.status !== 503 && error.status !== 401;
      if (isRefused) await place.store.remove("parcels", [id]);
      else timer = window.setTimeout(() => void deliver(place, say), AGAIN_MS);
      say(place.t(isRefused ? "journal_refused" : "journal_waits"));
    }
  }
}

/** How many events the server listed; fails where one is not. @param {string} text @param {{results?: {id: string}[], unreadable?: {index: number}[]}} answer */
function acknowledged(text, { results = [], unreadable = [] }) {
  const listed = new Set(results.map(({ id }) => id));
  const unread = new Set(unreadable.map(({ index }) => index));
  const scans = /** @type {Scan[]} */ (JSON.parse(text));
  if (!scans.every((scan, place) => listed.has(scan.id) || unread.has(place))) throw new Error("not acknowledged");
  return listed.size;
}
