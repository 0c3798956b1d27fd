// What is kept on this device and not yet sent: said on every page, sent when the line is back,
// listed on a page of its own.
import { ask } from "./forms.js";
import { dropForm, filesOf, forms, kept, possible } from "./kept.js";
import { button, link } from "./pieces.js";
import { FIELD, keptLists, prepareField } from "./field.js";
import { sendAll, send } from "./sending.js";
import words, { clock } from "./words.js";

const AGAIN = 60_000; // ms between tries while a page is open
const ABANDONED = 30 * 86400_000; // ms after which what was begun and never sent is thrown away
let sending = false;

export async function begin() {
  if (!possible) return;
  document.addEventListener("bihuan:kept", show);
  window.addEventListener("online", sendWaiting);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && sendWaiting());
  setInterval(sendWaiting, AGAIN);
  for (const row of await forms()) if (row.state === "filling" && Date.now() - row.at > ABANDONED) await dropForm(row.id);
  await show();
  for (const holder of document.querySelectorAll("[data-field]")) await prepareField(holder);
  await sendWaiting();
}

async function show() {
  const rows = await forms();
  showCount(rows);
  askBeforeLeaving(rows.length);
  showOnList(rows);
  const holder = document.querySelector("[data-waiting]");
  if (holder) await showRows(holder, rows);
}

function askBeforeLeaving(many) {
  const out = document.querySelector("form[data-sign-out]");
  if (out && many) out.dataset.confirm = words.leave;
  else if (out) delete out.dataset.confirm;
}

// What the server sent back comes first: that does not go by itself.
function showCount(rows) {
  const of = (state) => rows.filter((it) => it.state === state).length;
  const many = of("refused") || of("waiting");
  let chip = document.querySelector(".bh-waits");
  if (!many) return chip?.remove();
  if (!chip) {
    chip = document.createElement("a");
    chip.className = "bh-waits";
    chip.href = "/waiting/";
    document.querySelector(".bh-right")?.prepend(chip);
  }
  chip.classList.toggle("bh-stopped", Boolean(of("refused")));
  chip.textContent = `${many} ${of("refused") ? words.sentBack : words.unsent}`;
}

function showOnList(rows) {
  const paths = new Set(rows.map((it) => it.url.split("?")[0]));
  for (const holder of document.querySelectorAll("[data-field]")) {
    for (const to of document.querySelectorAll(holder.dataset.field)) {
      to.parentElement.querySelector(".bh-here")?.remove();
      if (!paths.has(to.pathname)) continue;
      const badge = document.createElement("span");
      badge.className = "bh-badge bh-yellow bh-here";
      badge.textContent = words.here;
      to.after(" ", badge);
    }
  }
}

async function sendWaiting() {
  if (sending || !navigator.onLine || !kept()) return;
  sending = true;
  try {
    for (const { form, end } of await sendAll()) if (end.state === "sent") note(`${form.title}: ${words.sent}`, end.url);
  } finally {
    sending = false;
  }
  await show();
}

function note(text, href) {
  const made = document.createElement("div");
  made.className = "bh-note bh-success";
  made.setAttribute("role", "status");
  const to = document.createElement("a");
  Object.assign(to, { textContent: text, href });
  made.append(to);
  document.querySelector("#messages")?.append(made);
}

async function showRows(holder, rows) {
  const list = document.createElement("ul");
  list.className = "bh-kept-list";
  for (const row of rows) list.append(await item(row));
  const nothing = document.createElement("p");
  nothing.className = "bh-unknown";
  nothing.textContent = words.nothing;
  holder.replaceChildren(rows.length ? list : nothing, ...(await onward()));
}

// What opens without a line, so that nobody who lost it is stuck here.
async function onward() {
  if (!window.caches || !(await caches.has(FIELD))) return [];
  const lists = await keptLists(await caches.open(FIELD));
  if (!lists.size) return [];
  const head = document.createElement("h2");
  head.textContent = words.opens;
  const all = document.createElement("div");
  all.className = "bh-buttons";
  all.append(...[...lists].map(([path, heading]) => link(heading, path)));
  return [head, all];
}

async function item(row) {
  const made = document.createElement("li");
  const title = document.createElement("strong");
  title.textContent = row.title;
  const state = { filling: words.filled, waiting: words.waits, refused: words.stopped }[row.state];
  const about = document.createElement("p");
  const files = await filesOf(row.id);
  about.textContent = `${state} · ${clock(row.at)}${files.length ? ` · ${files.length} ${words.files}` : ""}`;
  made.append(title, about);
  for (const sentence of [row.said ?? []].flat()) {
    const why = document.createElement("p");
    why.className = row.state === "refused" ? "bh-error" : "bh-help";
    why.textContent = sentence;
    made.append(why);
  }
  made.append(buttons(row));
  return made;
}

function buttons(row) {
  const all = document.createElement("div");
  all.className = "bh-buttons";
  all.append(link(words.open, row.url));
  if (row.state !== "filling") all.append(button(words.sendNow, () => sendOne(row)));
  all.append(button(words.exportIt, () => take(row)), button(words.drop, async () => {
    if (await ask(words.dropAsk)) await dropForm(row.id);
  }));
  for (const it of all.children) it.setAttribute("aria-label", `${it.textContent} ${row.title}`);
  return all;
}

async function sendOne(row) {
  const end = await send(row);
  if (end.state === "sent") note(`${row.title}: ${words.sent}`, end.url);
  await show();
}

// Writes a record as a page that opens anywhere, its photos inside.
async function take(row) {
  const page = document.implementation.createHTMLDocument(row.title);
  page.documentElement.lang = document.documentElement.lang;
  page.head.insertAdjacentHTML("afterbegin", '<meta charset="utf-8">');
  const head = page.createElement("h1");
  head.textContent = row.title;
  const about = page.createElement("p");
  about.textContent = `${clock(row.at)} · ${row.id}`;
  page.body.append(head, about);
  for (const [name, value] of row.told ?? []) {
    const line = page.createElement("p");
    line.textContent = `${name}: ${value}`;
    page.body.append(line);
  }
  for (const file of (await filesOf(row.id)).filter((it) => !it.drawn)) {
    const image = page.createElement("img");
    image.alt = file.name;
    image.width = 480;
    image.src = await asText(file.content);
    page.body.append(image);
  }
  for (const [name, value] of row.drawn ?? []) {
    const image = page.createElement("img");
    Object.assign(image, { alt: name, src: value });
    page.body.append(image);
  }
  const to = document.createElement("a");
  to.href = URL.createObjectURL(new Blob([`<!doctype html>${page.documentElement.outerHTML}`], { type: "text/html" }));
  to.download = `${row.title} ${new Date(row.at).toISOString().slice(0, 10)}.html`;
  to.click();
}

function asText(blob) {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.readAsDataURL(blob);
  });
}
