/**
 * Opens the station's page without network (FRONTEND 3.4). It keeps one release whole: the page, which holds no name and no token, and
 * its static files. Everything else goes past it: never the API, never another page.
 *
 * Served by a view that fills in the release; a new release waits until a station says that it is at rest (`renewal.js`).
 */

const RELEASE = { name: "", page: "", files: [""], static: "" };
const worker = /** @type {any} */ (self);

/** A captive portal answers 200 to everything: its page must not become the station. @param {string} address */
async function fetched(address) {
  const isPage = address === RELEASE.page;
  const answer = await fetch(address, { cache: isPage ? "no-store" : "default", redirect: "error" });
  const isText = (answer.headers.get("Content-Type") ?? "").includes("text/html");
  const isOurs = isPage ? (await answer.clone().text()).includes(RELEASE.static) : !isText;
  if (!answer.ok || !isOurs) throw new Error(`${address}: not ours`);
  return answer;
}

async function keepRelease() {
  const cache = await caches.open(RELEASE.name);
  await Promise.all(
    [RELEASE.page, ...RELEASE.files].map(async (address) => cache.put(address, await fetched(address))),
  );
}

async function dropOthers() {
  for (const name of await caches.keys()) if (name !== RELEASE.name) await caches.delete(name);
  await worker.clients.claim();
}

/** @param {Request} request @param {string} address */
async function answered(request, address) {
  const cache = await caches.open(RELEASE.name);
  const kept = await cache.match(address, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  // What is loaded on demand (the camera) stays too.
  if (answer.ok && address !== RELEASE.page) await cache.put(address, answer.clone());
  return answer;
}

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(keepRelease()));
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(dropOthers()));
worker.addEventListener("message", (/** @type {any} */ event) => event.data === "take" && worker.skipWaiting());
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  const isOurs = mode === "navigate" ? pathname === RELEASE.page : pathname.startsWith(RELEASE.static);
  if (method === "GET" && origin === location.origin && isOurs)
    event.respondWith(answered(event.request, mode === "navigate" ? RELEASE.page : url));
});
