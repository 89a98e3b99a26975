/**
 * Talk to the server behind the screen's back: send events until their id is listed, ask for changes every two seconds. Nothing waits
 * for it, nothing is dropped: an answer that does not list an id acknowledges nothing (a captive portal answers 200 to everything).
 */

/**
 * @typedef {import("./types.js").Scan} Scan @typedef {import("./types.js").Result} Result @typedef {import("./types.js").Day} Day
 * @typedef {import("./types.js").Changes} Changes
 *
 * @typedef {object} Listeners
 * @property {() => void} onState  the network or the number of events changed
 * @property {(results: Result[]) => void} onResults
 * @property {(changes: Changes, askedAt: number) => void} onChanges
 * @property {() => void} onRevoked
 */

const BATCH = 50;
const POLL_MS = 2000;
const PATIENCE_MS = 10_000;
const WAITS_MS = [1000, 2000, 4000, 8000, 15_000];

/** The leader stopped this station, or its token ran out. */
class Revoked extends Error {}
/** The server cannot read these events: sending them again would not help. */
class Unreadable extends Error {}

/**
 * @param {{api: string, token: string}} road
 * @param {import("./types.js").Outbox} outbox
 * @param {Listeners} listeners
 */
export function createSync(road, outbox, listeners) {
  let online = true;
  let sending = false;
  let failures = 0;
  let stopped = false;
  let together = BATCH;
  /** Events the server could not read: kept, shown, sent again alone at the next start. @type {Set<string>} */
  const unreadable = new Set();
  let retry = 0;
  let cursor = "";
  let workshop = "";
  let toldWorkshop = "";

  /** @param {string} path @param {RequestInit} [options] @returns {Promise<any>} */
  async function call(path, options = {}) {
    const answer = await fetch(road.api + path, {
      ...options,
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE_MS),
      headers: { Accept: "application/json", Authorization: `Bearer ${road.token}`, ...options.headers },
    });
    if (answer.ok) return answer.json();
    // A portal or a proxy refuses in its own words: only the server names its error.
    const error = await answer.json().then(
      (body) => body?.error,
      () => undefined,
    );
    if (answer.status === 401 && error) throw new Revoked();
    if ([400, 413, 422].includes(answer.status) && error) throw new Unreadable();
    throw new Error(`status ${answer.status}`);
  }

  /** @param {boolean} now */
  function reached(now) {
    failures = now ? 0 : failures + 1;
    if (online === now) return;
    online = now;
    listeners.onState();
  }

  /** @param {unknown} error */
  function failed(error) {
    if (error instanceof Revoked) {
      stopped = true;
      window.clearTimeout(retry);
      listeners.onRevoked();
    } else reached(false);
  }

  async function send() {
    if (sending || stopped) return;
    const batch = outbox
      .pending()
      .filter((scan) => !unreadable.has(scan.id))
      .slice(0, together);
    if (batch.length === 0) return;
    sending = true;
    window.clearTimeout(retry);
    listeners.onState();
    try {
      await post(batch);
      together = BATCH;
    } catch (error) {
      // One bad event must not hold back the others: it is looked for by sending one at a time, and kept.
      if (error instanceof Unreadable && together > 1) together = 1;
      else if (error instanceof Unreadable) setAside(batch);
      else failed(error);
    } finally {
      sending = false;
      listeners.onState();
    }
    again();
  }

  function again() {
    if (stopped || outbox.pending().every((scan) => unreadable.has(scan.id))) return;
    const wait = failures ? (WAITS_MS[Math.min(failures, WAITS_MS.length) - 1] ?? 1000) : 0;
    window.clearTimeout(retry);
    retry = window.setTimeout(send, wait);
  }

  /** @param {Scan[]} batch */
  async function post(batch) {
    const body = JSON.stringify({ protocol: 1, scans: batch });
    const answer = await call("scans", { method: "POST", body, headers: { "Content-Type": "application/json" } });
    if (answer?.protocol !== 1 || !Array.isArray(answer.results)) throw new Error("not the server");
    const sent = new Set(batch.map((scan) => scan.id));
    const results = /** @type {Result[]} */ (answer.results).filter((result) => sent.has(result.id));
    if (results.length === 0) throw new Error("nothing acknowledged");
    await outbox.acknowledge(results.map((result) => result.id));
    reached(true);
    listeners.onResults(results);
  }

  /** @param {Scan[]} batch */
  function setAside(batch) {
    for (const scan of batch) unreadable.add(scan.id);
    listeners.onResults(batch.map((scan) => ({ id: scan.id, result: "refused", code: "id_reused" })));
  }

  /** The leader's screen says which workshop each station serves. */
  async function tellWorkshop() {
    const now = workshop;
    if (now === toldWorkshop) return;
    await call("station/workshop", { method: "POST", body: JSON.stringify({ workshop: now }) });
    toldWorkshop = now;
  }

  async function poll() {
    if (stopped) return;
    const askedAt = performance.now();
    try {
      await tellWorkshop();
      const changes = await call(`day/changes?cursor=${encodeURIComponent(cursor)}`);
      if (!Array.isArray(changes?.students)) throw new Error("not the server");
      cursor = changes.cursor;
      const wasOffline = !online;
      reached(true);
      listeners.onChanges(changes, askedAt);
      if (wasOffline) void send();
    } catch (error) {
      failed(error);
    }
    window.setTimeout(poll, POLL_MS);
  }

  window.addEventListener("online", () => void send());
  window.addEventListener("offline", () => reached(false));

  return {
    /** Load the day's list; tries until it comes. @param {() => void} onWait @returns {Promise<Day>} */
    async day(onWait) {
      for (let tries = 0; !stopped; tries += 1) {
        try {
          const day = await call("day");
          if (day?.protocol !== 1 || !Array.isArray(day.students)) throw new Error("not the server");
          reached(true);
          cursor = day.cursor;
          workshop = toldWorkshop = day.station.workshop;
          return day;
        } catch (error) {
          failed(error);
          if (stopped) break;
          onWait();
          await new Promise((done) => window.setTimeout(done, WAITS_MS[Math.min(tries, WAITS_MS.length - 1)]));
        }
      }
      return new Promise(() => {});
    },
    /** Ask for what changed, every two seconds. */
    follow() {
      window.setTimeout(poll, POLL_MS);
    },
    /** This station serves the other workshop from now on. @param {string} next */
    serve(next) {
      workshop = next;
    },
    /** Send what waits. */
    send() {
      if (!failures) void send();
    },
    get state() {
      return { online, sending, stopped, count: outbox.pending().length };
    },
  };
}
