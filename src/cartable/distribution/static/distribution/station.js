/**
 * A scanning station: hear a read, look its answer up, paint the verdict, then write the event down and send it when it can be sent.
 *
 * Order of one read, in one task: verdict painted, sound, event; after the paint: counters, last passages, spoken text.
 */

import { createAnswers } from "./answers.js";
import { runClock, showNetwork, showReview, showSound, showWorkshop } from "./bar.js";
import { countFrom, eventOf } from "./events.js";
import { createMemoryOutbox, createPracticeOutbox } from "./outbox.js";
import { element, translator, values, write } from "./page.js";
import { createPainter } from "./painter.js";
import { createPanels, lineOf } from "./panels.js";
import { createReader } from "./reader.js";
import * as screens from "./screens.js";
import { createSearch } from "./search.js";
import { createSounds } from "./sounds.js";
import { createSync } from "./sync.js";
import { answer, command, firstState, rested } from "./verdicts.js";

/**
 * @typedef {import("./types.js").Reading} Reading @typedef {import("./types.js").Verdict} Verdict @typedef {import("./types.js").Scan} Scan
 * @typedef {import("./types.js").Result} Result @typedef {import("./types.js").Workshop} Workshop @typedef {import("./verdicts.js").Step} Step
 */

const HIDE_MS = 20_000;

/** @type {import("./types.js").Config} */
const config = values("poste-config");
const t = translator(values("poste-textes"));
const token = sessionStorage.getItem("cartable.station.token") ?? "";
if (!token && !config.practice) {
  location.replace(config.start_url);
  await new Promise(() => {});
}

const field = /** @type {HTMLInputElement} */ (element("saisie"));
const answers = createAnswers();
const painter = createPainter();
const outbox = config.practice ? createPracticeOutbox() : createMemoryOutbox();
let state = firstState();
let workshop = config.workshop;
/** What the screen shows, and the event that it came from. @type {{verdict: Verdict, id: string}} */
let shown = { verdict: screens.ready(t, workshop), id: "" };
/** Events that the server's last figures do not hold yet; in practice, all of them. @type {{scan: Scan, at: number}[]} */
let uncounted = [];
/** @type {ReturnType<typeof createReader> | null} */
let reader = null;
let hasEnded = false;
let hideTimer = 0;
let reviewCount = 0;
/** The code that the field shows: the next character takes its place. */
let onScreen = "";

painter.steps(false, workshop);
const sync = createSync({ api: config.api, token }, outbox, {
  onState: () => showNetwork(t, sync.state),
  onResults,
  onChanges,
  onRevoked: () => end("station_revoked"),
});
const day = await sync.day(() => write(element("charge"), t("list_unreachable")));
const practice = config.practice || day.day.practice;
const panels = createPanels(t, day.day.target_per_hour);
const sounds = createSounds(day.station.semitones);
const search = createSearch(field, {
  students: answers.everyStudent,
  devices: answers.everyDevice,
  onChoose: choose,
  t,
});
open();

function open() {
  if (!practice) workshop = day.station.workshop;
  answers.load(day);
  countFrom(day.station.next_sequence ?? 1);
  write(element("poste-lieu"), [day.day.school, day.day.town].filter(Boolean).join(", "));
  element("ligne-essai").hidden = !practice;
  panels.show(day.progress, uncountedScans());
  showStation();
  goReady();
  document.body.removeAttribute("data-charge");
  listen();
  if (day.day.closed) end("day_closed");
  else if (!practice) sync.follow();
}

/** @param {Reading} reading */
function onRead(reading) {
  field.value = reading.found ? reading.text : reading.raw.slice(0, 64);
  onScreen = field.value;
  search.close();
  show(answer(state, reading, world()), reading.at);
  if (reading.corrected) write(element("douchette-mot"), t("scanner_corrected"));
  if (reading.source === "scan") keepField();
}

/** @returns {import("./verdicts.js").World} */
function world() {
  return { workshop, online: sync.state.online, t, student: answers.student, device: answers.device };
}

/** A person chose a line of the search: the same road as its label. @param {string} code */
function choose(code) {
  onRead({ text: code, raw: code, corrected: false, found: true, at: performance.now(), source: "field" });
}

/** Paint, sound, write down; the rest waits for the paint. @param {Step} step @param {number} from  when the last key was pressed */
function show(step, from) {
  state = step.state;
  const events = step.facts.map((fact) => eventOf(fact, new Date()));
  painter.steps(state.pending !== "", workshop);
  put(step.verdict, events[0]?.id ?? "", () => {
    performance.measure("cartable:verdict", { start: from, end: performance.now() });
    for (const event of events) panels.add(lineOf(step.verdict, event, answers.student(event.student_code ?? ""), t));
    panels.count(uncountedScans());
    showNetwork(t, sync.state);
    sync.send();
  });
  sounds.cue(step.verdict.cue);
  for (const event of events) keep(event);
}

/** Put a verdict on the screen; a name leaves it after 20 s, people in the queue can see it. @param {Verdict} verdict @param {string} id @param {() => void} [then] */
function put(verdict, id = "", then) {
  shown = { verdict, id };
  painter.paint(verdict, then);
  window.clearTimeout(hideTimer);
  if (verdict.personal) hideTimer = window.setTimeout(hide, HIDE_MS);
}

function hide() {
  const waiting = answers.student(state.pending);
  if (waiting) put(screens.studentHidden(t, waiting));
  else goReady();
}

