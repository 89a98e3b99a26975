/**
 * Before a station opens: which one it is, that no other tab serves it, and that this browser promises to keep what it writes.
 * Each refusal is a screen with its reason and its remedy (catalogue F15, F22).
 */

import * as screens from "./screens.js";
import { openStore } from "./store.js";

/**
 * @typedef {import("./types.js").StationRecord} StationRecord @typedef {import("./store.js").Store} Store
 * @typedef {{words: string, act: () => void}} Choice
 * @typedef {(verdict: import("./types.js").Verdict, ...choices: Choice[]) => void} Hold  put a screen instead of the station
 *
 * @typedef {Event & {prompt: () => Promise<unknown>}} InstallEvent
 */

/** A page that is being reloaded still holds its lock for a moment. */
const LOCK_MS = 800;

/** @param {string} id */
export const lockName = (id) => `cartable-poste-${id}`;

/** @type {InstallEvent | null} */
let installable = null;
window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  installable = /** @type {InstallEvent} */ (event);
});

/** Never goes on: the page stays as it is, or is left. @returns {Promise<never>} */
const stay = () => new Promise(() => {});

/**
 * Return the station of this page once it may open.
 * @param {import("./types.js").Config} config @param {import("./types.js").Translate} t @param {Hold} hold
 * @returns {Promise<{store: Store, record: StationRecord, isDurable: boolean}>}
 */
export async function openPlace(config, t, hold) {
  const store = await openStore().catch(() => null);
  if (!store) {
    hold(screens.closed(t, "no_disk"));
    return stay();
  }
  await store.sweep(Date.now()).catch(() => {});
  const record = await find(store);
  if (!record) {
    // Offline, the start page would be the browser's own error page.
    if (navigator.onLine) location.replace(config.start_url);
    hold(screens.closed(t, "not_opened"));
    return stay();
  }
  await alone(record.id, () => hold(screens.closed(t, "already_open")));
  return { store, record: (await byId(store, record.id)) ?? record, isDurable: await durable(config, t, hold) };
}

/** The station that the address names, else the last one opened here. @param {Store} store @returns {Promise<StationRecord | undefined>} */
async function find(store) {
  const named = new URLSearchParams(location.search).get("poste");
  if (named) return byId(store, named);
  const records = /** @type {StationRecord[]} */ (await store.all("stations"));
  return records.sort((a, b) => Number(!!a.ended) - Number(!!b.ended) || b.madeAt - a.madeAt)[0];
}

/** @param {Store} store @param {string} id @returns {Promise<StationRecord | undefined>} */
async function byId(store, id) {
  return (await store.all("stations")).find((record) => record.id === id);
}

/** One tab per station: two would number their events alike. @param {string} id @param {() => void} onTaken */
async function alone(id, onTaken) {
  if (!navigator.locks) return;
  const timer = window.setTimeout(onTaken, LOCK_MS);
  await new Promise((mine) => {
    // Held until the tab is gone, however it goes.
    void navigator.locks.request(lockName(id), () => {
      mine(undefined);
      return stay();
    });
  });
  window.clearTimeout(timer);
}

/** @param {import("./types.js").Config} config @param {import("./types.js").Translate} t @param {Hold} hold @returns {Promise<boolean>} */
async function durable(config, t, hold) {
  for (;;) {
    if (await isPromised()) return true;
    if (config.may_forget) return false;
    await new Promise((again) => {
      const retry = { words: t("try_again"), act: () => again(undefined) };
      const install = { words: t("install"), act: () => void installable?.prompt().finally(() => again(undefined)) };
      const verdict = screens.closed(t, window.isSecureContext ? "not_durable" : "not_secure");
      hold(verdict, ...(installable ? [install, retry] : [retry]));
    });
  }
}

async function isPromised() {
  const disk = navigator.storage;
  if (!disk?.persist) return false;
  return (await disk.persisted()) || (await disk.persist());
}
