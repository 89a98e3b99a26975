/**
 * Talk to the server behind the screen's back, as docs/protocol.md says: events are sent until their id is listed, a contact every two
 * seconds brings what changed and what the server misses. Nothing waits for it, nothing is dropped: an answer that does not list an id
 * acknowledges nothing (a captive portal answers 200 to everything).
 */

import { moment } from "./journal.js";
import { stamp } from "./page.js";

/**
 * @typedef {import("./types.js").Scan} Scan @typedef {import("./types.js").Result} Result @typedef {import("./types.js").Day} Day
 * @typedef {import("./types.js").Changes} Changes
 *
 * @typedef {object} Listeners
 * @property {() => void} onState  the network or the number of events changed
 * @property {(results: Result[]) => Promise<void>} onResults
 * @property {(changes: Changes, askedAt: number) => void} onChanges
 * @property {(day: Day, askedAt: number) => void} onDay  the server's database went back: the list is the whole day again
 * @property {(code: string) => void} onStopped
 * @property {() => void} onTooOld
 */

const PROTOCOL = 2;
const BATCH = 200;
const CONTACT_MS = 2000;
const PATIENCE_MS = 10_000;
const WAITS_MS = [1000, 2000, 4000, 8000, 15_000];
/** Shorter bodies do not shrink. */
const WORTH_PACKING = 1000;

/** The server itself refused: a portal or a proxy speaks in other words, and is no more than a bad network. */
class Refusal extends Error {
  /** @param {number} status @param {string} code @param {number} waitMs */
  constructor(status, code, waitMs) {
    super(code);
    this.status = status;
    this.waitMs = waitMs;
  }
}

/** Nobody comes back at the same moment as everybody else. @param {number} ms */
const about = (ms) => ms * (1 + Math.random() / 2);

/** @param {string} text @returns {Promise<RequestInit>} */
async function packed(text) {
  const headers = { "Content-Type": "application/json" };
  if (text.length < WORTH_PACKING) return { method: "POST", body: text, headers };
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  const body = await new Response(stream).arrayBuffer();
  return { method: "POST", body, headers: { ...headers, "Content-Encoding": "gzip" } };
}

/**
 * Make the function that asks the server: JSON of this protocol, or an error.
 * @param {{api: string, token: string}} road @returns {(path: string, content?: object | string) => Promise<any>}
 */
export function caller({ api, token }) {
  return async (path, content) => {
    const text = typeof content === "string" ? content : JSON.stringify({ protocol: PROTOCOL, ...content });
    const { headers, ...request } = content ? await packed(text) : {};
    const answer = await fetch(api + path, {
      ...request,
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE_MS),
      headers: { Accept: "application/json", Authorization: `Bearer ${token}`, ...headers },
    });
    const body = await answer.json().catch(() => null);
    if (answer.ok && body?.protocol === PROTOCOL) return body;
    if (!answer.ok && typeof body?.error === "string")
      throw new Refusal(answer.status, body.error, Number(answer.headers.get("Retry-After")) * 1000);
    throw new Error(`status ${answer.status}`);
  };
}

/**
 * @param {{api: string, token: string, isDurable: boolean}} road
 * @param {import("./types.js").Journal} journal
 * @param {Listeners} listeners
 */
