/** What a scanner needs of the window and of the field; the focus itself is never moved by a scan. */

import { element } from "./page.js";

/** What stops the keys is the window that loses the focus: a full cover says so. */
export function watchWindow() {
  const cover = element("veille");
  window.addEventListener("blur", () => (cover.hidden = false));
  window.addEventListener("focus", () => (cover.hidden = true));
  cover.addEventListener("click", () => (cover.hidden = true));
  cover.hidden = document.hasFocus();
}

/** @param {HTMLInputElement} field */
export function createField(field) {
  /** The code that the field shows: the next character takes its place. */
  let onScreen = "";
  field.addEventListener("beforeinput", (event) => {
    if (onScreen && field.value === onScreen && event.inputType.startsWith("insert")) field.value = "";
    onScreen = "";
  });
  field.addEventListener("pointerdown", () => (field.inputMode = "text"));
  keep();

  /** A phone's scanner names no key: its text is read from the field, which keeps the focus without its keyboard. */
  function keep() {
    if (!window.matchMedia("(pointer: coarse)").matches) return;
    field.inputMode = "none";
    if (document.activeElement === document.body) field.focus({ preventScroll: true });
  }

  return {
    keep,
    /** @param {string} text */
    show(text) {
      field.value = text;
      onScreen = text;
    },
    /** A person types a name. */
    open() {
      field.inputMode = "text";
      field.focus({ preventScroll: true });
      field.select();
    },
    close() {
      field.value = "";
      field.disabled = true;
    },
  };
}
