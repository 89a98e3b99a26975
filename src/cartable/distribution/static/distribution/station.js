/**
 * A scanning station: hear a read, look its answer up, write the event on the disk, paint the verdict; send it when it can be sent.
 *
 * Reads are taken one after the other. Order of one read: event and sequence written, verdict painted, sound; after the paint:
 * counters, last passages, spoken text.
 */

import { createAnswers } from "./answers.js";
import { runClock, showName, showNetwork, showReview, showSound, showWorkshop } from "./bar.js";
import { createField, watchWindow } from "./focus.js";
import { openJournal, practiceJournal } from "./journal.js";
import { isKept, keepChanges, keepDay, pastOf, storedDay } from "./kept.js";
import { openPlace } from "./opening.js";
import { element, stamp, translator, values, write } from "./page.js";
import { createPainter } from "./painter.js";
import { createPanels, lineOf, lineOfKept } from "./panels.js";
import { createReader } from "./reader.js";
import { followReleases } from "./renewal.js";
import * as screens from "./screens.js";
import { createSearch } from "./search.js";
import { createSounds } from "./sounds.js";
import { createSync } from "./sync.js";
import { createTurns } from "./turns.js";
import { answer, command, firstState, rested, resumedState } from "./verdicts.js";

/**
 * @typedef {import("./types.js").Reading} Reading @typedef {import("./types.js").Verdict} Verdict @typedef {import("./types.js").Scan} Scan
 * @typedef {import("./types.js").Result} Result @typedef {import("./types.js").Workshop} Workshop @typedef {import("./verdicts.js").Step} Step
 * @typedef {import("./types.js").Day} Day
 */

const HIDE_MS = 20_000;
/** After a read, a person may still look at its screen. */
const REST_MS = 10_000;

/** @type {import("./types.js").Config} */
const config = values("poste-config");
const t = translator(values("poste-textes"));
const input = /** @type {HTMLInputElement} */ (element("saisie"));
const field = createField(input);
const answers = createAnswers();
const painter = createPainter();
const panels = createPanels(t);
const turns = createTurns();
const sounds = createSounds();
let state = firstState();
let workshop = config.workshop;
/** What the screen shows, and the event that it came from. @type {{verdict: Verdict, id: string}} */
let shown = { verdict: screens.ready(t, workshop), id: "" };
/** Events that the server's last figures do not hold yet; in practice, all of them. @type {{scan: Scan, at: number}[]} */
let uncounted = [];
/** @type {ReturnType<typeof createReader> | null} */
let reader = null;
let hasEnded = false;
/** A station of workshop A is out of the server's reach: who came there is not known here. */
let isApart = false;
let isTooOld = false;
let readAt = -REST_MS;
let hideTimer = 0;
let reviewCount = 0;
let operator = "";

painter.steps(false, workshop);
const place = config.practice ? null : await openPlace(config, t, hold);
document.body.setAttribute("data-charge", "");
const journal = place ? await openJournal(place.store, place.record.id) : practiceJournal();
const road = { api: config.api, token: place?.record.token ?? "", isDurable: place?.isDurable ?? false };
const sync = createSync(road, journal, {
  onState: showState,
  onResults: (results) => turns.take(() => onResults(results)),
  onChanges,
  onDay: takeDay,
  onStopped: () => end("station_revoked"),
  onTooOld,
});
const releases = place ? followReleases(config.worker, isAtRest) : null;
if (place?.record.ended) await stayEnded(place.record.ended);
const day = (place && (await storedDay(place))) ?? (await loadedDay());
const search = createSearch(input, {
  students: answers.everyStudent,
  devices: answers.everyDevice,
  onChoose: choose,
  t,
});
open();

/** @returns {Promise<Day>} */
async function loadedDay() {
  if (!place) return (await fetch(`${config.api}day`, { cache: "no-store" })).json();
  const askedAt = stamp();
  const whole = await sync.day(() => write(element("charge"), t("list_unreachable")));
  await keepDay(place, whole, askedAt);
  return whole;
}

