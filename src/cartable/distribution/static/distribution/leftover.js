/**
 * Closing page: a PC that nobody took is heard from the scanner wherever the focus is, on any keyboard layout, and sends the form.
 * Without this script the field is typed or scanned by hand, and works the same.
 */

import { createReader } from "./reader.js";

const field = document.querySelector('[data-role="reste"] input[name="code"]');
const serials = new Set(
  [...document.querySelectorAll('[data-role="reste-serie"]')].map((each) => each.textContent ?? ""),
);

if (field instanceof HTMLInputElement) {
  createReader({
    field,
    isKnown: (text) => serials.has(text),
    onRead(reading) {
      field.value = reading.found ? reading.text : reading.raw.slice(0, 64);
      field.form?.submit();
    },
    onKey() {},
  });
}
