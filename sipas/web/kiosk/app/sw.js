// The service worker: it keeps the page's own files, each under the hash that the server promised, and nothing else, ever.
// What is kept is exactly self.KIOSK.files; answers, questions and the server's words pass it by.
"use strict";

const OURS = "kiosk-";
const CACHE = OURS + self.KIOSK.version;

// What the page has just fetched need not cross a slow network twice. A copy that fails its hash (a captive portal's page) is asked for
// anew, and what fails it then stops the installation.
async function ask(address, integrity) {
  const how = { integrity, credentials: "omit", redirect: "error" };
  try {
    return await fetch(address, how);
  } catch {
    return fetch(address, { ...how, cache: "reload" });
  }
}

async function keep() {
  const cache = await caches.open(CACHE);
  for (const [address, integrity] of Object.entries(self.KIOSK.files)) {
    const response = await ask(address, integrity);
    if (response.status !== 200) throw new Error(address + ": " + response.status);
    await cache.put(address, response);
  }
}

// Files of another version go when this one takes over, never while a page of theirs has somebody before it.
async function tidy() {
  for (const name of await caches.keys()) {
    if (name.startsWith(OURS) && name !== CACHE) await caches.delete(name);
  }
  await self.clients.claim();
}

async function kept(request, address) {
  const cache = await caches.open(CACHE);
  return (await cache.match(address)) || fetch(request);
}

// A newer version lies ready until the page says that nobody stands before the screen; the first one has nobody to wait for.
self.addEventListener("install", (event) => event.waitUntil(keep()));

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("activate", (event) => event.waitUntil(tidy()));

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== self.location.origin) return;
  if (pathname in self.KIOSK.files) event.respondWith(kept(event.request, pathname));
});
