/** Make events: each has an id of its own and a place in this station's order. */

/** @typedef {import("./types.js").Fact} Fact @typedef {import("./types.js").Scan} Scan */

const SEQUENCE = "cartable.station.sequence";

/** A random id (UUID version 4), also on a page without HTTPS, where crypto.randomUUID is missing. */
export function newId() {
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

/** Go on counting where the server stopped, if it knows more than this tab. @param {number} next */
export function countFrom(next) {
  const kept = Number(sessionStorage.getItem(SEQUENCE) ?? 0);
  sessionStorage.setItem(SEQUENCE, String(Math.max(kept, next - 1)));
}

/** The events of a station count 1, 2, 3…: a hole is a lost scan. @param {Fact} fact @param {Date} now @returns {Scan} */
export function eventOf(fact, now) {
  const sequence = Number(sessionStorage.getItem(SEQUENCE) ?? 0) + 1;
  sessionStorage.setItem(SEQUENCE, String(sequence));
  return { id: newId(), sequence, ...fact, happened_at: moment(now) };
}
