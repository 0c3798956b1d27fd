// What is kept on this device until the server has it: forms being filled in and their files.
// Every row is one person's, and is handed to nobody else. See docs/develop/phone.md.

export const person = document.body.dataset.person ?? "";
export const possible = Boolean(person && window.indexedDB);
const STRICT = { durability: "strict" }; // on the disk before it counts as kept

let opened;
function database() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open("bihuan", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("forms", { keyPath: "id" }).createIndex("person", "person");
      asked.result.createObjectStore("files", { keyPath: "id" }).createIndex("form", "form");
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      resolve(asked.result);
    };
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

async function run(mode, act) {
  const base = await database();
  return new Promise((resolve, reject) => {
    const change = base.transaction(["forms", "files"], mode, mode === "readwrite" ? STRICT : undefined);
    const asked = act(change.objectStore("forms"), change.objectStore("files"));
    change.oncomplete = () => resolve(asked?.result);
    change.onabort = change.onerror = () => reject(change.error ?? asked?.error);
  });
}

// The forms of the person who is signed in, the oldest first.
export async function forms() {
  const all = await run("readonly", (store) => store.index("person").getAll(person));
  return all.sort((one, other) => (one.id < other.id ? -1 : 1));
}

export async function formNamed(id) {
  return (await forms()).find((it) => it.id === id);
}

export async function formOf(url) {
  return (await forms()).find((it) => it.url === url);
}

export async function putForm(form) {
  if (form.person !== person) throw new Error("another person's form");
  await run("readwrite", (store) => store.put(form));
  await count();
}

export async function dropForm(id) {
  await run("readwrite", (store, files) => {
    store.delete(id);
    files.index("form").openKeyCursor(IDBKeyRange.only(id)).onsuccess = ({ target }) => {
      if (!target.result) return;
      files.delete(target.result.primaryKey);
      target.result.continue();
    };
  });
  await count();
}

// The files of a form: {id, form, slot, name, type, content, sent}, in the order they were taken.
export async function filesOf(form) {
  const all = await run("readonly", (_forms, store) => store.index("form").getAll(form));
  return all.sort((one, other) => (one.id < other.id ? -1 : 1));
}

export function putFile(file) {
  return run("readwrite", (_forms, store) => store.put(file));
}

// Notes what became of a form or a file; nothing where it was thrown away meanwhile.
export async function mark(kind, id, changes) {
  await run("readwrite", (...stores) => {
    const store = stores[kind === "forms" ? 0 : 1];
    store.get(id).onsuccess = ({ target }) => target.result && store.put({ ...target.result, ...changes });
  });
  if (kind === "forms") await count(); // what the page says of it changes with it
}

export function dropFile(id) {
  return run("readwrite", (_forms, store) => store.delete(id));
}

// How many forms are kept, where every page can see it without opening the database.
const COUNT = `bihuan:kept:${person}`;

async function count() {
  const many = (await forms()).length;
  if (many) localStorage.setItem(COUNT, String(many));
  else localStorage.removeItem(COUNT);
  document.dispatchEvent(new CustomEvent("bihuan:kept", { detail: many }));
}

export function kept() {
  return person ? Number(localStorage.getItem(COUNT) ?? 0) : 0;
}

let last = 0;

// A UUIDv7: the record's own name, made here, so that sending it twice makes it once.
export function newId() {
  last = Math.max(Date.now(), last + 1); // in the order they are made, within one page
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let place = 5, time = last; place >= 0; place--, time = Math.floor(time / 256)) bytes[place] = time % 256;
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((it) => it.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
