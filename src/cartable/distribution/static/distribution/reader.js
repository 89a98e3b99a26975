/**
 * Hear a scanner that is a keyboard, anywhere in the page, without ever moving the focus (SCANNING 2.2, 2.3).
 *
 * A burst of keys ends with Enter, Tab or ETX; without any, after a short rest. Check digits decide what is a code, never the
 * pace of the keys: a slow machine loses nothing. A burst that holds a read never reaches the focused button.
 */

import { aloneOrCut, endingCode, LONGEST, readings, startsCode, textReadings } from "./codes.js";

/** @typedef {import("./types.js").Key} Key @typedef {import("./types.js").Reading} Reading */

/** A complete code waits this long for one more character: "P00421187591" is another text, not a shorter code. */
const RIPE_MS = 50;
/** A serial number has no check digits: without suffix it ends after this rest. */
const SERIAL_MS = 300;
/** Keys older than this were left by a person, not by the scan that follows. */
const STALE_MS = 1500;
/** No hand presses two keys this fast. */
const HAND_MS = 80;
const FLOOD = 10;

/**
 * @typedef {object} Options
 * @property {(text: string) => boolean} isKnown  the text is a serial number of the day's list
 * @property {(reading: Reading) => void} onRead
 * @property {(text: string) => boolean} [onTyped]  Enter in the field on a text that is no code; true = dealt with
 * @property {() => void} [onFlood]  more than ten codes in one second: the station pauses
 * @property {(key: "F3" | "F4") => void} [onKey]
 * @property {HTMLInputElement | null} [field]
 * @property {(text: string) => string} [ending]  finds the code that ends a text; label codes unless told
 */

