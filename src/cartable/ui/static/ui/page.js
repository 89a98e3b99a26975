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
