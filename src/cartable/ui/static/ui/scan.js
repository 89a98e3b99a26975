/**
 * Scan with the camera of a phone on the pages of a desk: what is read goes into the field, and the form is sent as a scanner's
 * Enter would. The server judges it. Without camera or script the field takes a scanner or the keyboard, as ever.
 *
 * In a series the page comes back after each scan, with the camera open and deaf to the label that it has just read.
 */

const settings = JSON.parse(document.getElementById("camera-config")?.textContent ?? "{}");
const KEPT = "cartable:camera";
/** A phone that was put away does not film by itself. */
const KEPT_MS = 5 * 60 * 1000;

/** @param {string} key */
const t = (key) => String(settings.texts[key] ?? key);

const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-role=camera]"));
for (const button of buttons) {
  button.hidden = !navigator.mediaDevices;
  button.addEventListener("click", () => void film(button));
}
void goOn();

/** @param {HTMLButtonElement} button @param {string} [just] */
async function film(button, just = "") {
  const form = button.closest("form");
  const field = form?.querySelector("input[type=text]");
  if (!(field instanceof HTMLInputElement) || !form) return;
  const { openCamera } = await import(settings.camera);
  const left = () => sessionStorage.removeItem(KEPT);
  const take = (/** @type {string} */ text) => {
    if (button.dataset.serie !== undefined) keep(button, text);
    field.value = text;
    form.requestSubmit();
  };
  await openCamera({ take, left, just, t, files: settings.camera_files });
}

/** Where a series goes: its page may have another address once a scan is refused. @param {HTMLButtonElement} button */
function goal(button) {
  return new URL(button.form?.action ?? location.href).pathname;
}

/** @param {HTMLButtonElement} button @param {string} text */
function keep(button, text) {
  sessionStorage.setItem(KEPT, JSON.stringify({ goal: goal(button), text, at: Date.now() }));
}

/** The next label of a series needs no gesture but the label. */
async function goOn() {
  const button = [...buttons].find((each) => each.dataset.serie !== undefined);
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  if (!button || kept?.goal !== goal(button) || Date.now() - kept.at > KEPT_MS) return;
  // Where the browser would ask again, it is asked by the button only.
  const name = /** @type {PermissionName} */ ("camera");
  const permission = await navigator.permissions?.query({ name }).catch(() => null);
  if (permission?.state === "granted") await film(button, kept.text);
}