/** The server's database went back to an earlier moment: its list is the whole day again. @param {Day} whole @param {number} askedAt */
function takeDay(whole, askedAt) {
  if (hasEnded) return;
  loadAnswers(whole);
  uncounted = uncounted.filter(({ at }) => at > askedAt);
  isApart = whole.progress.apart ?? false;
  panels.show(whole.progress, uncountedScans());
  if (place) void keepDay(place, { ...whole, station: { ...whole.station, workshop } }, askedAt);
}

/** @param {Day} whole */
function loadAnswers(whole) {
  answers.load(whole);
  for (const scan of journal.pending()) expect(scan);
}

function open() {
  if (place) workshop = day.station.workshop;
  loadAnswers(day);
  resume();
  journal.countFrom(day.station.next_sequence ?? 1);
  sounds.tune(day.station.semitones);
  write(element("poste-lieu"), [day.day.school, day.day.town].filter(Boolean).join(", "));
  element("ligne-essai").hidden = !!place;
  if (road.isDurable) element("ligne-oubli").hidden = true;
  panels.aim(day.day.target_per_hour);
  isApart = day.progress.apart ?? false;
  panels.show(day.progress, uncountedScans());
  showStation();
  goReady();
  document.body.removeAttribute("data-charge");
  listen();
  if (day.day.closed) end("day_closed");
  if (!place) return;
  sync.follow(day.cursor, workshop);
  void runErrands();
}

/** An earlier station of this browser, or a journal carried here, may still have to be sent. */
async function runErrands() {
  if (!place) return;
  const [stations, parcels] = await Promise.all([place.store.all("stations"), place.store.all("parcels")]);
  if (stations.length < 2 && parcels.length === 0) return;
  const errands = await import("./errands.js");
  await errands.runErrands({ ...place, api: config.api, t }, () => {});
}

/** Take up what this station had done: its last passages, what can be undone, who serves. */
function resume() {
  const past = pastOf(journal, place?.record.askedAt ?? 0);
  state = resumedState(journal.kept.filter((scan) => !past.isLost(scan)));
  operator = journal.kept.findLast(({ kind }) => kind === "operator")?.code ?? "";
  uncounted = past.uncounted;
  reviewCount = past.lostCount;
  showReview(t, reviewCount);
  for (const scan of journal.kept.slice(-10)) {
    const line = lineOfKept(scan, answers.student(scan.student_code ?? ""), past.isLost(scan), t);
    if (line) panels.add(line);
  }
}

/** This station had ended when its page was left: it says so again, and what waits still goes. @param {"day_closed" | "station_revoked"} why @returns {Promise<never>} */
async function stayEnded(why) {
  end(why);
  if (place && why === "day_closed") sync.follow(place.record.cursor, workshop);
  return new Promise(() => {});
}

/** @param {Reading} reading */
function onRead(reading) {
  readAt = performance.now();
  void turns.take(() => {
    if (hasEnded) return undefined;
    field.show(reading.found ? reading.text : reading.raw.slice(0, 64));
    search.close();
    if (reading.corrected) write(element("douchette-mot"), t("scanner_corrected"));
    if (reading.source === "scan") field.keep();
    return show(answer(state, reading, world()), reading.at);
  });
}

/** @returns {import("./verdicts.js").World} */
function world() {
  const { online } = sync.state;
  return { workshop, online, isApart: !online || isApart, t, student: answers.student, device: answers.device };
}

/** A person chose a line of the search: the same road as its label. @param {string} code */
function choose(code) {
  onRead({ text: code, raw: code, corrected: false, found: true, at: performance.now(), source: "field" });
}