export function createSync(road, journal, listeners) {
  const call = caller(road);
  let online = true;
  let cutAt = -1;
  let sending = false;
  let failures = 0;
  let isStopped = false;
  let together = BATCH;
  /** The server said that it has too much to do: until then, nothing. */
  let quietUntil = 0;
  /** Events the server could not read: kept, shown, sent again at the next start. @type {Set<string>} */
  const aside = new Set();
  let retry = 0;
  let cursor = "";
  let workshop = "";

  /** @param {boolean} now */
  function reached(now) {
    if (online === now) return;
    online = now;
    listeners.onState();
  }

  /** An answer to what was asked before the cable came out says nothing of now. @param {number} askedAt */
  function answered(askedAt) {
    if (askedAt > cutAt) reached(true);
  }

  /** @param {unknown} error */
  function failed(error) {
    if (!(error instanceof Refusal)) return reached(false);
    if (error.status === 503) {
      quietUntil = Date.now() + about(Math.max(error.waitMs, 1000));
      return reached(error.message === "busy");
    }
    if (error.status === 401) {
      isStopped = true;
      window.clearTimeout(retry);
      return listeners.onStopped(error.message);
    }
    if (error.status === 410) listeners.onTooOld();
    reached(false);
  }

  const sendable = () => journal.pending().filter((scan) => !aside.has(scan.id));

  async function send() {
    if (sending || isStopped || Date.now() < quietUntil) return;
    const batch = sendable().slice(0, together);
    if (batch.length === 0) return;
    sending = true;
    window.clearTimeout(retry);
    listeners.onState();
    const sentAt = performance.now();
    try {
      await post(batch);
      failures = 0;
      together = BATCH;
      answered(sentAt);
    } catch (error) {
      // A batch that cannot be taken is sent in halves, so that one event never holds back the others.
      const isBatch = error instanceof Refusal && [400, 413, 422].includes(error.status);
      const isLater = error instanceof Refusal && error.status === 503;
      if (isBatch) together = Math.ceil(batch.length / 2);
      if (isBatch && batch.length === 1) setAside(batch);
      // The server that answers in its own words is there: it says itself how long to wait.
      failures = isBatch || isLater ? 0 : failures + 1;
      if (!isBatch) failed(error);
    } finally {
      sending = false;
      listeners.onState();
    }
    again();
  }

  function again() {
    if (isStopped || sendable().length === 0) return;
    const wait = failures ? about(WAITS_MS[Math.min(failures, WAITS_MS.length) - 1] ?? 1000) : 0;
    window.clearTimeout(retry);
    retry = window.setTimeout(send, Math.max(wait, quietUntil - Date.now()));
  }

  /** @param {Scan[]} batch */
  async function post(batch) {
    // `station` is for the disk: the token says it.
    const scans = batch.map(({ station: _, ...scan }) => scan);
    const answer = await call("scans", { scans });
    const ids = new Set(batch.map((scan) => scan.id));
    /** @type {Result[]} */
    const results = (Array.isArray(answer.results) ? answer.results : []).filter((/** @type {Result} */ result) =>
      ids.has(result?.id),
    );
    const unreadable = (Array.isArray(answer.unreadable) ? answer.unreadable : [])
      .map((/** @type {{index: number}} */ { index }) => batch[index])
      .filter(Boolean);
    setAside(unreadable);
    if (results.length === 0 && unreadable.length === 0) throw new Error("nothing acknowledged");
    await listeners.onResults(results);
  }

  /** @param {Scan[]} batch */
  function setAside(batch) {
    for (const scan of batch) aside.add(scan.id);
    if (batch.length > 0)
      void listeners.onResults(batch.map(({ id }) => ({ id, result: "unreadable", code: "unreadable" })));
  }

  async function contact() {
    const askedAt = stamp();
    const sentAt = performance.now();
    const answer = await call("contact", {
      cursor,
      clock: moment(new Date()),
      sequence: journal.last,
      waiting: journal.count,
      workshop,
      durable: road.isDurable,
    });
    if (!Array.isArray(answer.students)) throw new Error("not the server");
    const wasOffline = !online;
    answered(sentAt);
    if (answer.reload) await reload();
    else {
      cursor = answer.cursor;
      listeners.onChanges(answer, askedAt);
    }
    if (Array.isArray(answer.missing) && answer.missing.length > 0) {
      const lost = await journal.reopen(answer.missing);
      // Given up by name, an alarm for people: what came after them can go on.
      if (lost.length > 0) await call("scans", { scans: lost.map((sequence) => ({ sequence, kind: "lost" })) });
      listeners.onState();
    }
    if (wasOffline || !failures) void send();
  }

  async function reload() {
    const askedAt = stamp();
    const day = await call("day");
    if (!Array.isArray(day.students)) throw new Error("not the server");
    cursor = day.cursor;
    listeners.onDay(day, askedAt);
  }

  async function follow() {
    if (isStopped) return;
    if (Date.now() >= quietUntil) await contact().catch(failed);
    window.setTimeout(follow, CONTACT_MS);
  }

  window.addEventListener("online", () => void send());
  window.addEventListener("offline", () => {
    cutAt = performance.now();
    reached(false);
  });

  return {
    /** Load the day's list; tries until it comes. @param {() => void} onWait @returns {Promise<Day>} */
    async day(onWait) {
      for (let tries = 0; !isStopped; tries += 1) {
        try {
          const day = await call("day");
          if (!Array.isArray(day.students)) throw new Error("not the server");
          reached(true);
          return day;
        } catch (error) {
          failed(error);
          if (isStopped) break;
          onWait();
          const wait = about(WAITS_MS[Math.min(tries, WAITS_MS.length - 1)] ?? 1000);
          await new Promise((done) => window.setTimeout(done, Math.max(wait, quietUntil - Date.now())));
        }
      }
      return new Promise(() => {});
    },
    /** Keep in contact, from this cursor on. @param {string} from @param {string} serving */
    follow(from, serving) {
      cursor = from;
      workshop = serving;
      void follow();
      void send();
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
      return { online, sending, count: journal.count - aside.size };
    },
  };
}
