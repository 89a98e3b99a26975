/**
 * Read labels with the camera of a phone, where there is no scanner (SCANNING 2.8). Loaded when its button is first pressed; what it
 * reads goes the road of the scanner, where check digits decide. Shared by the stations and by the pages of desks (`scan.js`).
 *
 * A label held still is given once: it must leave the picture before it counts again. Two different codes in one picture are none:
 * nobody can tell which was meant.
 */

/**
 * @typedef {{detect: (source: HTMLVideoElement) => Promise<{rawValue: string}[]>}} Detector
 * @typedef {{decoder: string, wasm: string, style: string}} Files  what is loaded when the camera is first opened
 * @typedef {(key: string) => string} Translate
 * @typedef {{take: (text: string) => void, t: Translate, files: Files, left?: () => void, just?: string}} Options
 *   `left`: somebody closed the panel; `just`: a label that was read a moment ago and may still be in the picture
 */

const FORMATS = ["code_128", "qr_code"];
const PAUSE_MS = 80;
/** A label that shakes out of the picture for less than this never left it. */
const GONE_MS = 1200;

/** One camera, one panel: pressed again, the button closes it. @type {{leave: () => void} | null} */
let opened = null;
/** @type {Promise<Detector> | null} */
let detector = null;

/** @param {Options} options */
export async function openCamera(options) {
  if (opened) return opened.leave();
  const panel = createPanel(options);
  /** @type {MediaStream | null} */
  let stream = null;
  let isOver = false;
  let previous = options.just ?? "";
  let seenAt = -Infinity;

  opened = { leave };
  panel.close.addEventListener("click", leave);
  document.addEventListener("visibilitychange", onHidden);
  document.addEventListener("keydown", onKey);
  try {
    const [granted, found] = await Promise.all([askForCamera(), loadDetector(options.files)]);
    stream = granted;
    if (isOver) return free();
    await start(granted, found);
  } catch (error) {
    free();
    if (!isOver) panel.say(options.t(reasonOf(error)), "err");
  }

  async function askForCamera() {
    const wanted = { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } };
    const granted = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    // The detector may fail to load: the camera is not left burning.
    stream = granted;
    return granted;
  }

  /** @param {MediaStream} granted @param {Detector} found */
  async function start(granted, found) {
    const track = granted.getVideoTracks()[0];
    if (!track) throw new DOMException("", "NotFoundError");
    track.addEventListener("ended", close);
    offerTorch(track, panel, options.t);
    panel.video.srcObject = granted;
    await panel.video.play();
    panel.say(options.t("camera_aim"));
    seenAt = performance.now();
    while (!isOver) {
      await look(found);
      await new Promise((resolve) => window.setTimeout(resolve, PAUSE_MS));
    }
  }

  /** @param {Detector} found */
  async function look(found) {
    const texts = new Set((await found.detect(panel.video)).map(({ rawValue }) => rawValue));
    if (isOver || texts.size === 0) return;
    if (texts.size > 1) return panel.say(options.t("camera_several"));
    const [text = ""] = texts;
    const isNew = text !== previous || performance.now() - seenAt > GONE_MS;
    previous = text;
    seenAt = performance.now();
    if (!isNew) return;
    panel.say(options.t("camera_read"));
    navigator.vibrate?.(40);
    options.take(text);
  }

  function free() {
    for (const track of stream?.getTracks() ?? []) track.stop();
    panel.video.srcObject = null;
  }

  function close() {
    isOver = true;
    opened = null;
    document.removeEventListener("visibilitychange", onHidden);
    document.removeEventListener("keydown", onKey);
    free();
    panel.remove();
  }

  function leave() {
    close();
    options.left?.();
  }

  /** A phone in a pocket films nothing. */
  function onHidden() {
    if (document.hidden) close();
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.key === "Escape") leave();
  }
}

/** Script and wasm come from one release, from this server (VENDOR.md). @param {Files} files @returns {Promise<Detector>} */
function loadDetector({ decoder, wasm }) {
  detector ??= import(decoder).then(async (release) => {
    await release.prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true });
    return new release.BarcodeDetector({ formats: FORMATS });
  });
  // Without network the first time: the next press tries again.
  detector.catch(() => (detector = null));
  return detector;
}

/** @param {unknown} error */
function reasonOf(error) {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") return "camera_forbidden";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "camera_missing";
  return name === "NotReadableError" ? "camera_busy" : "camera_unloaded";
}

/** @param {MediaStreamTrack} track @param {ReturnType<typeof createPanel>} panel @param {Translate} t */
function offerTorch(track, panel, t) {
  const can = /** @type {{torch?: boolean}} */ (track.getCapabilities?.() ?? {});
  if (!can.torch) return;
  let isLit = false;
  panel.torch.hidden = false;
  panel.torch.addEventListener("click", async () => {
    isLit = !isLit;
    await track.applyConstraints(/** @type {any} */ ({ advanced: [{ torch: isLit }] }));
    panel.torch.setAttribute("aria-pressed", String(isLit));
    write(panel.torch, t("camera_torch"));
  });
}

/** The panel lies at the bottom, under the thumb; the verdict stays in sight above it. @param {Options} options */
function createPanel({ t, files }) {
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = files.style;
  if (!document.querySelector(`link[href="${style.href}"]`)) document.head.append(style);
  const frame = document.createElement("section");
  frame.className = "camera";
  frame.dataset.role = "camera-cadre";
  frame.setAttribute("aria-label", t("camera"));
  const video = document.createElement("video");
  video.playsInline = video.muted = true;
  video.setAttribute("aria-hidden", "true");
  const said = document.createElement("p");
  said.className = "camera__mot";
  said.setAttribute("role", "status");
  write(said, t("camera_opening"));
  const torch = pressed(t("camera_torch"));
  torch.setAttribute("aria-pressed", "false");
  torch.hidden = true;
  const shut = pressed(t("camera_close"));
  shut.dataset.role = "camera-fermer";
  const row = document.createElement("div");
  row.className = "camera__gestes";
  row.append(torch, shut);
  frame.append(video, said, row);
  document.body.append(frame);
  document.body.classList.add("avec-camera");
  return {
    video,
    torch,
    close: shut,
    /** @param {string} words @param {"" | "err"} [tone] */
    say(words, tone = "") {
      write(said, words);
      frame.dataset.ton = tone;
    },
    remove() {
      frame.remove();
      document.body.classList.remove("avec-camera");
    },
  };
}

/** @param {string} words */
function pressed(words) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "bouton";
  write(button, words);
  return button;
}

/** @param {HTMLElement} target @param {string} text */
function write(target, text) {
  target.textContent = text;
}
