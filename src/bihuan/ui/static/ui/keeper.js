// A form that loses nothing: what is typed, taken and drawn in a <form data-keep> is on the device
// at once, comes back with the page, and stays until the server has made the record.
import { ask, goTo, prepareForms, preview } from "./forms.js";
import { dropFile, dropForm, filesOf, formOf, newId, person, possible, putFile, putForm } from "./kept.js";
import { smaller } from "./photos.js";
import { button, link, show, told } from "./pieces.js";
import { send, sendFile } from "./sending.js";
import words, { clock } from "./words.js";

const PAUSE = 300; // ms without a keystroke before it is written
const NOT_TYPED = /^(csrfmiddlewaretoken|form_key|form_by|kept_)/;
const DRAWN = "data:image/png;base64,";

export async function keepForm(form) {
  if (!possible || form.dataset.kept) return;
  form.dataset.kept = "yes";
  const url = location.pathname + location.search;
  document.addEventListener("bihuan:end", ({ detail: { form: sent, end } }) => {
    if (sent.url === url && end.state === "sent") goTo(end.url, end.text);
  });
  const mayFill = await isOpenHereOnly(`${person} ${url}`);
  const left = await formOf(url); // throws where there is no database: the form works as any other
  const keeper = new Keeper(form, left);
  if (mayFill) await keeper.begin();
  else keeper.standBack();
}

// Two pages filling in one form would write over each other: the first to open it has it.
const ours = new Set();

function isOpenHereOnly(name) {
  if (!navigator.locks || ours.has(name)) return true;
  return new Promise((resolve) => {
    navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      if (lock) ours.add(name);
      resolve(Boolean(lock));
      return lock && new Promise(() => {}); // until this page is left
    });
  });
}

class Keeper {
  constructor(form, left) {
    this.form = form;
    this.isNew = !left;
    this.row = left ?? { id: newId(), person, url: location.pathname + location.search, title: form.dataset.keep, state: "filling" };
    this.files = [];
    this.taking = Promise.resolve(); // photos being made smaller
    this.unkept = false; // the device has no room: all there is is on this page
    this.line = Promise.resolve(); // photos being sent, one after the other
  }

  async begin() {
    for (const name of ["data-once", "data-upload"]) this.form.removeAttribute(name);
    for (const field of this.form.querySelectorAll("[name^=kept_], [data-arrived]")) field.remove();
    if (this.isNew) this.setNow("[data-now]");
    else this.fill();
    this.form.elements.form_key.value = this.row.id;
    this.drawStatus();
    this.files = this.isNew ? [] : await filesOf(this.row.id);
    this.drawFiles();
    this.listen();
    this.form.dispatchEvent(new Event("bihuan:filled"));
    this.form.dataset.ready = "yes";
    if (!this.isNew) this.say();
    this.sendPhotos();
  }

  standBack() {
    this.drawStatus();
    this.hold(true);
    this.say(words.elsewhere, true);
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.querySelectorAll("button").forEach((it) => (it.disabled = true));
  }