/** @param {Options} options */
export function createReader(options) {
  const ending = options.ending ?? endingCode;
  const field = options.field ?? null;
  /** @type {Key[]} */
  let keys = [];
  let overlong = "";
  let ripe = false;
  let endedAt = -Infinity;
  let lastAt = -Infinity;
  let paused = false;
  let timer = 0;
  /** @type {number[]} */
  let reads = [];

  window.addEventListener("keydown", onKeyDown, true);
  window.addEventListener("keyup", onKeyUp, true);
  window.addEventListener("paste", onPaste, true);
  field?.addEventListener("input", onInput);
  field?.form?.addEventListener("submit", onSubmit);

  /** @param {KeyboardEvent} event */
  function onKeyDown(event) {
    if (event.isComposing) return;
    const at = event.timeStamp;
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    if (!modified && (event.key === "F3" || event.key === "F4")) {
      swallow(event);
      if (!event.repeat) options.onKey?.(event.key);
      return;
    }
    if (isStart(event)) return begin(event);
    if (event.key === "Enter" || event.key === "Tab" || isEnd(event)) return end(event);
    if (modified && !event.getModifierState("AltGraph")) return;
    // Android keyboards name no key: the text of the field tells later.
    if ([...event.key].length !== 1) return forget(event);
    if (event.key === " ") return onSpace(event);
    add(event, at);
  }

  /** A space inside a burst is the scanner's; alone it belongs to people who press buttons with it. @param {KeyboardEvent} event */
  function onSpace(event) {
    if (keys.length === 0 || event.timeStamp - lastAt > HAND_MS) return;
    if (isTyping(event)) return;
    lastAt = event.timeStamp;
    swallow(event);
  }

  /** @param {KeyboardEvent} event */
  function onKeyUp(event) {
    if (event.key === " " && keys.length > 0 && event.timeStamp - lastAt < HAND_MS && !isTyping(event)) swallow(event);
  }

  /** @param {KeyboardEvent} event @param {number} at */
  function add(event, at) {
    const typing = isTyping(event);
    if (!typing) swallow(event);
    if (paused) {
      if (typing) swallow(event);
      lastAt = at;
      return;
    }
    if (at - lastAt > STALE_MS) clear();
    if (ripe && startsCode(event.key)) accept(lastAt);
    ripe = false;
    lastAt = at;
    if (keys.length >= LONGEST) overlong = overlong || keys.map((key) => key.char).join("");
    else keys.push({ char: event.key, code: event.code, shift: event.shiftKey, at });
    const code = !overlong && readings(keys).some((text) => ending(text) !== "");
    window.clearTimeout(timer);
    if (code) {
      ripe = true;
      timer = window.setTimeout(() => accept(at), RIPE_MS);
      if (typing && event.target === field) showRipe(event);
    } else {
      timer = window.setTimeout(() => rest(at), SERIAL_MS);
    }
  }

  /** The last character of a code is not left in the field: it would come after the text that replaces it. @param {KeyboardEvent} event */
  function showRipe(event) {
    event.preventDefault();
    if (field) field.value = normalEnding();
  }

  function normalEnding() {
    return (
      readings(keys)
        .map(ending)
        .find((code) => code !== "") ?? ""
    );
  }

  /** Enter, Tab or ETX. @param {KeyboardEvent} event */
  function end(event) {
    const at = event.timeStamp;
    const gap = at - lastAt;
    if (paused) {
      if (gap < SERIAL_MS || at - endedAt < SERIAL_MS) swallow(event);
      endedAt = at;
      return;
    }
    if (keys.length > 0 && gap > STALE_MS && !ripe) clear();
    if (keys.length === 0 || isSuffix(at, gap)) {
      // CR LF, or the Enter of a code that its check digits had already ended.
      if (at - endedAt < HAND_MS || (endedAt > lastAt && at - endedAt < SERIAL_MS)) swallow(event);
      else typed(event);
      clear();
      return;
    }
    const found = find();
    const scanned = keys.length >= 3 ? gap < STALE_MS : gap < HAND_MS;
    if (found) finish(event, found);
    else if (isTyping(event) && (!isFast() || isWord())) typed(event);
    else if (scanned && (event.key !== "Tab" || isFast())) finish(event, unknown(at));
    else clear();
  }

  /** One to three characters right behind a read and before its Enter are a maker's suffix. @param {number} at @param {number} gap */
  function isSuffix(at, gap) {
    return keys.length <= 3 && gap < HAND_MS && at - endedAt < SERIAL_MS && !isTypingNow();
  }

  /** @param {KeyboardEvent} event @param {Reading} reading */
  function finish(event, reading) {
    swallow(event);
    deliver({ ...reading, at: event.timeStamp });
  }

  /** Enter by hand, in the field: its whole text counts. @param {KeyboardEvent} event */
  function typed(event) {
    if (event.key !== "Enter" || event.target !== field || !field) {
      clear();
      return;
    }
    swallow(event);
    read(field.value, event.timeStamp);
  }

  /** @param {string} text @param {number} at */
  function read(text, at) {
    clear();
    const reading = text.trim() && findText(text);
    if (reading) deliver({ ...reading, at });
    else if (text.trim() && !options.onTyped?.(text)) deliver({ ...raw(text), at, source: "field" });
  }

  /** @param {number} at */
  function rest(at) {
    const found = find();
    if (found) deliver(found);
    else if (overlong || (keys.length >= 6 && isFast() && !isTypingNow())) deliver(unknown(at));
  }

  /** @param {number} at */
  function accept(at) {
    const found = find();
    if (found) deliver({ ...found, at });
  }

  /** @param {Reading} reading */
  function deliver(reading) {
    clear();
    endedAt = Math.max(reading.at, performance.now() - 1);
    reads = [...reads.filter((at) => reading.at - at < 1000), reading.at];
    if (reads.length > FLOOD) {
      paused = true;
      options.onFlood?.();
      return;
    }
    options.onRead(reading);
  }

  /** @returns {Reading | null} */
  function find() {
    return overlong ? null : pick(readings(keys), keys.map((key) => key.char).join(""), "scan");
  }

  /** @param {string} text @returns {Reading | null} */
  function findText(text) {
    return pick(textReadings(text), text, "field");
  }

  /** @param {string[]} ways @param {string} text @param {"scan" | "field" | "paste"} source @returns {Reading | null} */
  function pick(ways, text, source) {
    const codes = ways.map(ending);
    const place = codes.findIndex((code) => code !== "");
    if (place >= 0) return { ...raw(text), text: codes[place] ?? "", corrected: place > 0, found: true, source };
    const serials = ways.map((way) => serial(way, options.isKnown));
    const known = serials.findIndex((way) => way !== "");
    if (known < 0) return null;
    return { ...raw(text), text: serials[known] ?? "", corrected: known > 0, found: true, source };
  }

  /** @param {number} at @returns {Reading} */
  function unknown(at) {
    return { ...raw(overlong ? `${overlong}…` : keys.map((key) => key.char).join("")), at };
  }

  /** Android, and whatever writes into the field without naming its keys. */
  function onInput() {
    if (!field || paused) return;
    if (keys.length > 0 && performance.now() - lastAt < STALE_MS) return;
    const found = textReadings(field.value).some((text) => ending(text) !== "");
    window.clearTimeout(timer);
    if (!found && !options.isKnown(textReadings(field.value)[0] ?? "")) return;
    timer = window.setTimeout(() => fromField(), found ? RIPE_MS : SERIAL_MS);
  }

  /** A phone's "Go" key names itself no better than the others. @param {SubmitEvent} event */
  function onSubmit(event) {
    swallow(event);
    if (!paused && field) read(field.value, event.timeStamp);
  }

  function fromField() {
    const found = field && findText(field.value);
    if (found) deliver(found);
  }

  /** @param {ClipboardEvent} event */
  function onPaste(event) {
    const text = event.clipboardData?.getData("text") ?? "";
    if (!text) return;
    if (isTyping(event) && event.target !== field) return;
    swallow(event);
    clear();
    const found = text.length <= LONGEST ? pick(textReadings(text), text, "paste") : null;
    if (found) deliver(found);
    else if (text.length > LONGEST || event.target !== field) deliver({ ...raw(text), source: "paste" });
    else if (field) {
      field.value = text.trim();
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  /** STX, typed by scanners as Ctrl B. @param {KeyboardEvent} event */
  function begin(event) {
    swallow(event);
    clear();
  }

  /** A key that edits the text: the burst is a person's. @param {KeyboardEvent} event */
  function forget(event) {
    if (["Backspace", "Delete", "Escape", "ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) clear();
  }

  function clear() {
    window.clearTimeout(timer);
    keys = [];
    overlong = "";
    ripe = false;
  }

  function isFast() {
    const first = keys[0];
    const last = keys.at(-1);
    return !!first && !!last && keys.length > 2 && (last.at - first.at) / (keys.length - 1) < HAND_MS / 2;
  }

  /** Letters alone are a name, however fast they come: no label is made of them. */
  function isWord() {
    return !!field && !/\d/.test(field.value);
  }

  function isTypingNow() {
    return isWritable(document.activeElement);
  }

  return {
    /** Go on after a flood; keys already here are dropped. */
    resume() {
      clear();
      reads = [];
      paused = false;
    },
    get paused() {
      return paused;
    },
    /** A text that came otherwise than by keys (the camera): the same checks, the same road. @param {string} seen */
    take(seen) {
      const text = aloneOrCut(seen);
      if (!paused) deliver(findText(text) ?? { ...raw(text), source: "field" });
    },
    stop() {
      clear();
      window.removeEventListener("keydown", onKeyDown, true);
      window.removeEventListener("keyup", onKeyUp, true);
      window.removeEventListener("paste", onPaste, true);
      field?.removeEventListener("input", onInput);
      field?.form?.removeEventListener("submit", onSubmit);
    },
  };
}

/** A serial of the list, also behind the sign that makers print in front (S, 1S) or the scanner adds (]C0). @param {string} text @param {(text: string) => boolean} isKnown */
function serial(text, isKnown) {
  const bare = text.replace(/^\][A-Z]\d/, "");
  return [text, bare, bare.replace(/^1?S/, "")].find((way) => way.length > 3 && isKnown(way)) ?? "";
}

/** @param {string} text @returns {Reading} */
function raw(text) {
  // One more than the limit is kept, so that "too long" can still be told from "long".
  return {
    text: "",
    raw: text.slice(0, LONGEST + 1),
    corrected: false,
    found: false,
    at: performance.now(),
    source: "scan",
  };
}

/** @param {KeyboardEvent} event */
function isStart(event) {
  return event.key === "\u0002" || (event.ctrlKey && !event.shiftKey && event.code === "KeyB");
}

/** ETX, typed as Ctrl C: only inside a page without selection, so that copying still works. @param {KeyboardEvent} event */
function isEnd(event) {
  if (event.key === "\u0003") return true;
  return (
    event.ctrlKey &&
    (event.code === "KeyC" || event.code === "KeyJ" || event.code === "KeyM") &&
    !window.getSelection()?.toString()
  );
}

/** @param {Event} event */
function isTyping(event) {
  return isWritable(event.target);
}

/** @param {EventTarget | null} target */
function isWritable(target) {
  return (
    target instanceof HTMLTextAreaElement ||
    (target instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(target.type))
  );
}

/** @param {Event} event */
function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}
