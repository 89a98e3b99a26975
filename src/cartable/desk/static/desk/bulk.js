/**
 * Ticks of a list: all lines of the page at once, and how many are ticked. Without this script the lines are ticked one by
 * one, or by the link above them, and the bar says no number.
 */

const bar = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-lot]"));
const every = /** @type {HTMLInputElement | null} */ (document.querySelector("[data-lot-tout]"));
const lines = /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll("input[name=ligne]")]);

/** Say how many lines are ticked, where the bar has room for it. */
function count() {
  const ticked = lines.filter((line) => line.checked).length;
  const said = bar?.querySelector("[data-lot-compte]");
  if (said) said.textContent = String(ticked);
  if (every === null) return;
  every.checked = ticked > 0 && ticked === lines.length;
  every.indeterminate = ticked > 0 && ticked < lines.length;
}

if (bar !== null) {
  const chosen = /** @type {HTMLInputElement | null} */ (bar.querySelector("input[name=portee]"));
  for (const line of lines)
    line.addEventListener("change", () => {
      if (chosen !== null) chosen.checked = true; // Whoever ticks lines means these lines.
      count();
    });
  every?.addEventListener("change", () => {
    for (const line of lines) line.checked = every.checked;
    if (chosen !== null) chosen.checked = true;
    count();
  });
  const label = every?.closest("label");
  if (label) label.hidden = false;
  const number = /** @type {HTMLElement | null} */ (bar.querySelector("[data-lot-nombre]"));
  if (number !== null) number.hidden = false;
  count();
}
