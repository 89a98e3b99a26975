/**
 * What a read means here and now: pure steps from (state, read, answers) to (state, verdict, facts). SCANNING 2.5 is this file.
 *
 * Strict order at workshop B: the student, then the PC. With either order, one forgotten student would shift every pair that follows.
 * A code read twice is never a confirmation: a stuttering scanner would confirm.
 */

import { isCode, looksLike } from "./codes.js";
import * as screens from "./screens.js";

/**
 * @typedef {import("./types.js").Student} Student @typedef {import("./types.js").Device} Device @typedef {import("./types.js").Fact} Fact
 * @typedef {import("./types.js").Verdict} Verdict @typedef {import("./types.js").Reading} Reading
 *
 * @typedef {object} State
 * @property {string} pending  student read, PC expected
 * @property {string} equipped  student read who already holds a PC: the same PC may still confirm it
 * @property {boolean} awaitsFaulty  the next PC is the faulty one
 * @property {string} lastArrival  last arrival of this station that can be undone
 * @property {{student: string, device: string} | null} lastPair  last pair of this station that can be undone
 * @property {string} lastCode  what was read last
 * @property {string} lastKey  which screen it gave
 *
 * @typedef {object} World
 * @property {import("./types.js").Workshop} workshop
 * @property {boolean} online
 * @property {boolean} isApart  workshop A cannot tell this station who came
 * @property {import("./types.js").Translate} t
 * @property {(code: string) => Student | undefined} student
 * @property {(text: string) => Device | undefined} device
 *
 * @typedef {{state: State, verdict: Verdict, facts: Fact[]}} Step
 */

/** @returns {State} */
export function firstState() {
  return { pending: "", equipped: "", awaitsFaulty: false, lastArrival: "", lastPair: null, lastCode: "", lastKey: "" };
}

/** The screen no longer shows what was read: the same code is a new read. @param {State} state @returns {State} */
export function rested(state) {
  return { ...state, equipped: "", lastCode: "", lastKey: "" };
}

/** Card numbers of the four commands, as kernel.codes prints them. @type {Record<string, import("./types.js").Kind>} */
const COMMANDS = { "00000001": "undo", "00000002": "no_charter", "00000003": "device_faulty", "00000004": "call" };

/** Operators' cards are command cards of their own numbers: 900000 and two digits. */
const OPERATOR = /^C900000(?!00)(\d\d)/;

/** Take up what this station did last: after a reload or a crash it can still be undone. @param {import("./types.js").Scan[]} events @returns {State} */
export function resumedState(events) {
  let state = firstState();
  for (const { kind, student_code: student = "", device_code: device = "" } of events) {
    if (kind === "pair") state = { ...state, lastPair: { student, device } };
    else if (kind === "arrival") state = { ...state, lastArrival: student };
    else if (kind === "undo" && device) state = { ...state, lastPair: null };
    else if (kind === "undo" || kind === "no_charter") state = { ...state, lastArrival: "" };
  }
  return state;
}

/** Answer one read. @param {State} state @param {Reading} reading @param {World} world @returns {Step} */
export function answer(state, reading, world) {
  const step = answerOnce(state, reading, world);
  const key = `${step.verdict.ground}/${step.verdict.situation}/${step.verdict.headline}`;
  const code = reading.text || reading.raw;
  const again = code === state.lastCode && key === state.lastKey && step.verdict.ground !== "err";
  const next = { ...step.state, lastCode: code, lastKey: key };
  if (!again) return { ...step, state: next };
  return { state: next, verdict: { ...step.verdict, cue: "lu" }, facts: [] };
}

/** @param {State} state @param {Reading} reading @param {World} world @returns {Step} */
function answerOnce(state, reading, world) {
  const { text } = reading;
  if (!reading.found) return misread(state, reading, world);
  const operator = isCode(text) ? OPERATOR.exec(text)?.[1] : undefined;
  if (operator) return operatorAt(state, operator, world);
  if (isCode(text) && text.startsWith("C")) return command(state, COMMANDS[text.slice(1, 9)], world);
  if (isCode(text) && text.startsWith("E")) {
    return world.workshop === "A" ? studentAtA(state, text, world) : studentAtB(state, text, world);
  }
  if (isCode(text) && !text.startsWith("P")) return misread(state, reading, world);
  return world.workshop === "A" ? deviceAtA(state, text, world) : deviceAtB(state, text, world);
}

