/**
 * Sends the files of a form one by one, so that progress shows and a cut network loses one file, not all of them. A
 * file that was taken is not sent again: the server keeps each once per batch. Without this script the form sends all.
 */

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-envoi]"));
const MOST_TRIES = 3;

/** @param {File} file @param {FormData} rest @param {string} address */
async function send(file, rest, address) {
  const body = new FormData();
  for (const [name, value] of rest) if (typeof value === "string") body.append(name, value);
  body.append("sent", file, file.name);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fetch(address, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
    } catch (error) {
      if (attempt === MOST_TRIES) throw error;
      await new Promise((resume) => setTimeout(resume, 1000 * attempt));
    }
  }
}

if (form !== null) {
  const field = /** @type {HTMLInputElement} */ (form.querySelector("input[type=file]"));
  const bar = /** @type {HTMLProgressElement} */ (form.querySelector("progress"));
  const said = /** @type {HTMLElement} */ (form.querySelector("[data-envoi-dit]"));
  form.addEventListener("submit", async (event) => {
    const files = [...(field.files ?? [])];
    if (files.length < 2) return;
    event.preventDefault();
    const rest = new FormData(form);
    const button = /** @type {HTMLButtonElement | null} */ (form.querySelector("button[type=submit]"));
    if (button !== null) button.disabled = true;
    bar.hidden = said.hidden = false;
    bar.max = files.length;
    let last = "";
    try {
      for (const [place, file] of files.entries()) {
        bar.value = place;
        said.textContent = `${place + 1} / ${files.length}`;
        const answer = await send(file, rest, form.action);
        if (answer.redirected) last = answer.url;
        else said.dataset.refused = String(Number(said.dataset.refused ?? 0) + 1);
      }
    } catch {
      said.textContent = said.dataset.coupure ?? "";
      if (button !== null) button.disabled = false;
      return;
    }
    bar.value = files.length;
    if (last !== "") window.location.assign(last);
    else form.submit();
  });
}
