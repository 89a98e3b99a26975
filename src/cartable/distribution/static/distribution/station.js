/**
 * A scanning station: hear a read, look its answer up, paint the verdict, then write the event down and send it when it can be sent.
 *
 * Order of one read, in one task: verdict painted, sound, event; after the paint: counters, last passages, spoken text.
 */

import { createAnswers } from "./answers.js";
import { eventOf } from "./events.js";
import { createMemoryOutbox, createPracticeOutbox } from "./outbox.js";
import { draw, element, translator, values, write } from "./page.js";
import { createPainter } from "./painter.js";
import { createPanels } from "./panels.js";
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

const TOKEN = "cartable.station.token";
const WORKSHOP = "cartable.station.workshop";
const HIDE_MS = 20_000;

/** @type {import("./types.js").Config} */
const config = values("poste-config");
const t = translator(values("poste-textes"));
const token = sessionStorage.getItem(TOKEN) ?? "";
if (token || config.practice) void start();
else location.replace(config.start_url);

async function start() {
  const answers = createAnswers();
  const painter = createPainter();
  const outbox = config.practice ? createPracticeOutbox() : createMemoryOutbox();
  const field = /** @type {HTMLInputElement} */ (element("saisie"));
  let state = firstState();
  let workshop = kept() ?? config.workshop;
  /** What the screen shows, and the event that it came from. @type {{verdict: Verdict, id: string}} */
  let shown = { verdict: screens.ready(t, workshop), id: "" };
  /** Practice writes nothing; its own passages are still counted on its screen. @type {Scan[]} */
  const practised = [];
  /** @type {ReturnType<typeof createReader> | null} */
  let reader = null;
  let hideTimer = 0;
  let reviewCount = 0;
  /** The code that the field shows: the next character takes its place. */
  let onScreen = "";

  painter.steps(false, workshop);
  showWorkshop();
  const sync = createSync({ api: config.api, token }, outbox, { onState: showNetwork, onResults, onChanges, onRevoked });
  const day = await sync.day(() => write(element("charge"), t("list_unreachable")));
  const practice = config.practice || day.day.practice;
  workshop = kept() ?? day.station.workshop;
  answers.load(day);
  const panels = createPanels(t, day.day.target_per_hour);
  const sounds = createSounds(day.station.semitones);
  const search = createSearch(field, { students: answers.everyStudent, devices: answers.everyDevice, onChoose: choose, t });
  reader = createReader({
    field,
    isKnown: answers.isSerial,
    onRead,
    onTyped: search.enter,
    onFlood,
    onKey: (key) => (key === "F4" ? undo() : openSearch()),
  });
  write(element("poste-lieu"), [day.day.school, day.day.town].filter(Boolean).join(", "));
  write(element("poste-nom"), t("station", { name: day.station.name }));
  element("ligne-essai").hidden = !practice;
  panels.show(day.progress, outbox.pending());
  showWorkshop();
  goReady();
  showNetwork();
  document.body.removeAttribute("data-charge");
  if (!practice) sync.follow();
  listen();

  /** @returns {import("./verdicts.js").World} */
  function world() {
    return { workshop, online: sync.state.online, t, student: answers.student, device: answers.device };
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

  /** @param {string} code */
  function choose(code) {
    onRead({ text: code, raw: code, corrected: false, found: true, at: performance.now(), source: "field" });
  }

  /** Paint, sound, write down; the rest waits for the paint. @param {Step} step @param {number} from  when the last key was pressed */
  function show(step, from) {
    state = step.state;
    const events = step.facts.map((fact) => eventOf(fact, new Date()));
    shown = { verdict: step.verdict, id: events[0]?.id ?? "" };
    painter.steps(state.pending !== "", workshop);
    painter.paint(step.verdict, () => {
      performance.measure("cartable:verdict", { start: from, end: performance.now() });
      settleScreen(step.verdict, events);
    });
    sounds.cue(step.verdict.cue);
    for (const event of events) keep(event);
    hideLater();
  }

  /** @param {Scan} event */
  function keep(event) {
    if (event.kind !== "refused" && event.kind !== "call") answers.expect(event);
    if (practice) practised.push(event);
    else void outbox.put(event);
  }

  /** @param {Verdict} verdict @param {Scan[]} events */
  function settleScreen(verdict, events) {
    for (const event of events) addLine(verdict, event);
    panels.count(practice ? practised : outbox.pending());
    showNetwork();
    sync.send();
  }

  /** @param {Verdict} verdict @param {Scan} event */
  function addLine(verdict, event) {
    const at = event.happened_at.slice(11, 16);
    const student = event.student_code ? answers.student(event.student_code) : undefined;
    const ground = verdict.ground === "err" ? "err" : verdict.ground === "att" ? "att" : "ok";
    const charter = student?.m === "online" ? t("charter_online_short") : t("charter_paper_short");
    const done = { id: event.id, at, ground: /** @type {"ok"} */ ("ok"), title: student?.n ?? "", code: event.device_code ?? "" };
    if (event.kind === "pair") panels.add({ ...done, detail: student?.d ?? "" });
    else if (event.kind === "arrival") panels.add({ ...done, detail: `${student?.d} · ${charter}` });
    else if (event.kind === "undo") panels.add({ ...done, ground: "att", detail: t("undone_short") });
    else panels.add({ id: event.id, at, ground, code: "", ...(ground === "att" && student ? { title: student.n, detail: verdict.situation } : { title: verdict.headline, detail: student?.n ?? "" }) });
  }

  /** @param {Result[]} results @param {import("./types.js").Progress | undefined} progress */
  function onResults(results, progress) {
    for (const { id, result, code } of results) {
      const isRecorded = result === "recorded" || result === "exists";
      const event = answers.settle(id, isRecorded);
      if (!isRecorded && event) refuseLater(event, code ?? result);
    }
    if (progress) panels.show(progress, outbox.pending());
    else panels.count(outbox.pending());
  }

  /** The server refused what this screen had accepted: red where it still stands on the screen, "À revoir" in any case. @param {Scan} event @param {string} code */
  function refuseLater(event, code) {
    const student = event.student_code ? answers.student(event.student_code) : undefined;
    const verdict = screens.refusedLater(t, code, student, event.device_code ?? "");
    reviewCount += 1;
    write(element("revoir-mot"), t("to_review_count", { count: reviewCount }));
    element("revoir").hidden = false;
    panels.change(event.id, { ground: "err", detail: `${t("to_review")} · ${verdict.headline}`, code: event.device_code ?? "" });
    if (state.lastPair?.device === event.device_code && state.lastPair?.student === event.student_code) state = { ...state, lastPair: null };
    if (state.lastArrival === event.student_code && event.kind === "arrival") state = { ...state, lastArrival: "" };
    sounds.cue("err");
    if (shown.id === event.id) {
      shown = { verdict, id: event.id };
      painter.paint(verdict);
      hideLater();
    } else painter.say(`${t("to_review")}. ${student?.n ?? ""}. ${verdict.headline}`);
  }

  /** @param {import("./types.js").Changes} changes */
  function onChanges(changes) {
    answers.update(changes);
    panels.show(changes.progress, outbox.pending());
  }

  function onRevoked() {
    reader?.stop();
    document.body.removeAttribute("data-charge");
    shown = { verdict: screens.revoked(t), id: "" };
    painter.paint(shown.verdict);
    showNetwork();
  }

  function onFlood() {
    const verdict = screens.flooded(t);
    state = rested({ ...state, pending: "", awaitsFaulty: false });
    painter.steps(false, workshop);
    show({ state, verdict, facts: [] }, performance.now());
    painter.offer(() => {
      reader?.resume();
      goReady();
    });
  }

  function undo() {
    if (reader?.paused) return;
    search.close();
    show(command(state, "undo", world()), performance.now());
  }

  function openSearch() {
    field.inputMode = "text";
    field.focus({ preventScroll: true });
    field.select();
  }

  /** After 20 s a name gives way: people in the queue can see the screen. */
  function hideLater() {
    window.clearTimeout(hideTimer);
    if (shown.verdict.personal) hideTimer = window.setTimeout(hide, HIDE_MS);
  }

  function hide() {
    const waiting = answers.student(state.pending);
    if (!waiting) return goReady();
    shown = { verdict: screens.studentHidden(t, waiting), id: "" };
    painter.paint(shown.verdict);
  }

  function goReady() {
    state = rested(state);
    shown = { verdict: screens.ready(t, workshop), id: "" };
    painter.steps(state.pending !== "", workshop);
    painter.paint(shown.verdict);
    field.value = "";
  }

  /** @param {Workshop} next */
  function switchTo(next) {
    workshop = next;
    sessionStorage.setItem(WORKSHOP, next);
    state = { ...state, pending: "", equipped: "", awaitsFaulty: false };
    showWorkshop();
    goReady();
  }

  function showWorkshop() {
    write(element("poste-titre"), t(workshop === "A" ? "title_a" : "title_b"));
    document.title = `${t(workshop === "A" ? "title_a" : "title_b")} · Cartable`;
    element("atelier-a").setAttribute("aria-pressed", String(workshop === "A"));
    element("atelier-b").setAttribute("aria-pressed", String(workshop === "B"));
  }

  function showNetwork() {
    const { online, sending, count } = sync.state;
    const chip = element("reseau");
    const words = !online ? (count ? t("offline", { count }) : t("offline_none")) : sending || count ? t("sending", { count }) : t("online");
    chip.dataset["etat"] = online ? "" : "coupe";
    if (element("reseau-mot").textContent !== words) write(element("reseau-mot"), words);
    element("ligne-reseau").hidden = online;
  }

  function showSound() {
    element("son").setAttribute("aria-pressed", String(sounds.isOn));
    write(element("son-mot"), t(sounds.isOn ? "sound_on" : "sound_off"));
    draw(element("son"), sounds.isOn ? "son" : "son_coupe");
  }

  function listen() {
    element("annuler").addEventListener("click", undo);
    element("son").addEventListener("click", () => {
      sounds.toggle();
      showSound();
    });
    element("atelier-a").addEventListener("click", () => switchTo("A"));
    element("atelier-b").addEventListener("click", () => switchTo("B"));
    window.addEventListener("blur", () => (element("veille").hidden = false));
    window.addEventListener("focus", () => (element("veille").hidden = true));
    element("veille").addEventListener("click", () => (element("veille").hidden = true));
    field.addEventListener("beforeinput", (event) => {
      if (onScreen && field.value === onScreen && event.inputType.startsWith("insert")) field.value = "";
      onScreen = "";
    });
    field.addEventListener("pointerdown", () => (field.inputMode = "text"));
    window.addEventListener("beforeunload", (event) => {
      if (outbox.pending().length > 0) event.preventDefault();
    });
    showSound();
    showTime();
    window.setInterval(showTime, 1000);
    if (!document.hasFocus()) element("veille").hidden = false;
    keepField();
  }

  /** A phone's scanner names no key: its text is read from the field, which keeps the focus without its keyboard. */
  function keepField() {
    if (!window.matchMedia("(pointer: coarse)").matches) return;
    field.inputMode = "none";
    if (document.activeElement === document.body || document.activeElement === null) field.focus({ preventScroll: true });
  }
}

function showTime() {
  const now = new Date();
  const words = `${String(now.getHours()).padStart(2, "0")}:${String(now.getMinutes()).padStart(2, "0")}`;
  if (element("heure").textContent !== words) write(element("heure"), words);
}

/** @returns {Workshop | undefined} */
function kept() {
  const workshop = sessionStorage.getItem(WORKSHOP);
  return workshop === "A" || workshop === "B" ? workshop : undefined;
}
