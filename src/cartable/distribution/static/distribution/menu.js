/**
 * What a station needs once a day, loaded when it is asked for: its journal as a file, and the journal of another station that has no
 * network (docs/protocol.md). A journal holds codes, no name.
 */

import { deliver } from "./errands.js";
import { moment } from "./journal.js";
import { element, write } from "./page.js";

/**
 * @typedef {import("./types.js").StationRecord} StationRecord @typedef {import("./types.js").Scan} Scan
 * @typedef {{store: import("./store.js").Store, record: StationRecord, api: string, t: import("./types.js").Translate}} Place
 * @typedef {{protocol: number, station: string | number, made_at: string, scans: string, mac: string}} Parcel
 */

/** More than a station makes in a day; the server takes no more at once. */
const MOST = 5000;

const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);

/** The journal as it travels: signed with a key that the station and the server know. @param {Place} place @param {StationRecord} record @returns {Promise<Parcel>} */
async function parcelOf({ store }, record) {
  const events = /** @type {Scan[]} */ (await store.rows("events", record.id)).slice(-MOST);
  const scans = JSON.stringify(events.map(({ station: _, ...scan }) => scan));
  const secret = await crypto.subtle.digest("SHA-256", bytes(record.token));
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const signed = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes(scans)));
  const mac = [...signed].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { protocol: 2, station: Number(record.id), made_at: moment(new Date()), scans, mac };
}

/** @param {Place} place @param {StationRecord} record */
async function save(place, record) {
  const parcel = await parcelOf(place, record);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(parcel)], { type: "application/json" }));
  link.download = `${place.t("journal_file", { station: record.id })}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
  write(element("menu-dit"), place.t("journal_saved", { count: JSON.parse(parcel.scans).length }));
}

/** @param {string} text @returns {Parcel | null} */
function readParcel(text) {
  try {
    const parcel = JSON.parse(text);
    const isOne = parcel.station && parcel.mac && Array.isArray(JSON.parse(parcel.scans));
    return isOne ? parcel : null;
  } catch {
    return null;
  }
}

/** Keep another station's journal here, then send it; without network it waits on this disk. @param {Place} place @param {File} file */
async function carry(place, file) {
  const parcel = readParcel(await file.text());
  const said = element("menu-dit");
  if (!parcel) return write(said, place.t("not_a_journal"));
  await place.store.write({ parcels: [{ id: parcel.mac, ...parcel }] }, "strict");
  write(said, place.t("journal_waits"));
  await deliver(place, (words) => write(said, words));
}

let isWired = false;

/** @param {Place} place */
export function showMenu(place) {
  const dialog = /** @type {HTMLDialogElement} */ (element("menu-cadre"));
  if (!isWired) wire(place, dialog);
  write(element("menu-dit"), "");
  dialog.showModal();
}

/** @param {Place} place @param {HTMLDialogElement} dialog */
function wire(place, dialog) {
  const file = /** @type {HTMLInputElement} */ (element("menu-fichier"));
  isWired = true;
  element("menu-journal").addEventListener("click", () => void save(place, place.record));
  element("menu-fermer").addEventListener("click", () => dialog.close());
  file.addEventListener("change", () => {
    const chosen = file.files?.[0];
    if (chosen) void carry(place, chosen).finally(() => (file.value = ""));
  });
}
