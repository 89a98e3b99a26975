/**
 * Lines of paper sheets typed in again, by keys alone: Enter after the student goes to the PC, Enter after the PC sends the line and
 * the student's field waits for the next one at once. Lines leave one after the other, in their order; the server judges, this page
 * only shows its words. Without this script each Enter sends the form, and the page answers the same.
 *
 * Not left to htmx: it reads a form when a request leaves, and the next line may be half typed by then.
 */

import { element, values, write } from "./page.js";

const RETRY_MS = 2000;

const form = /** @type {HTMLFormElement} */ (element("ressaisie"));
const lines = element("ressaisie-lignes");
/** @type {Record<string, string>} */
const words = values("ressaisie-textes");
/** @type {{content: FormData, row: HTMLElement}[]} */
const queue = [];
let isSending = false;

/** @param {string} name */
const field = (name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target !== field("student")) return;
  if (field("device").value || field("is_without_device").checked || !field("student").value) return;
  event.preventDefault();
  field("device").focus();
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!field("student").value && !field("device").value) return field("student").focus();
  const content = new FormData(form);
  content.set("line_id", crypto.randomUUID());
  queue.push({ content, row: waitingRow(content) });
  for (const name of ["student", "device", "clock"]) field(name).value = "";
  field("has_charter").checked = true;
  field("is_without_device").checked = false;
  field("student").focus();
  showQueue();
  void send();
});

window.addEventListener("beforeunload", (event) => {
  if (queue.length > 0) event.preventDefault();
});

/** The line as it was typed, until the server has answered. @param {FormData} content */
function waitingRow(content) {
  const row = document.createElement("li");
  row.dataset.role = "ressaisie-envoi";
  row.textContent = `… ${content.get("student")} · ${content.get("device")}`;
  lines.querySelector('[data-role="ressaisie-rien"]')?.remove();
  lines.prepend(row);
  return row;
}

async function send() {
  if (isSending) return;
  isSending = true;
  while (queue[0]) {
    const text = await answerTo(queue[0].content);
    if (text === null) {
      showQueue(words.waiting);
      await new Promise((resolve) => window.setTimeout(resolve, RETRY_MS));
      continue;
    }
    const row = replaced(queue[0].row, text);
    queue.shift();
    write(element("ressaisie-dit"), row.textContent?.replace(/\s+/g, " ").trim() ?? "");
    const count = document.querySelector('[data-role="ressaisie-compte"] .nombre__valeur');
    if (count && row.dataset.compte) count.textContent = row.dataset.compte;
    showQueue();
  }
  isSending = false;
}

/** The words for a line; null as long as it is not the server that answers, or it cannot. @param {FormData} content */
async function answerTo(content) {
  try {
    const answer = await fetch(form.action, { method: "POST", body: content, headers: { "HX-Request": "true" } });
    const text = await answer.text();
    // A log-in page, a captive portal: an answer that is no line says nothing about this line.
    return text.includes('data-role="ressaisie-ligne"') ? text : null;
  } catch {
    return null;
  }
}

/** @param {HTMLElement} row @param {string} text */
function replaced(row, text) {
  const holder = document.createElement("template");
  holder.innerHTML = text;
  const line = /** @type {HTMLElement} */ (holder.content.querySelector('[data-role="ressaisie-ligne"]'));
  row.replaceWith(line);
  return line;
}

/** @param {string} [why] */
function showQueue(why = "") {
  const waiting = queue.length > 0 ? `${words.sending.replace("{count}", String(queue.length))} ${why}` : "";
  write(element("ressaisie-attente"), waiting);
}
