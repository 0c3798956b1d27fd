// Makes the device ready for the field: today's list, its sheets and all they are drawn with are
// kept for the person who is signed in, so that they open without a line.
import { person } from "./kept.js";
import words, { clock } from "./words.js";

export const FIELD = "bihuan-field";
const ABOUT = "/field-about";
const FRESH = 2 * 3600_000; // ms in which a kept sheet need not be fetched again
const MARK = "bihuan:field";

// holder's data-field selects the links to the sheets on this page.
export async function prepareField(holder) {
  if (!("serviceWorker" in navigator) || !window.caches || !person) return;
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  holder.append(status);
  const again = holder.querySelector("button");
  const keep = async (all) => {
    again.disabled = true;
    try {
      await keepPages(holder, status, all);
    } catch {
      status.textContent = words.notReady;
    }
    again.disabled = false;
  };
  again.hidden = false;
  again.addEventListener("click", () => keep(true));
  if (document.body.dataset.keptAt) {
    status.textContent = `${words.ready} (${clock(Number(document.body.dataset.keptAt))})`;
  } else await keep(false);
}

async function keepPages(holder, status, all) {
  await navigator.serviceWorker.register("/worker.js");
  if (localStorage.getItem(MARK) !== person) await caches.delete(FIELD);
  localStorage.setItem(MARK, person);
  const store = await caches.open(FIELD);
  const sheets = [...new Set([...document.querySelectorAll(holder.dataset.field)].map((it) => it.pathname))];
  const parts = new Set();
  for (const path of [location.pathname, "/waiting/"]) await keepPage(store, path, parts, true);
  let missed = 0;
  for (const [place, path] of sheets.entries()) {
    status.textContent = `${words.keeping} ${place + 1} / ${sheets.length}`;
    await keepPage(store, path, parts, all).catch(() => missed++); // the others are kept all the same
  }
  for (const path of parts) await keepPart(store, path, parts);
  if (!location.search) await forgetOld(store, new Set([location.pathname, "/waiting/", ...sheets, ...parts]));
  const at = Date.now();
  await store.put(ABOUT, new Response(JSON.stringify({ person, at })));
  const said = missed ? words.notReady : words.ready;
  status.textContent = `${said}: ${sheets.length - missed}${missed ? ` / ${sheets.length}` : ""} (${clock(at)})`;
}

async function keepPage(store, path, parts, anew) {
  const there = await store.match(path);
  let text = there && (await there.clone().text());
  if (!there || anew || Date.now() - Number(there.headers.get("X-Kept-At")) > FRESH) {
    const answer = await fetch(path);
    if (!answer.ok || answer.redirected) throw new Error(path);
    text = await answer.text();
    const headers = new Headers(answer.headers);
    headers.set("X-Kept-At", String(Date.now()));
    await store.put(path, new Response(text, { headers }));
  }
  const page = new DOMParser().parseFromString(text, "text/html");
  for (const part of page.querySelectorAll("link[href], script[src], use")) {
    const named = part.getAttribute("href") ?? part.getAttribute("src") ?? "";
    if (named.startsWith("/static/")) parts.add(named.split("#")[0]);
  }
}

// A Set grows while it is walked: what a script imports is kept after it.
async function keepPart(store, path, parts) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(path);
  if (path.endsWith(".js") && !path.includes("/vendor/")) {
    const text = await answer.clone().text();
    for (const [, name] of text.matchAll(/(?:from|import\()\s*"(\.[^"]+\.js)"/g)) {
      parts.add(new URL(name, new URL(path, location.href)).pathname);
    }
  }
  await store.put(path, answer);
}

async function forgetOld(store, wanted) {
  for (const request of await store.keys()) {
    const { pathname } = new URL(request.url);
    if (pathname !== ABOUT && !wanted.has(pathname)) await store.delete(request);
  }
}
