/**
 * Small comforts of the application pages. Every page works without this file.
 */

/** Put the cursor in the search field on Ctrl K (Cmd K on a Mac). */
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  const field = document.querySelector(".cherche input[type=search]");
  if (!(field instanceof HTMLInputElement)) return;
  event.preventDefault();
  field.focus();
  field.select();
});

/** Close the account panel on Escape and on a click elsewhere. */
const account = document.querySelector("details.compte");
if (account instanceof HTMLDetailsElement) {
  document.addEventListener("click", (event) => {
    if (account.open && event.target instanceof Node && !account.contains(event.target)) account.open = false;
  });
  account.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !account.open) return;
    account.open = false;
    account.querySelector("summary")?.focus();
  });
}

/** A form that failed opens on its list of errors, so that a screen reader says what to correct. */
document.getElementById("resume")?.focus();

/**
 * A part of the page that renews itself keeps the focus of who uses the keyboard, and what they unfolded: htmx does so only for
 * elements that carry an id. What is gone leaves the focus at the part itself.
 */
const FOCUSABLE = "a[href], button, input, select, textarea, summary";
/** @type {{name: string, rank: number} | null} */
let focused = null;
/** @type {Set<string>} */
let unfolded = new Set();

/** Where it leads and what it says: the same before and after. @param {Element} each */
function nameOf(each) {
  const leads = each.getAttribute("href") ?? each.closest("form")?.getAttribute("action") ?? "";
  return [each.tagName, leads, each.getAttribute("name") ?? "", each.textContent?.trim() ?? ""].join("\n");
}

/** @param {Element} part @param {string} name */
function named(part, name) {
  return [...part.querySelectorAll(FOCUSABLE)].filter((each) => nameOf(each) === name);
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.target;
  const active = document.activeElement;
  focused = null;
  if (!(part instanceof Element)) return;
  unfolded = new Set([...part.querySelectorAll("details[open] > summary")].map(nameOf));
  if (!active || active.id || active === part || !part.contains(active)) return;
  const name = nameOf(active);
  focused = { name, rank: named(part, name).indexOf(active) };
});

document.addEventListener("htmx:afterSwap", (event) => {
  const part = event.target;
  if (!(part instanceof HTMLElement)) return;
  for (const each of part.querySelectorAll("details > summary")) {
    if (unfolded.has(nameOf(each))) each.parentElement?.setAttribute("open", "");
  }
  if (!focused || document.activeElement !== document.body) return;
  const found = named(part, focused.name)[focused.rank];
  if (!found) part.tabIndex = -1;
  /** @type {HTMLElement} */ (found ?? part).focus({ preventScroll: true });
});

/** The camera of a phone gives one picture at a time: those that were taken before stay. */
for (const field of document.querySelectorAll("input[type=file][data-cumule]")) {
  if (!(field instanceof HTMLInputElement)) continue;
  /** @type {File[]} */
  let taken = [];
  field.addEventListener("change", () => {
    const all = new DataTransfer();
    for (const file of [...taken, ...(field.files ?? [])]) all.items.add(file);
    field.files = all.files;
    taken = [...all.files];
  });
}

/** A file dropped anywhere on the frame goes to its field. */
for (const frame of document.querySelectorAll("[data-depot]")) {
  frame.addEventListener("dragover", (event) => event.preventDefault());
  frame.addEventListener("drop", (event) => {
    const field = frame.querySelector("input[type=file]");
    const files = event instanceof DragEvent ? event.dataTransfer?.files : null;
    if (!(field instanceof HTMLInputElement) || !files?.length) return;
    event.preventDefault();
    field.files = files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
