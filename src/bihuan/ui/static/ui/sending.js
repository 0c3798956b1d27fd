// Sends what is kept on the device: its files one by one, then the form, each under its own id.
// Trying again is always safe: the server makes one record of one id.
import { dropForm, filesOf, formNamed, forms, mark, person } from "./kept.js";
import words from "./words.js";

const STALLED = 30_000; // ms in which nothing moved: the line is given up for this try
const ANSWER = 60_000; // ms the server may take once it has everything
const AGAIN = [408, 425, 429];
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

// Sends one form; tell(text, share) hears how far it is. Returns what became of it:
// {state: "sent", url, text} | {state: "waiting", said} | {state: "refused", said: [sentence], page} |
// {state: "gone"} where another page of this device was quicker. files are given where the device
// had no room to keep them.
export function send(form, tell = () => {}, files = null) {
  return alone(`bihuan:${form.id}`, async () => {
    if (files) return attempt(form, files, tell);
    const row = await formNamed(form.id);
    return row ? attempt(row, await filesOf(form.id), tell) : { state: "gone" };
  });
}

// Sends whatever waits, the oldest first, and stops where the line does.
export async function sendAll(tell) {
  const ends = [];
  for (const form of (await forms()).filter((it) => it.state === "waiting")) {
    announce("bihuan:sending", { form });
    const end = await send(form, tell);
    announce("bihuan:end", { form, end });
    ends.push({ form, end });
    if (end.state === "waiting") break;
  }
  return ends;
}

function announce(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

function alone(name, act) {
  return navigator.locks ? navigator.locks.request(name, act) : act();
}

async function attempt(form, files, tell) {
  const end = await tried(form, files, tell);
  if (end.state === "sent") {
    await dropForm(form.id);
    return end;
  }
  await mark("forms", form.id, { state: end.state, said: end.said }).catch(() => {});
  return end;
}

async function tried(form, files, tell) {
  tell(words.sending);
  const standing = await whoIsIn();
  if (standing !== "me") return waits(words[standing]);
  for (const [place, file] of files.entries()) {
    if (file.sent) continue;
    const said = `${words.sending} ${words.photo} ${place + 1} / ${files.length}`;
    const refused = await sendFile(form, file, (share) => tell(said, share));
    if (refused) return refused;
  }
  tell(words.sending);
  return judge(form, await post(form.url, bodyOf(form, files)));
}

// Sends one file of a form; returns nothing when the server has it.
export async function sendFile(form, file, tell) {
  const data = new FormData();
  data.set("id", file.id);
  data.set("form_by", form.person);
  data.set("file", file.content, file.name);
  const answer = await post(`${zoneOf(form.url)}files/keep/`, data, tell);
  if (answer.status === 200 && answer.text.includes(file.id)) {
    await mark("files", file.id, { sent: true }).catch(() => {}); // sent again under its id, if need be
    return null;
  }
  if (!answer.status || isPassing(answer)) return waits(words[answer.status ? "server" : "line"]);
  let said = "";
  try {
    said = JSON.parse(answer.text).refused;
  } catch {
    return isStranger(answer) ? waits(words.out) : refusal(answer);
  }
  return { state: "refused", said: [`${file.name}: ${said}`] };
}

function bodyOf(form, files) {
  const data = new FormData();
  for (const [name, value] of form.fields) data.append(name, value);
  data.set("form_key", form.id);
  data.set("form_by", form.person);
  for (const file of files) data.append(`kept_${file.slot}`, file.id);
  return data;
}

function judge(form, answer) {
  if (!answer.status) return waits(words.line);
  if (isPassing(answer)) return waits(words.server);
  if (isStranger(answer)) return waits(words.out);
  if (answer.status < 400 && isRecordOf(form, answer)) return { state: "sent", url: answer.url, text: answer.text };
  return refusal(answer);
}

// A record is there when the answer led on to a page that names it (or what it was done to).
function isRecordOf(form, answer) {
  const { pathname } = new URL(answer.url);
  const names = [form.id, ...(form.url.match(UUID) ?? [])];
  return pathname !== new URL(form.url, location.href).pathname && names.some((it) => pathname.includes(it));
}

function isPassing(answer) {
  return answer.status >= 500 || AGAIN.includes(answer.status) || answer.again;
}

function isStranger(answer) {
  return page(answer).body.dataset.person !== person && answer.status < 400;
}

function refusal(answer) {
  const shown = page(answer);
  const all = (selector) => [...shown.querySelectorAll(selector)].map((it) => it.textContent.trim());
  const summary = all(".bh-summary li"); // tells every error once, with its field
  const listed = summary.length ? summary : all(".bh-field .bh-error, .bh-why");
  const said = answer.status === 404 ? [words.gone] : [...new Set(listed)].filter(Boolean);
  return { state: "refused", said: said.length ? said : [words.refused], page: shown };
}

function page(answer) {
  answer.page ??= new DOMParser().parseFromString(answer.text, "text/html");
  return answer.page;
}

function waits(said) {
  return { state: "waiting", said };
}

// Returns "me", or why not: "line", "server", "out" (signed out), "another" (someone else is in).
async function whoIsIn() {
  const answer = await exchange("GET", "/who/");
  if (!answer.status) return "line";
  if (answer.status !== 200) return "server";
  try {
    return JSON.parse(answer.text).person === person ? "me" : "another";
  } catch {
    return "out"; // the sign-in page
  }
}

export function zoneOf(url) {
  return /^\/z\/[^/]+\//.exec(url)[0];
}

function post(url, data, tell) {
  return exchange("POST", url, data, tell);
}

function exchange(method, url, data, tell = () => {}) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    let patience;
    const wait = (limit) => {
      clearTimeout(patience);
      patience = setTimeout(() => request.abort(), limit);
    };
    request.open(method, url);
    request.upload.addEventListener("progress", (event) => {
      wait(STALLED);
      if (event.lengthComputable) tell(event.loaded / event.total);
    });
    request.upload.addEventListener("load", () => wait(ANSWER));
    request.addEventListener("loadend", () => {
      clearTimeout(patience);
      const { status, responseURL, responseText } = request;
      resolve({ status, url: responseURL, text: responseText, again: status ? request.getResponseHeader("Retry-After") : null });
    });
    const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1];
    if (token) request.setRequestHeader("X-CSRFToken", token);
    request.send(data);
    wait(STALLED);
  });
}
