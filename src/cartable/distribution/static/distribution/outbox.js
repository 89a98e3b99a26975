/**
 * Where events wait until the server lists their id. In memory: they live as long as the page.
 *
 * The interface {put, pending, acknowledge} is all that the rest knows, so that a durable outbox can take its place.
 */

/** @typedef {import("./types.js").Scan} Scan @typedef {import("./types.js").Outbox} Outbox */

/** @returns {Outbox} */
export function createMemoryOutbox() {
  /** @type {Map<string, Scan>} */
  const waiting = new Map();
  return {
    put(scan) {
      waiting.set(scan.id, scan);
    },
    pending() {
      return [...waiting.values()];
    },
    acknowledge(ids) {
      for (const id of ids) waiting.delete(id);
    },
  };
}

/** The outbox of a practice station keeps nothing and sends nothing. @returns {Outbox} */
export function createPracticeOutbox() {
  return { put() {}, pending: () => [], acknowledge() {} };
}
