/**
 * Chips that write a word of the software where the cursor is. The page works without this file: words can be typed.
 */

/** @type {HTMLInputElement | HTMLTextAreaElement | null} */
let written = document.querySelector("textarea[name=body]");

document.addEventListener("focusin", (event) => {
  const field = event.target;
  if (field instanceof HTMLTextAreaElement || (field instanceof HTMLInputElement && field.name === "subject")) {
    written = field;
  }
});

for (const chip of document.querySelectorAll("[data-insere]")) {
  chip.addEventListener("click", () => {
    if (!written || !(chip instanceof HTMLElement)) return;
    const word = chip.dataset.insere ?? "";
    written.setRangeText(word, written.selectionStart ?? 0, written.selectionEnd ?? 0, "end");
    written.focus();
  });
}