/** @param {State} state @param {Verdict} verdict @param {...Fact} facts @returns {Step} */
function step(state, verdict, ...facts) {
  return { state, verdict, facts };
}

/** A refusal is painted and recorded: it is how bad labels and lists are found the same day. @param {State} state @param {Verdict} verdict @param {Partial<Fact>} about @returns {Step} */
function refuse(state, verdict, about = {}) {
  return step(state, verdict, { kind: "refused", code: verdict.code ?? "misread", ...about });
}

/** Somebody else serves from here on; who waits for a PC goes on waiting. @param {State} state @param {string} number @param {World} world */
function operatorAt(state, number, world) {
  const verdict = screens.operator(world.t, Number(number), !!state.pending);
  return step(state, verdict, { kind: "operator", code: `operator_${number}` });
}

/** @param {State} state @param {Reading} reading @param {World} world */
function misread(state, reading, world) {
  return refuse(state, screens.misread(world.t, looksLike(reading.raw), !!state.pending), {
    raw: reading.raw.slice(0, 64),
  });
}

/** @param {State} state @param {string} code @param {World} world */
function studentAtA(state, code, world) {
  const student = world.student(code);
  if (!student) return unknownStudent(state, code, world);
  if (student.a === "ok") {
    const next = { ...state, lastArrival: code };
    return step(next, screens.arrived(world.t, student), { kind: "arrival", student_code: code });
  }
  if (student.a === "already_arrived") return step(state, repeatedArrival(state, student, world));
  return refuse(state, screens.stopped(world.t, student, student.a), { student_code: code });
}

/** @param {State} state @param {Student} student @param {World} world */
function repeatedArrival(state, student, world) {
  // The same label again, right after: the same screen, so that a stutter changes nothing.
  if (state.lastCode === student.c && state.lastArrival === student.c) return screens.arrived(world.t, student);
  return screens.alreadyArrived(world.t, student);
}

/** @param {State} state @param {string} code @param {World} world */
function studentAtB(state, code, world) {
  const student = world.student(code);
  const idle = { ...state, pending: "", equipped: "", awaitsFaulty: false };
  if (!student) return unknownStudent(idle, code, world);
  if (student.b === "charter_missing" && world.isApart)
    return step({ ...idle, pending: code }, screens.pouch(world.t, student));
  if (student.b === "ok") {
    const replaced = state.pending && state.pending !== code ? world.student(state.pending) : undefined;
    return step({ ...idle, pending: code }, screens.student(world.t, student, replaced));
  }
  if (student.b === "already_equipped") {
    const verdict = screens.alreadyEquipped(world.t, student);
    return step({ ...idle, equipped: code }, verdict, {
      kind: "refused",
      code: "already_equipped",
      student_code: code,
    });
  }
  return refuse(idle, screens.stopped(world.t, student, student.b), { student_code: code });
}

/** @param {State} state @param {string} code @param {World} world */
function unknownStudent(state, code, world) {
  return refuse(state, screens.unknownStudent(world.t, world.online), { student_code: code });
}

/** @param {State} state @param {string} text @param {World} world */
function deviceAtA(state, text, world) {
  return refuse(state, screens.deviceAtA(world.t), { device_code: world.device(text)?.c ?? text });
}

/** @param {State} state @param {string} text @param {World} world */
function deviceAtB(state, text, world) {
  const device = world.device(text);
  if (state.awaitsFaulty) return faultyDevice(state, device, text, world);
  const student = state.pending ? world.student(state.pending) : undefined;
  if (!student) return deviceAlone(state, device, text, world);
  if (!device)
    return refuse(state, screens.unknownDevice(world.t, world.online), { device_code: text, student_code: student.c });
  if (device.v === "ok") {
    const next = { ...state, pending: "", equipped: "", lastPair: { student: student.c, device: device.c } };
    const pair = { student_code: student.c, device_code: device.c };
    return step(next, screens.paired(world.t, student, device), { kind: "pair", ...pair });
  }
  const verdict = screens.deviceStopped(world.t, student, device);
  return refuse(state, verdict, { student_code: student.c, device_code: device.c });
}

