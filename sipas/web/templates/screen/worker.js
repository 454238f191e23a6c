// Keeps the screen's page and its files, so that it starts without a network; nothing else passes through here.
"use strict";

const CACHE = "screen-" + self.KEPT.join();

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(
    caches.open(CACHE).then((cache) =>
      Promise.all(
        self.KEPT.map(async (address) => {
          const response = await fetch(address, { cache: "reload", redirect: "error" });
          const kind = response.headers.get("Content-Security-Policy") || "";
          // A captive portal answers 200 too, and knows nothing of our policy.
          if (response.status !== 200 || !kind.startsWith("default-src 'none'")) throw new Error(address);
          await cache.put(address, response);
        }),
      ),
    ),
  );
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    for (const name of await caches.keys()) if (name.startsWith("screen-") && name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

self.addEventListener("fetch", (event) => {
  const { pathname, search } = new URL(event.request.url);
  if (event.request.method !== "GET") return;
  const address = event.request.mode === "navigate" && pathname.startsWith("/screen/") ? "/screen/" : pathname + search;
  if (!self.KEPT.includes(address)) return;
  // The kept page first: a screen that waits for a slow network shows nothing.
  event.respondWith(caches.open(CACHE).then(async (cache) => (await cache.match(address)) || fetch(event.request)));
});
