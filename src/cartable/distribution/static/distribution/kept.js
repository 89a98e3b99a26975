/** The day as the disk keeps it: its list, its figures, and what this station had done when it was opened again. */

/**
 * @typedef {import("./types.js").Day} Day @typedef {import("./types.js").Changes} Changes @typedef {import("./types.js").Scan} Scan
 * @typedef {import("./types.js").Journal} Journal @typedef {import("./types.js").Result} Result
 * @typedef {{store: import("./store.js").Store, record: import("./types.js").StationRecord, isDurable: boolean}} Place
 */

/** @param {Result["result"] | undefined} result */
export const isKept = (result) => result === "recorded" || result === "exists";

/** The list that the last start left here, so that the station opens at once, with or without network. @param {Place} place @returns {Promise<Day | null>} */
export async function storedDay({ store, record }) {
  const { id, day, station, progress, cursor, listAt } = record;
  if (!listAt || !day || !station || !progress) return null;
  const [students, devices] = await Promise.all([store.rows("students", id), store.rows("devices", id)]);
  return { day, station, progress, cursor, students, devices };
}

/** Write the whole list in the place of the last one. @param {Place} place @param {Day} whole @param {number} askedAt */
export async function keepDay({ store, record }, whole, askedAt) {
  const { day, station, cursor, progress } = whole;
  Object.assign(record, { day, station, cursor, progress, askedAt, listAt: Date.now() });
  // Without room for the list the station still serves; it is loaded again at the next start.
  await store.replaceList(record, whole.students, whole.devices).catch(() => {
    record.listAt = 0;
  });
}

/** Write the lines that changed, with the cursor up to which they are known. @param {Place} place @param {Changes} changes @param {number} askedAt */
export function keepChanges({ store, record }, changes, askedAt) {
  const { cursor } = changes;
  Object.assign(record, { cursor, progress: changes.progress ?? record.progress, askedAt });
  const own = (/** @type {object} */ line) => ({ station: record.id, ...line });
  const rows = { students: changes.students.map(own), devices: changes.devices.map(own) };
  // Not written: the same lines come again from the cursor that the disk holds.
  void store.write({ stations: [record], ...rows }).catch(() => {});
}

/** What the server had answered, for the figures and the lines of the screen. @param {Journal} journal @param {number} askedAt  when its last figures were asked for */
export function pastOf(journal, askedAt) {
  const receipts = new Map(journal.receipts.map((receipt) => [receipt.sequence, receipt]));
  const isLost = (/** @type {Scan} */ { sequence }) =>
    receipts.has(sequence) && !isKept(receipts.get(sequence)?.result);
  const uncounted = journal.kept
    .filter((scan) => !isLost(scan) && (receipts.get(scan.sequence)?.at ?? 0) > askedAt)
    .map((scan) => ({ scan, at: receipts.get(scan.sequence)?.at ?? 0 }));
  return { uncounted, isLost, lostCount: journal.kept.filter(isLost).length };
}