/** No student before this PC. @param {State} state @param {Device | undefined} device @param {string} text @param {World} world */
function deviceAlone(state, device, text, world) {
  const last = state.lastPair && world.student(state.lastPair.student);
  if (last && device && state.lastPair?.device === device.c && state.lastCode === text) {
    return step(state, screens.paired(world.t, last, device));
  }
  const holder = state.equipped ? world.student(state.equipped) : undefined;
  if (holder && device && holder.p === device.c) return step(state, screens.alreadyDone(world.t, holder, device));
  if (holder) {
    return refuse(state, screens.holdsAnother(world.t, holder), {
      student_code: holder.c,
      device_code: device?.c ?? text,
    });
  }
  return refuse(state, screens.studentExpected(world.t), { device_code: device?.c ?? text });
}

/** @param {State} state @param {Device | undefined} device @param {string} text @param {World} world */
function faultyDevice(state, device, text, world) {
  const next = { ...state, awaitsFaulty: false };
  const student = state.pending ? world.student(state.pending) : undefined;
  if (!device) return refuse(next, screens.unknownDevice(world.t, world.online), { device_code: text });
  if (device.v === "already_held")
    return refuse(next, screens.heldByAnother(world.t, student), { device_code: device.c });
  /** @type {Fact} */
  const fact = { kind: "device_faulty", device_code: device.c, ...(student ? { student_code: student.c } : {}) };
  return step(next, screens.setAside(world.t, device, student), fact);
}

/** @param {State} state @param {import("./types.js").Kind | undefined} kind @param {World} world @returns {Step} */
export function command(state, kind, world) {
  if (kind === "undo") return undo(state, world);
  if (kind === "no_charter") return noCharter(state, world);
  if (kind === "device_faulty") return deviceFaulty(state, world);
  if (kind === "call") {
    const about = state.pending ? { student_code: state.pending } : {};
    return step(state, screens.called(world.t, !!state.pending, world.online), { kind: "call", ...about });
  }
  return refuse(state, screens.misread(world.t, "other", !!state.pending));
}

/** Undo what the screen shows last: a student still waiting for a PC, else the last pair or arrival of this station. @param {State} state @param {World} world */
function undo(state, world) {
  const idle = { ...state, pending: "", equipped: "", awaitsFaulty: false, lastCode: "" };
  const waiting = world.student(state.pending);
  if (state.awaitsFaulty)
    return step({ ...idle, pending: state.pending }, screens.dropped(world.t, waiting, !!waiting));
  if (waiting) return step(idle, screens.dropped(world.t, waiting, false));
  if (world.workshop === "B" && state.lastPair) {
    const { student, device } = state.lastPair;
    const verdict = screens.undone(world.t, world.student(student), device);
    return step({ ...idle, lastPair: null }, verdict, { kind: "undo", student_code: student, device_code: device });
  }
  if (world.workshop === "A" && state.lastArrival) {
    const verdict = screens.undone(world.t, world.student(state.lastArrival), "");
    return step({ ...idle, lastArrival: "" }, verdict, { kind: "undo", student_code: state.lastArrival });
  }
  return step(idle, screens.nothingToUndo(world.t));
}

/** @param {State} state @param {World} world */
function noCharter(state, world) {
  const student = world.student(state.lastArrival);
  if (world.workshop === "B") return step(state, screens.charterAtA(world.t, !!state.pending));
  if (!student) return step(state, screens.nothingToUndo(world.t));
  return step({ ...state, lastArrival: "", lastCode: "" }, screens.noCharter(world.t, student), {
    kind: "no_charter",
    student_code: student.c,
  });
}

/**
 * The PC of the pair on the screen is dead: the pair is undone and its student waits for another PC. Otherwise the next PC is the one:
 * a pair that nobody sees any more is never undone by this card.
 * @param {State} state @param {World} world
 */
function deviceFaulty(state, world) {
  const isShown = !!state.lastPair && world.device(state.lastCode)?.c === state.lastPair.device;
  const last = isShown ? state.lastPair : null;
  const student = last && world.student(last.student);
  if (world.workshop === "A") return step(state, screens.deviceAtA(world.t));
  if (!last || !student || state.pending) return step({ ...state, awaitsFaulty: true }, screens.whichFaulty(world.t));
  const pair = { student_code: last.student, device_code: last.device };
  const next = { ...state, pending: student.c, equipped: "", lastPair: null, lastCode: "" };
  const device = world.device(last.device);
  return step(
    next,
    screens.setAside(world.t, device, student),
    { kind: "undo", ...pair },
    { kind: "device_faulty", ...pair },
  );
}
