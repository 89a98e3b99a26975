/**
 * A new release waits until this station is at rest: nothing to send, no student half served (catalogue F23).
 * The service worker keeps one release whole; the page takes the next one by a reload, never in the middle of a passage.
 */

const LOOK_MS = 1000;
const ASK_MS = 30 * 60_000;

/** @param {{url: string, scope: string} | undefined} worker @param {() => boolean} isAtRest */
export async function followReleases(worker, isAtRest) {
  const container = navigator.serviceWorker;
  if (!worker || !container) return { ask() {} };
  // The first worker takes a page that it has not served: that is no new release.
  let isServed = !!container.controller;
  let isReplaced = false;
  container.addEventListener("controllerchange", () => {
    isReplaced = isServed;
    isServed = true;
  });
  const registration = await container
    .register(worker.url, { scope: worker.scope, updateViaCache: "none" })
    .catch(() => null);

  function look() {
    if (!isAtRest()) return;
    if (isReplaced) location.reload();
    else if (isServed) registration?.waiting?.postMessage("take");
  }
  window.setInterval(look, LOOK_MS);
  const ask = () => void registration?.update().catch(() => {});
  window.setInterval(ask, ASK_MS);
  return { ask };
}
