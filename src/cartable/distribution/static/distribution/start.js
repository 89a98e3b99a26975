/**
 * Start page of a station: the site card is heard from the scanner wherever the focus is, and sends the form. Without this script the
 * field is typed or scanned by hand, and works the same.
 */

import { normalised } from "./codes.js";
import { element, translator, values, write } from "./page.js";
import { createReader } from "./reader.js";

const t = translator(values("poste-textes"));
const field = /** @type {HTMLInputElement} */ (element("carte-site"));
const said = element("carte-dite");

/** The 24 digits of a site card, which carries no letter. @param {string} text */
const card = (text) => (/^\d{24}$/.test(text) ? text : "");

createReader({
  field,
  ending: card,
  isKnown: () => false,
  onRead(reading) {
    field.value = reading.found ? reading.text : normalised(reading.raw).slice(0, 24);
    write(said, t(reading.found ? "card_read" : "card_misread"));
    if (reading.found) field.form?.submit();
  },
  onKey() {},
});
