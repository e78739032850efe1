// Lets the terminal page load while the server is away: it keeps the page and its files, and nothing else.
// FILES (address of every file) and VERSION stand in a line before this one. Nothing under /api is ever answered or
// kept here, nor the sign-in link.
/* global FILES, VERSION */
const CACHE = `minping-terminal-${VERSION}`;
const PAGE = "/terminal";
const PATIENCE = 3000;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) => cache.addAll([PAGE, ...FILES])).then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

async function page(request) {
  const kept = () => caches.match(PAGE, { cacheName: CACHE, ignoreVary: true });
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), PATIENCE);
  try {
    const answer = await fetch(request.url, { signal: giveUp.signal, credentials: "same-origin" });
    return answer.ok ? answer : (await kept()) || answer;
  } catch (error) {
    const found = await kept();
    if (found) return found;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname === PAGE) event.respondWith(page(request));
  else if (FILES.includes(url.pathname)) {
    event.respondWith(caches.match(url.pathname, { cacheName: CACHE }).then((found) => found || fetch(request)));
  }
});
