/**
 * What this browser keeps on its disk (IndexedDB): stations, the day's list as rows, events and what became of them.
 *
 * Each row belongs to a station, so that a PC used on several days, or a demo with a station in each tab, mixes nothing. Events are only
 * ever added; their acknowledgements stand in a store of their own, so that no answer of the server makes the next scan wait.
 */

/**
 * @typedef {import("./types.js").StationRecord} StationRecord
 * @typedef {"stations" | "students" | "devices" | "events" | "receipts" | "parcels"} Room
 * @typedef {ReturnType<typeof createStore>} Store
 */

const DATABASE = "cartable";
/** @type {Record<Room, string | string[]>} */
const KEYS = {
  stations: "id",
  students: ["station", "c"],
  devices: ["station", "c"],
  events: ["station", "sequence"],
  receipts: ["station", "sequence"],
  parcels: "id",
};
const HOUR_MS = 3_600_000;
const NAMES_MS = 48 * HOUR_MS;
const KEPT_MS = 7 * 24 * HOUR_MS;

/** Open the disk; fails where the browser gives none (some private windows). @returns {Promise<Store>} */
export async function openStore() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    for (const [room, keyPath] of Object.entries(KEYS)) request.result.createObjectStore(room, { keyPath });
  };
  return createStore(await answered(request));
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function answered(request) {
  return new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
}

/** @param {IDBTransaction} transaction @returns {Promise<void>} */
function written(transaction) {
  return new Promise((done, fail) => {
    transaction.oncomplete = () => done();
    transaction.onabort = () => fail(transaction.error);
  });
}

/** Every row of one station. @param {string} station */
const rowsOf = (station) => IDBKeyRange.bound([station], [station, []]);

/** @param {IDBDatabase} database */
function createStore(database) {
  // A later release changes the rooms: this page lets go, its next write says so.
  database.onversionchange = () => database.close();

  /** @param {Room[]} rooms @param {IDBTransactionDurability} [durability] */
  function change(rooms, durability = "relaxed") {
    return database.transaction(rooms, "readwrite", { durability });
  }

  return {
    /** Write rows, all or none. "strict" answers once they are on the disk itself. @param {Partial<Record<Room, object[]>>} rows @param {IDBTransactionDurability} [durability] */
    write(rows, durability) {
      const transaction = change(/** @type {Room[]} */ (Object.keys(rows)), durability);
      for (const [name, added] of Object.entries(rows)) {
        const room = transaction.objectStore(name);
        // An event is never written over: a second one of the same number is a fault, and fails.
        for (const row of added) name === "events" ? room.add(row) : room.put(row);
      }
      transaction.commit();
      return written(transaction);
    },
    /** The rows of a station, in the order of their keys. @param {Room} room @param {string} station @returns {Promise<any[]>} */
    rows(room, station) {
      return answered(database.transaction(room).objectStore(room).getAll(rowsOf(station)));
    },
    /** @param {Room} room @returns {Promise<any[]>} */
    all(room) {
      return answered(database.transaction(room).objectStore(room).getAll());
    },
    /** @param {Room} room @param {IDBValidKey[]} keys */
    remove(room, keys) {
      const transaction = change([room]);
      for (const key of keys) transaction.objectStore(room).delete(key);
      return written(transaction);
    },
    /** Take the whole list of a day in the place of the last one. @param {StationRecord} record @param {object[]} students @param {object[]} devices */
    replaceList(record, students, devices) {
      const transaction = change(["stations", "students", "devices"]);
      transaction.objectStore("stations").put(record);
      for (const [name, rows] of Object.entries({ students, devices })) {
        const room = transaction.objectStore(name);
        room.delete(rowsOf(record.id));
        for (const row of rows) room.put({ station: record.id, ...row });
      }
      return written(transaction);
    },
    /** Forget every name: the day is over, or its list is old. Events carry none. @param {StationRecord} record */
    forget(record) {
      record.listAt = 0;
      record.progress = null;
      return this.replaceList(record, [], []);
    },
    /** What age removes: names after 48 hours, acknowledged events after 7 days; never an event that waits. @param {number} now */
    async sweep(now) {
      for (const record of /** @type {StationRecord[]} */ (await this.all("stations"))) {
        if (record.listAt && now - record.listAt > NAMES_MS) await this.forget(record);
        const sequences = (await this.rows("events", record.id)).map((event) => event.sequence);
        const old = (await this.rows("receipts", record.id)).filter(({ at }) => now - at > KEPT_MS);
        const isOver = now - record.madeAt > KEPT_MS && old.length >= sequences.length;
        // While the station lives its last event stays: it goes on counting from it.
        const keys = old
          .filter(({ sequence }) => isOver || sequence !== sequences.at(-1))
          .map(({ sequence }) => [record.id, sequence]);
        // First what was sent, then what says so: stopped in between, nothing waits that was not sent.
        await this.remove("events", keys);
        await this.remove("receipts", keys);
        if (isOver) await this.remove("stations", [record.id]);
      }
    },
  };
}
