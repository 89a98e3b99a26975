/** Find what the template wrote: elements by their data-role, values by their JSON script. */

/** @type {Map<string, HTMLElement>} */
const seen = new Map();

/** @param {string} role @returns {HTMLElement} */
export function element(role) {
  const found = seen.get(role) ?? document.querySelector(`[data-role="${role}"]`);
  if (!found) throw new Error(`The template lacks data-role="${role}".`);
  const known = /** @type {HTMLElement} */ (found);
  seen.set(role, known);
  return known;
}

/** Write a text; an empty one hides its element. @param {HTMLElement} target @param {string} text */
export function write(target, text) {
  target.textContent = text;
  target.hidden = text === "";
}

/** Parse a `json_script`. @param {string} id @returns {any} */
export function values(id) {
  return JSON.parse(document.getElementById(id)?.textContent ?? "{}");
}

/** Make the translator of a dictionary: `{name}` marks are filled. @param {Record<string, string>} texts @returns {import("./types.js").Translate} */
export function translator(texts) {
  return (key, fill = {}) => (texts[key] ?? key).replace(/\{(\w+)\}/g, (mark, name) => String(fill[name] ?? mark));
}

/** Change the drawing of an icon to another symbol of the page. @param {Element} icon @param {string} name */
export function draw(icon, name) {
  icon.querySelector("use")?.setAttribute("href", `#i-${name}`);
}

/** A new drawing of a symbol. @param {string} name */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icone");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(space, "use"));
  draw(svg, name);
  return svg;
}

/** Run after the next paint. @param {() => void} task */
export function afterPaint(task) {
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => task();
    port2.postMessage(0);
  });
}

/** The figure with thin spaces between thousands. @param {number} number */
export function figure(number) {
  return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** Milliseconds that never run back while the page is open, and can be compared after it was opened again. */
export const stamp = () => performance.timeOrigin + performance.now();
