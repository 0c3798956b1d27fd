// Makes the device ready for the field: today's list, its sheets and all they are drawn with are
// kept for the person who is signed in, so that they open without a line.
import { person } from "./kept.js";
import words, { clock } from "./words.js";

export const FIELD = "bihuan-field";
const ABOUT = "/field-about";
const FRESH = 2 * 3600_000; // ms in which a kept sheet need not be fetched again
const JUST = 2 * 60_000; // the same of a list that is not in front of us
const MARK = "bihuan:field";

// holder's data-field selects the links to the sheets: on this page, or on the list that
// data-field-list names. What a sheet leads to (data-field-too) is kept with it.
export async function prepareField(holder) {
  if (!("serviceWorker" in navigator) || !window.caches || !person) return;
  if (holder.dataset.fieldList && !matchMedia("(max-width: 575px), (pointer: coarse)").matches) return;
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  holder.append(status);
  const again = holder.querySelector("button");
  const keep = async (all) => {
    if (again) again.disabled = true;
    try {
      await keepPages(holder, status, all);
    } catch {
      status.textContent = words.notReady;
    }
    if (again) again.disabled = false;
  };
  if (again) again.hidden = false;
  again?.addEventListener("click", () => keep(true));
  if (document.body.dataset.keptAt) {
    status.textContent = `${words.ready} (${clock(Number(document.body.dataset.keptAt))})`;
  } else await keep(false);
}

async function keepPages(holder, status, all) {
  await navigator.serviceWorker.register("/worker.js");
  if (localStorage.getItem(MARK) !== person) await caches.delete(FIELD);
  localStorage.setItem(MARK, person);
  const store = await caches.open(FIELD);
  const list = holder.dataset.fieldList;
  const whole = "fieldWhole" in holder.dataset;
  const parts = new Set();
  const pages = new Set(["/waiting/", ...(await keptLists(store)).keys()]);
  pages.delete(location.pathname);
  const from = whole && location.search ? location.pathname : location.href;
  await keepPage(store, location.pathname, { parts, fresh: list ? JUST : 0, from, list: true });
  const listing = list ? await keepPage(store, list, { parts, fresh: JUST, list: true }) : document;
  pages.delete(list);
  for (const path of pages) await keepPage(store, path, { parts, list: path !== "/waiting/" }).catch(() => {});
  const sheets = [...new Set([...listing.querySelectorAll(holder.dataset.field)].map(pathOf))];
  const more = new Set();
  let missed = 0;
  for (const [place, path] of sheets.entries()) {
    status.textContent = `${words.keeping} ${place + 1} / ${sheets.length}`;
    await keepPage(store, path, { parts, fresh: all ? 0 : FRESH, more }).catch(() => missed++); // the others are kept all the same
  }
  for (const path of more) await keepPage(store, path, { parts, fresh: all ? 0 : FRESH }).catch(() => missed++);
  for (const path of parts) await keepPart(store, path, parts);
  if ((list || (whole && !location.search)) && !listing.querySelector(".bh-pages [rel=next]")) {
    await forgetOld(store, new Set([location.pathname, list, ...pages, ...sheets, ...more, ...parts]));
  }
  const at = Date.now();
  await store.put(ABOUT, new Response(JSON.stringify({ person, at })));
  const said = missed ? words.notReady : words.ready;
  const done = Math.max(0, sheets.length - missed);
  status.textContent = `${said}: ${done}${missed ? ` / ${sheets.length}` : ""} (${clock(at)})`;
}

function pathOf(link) {
  return new URL(link.getAttribute("href"), location.href).pathname;
}

// The lists kept here, by path, with the headings they bear.
export async function keptLists(store) {
  const lists = new Map();
  for (const request of await store.keys()) {
    const heading = (await store.match(request)).headers.get("X-Kept-List");
    if (heading) lists.set(new URL(request.url).pathname, decodeURIComponent(heading));
  }
  return lists;
}

// Keeps one page, read anew where it is old, and returns it; notes what it is drawn with in parts,
// what it leads to in more. A list is offered by name where another page does not open.
async function keepPage(store, path, { parts, fresh = FRESH, from = path, more = null, list = false }) {
  const there = await store.match(path);
  let text = there && (await there.clone().text());
  if (!there || Date.now() - Number(there.headers.get("X-Kept-At")) >= fresh) {
    // The page in front of us was read a moment ago: the browser has it still.
    const answer = await fetch(from, { cache: from === location.href && fresh === 0 ? "force-cache" : "default" });
    if (!answer.ok || answer.redirected) throw new Error(path);
    text = await answer.text();
    const headers = new Headers(answer.headers);
    headers.set("X-Kept-At", String(Date.now()));
    if (list) headers.set("X-Kept-List", encodeURIComponent(new DOMParser().parseFromString(text, "text/html").querySelector("h1").textContent.trim()));
    await store.put(path, new Response(text, { headers }));
  }
  const page = new DOMParser().parseFromString(text, "text/html");
  for (const part of page.querySelectorAll("link[href], script[src], use, [data-library]")) {
    const { library, styles } = part.dataset;
    for (const named of [part.getAttribute("href"), part.getAttribute("src"), library, styles]) {
      if (named?.startsWith("/static/")) parts.add(named.split("#")[0]);
    }
  }
  for (const link of more ? page.querySelectorAll("a[data-field-too]") : []) more.add(pathOf(link));
  return page;
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
