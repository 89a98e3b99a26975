/**
 * Label codes and what a keyboard makes of them. Pure: no page, no clock.
 *
 * A code is a letter, eight digits and two check digits (ISO 7064 MOD 97-10 over the ten digits).
 * A scanner is a keyboard of one layout talking to a host of another; each burst of keys is read in several ways and the first
 * that has valid check digits, or stands in the day's list, wins (SCANNING 2.2).
 */

/** @typedef {import("./types.js").Key} Key */

export const LONGEST = 64;
const LENGTH = 11;
/** A maker's prefix or a few stray keys in front do no harm; a sentence in front is another text. */
const LONGEST_PREFIX = 8;
const LETTERS = "BCDEFGHIJKLNOPRSTUVXY";
const OURS = "EPC";
const UNREADABLE = "\uFFFD";

/** The digit row of a French keyboard, with and without Caps Lock. @type {Record<string, string>} */
const FRENCH_ROW = {
  "&": "1",
  é: "2",
  '"': "3",
  "'": "4",
  "(": "5",
  "-": "6",
  è: "7",
  _: "8",
  ç: "9",
  à: "0",
  É: "2",
  È: "7",
  Ç: "9",
  À: "0",
};
/** Keys whose letter moves between the two layouts: place on the keyboard -> French letter. @type {Record<string, string>} */
const FRENCH_PLACES = { KeyQ: "A", KeyA: "Q", KeyW: "Z", KeyZ: "W", Semicolon: "M", KeyM: "," };

/** Write any text as codes are written: capitals, plain digits of whatever script, no space nor control character. @param {string} text */
export function normalised(text) {
  const plain = text
    .slice(0, LONGEST)
    .normalize("NFKC")
    .replace(/[\s\p{Cc}\p{Cf}]/gu, "")
    .toUpperCase();
  return plain.replace(/\p{Nd}/gu, digit);
}

/** @param {string} character */
function digit(character) {
  const point = character.codePointAt(0) ?? 48;
  let value = 0;
  // Digits of a script stand in a row of ten: count back to its zero.
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(point - value - 1))) value += 1;
  return point < 128 ? character : String(value);
}

/** Tell whether these eleven characters are a code with right check digits. @param {string} text */
export function isCode(text) {
  if (text.length !== LENGTH || !LETTERS.includes(text.charAt(0)) || !/^\d{10}$/.test(text.slice(1))) return false;
  return Number(text.slice(9)) === 98 - ((Number(text.slice(1, 9)) * 100) % 97);
}

/** A label's text is its code and nothing else: a link that ends with one is another text. @param {string} text */
export function aloneOrCut(text) {
  const plain = normalised(text);
  return isCode(plain) || !isCode(plain.slice(-LENGTH)) ? text : `${text.slice(0, 60)}…`;
}

/** Return the code that ends this text, or an empty text. @param {string} text */
export function endingCode(text) {
  const code = text.slice(-LENGTH);
  if (text.length > LENGTH + LONGEST_PREFIX || !isCode(code)) return "";
  // Two scanners at once: "EP0042…". The letter in front belongs to another label, so neither may be believed.
  return OURS.includes(text.charAt(text.length - LENGTH - 1) || " ") ? "" : code;
}

/** Tell whether a code starts here: the letter of one of our labels. @param {string} character */
export function startsCode(character) {
  return character !== "" && OURS.includes(character.toUpperCase());
}

/** Write a code in groups, "P 0042 1187 59"; another text as it is. @param {string} code */
export function spaced(code) {
  return isCode(code) ? `${code[0]} ${code.slice(1, 5)} ${code.slice(5, 9)} ${code.slice(9)}` : code;
}

/**
 * Return the ways to read a burst, the plain characters first.
 *
 * A shifted digit among plain ones was a sign ($ % / +) in the label: such a burst is no code in another layout, it is refused,
 * and never shortened to one (catalogue B05).
 * @param {Key[]} keys
 */
export function readings(keys) {
  const characters = normalised(keys.map((key) => key.char).join(""));
  const ways = [characters];
  if (evenShift(keys)) ways.push(normalised(keys.map((key) => physical(key)).join("")));
  const row = frenchRow(keys.map((key) => key.char).join(""));
  if (row) ways.push(normalised(row));
  if (evenShift(keys)) ways.push(normalised(keys.map((key) => FRENCH_PLACES[key.code] ?? physical(key)).join("")));
  return ways;
}

/** Return the ways to read a text whose keys are unknown (Android, paste). @param {string} text */
export function textReadings(text) {
  const row = frenchRow(text);
  return row ? [normalised(text), normalised(row)] : [normalised(text)];
}

/** @param {Key} key */
function physical(key) {
  const place = /^(?:Key([A-Z])|(?:Digit|Numpad)(\d))$/.exec(key.code);
  return place ? (place[1] ?? place[2] ?? "") : key.char === "-" || key.code === "Minus" ? "-" : UNREADABLE;
}

/** @param {Key[]} keys */
function evenShift(keys) {
  const row = keys.filter((key) => key.code.startsWith("Digit"));
  return keys.every((key) => key.code !== "") && (row.every((key) => key.shift) || row.every((key) => !key.shift));
}

/** @param {string} text */
function frenchRow(text) {
  if (/\d/.test(text) || ![...text].some((character) => character in FRENCH_ROW)) return "";
  return [...text].map((character) => FRENCH_ROW[character] ?? character).join("");
}

/**
 * Say what a text that is no label of ours looks like, to tell people which label to scan instead.
 * @param {string} text
 * @returns {"carton" | "link" | "two_scanners" | "too_long" | "cut" | "other"}
 */
export function looksLike(text) {
  if (text.length > LONGEST) return "too_long";
  if (/^[a-z][a-z0-9+.-]*:|:\/\/|BEGIN:VCARD|^WIFI:/i.test(text)) return "link";
  const plain = normalised(text);
  if (/^[EPC]\d{1,9}$/.test(plain)) return "cut";
  if (plain.length > 14 && (plain.match(/[EPC]/g) ?? []).length > 1 && /^[EPC\d]+$/.test(plain)) return "two_scanners";
  if (/^[EPC]\d+$/.test(plain)) return "other";
  if (isCarton(plain)) return "carton";
  return "other";
}

/** Product number (with #), MAC, UPC or EAN, IMEI, licence key. @param {string} text */
function isCarton(text) {
  return (
    /#/.test(text) ||
    /^(?:[0-9A-F]{2}[:-]?){5}[0-9A-F]{2}$/.test(text) ||
    /^\d{8}$|^\d{12,15}$/.test(text) ||
    /^(?:[A-Z0-9]{5}-){4}[A-Z0-9]{5}$/.test(text)
  );
}
