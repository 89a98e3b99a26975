/**
 * The station's journal: each event gets its id and its place in the station's order, and is on the disk before anything is shown.
 *
 * The place is the key of the row: event and sequence are one write, all or nothing, so that no kill leaves a hole. What the server
 * listed is noted beside it (`receipts`) and kept for seven days, in case the server asks again.
 */

/**
 * @typedef {import("./types.js").Fact} Fact @typedef {import("./types.js").Scan} Scan @typedef {import("./types.js").Result} Result
 * @typedef {import("./types.js").Journal} Journal @typedef {import("./store.js").Store} Store
 * @typedef {Result & {station: string, sequence: number, at: number}} Receipt
 */

/** A random id (UUID version 4), also on a page without HTTPS, where crypto.randomUUID is missing. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** The moment with the offset of this machine's clock: 2026-09-15T10:42:07.120+02:00. @param {Date} now */
export function moment(now) {
  const offset = -now.getTimezoneOffset();
  const local = new Date(now.getTime() + offset * 60_000).toISOString().slice(0, 23);
  const pair = (/** @type {number} */ number) => String(Math.floor(Math.abs(number))).padStart(2, "0");
  return `${local}${offset < 0 ? "-" : "+"}${pair(offset / 60)}:${pair(offset % 60)}`;
}

/** @param {Fact[]} facts @param {number} last @param {string} station @returns {Scan[]} */
function eventsOf(facts, last, station) {
  return facts.map((fact, place) => ({
    station,
    sequence: last + 1 + place,
    id: newId(),
    ...fact,
    happened_at: moment(new Date()),
  }));
}

/** @param {Store} store @param {string} station @returns {Promise<Journal>} */
export async function openJournal(store, station) {
  /** @type {Scan[]} */
  const kept = await store.rows("events", station);
  /** @type {Receipt[]} */
  const receipts = await store.rows("receipts", station);
  const settled = new Map(receipts.map((receipt) => [receipt.sequence, receipt]));
  /** In order, oldest first. @type {Map<number, Scan>} */
  const waiting = new Map(kept.filter((event) => !settled.has(event.sequence)).map((event) => [event.sequence, event]));
  let last = kept.at(-1)?.sequence ?? 0;
  return {
    kept,
    receipts,
    get last() {
      return last;
    },
    countFrom(next) {
      last = Math.max(last, next - 1);
    },
    async keep(facts) {
      const events = eventsOf(facts, last, station);
      await store.write({ events }, "strict");
      last += events.length;
      for (const event of events) waiting.set(event.sequence, event);
      return events;
    },
    pending: () => [...waiting.values()],
    get count() {
      return waiting.size;
    },
    async settle(results, rows) {
      const listed = new Map(results.map((result) => [result.id, result]));
      const at = Date.now();
      /** @type {Receipt[]} */
      const now = [];
      for (const [sequence, event] of waiting) {
        const result = listed.get(event.id);
        if (result) now.push({ ...result, station, sequence, at });
      }
      for (const { sequence } of now) waiting.delete(sequence);
      // A receipt that is not written costs one more sending, no event.
      await store.write({ receipts: now, ...rows }).catch(() => {});
    },
    async reopen(ranges) {
      const written = await store.rows("events", station);
      const asked = written.filter(
        ({ sequence }) => !waiting.has(sequence) && ranges.some(([first, end]) => sequence >= first && sequence <= end),
      );
      const again = [...waiting.values(), ...asked].sort((a, b) => a.sequence - b.sequence);
      waiting.clear();
      for (const event of again) waiting.set(event.sequence, event);
      if (asked.length > 0)
        await store.remove(
          "receipts",
          asked.map(({ sequence }) => [station, sequence]),
        );
      return lostFrom(ranges, new Set(written.map(({ sequence }) => sequence)));
    },
  };
}

const MOST_LOST = 100;

/** Sequences that the server misses and this disk has not: nobody will ever send them. @param {[number, number][]} ranges @param {Set<number>} written */
function lostFrom(ranges, written) {
  const lost = [];
  for (const [first, end] of ranges)
    for (let sequence = first; sequence <= end && lost.length < MOST_LOST; sequence += 1)
      if (!written.has(sequence)) lost.push(sequence);
  return lost;
}

/** The journal of a practice station keeps nothing and sends nothing. @returns {Journal} */
export function practiceJournal() {
  let last = 0;
  return {
    kept: [],
    receipts: [],
    get last() {
      return last;
    },
    countFrom() {},
    async keep(facts) {
      const events = eventsOf(facts, last, "");
      last += events.length;
      return events;
    },
    pending: () => [],
    count: 0,
    async settle() {},
    reopen: async () => [],
  };
}