  listen() {
    this.form.addEventListener("input", (event) => {
      if (event.target.type === "file") return;
      clearTimeout(this.pause);
      this.pause = setTimeout(() => this.keep(), PAUSE);
    });
    this.form.addEventListener("change", (event) => {
      if (event.target.type !== "file") return void this.keep();
      event.stopPropagation();
      this.take(event.target);
    }, true);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.done();
    });
    const leave = () => {
      if (this.pause && document.visibilityState === "hidden") this.keep();
    };
    document.addEventListener("visibilitychange", leave);
    window.addEventListener("pagehide", leave);
    window.addEventListener("online", () => this.sendPhotos());
    const mine = ({ detail }) => detail.form.id === this.row.id && detail.end?.state !== "sent" && !this.over;
    document.addEventListener("bihuan:sending", (event) => mine(event) && this.hold(true));
    document.addEventListener("bihuan:end", (event) => mine(event) && this.end(event.detail.end));
  }

  // --- keeping ---------------------------------------------------------------------

  async keep(state = "filling") {
    clearTimeout(this.pause);
    this.pause = 0;
    if (this.over) return;
    const typed = [...new FormData(this.form)].filter(([name, value]) => typeof value === "string" && !NOT_TYPED.test(name));
    Object.assign(this.row, {
      state,
      at: Date.now(),
      fields: typed.filter(([, value]) => !value.startsWith(DRAWN)),
      drawn: typed.filter(([, value]) => value.startsWith(DRAWN)),
      told: told(this.form),
      said: state === "filling" ? undefined : this.row.said,
    });
    try {
      await putForm({ ...this.row });
      if (this.isNew) navigator.storage?.persist?.();
      this.isNew = false;
      this.unkept = false;
      this.say();
      if (this.warned && state === "filling") this.lacking();
    } catch {
      this.unkept = true;
      this.say(words.full, true);
    }
  }

  fill() {
    const values = new Map();
    for (const [name, value] of [...(this.row.fields ?? []), ...(this.row.drawn ?? [])]) {
      values.set(name, [...(values.get(name) ?? []), value]);
    }
    for (const field of this.form.elements) {
      if (!field.name || field.type === "file" || NOT_TYPED.test(field.name)) continue;
      if (field.type === "hidden" && !field.hasAttribute("data-drawn")) continue; // the page's own
      const given = values.get(field.name);
      if (["radio", "checkbox"].includes(field.type)) field.checked = Boolean(given?.includes(field.value));
      else if (given?.length) field.value = given.shift();
    }
    for (const more of this.form.querySelectorAll("details")) {
      const inside = [...more.querySelectorAll("input:not([type=hidden]):not([type=file]), textarea")];
      if (inside.some((it) => it.value && it.value !== it.defaultValue)) more.open = true;
    }
  }

  setNow(which) {
    const now = new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 16); // China's clock
    for (const field of this.form.querySelectorAll(which)) {
      if (which === "[data-now]" || !field.value) field.value = now;
    }
  }

  // --- photos ----------------------------------------------------------------------

  take(input) {
    const slot = input.name.replace(/^proof_/, "");
    const chosen = [...input.files];
    input.value = "";
    const last = this.taking;
    this.taking = (async () => {
      await last; // one at a time: an unpacked photo is large
      for (const file of chosen) {
        const content = await smaller(file);
        if (!input.multiple) await this.drop(this.files.filter((it) => it.slot === slot)); // there is room for one
        await this.keepFile({ id: newId(), form: this.row.id, slot, name: file.name, type: content.type, content, sent: false });
        this.drawFiles();
      }
      await this.keep();
      this.sendPhotos();
    })();
  }

  async keepFile(file) {
    this.files.push(file);
    await putFile(file).catch(() => (this.unkept = true));
  }

  // A signature is a file as a photo is: sent once, under its own id.
  async keepDrawn() {
    for (const [name, value] of this.row.drawn ?? []) {
      const there = this.files.find((it) => it.slot === name);
      if (there?.drawn === value) continue;
      if (there) await this.drop([there]);
      const bytes = Uint8Array.from(atob(value.slice(DRAWN.length)), (it) => it.charCodeAt(0));
      const content = new Blob([bytes], { type: "image/png" });
      await this.keepFile({ id: newId(), form: this.row.id, slot: name, name: `${name}.png`, type: content.type, content, drawn: value, sent: false });
    }
    await this.drop(this.files.filter((it) => it.drawn && !this.row.drawn.some(([name]) => name === it.slot)));
  }

  async drop(files) {
    for (const file of files) await dropFile(file.id);
    this.files = this.files.filter((it) => !files.includes(it));
  }

  // Photos go ahead of the form, one by one, as they are taken; what fails goes with the next try.
  sendPhotos() {
    this.line = this.line.then(async () => {
      for (const file of this.files) {
        if (file.sent || file.drawn || this.over || !navigator.onLine) continue;
        const end = await sendFile(this.row, file);
        if (end?.state === "waiting") break;
        Object.assign(file, end ? { said: end.said.join(" ") } : { sent: true, said: "" });
        this.drawFiles();
      }
    });
  }

  drawFiles() {
    for (const holder of this.form.querySelectorAll("[data-previews-of]")) {
      const input = document.getElementById(holder.dataset.previewsOf);
      const slot = input?.name.replace(/^proof_/, "");
      const files = this.files.filter((it) => it.slot === slot);
      for (const image of holder.querySelectorAll("img")) URL.revokeObjectURL(image.src);
      holder.replaceChildren(...files.map((it) => this.figure(it)));
      if (files.length) holder.closest("details")?.setAttribute("open", "");
    }
  }

  figure(file) {
    const figure = preview(new File([file.content], file.name, { type: file.type }));
    const state = document.createElement("figcaption");
    state.textContent = file.sent ? `✓ ${words.uploaded}` : file.said || words.toSend;
    if (file.said) state.className = "bh-error";
    figure.append(state, button(words.remove, async () => {
      if (!(await ask(words.removeAsk))) return;
      await this.drop([file]);
      this.drawFiles();
      await this.keep();
    }, `${words.remove} ${file.name}`));
    return figure;
  }

  // --- sending ---------------------------------------------------------------------

  async done() {
    if (this.busy) return;
    this.busy = true;
    this.hold(true);
    try {
      await this.taking;
      await this.keep();
      if (navigator.onLine && this.warn()) return;
      this.setNow("[data-now-when-sent]");
      await this.keep("waiting");
      await this.keepDrawn();
      await this.line;
      const end = await send(this.row, (text, share) => this.say(text, false, share), this.unkept ? this.files : null);
      this.busy = false;
      this.end(end);
    } catch (error) {
      console.error(error);
      this.say(words.full, true);
    } finally {
      this.busy = false;
      this.hold(false);
    }
  }

  // While it is being sent, nothing on the form can change.
  hold(on) {
    for (const part of this.form.children) if (!part.contains(this.status)) part.inert = on;
  }

  end(end) {
    this.hold(false);
    if (end.state === "gone") return;
    if (this.unkept && end.state === "waiting") return void this.say(words.full, true);
    if (end.state === "sent") {
      this.over = true;
      goTo(end.url, end.text);
      return;
    }
    Object.assign(this.row, { state: end.state, said: end.said });
    if (end.state === "refused" && this.showRefused(end)) return;
    this.say();
    if (end.state === "waiting") this.sayMissing();
  }

  // What the server would send back is said while it can still be mended on the spot: once where
  // there is a line, so that pressing again sends it as it is; always where there is none.
  warn() {
    const isNews = this.missing().some((it) => !this.warned?.has(it.said));
    if (isNews) this.lacking();
    return isNews;
  }

  lacking() {
    const missing = this.missing();
    this.warned = missing.length ? new Set([...(this.warned ?? []), ...missing.map((it) => it.said)]) : null;
    if (!missing.length) return;
    this.say(words.lacks, true);
    this.list(missing);
  }

  sayMissing() {
    const missing = this.missing();
    if (!missing.length) return;
    const line = document.createElement("p");
    line.className = "bh-error";
    line.textContent = words.missing;
    this.status.append(line);
    this.list(missing);
  }

  // What is still to be filled in: {said, at}, at being the id of the place.
  missing() {
    const missing = [];
    const slots = new Set(this.files.map((it) => it.slot));
    for (const field of this.form.elements) {
      if (!field.required || !field.name || field.validity.valid) continue;
      if (field.type === "file" && slots.has(field.name.replace(/^proof_/, ""))) continue;
      const named = field.type === "radio" ? field.closest("fieldset")?.querySelector("legend") : field.labels?.[0];
      const said = (named?.textContent ?? field.name).replace("*", "").trim();
      if (!missing.some((it) => it.said === said)) missing.push({ said, at: field.id });
    }
    this.form.dispatchEvent(new CustomEvent("bihuan:unsent", { detail: { missing, slots } }));
    return missing;
  }

  list(missing) {
    const list = document.createElement("ul");
    list.className = "bh-error";
    for (const { said, at } of missing) {
      const line = document.createElement("li");
      const to = Object.assign(document.createElement("a"), { textContent: said, href: `#${at}` });
      to.addEventListener("click", (event) => {
        event.preventDefault(); // the way back stays the way back
        show(document.getElementById(at));
      });
      line.append(to);
      list.append(line);
    }
    this.status.append(list);
  }

  // The server's own page says what to mend, and where; what is kept here is filled in again.
  showRefused({ page }) {
    const main = page?.querySelector("main");
    if (!main?.querySelector("form[data-keep]")) return false;
    this.over = true;
    document.querySelector("main").replaceWith(document.adoptNode(main));
    window.htmx?.process(main);
    prepareForms(main);
    return true;
  }

  async startAnew() {
    if (!(await ask(words.anewAsk))) return;
    this.over = true;
    await dropForm(this.row.id);
    location.reload();
  }

  // --- what is said ----------------------------------------------------------------

  drawStatus() {
    this.status = document.createElement("div");
    this.status.className = "bh-kept";
    this.status.setAttribute("role", "status");
    this.form.querySelector(".bh-buttons").prepend(this.status);
  }

  say(text = "", isGrave = false, share = null) {
    const { state, at, said } = this.row;
    const stopped = !text && state === "refused";
    const why = text || (state === "filling" ? words.filling : [said ?? (this.busy ? words.sending : words.line)].flat().join(" "));
    const line = document.createElement("span");
    line.textContent = !text && at ? `${why} (${clock(at)})` : why;
    if (!text && this.shown === `${state} ${line.textContent}`) return; // read aloud once
    this.shown = text ? "" : `${state} ${line.textContent}`;
    const parts = [line];
    if (share !== null) {
      const bar = document.createElement("progress");
      Object.assign(bar, { max: 1, value: share ?? 0 });
      bar.setAttribute("aria-label", why);
      parts.push(bar);
    } else if (!text && !this.busy) {
      if (state === "waiting") parts.push(button(words.sendNow, () => this.done()));
      if (said === words.out) parts.push(link(words.signIn, `/account/sign-in/?next=${encodeURIComponent(this.row.url)}`));
      parts.push(button(words.anew, () => this.startAnew()));
    }
    this.status.classList.toggle("bh-stopped", isGrave || stopped);
    this.status.replaceChildren(...parts);
  }
}
