// Opens what is kept on this device where there is no line. It keeps nothing itself: field.js does,
// for one person, and signing out takes it away. See docs/develop/phone.md.

const FIELD = "bihuan-field";
const ABOUT = "/field-about";
const LONGEST = 12 * 3600_000; // ms; a working day, as the session has
const PAGE_PATIENCE = 4000; // ms a weak line gets before the kept copy is shown
const PART_PATIENCE = 2000;
const NAMED_BY_CONTENT = /\.[0-9a-f]{12}\.\w+$/;
const NOTHING = said(
  "无信号", "这个页面没有存在本机。恢复信号后请重试。",
  "No signal", "This page is not kept on this phone. Try again when the signal returns.",
);
const NOT_OUT = said(
  "尚未退出登录", "没有信号。存入本机的页面已清除，但服务器上还没有退出：恢复信号后请再退出一次。",
  "Not signed out yet", "No signal. The pages kept on this phone are gone, but the server does not know: sign out again when the signal returns.",
);

function said(title, text, titleEn, textEn) {
  return `<!doctype html><html lang="zh-hans"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} · 闭环 Bihuan</title>
<main><h1>${title}</h1><p>${text}</p><div lang="en"><h2>${titleEn}</h2><p>${textEn}</p></div></main></html>`;
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && url.pathname === "/account/sign-out/") event.respondWith(signOut(request));
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(page(request, url.pathname));
  else if (url.pathname.startsWith("/static/")) event.respondWith(part(request, url.pathname));
});

// The kept pages go whether the line is there or not.
async function signOut(request) {
  await caches.delete(FIELD);
  try {
    return await fetch(request);
  } catch {
    return html(NOT_OUT);
  }
}

async function page(request, path) {
  const kept = await keptPage(path);
  try {
    const answer = await within(fetch(request), kept ? PAGE_PATIENCE : 0);
    if (kept && [502, 503, 504].includes(answer.status)) return kept;
    return answer;
  } catch {
    return kept ?? (await keptPage("/waiting/")) ?? html(NOTHING);
  }
}

async function keptPage(path) {
  const about = await (await find(ABOUT))?.json();
  if (!about || Date.now() - about.at > LONGEST) return undefined;
  const kept = await find(path);
  if (!kept) return undefined;
  const text = await kept.text();
  return new Response(text.replace("<body", `<body data-kept-at="${about.at}"`), { headers: kept.headers });
}

async function part(request, path) {
  const kept = await find(path);
  if (kept && NAMED_BY_CONTENT.test(path)) return kept;
  try {
    return await within(fetch(request), kept ? PART_PATIENCE : 0);
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

function html(text) {
  return new Response(text, { headers: { "Content-Type": "text/html; charset=utf-8" } });
}

function find(path) {
  return caches.match(path, { cacheName: FIELD, ignoreSearch: true, ignoreVary: true });
}

function within(answer, patience) {
  if (!patience) return answer;
  const late = new Promise((_resolve, reject) => setTimeout(() => reject(new Error("late")), patience));
  return Promise.race([answer, late]);
}