function goReady() {
  state = rested(state);
  painter.steps(state.pending !== "", workshop);
  put(screens.ready(t, workshop));
  field.value = "";
}

/** @param {Scan} event */
function keep(event) {
  if (event.kind !== "refused" && event.kind !== "call") answers.expect(event);
  if (practice) uncounted.push({ scan: event, at: Number.POSITIVE_INFINITY });
  else void outbox.put(event);
}

/** @returns {Scan[]} */
function uncountedScans() {
  return [...uncounted.map(({ scan }) => scan), ...outbox.pending()];
}

/** @param {Result[]} results */
function onResults(results) {
  for (const { id, result, code } of results) {
    const isRecorded = result === "recorded" || result === "exists";
    const event = answers.settle(id, isRecorded);
    if (event && isRecorded) uncounted.push({ scan: event, at: performance.now() });
    if (event && !isRecorded) refuseLater(event, code ?? result);
  }
  panels.count(uncountedScans());
}

/** The server refused what this screen had accepted: red where it still stands there, "À revoir" in any case. @param {Scan} event @param {string} code */
function refuseLater(event, code) {
  const student = answers.student(event.student_code ?? "");
  const verdict = screens.refusedLater(t, code, student, event.device_code ?? "");
  reviewCount += 1;
  showReview(t, reviewCount);
  panels.change(event.id, { ground: "err", detail: `${t("to_review")} · ${verdict.headline}` });
  state = forgotten(state, event);
  sounds.cue("err");
  if (shown.id === event.id) put(verdict, event.id);
  else painter.say(`${t("to_review")}. ${student?.n ?? ""}. ${verdict.headline}`);
}

/** What never happened cannot be undone. @param {typeof state} from @param {Scan} event */
function forgotten(from, event) {
  const isPair = from.lastPair?.student === event.student_code && from.lastPair?.device === event.device_code;
  const isArrival = event.kind === "arrival" && from.lastArrival === event.student_code;
  return { ...from, lastPair: isPair ? null : from.lastPair, lastArrival: isArrival ? "" : from.lastArrival };
}

/** @param {import("./types.js").Changes} changes @param {number} askedAt */
function onChanges(changes, askedAt) {
  if (changes.closed) return end("day_closed");
  answers.update(changes);
  uncounted = uncounted.filter(({ at }) => at > askedAt);
  panels.show(changes.progress, uncountedScans());
}

/** This station has nothing more to do: it listens no more and keeps no name. @param {"station_revoked" | "day_closed"} why */
function end(why) {
  hasEnded = true;
  reader?.stop();
  answers.wipe();
  document.body.removeAttribute("data-charge");
  field.value = "";
  field.disabled = true;
  element("derniers").hidden = true;
  put(screens.ended(t, why));
}

/** A scanner emptied its memory: what came is not trusted, a person says when to go on. */
function onFlood() {
  state = rested({ ...state, pending: "", awaitsFaulty: false });
  show({ state, verdict: screens.flooded(t), facts: [] }, performance.now());
  painter.offer(() => {
    reader?.resume();
    goReady();
  });
}

function undo() {
  if (reader?.paused || hasEnded) return;
  search.close();
  show(command(state, "undo", world()), performance.now());
}

function openSearch() {
  field.inputMode = "text";
  field.focus({ preventScroll: true });
  field.select();
}

/** @param {Workshop} next */
function switchTo(next) {
  if (next === workshop || hasEnded) return;
  workshop = next;
  sync.serve(next);
  state = { ...state, pending: "", equipped: "", awaitsFaulty: false };
  showStation();
  goReady();
}

/** A station keeps its number when it changes workshop: B2 becomes A2. */
function showStation() {
  write(element("poste-nom"), t("station", { name: day.station.name.replace(/^[AB]/, workshop) }));
  showWorkshop(t, workshop);
}

function listen() {
  reader = createReader({
    field,
    isKnown: answers.isDevice,
    onRead,
    onTyped: search.enter,
    onFlood,
    onKey: (key) => (key === "F4" ? undo() : openSearch()),
  });
  element("annuler").addEventListener("click", undo);
  element("atelier-a").addEventListener("click", () => switchTo("A"));
  element("atelier-b").addEventListener("click", () => switchTo("B"));
  element("son").addEventListener("click", () => showSound(t, sounds.toggle()));
  window.addEventListener("beforeunload", (event) => {
    if (outbox.pending().length > 0) event.preventDefault();
  });
  showSound(t, sounds.isOn);
  runClock();
  watchWindow();
  watchField();
}

/** What stops the keys is the window that loses the focus: a full cover says so. */
function watchWindow() {
  const cover = element("veille");
  window.addEventListener("blur", () => (cover.hidden = false));
  window.addEventListener("focus", () => (cover.hidden = true));
  cover.addEventListener("click", () => (cover.hidden = true));
  cover.hidden = document.hasFocus();
}

function watchField() {
  field.addEventListener("beforeinput", (event) => {
    if (onScreen && field.value === onScreen && event.inputType.startsWith("insert")) field.value = "";
    onScreen = "";
  });
  field.addEventListener("pointerdown", () => (field.inputMode = "text"));
  keepField();
}

/** A phone's scanner names no key: its text is read from the field, which keeps the focus without its keyboard. */
function keepField() {
  if (!window.matchMedia("(pointer: coarse)").matches) return;
  field.inputMode = "none";
  if (document.activeElement === document.body) field.focus({ preventScroll: true });
}