/** Write down, paint, sound; the rest waits for the paint. @param {Step} step @param {number} from  when the last key was pressed */
async function show(step, from) {
  /** @type {Scan[]} */
  let events = [];
  try {
    if (step.facts.length > 0) events = await journal.keep(step.facts);
  } catch (error) {
    return refuseUnwritten(error);
  }
  state = step.state;
  painter.steps(state.pending !== "", workshop);
  put(step.verdict, events[0]?.id ?? "", () => {
    performance.measure("cartable:verdict", { start: from, end: performance.now() });
    for (const event of events) panels.add(lineOf(step.verdict, event, answers.student(event.student_code ?? ""), t));
    panels.count(uncountedScans());
    showState();
    sync.send();
  });
  sounds.cue(step.verdict.cue);
  for (const event of events) keep(event);
}

/** What is not on the disk did not happen: nobody leaves on the word of such a screen (F22). @param {unknown} error */
function refuseUnwritten(error) {
  const isFull = error instanceof DOMException && error.name === "QuotaExceededError";
  put(screens.notWritten(t, isFull), "", () => performance.mark("cartable:unwritten"));
  sounds.cue("err");
}

/** Put a verdict on the screen; a name leaves it after 20 s, people in the queue can see it. @param {Verdict} verdict @param {string} id @param {() => void} [then] */
function put(verdict, id = "", then) {
  shown = { verdict, id };
  painter.paint(verdict, then);
  window.clearTimeout(hideTimer);
  if (verdict.personal) hideTimer = window.setTimeout(hide, HIDE_MS);
}

/** A screen in the place of the station, before it opens. @param {Verdict} verdict @param {...{words: string, act: () => void}} choices */
function hold(verdict, ...choices) {
  document.body.removeAttribute("data-charge");
  put(verdict);
  painter.offer(...choices);
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
  field.show("");
}

/** @param {Scan} event */
function keep(event) {
  expect(event);
  if (event.kind === "operator") {
    operator = event.code ?? "";
    showStation();
  }
  if (!place) uncounted.push({ scan: event, at: Number.POSITIVE_INFINITY });
}

/** @param {Scan} event */
function expect(event) {
  if (!["refused", "call", "operator"].includes(event.kind)) answers.expect(event);
}

/** @returns {Scan[]} */
function uncountedScans() {
  return [...uncounted.map(({ scan }) => scan), ...journal.pending()];
}

/** @param {Result[]} results */
async function onResults(results) {
  /** @type {{students: object[], devices: object[]}} */
  const rows = { students: [], devices: [] };
  for (const { id, result, code } of results) {
    const event = answers.settle(id, isKept(result));
    if (event && isKept(result)) keepLines(rows, event);
    if (event && !isKept(result)) refuseLater(event, code ?? result);
  }
  const written = journal.settle(
    results.filter(({ result }) => result !== "unreadable"),
    rows,
  );
  panels.count(uncountedScans());
  await written;
}

/** What the server recorded stays true on this station, also when it is opened again without network. @param {{students: object[], devices: object[]}} rows @param {Scan} event */
function keepLines(rows, event) {
  uncounted.push({ scan: event, at: stamp() });
  const { students, devices } = answers.linesOf(event);
  for (const line of students) rows.students.push({ station: event.station, ...line });
  for (const line of devices) rows.devices.push({ station: event.station, ...line });
}

/** The server refused what this screen had accepted: red where it still stands there, "À revoir" in any case. @param {Scan} event @param {string} code */
function refuseLater(event, code) {
  const student = answers.student(event.student_code ?? "");
  const verdict = screens.refusedLater(t, code, student, event.device_code ?? "");
  reviewCount += 1;
  showReview(t, reviewCount);
  panels.change(event.id, { ground: "err", detail: `${t("to_review")} · ${verdict.headline}` });
  state = forgotten(state, event);
  if (hasEnded) return;
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
  if (hasEnded) return;
  if (changes.closed) return end("day_closed");
  answers.update(changes);
  uncounted = uncounted.filter(({ at }) => at > askedAt);
  if (changes.progress) {
    isApart = changes.progress.apart ?? false;
    panels.show(changes.progress, uncountedScans());
  } else panels.count(uncountedScans());
  if (place) keepChanges(place, changes, askedAt);
}

