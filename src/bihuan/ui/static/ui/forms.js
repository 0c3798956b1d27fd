// Forms: sent once, asked about first where that matters, files shown before they go.
import words from "./words.js";

export function prepareForms(root) {
  for (const field of root.querySelectorAll("[data-previews-of]")) preparePreviews(field);
  if (matchMedia("(pointer: coarse)").matches) for (const field of root.querySelectorAll("input[type=file]")) prepareCamera(field);
  const kept = root.querySelector("form[data-keep]");
  if (kept) keep(kept);
}

// What was filled in before comes back before anything new is typed.
async function keep(form) {
  form.inert = true;
  try {
    await (await import("./keeper.js")).keepForm(form);
  } catch (error) {
    console.warn(error); // without it the form works as any other
  }
  form.inert = false;
  form.querySelector("[data-focus]")?.focus(); // nothing inert can be
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (question && form.dataset.confirmed !== "yes") {
    event.preventDefault();
    event.stopImmediatePropagation();
    confirmed(question, event.submitter, form);
    return;
  }
  delete form.dataset.confirmed;
  if (!form.hasAttribute("data-once")) return;
  if (form.dataset.sent === "yes") {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  if (form.hasAttribute("data-upload") && [...form.elements].some((it) => it.type === "file" && it.files.length)) {
    event.preventDefault();
    upload(form, event.submitter);
  }
  busy(form, true);
}, true);

// A page brought back from the browser's memory may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) busy(form, false);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest("form");
  if (form) busy(form, false);
});

function busy(form, on) {
  if (on) form.dataset.sent = "yes";
  else delete form.dataset.sent;
  for (const button of form.querySelectorAll("button")) {
    if (on) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
  }
}

async function confirmed(question, submitter, form) {
  if (!(await ask(question))) return submitter?.focus();
  form.dataset.confirmed = "yes";
  form.requestSubmit(submitter ?? undefined);
}

// Asks a question; true where it is answered with yes.
export function ask(question) {
  const words = document.documentElement.lang.startsWith("zh") ? ["确定", "取消"] : ["Yes", "Cancel"];
  const dialog = document.createElement("dialog");
  dialog.className = "bh-dialog";
  const text = document.createElement("p");
  text.id = "bh-question";
  text.textContent = question;
  dialog.setAttribute("aria-labelledby", text.id);
  const buttons = document.createElement("div");
  buttons.className = "bh-buttons";
  for (const [word, value, css] of [[words[0], "yes", "btn btn-primary"], [words[1], "", "btn"]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = css;
    button.textContent = word;
    button.addEventListener("click", () => dialog.close(value));
    buttons.append(button);
  }
  dialog.append(text, buttons);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

function preparePreviews(holder) {
  const input = document.getElementById(holder.dataset.previewsOf);
  if (!input || holder.dataset.ready) return;
  holder.dataset.ready = "yes";
  input.addEventListener("change", () => {
    for (const image of holder.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    holder.replaceChildren(...[...input.files].map(preview));
  });
}

// One tap opens the camera where a picture may be the answer; the field itself offers what was taken before.
function prepareCamera(input) {
  if (!/image\//.test(input.accept) || input.previousElementSibling?.matches(".bh-camera")) return;
  const { accept } = input;
  const shutter = document.createElement("button");
  Object.assign(shutter, { type: "button", className: "btn bh-camera", textContent: words.camera });
  shutter.setAttribute("aria-label", `${words.camera} ${input.labels[0]?.innerText.replace("*", "").trim() ?? ""}`.trim());
  shutter.addEventListener("click", () => {
    Object.assign(input, { accept: "image/*", capture: "environment" });
    input.click();
    setTimeout(() => {
      input.accept = accept;
      input.removeAttribute("capture");
    }, 1000);
  });
  input.before(shutter);
}

export function preview(file) {
  const figure = document.createElement("figure");
  if (file.type.startsWith("image/")) {
    const image = document.createElement("img");
    image.src = URL.createObjectURL(file);
    image.alt = "";
    image.addEventListener("error", () => image.remove());
    figure.append(image);
  }
  const caption = document.createElement("figcaption");
  caption.textContent = `${file.name} (${(file.size / 1048576).toFixed(1)} MB)`;
  figure.append(caption);
  return figure;
}

function upload(form, submitter) {
  const bar = document.createElement("progress");
  bar.className = "bh-sending";
  bar.max = 1;
  bar.value = 0;
  form.querySelector(".bh-buttons")?.append(bar);
  const data = new FormData(form, submitter ?? undefined);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = event.loaded / event.total;
  });
  request.addEventListener("load", () => arrive(request, form));
  request.addEventListener("error", () => fail(bar, form));
  request.send(data);
}

function arrive(request, form) {
  const target = new URL(request.responseURL || form.action);
  if (request.status < 400 && target.href !== new URL(form.action).href) {
    return goTo(target.href, request.responseText);
  }
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const main = page.querySelector("main");
  if (!main) return location.reload();
  document.querySelector("main").replaceWith(document.adoptNode(main));
  window.htmx?.process(main);
  prepareForms(main);
  main.querySelector("[data-focus]")?.focus();
}

// Goes to a page that was read already; what it said then, it says again: the server says it once.
export function goTo(url, text) {
  const said = new DOMParser().parseFromString(text, "text/html").querySelector("#messages")?.innerHTML.trim();
  if (said) sessionStorage.setItem("bihuan:said", said);
  location.assign(url);
}

function fail(bar, form) {
  bar.remove();
  busy(form, false);
  const note = document.createElement("p");
  note.className = "bh-error";
  note.setAttribute("role", "alert");
  note.textContent = document.documentElement.lang.startsWith("zh")
    ? "没有发送成功，网络可能中断。内容仍在本页，请重试。"
    : "Not sent: the network may be down. Everything is still on this page; try again.";
  form.querySelector(".bh-buttons")?.append(note);
}