/** This station has nothing more to do: it listens no more and keeps no name; what waits is kept, and sent where it may be. @param {"station_revoked" | "day_closed"} why */
function end(why) {
  hasEnded = true;
  reader?.stop();
  answers.wipe();
  if (place) {
    place.record.ended = why;
    void place.store.forget(place.record).catch(() => {});
  }
  field.close();
  element("derniers").hidden = true;
  hold(screens.ended(t, why, journal.count), { words: t("save_journal"), act: openMenu });
}

/** The server no longer speaks this page's protocol: everything is kept, the new page comes at rest. */
function onTooOld() {
  isTooOld = true;
  void releases?.then(({ ask }) => ask());
}

/** Nobody is half served, nothing waits (or nothing can leave before the new page is here). */
function isAtRest() {
  const isServing = state.pending !== "" || state.awaitsFaulty || turns.isBusy || performance.now() - readAt < REST_MS;
  return !isServing && (isTooOld || (journal.count === 0 && !sync.state.sending));
}

/** A scanner emptied its memory: what came is not trusted, a person says when to go on. */
function onFlood() {
  void turns.take(async () => {
    state = rested({ ...state, pending: "", awaitsFaulty: false });
    await show({ state, verdict: screens.flooded(t), facts: [] }, performance.now());
    const act = () => {
      reader?.resume();
      goReady();
    };
    painter.offer({ words: t("go_on"), act });
  });
}

function showState() {
  showNetwork(t, sync.state);
  panels.reach(sync.state.online, place?.record.askedAt ?? 0);
}

function undo() {
  const from = performance.now();
  if (reader?.paused || hasEnded) return;
  readAt = from;
  void turns.take(() => {
    search.close();
    return show(command(state, "undo", world()), from);
  });
}

/** @param {Workshop} next */
function switchTo(next) {
  if (hasEnded) return;
  void turns.take(() => {
    if (next === workshop) return;
    workshop = day.station.workshop = next;
    sync.serve(next);
    state = { ...state, pending: "", equipped: "", awaitsFaulty: false };
    showStation();
    goReady();
    if (place) void place.store.write({ stations: [place.record] }).catch(() => {});
  });
}

/** A station keeps its number when it changes workshop: B2 becomes A2. */
function showStation() {
  showName(t, day.station.name.replace(/^[AB]/, workshop), operator);
  showWorkshop(t, workshop);
}

/** What is needed once a day comes when it is asked for. */
function openMenu() {
  if (!place) return;
  void import("./menu.js").then(({ showMenu }) => showMenu({ ...place, api: config.api, t }));
}

/** The camera gives its texts to the same road as keys. */
function openCamera() {
  const take = (/** @type {string} */ text) => reader?.take(text);
  const files = config.camera_files;
  void import(/** @type {string} */ (config.camera)).then(({ openCamera: look }) => {
    void look({ take, t, files });
    painter.reveal();
  });
}

function listen() {
  reader = createReader({
    field: input,
    isKnown: answers.isDevice,
    onRead,
    onTyped: search.enter,
    onFlood,
    onKey: (key) => (key === "F4" ? undo() : field.open()),
  });
  element("annuler").addEventListener("click", undo);
  element("atelier-a").addEventListener("click", () => switchTo("A"));
  element("atelier-b").addEventListener("click", () => switchTo("B"));
  element("son").addEventListener("click", () => showSound(t, sounds.toggle()));
  element("menu").addEventListener("click", openMenu);
  element("camera").addEventListener("click", openCamera);
  element("camera").hidden = !config.camera || !navigator.mediaDevices;
  window.addEventListener("beforeunload", (event) => {
    if (journal.count > 0 && !isTooOld) event.preventDefault();
  });
  showSound(t, sounds.isOn);
  runClock();
  watchWindow();
}
