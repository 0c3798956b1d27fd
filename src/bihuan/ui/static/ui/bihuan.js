// What every page does: menus, double sends, confirmations, cards on a phone.
import { prepareForms } from "./forms.js";

const phone = matchMedia("(max-width: 575px)");

function prepareTables(root) {
  // On a phone a row becomes a card: each cell then names itself after its column.
  if (!phone.matches) return;
  for (const holder of root.querySelectorAll("[data-cards]")) {
    const heads = [...holder.querySelectorAll("thead th")].map((it) => it.innerText.replace(/[▲▼]/g, "").trim());
    for (const row of holder.querySelectorAll("tbody tr")) {
      const lead = leadOf([...row.cells].filter((it) => !it.classList.contains("box")));
      [...row.cells].forEach((cell, place) => {
        if (cell === lead) cell.classList.add("lead");
        else if (heads[place] && !cell.classList.contains("box")) cell.dataset.label = heads[place];
      });
    }
    holder.classList.add("bh-cards");
  }
}

// A card is headed by what leads to its row: the first of the foremost cells with a link.
function leadOf(cells) {
  const linked = cells.slice(0, 4).find((it) => it.querySelector("a[href]") && !it.classList.contains("num"));
  return linked ?? cells.find((it) => it.textContent.trim() && !it.classList.contains("num")) ?? cells[0];
}

phone.addEventListener("change", () => prepareTables(document));

function prepareDrawings(root) {
  if (root.querySelector("[data-chart]")) import("./charts.js").then((it) => it.draw(root));
  if (root.querySelector("[data-map]")) import("./maps.js").then((it) => it.draw(root));
}

function prepare(root) {
  prepareTables(root);
  prepareForms(root);
  prepareDrawings(root);
  root.querySelector("[data-focus]")?.focus();
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  if (event.target.closest("[data-go-back]")) history.back();
  const all = event.target.closest("[data-check-all]");
  if (all) for (const box of all.closest("table").querySelectorAll("tbody .box input")) box.checked = all.checked;
  const unfold = event.target.closest("[data-unfold]");
  if (unfold) unfold.setAttribute("aria-expanded", String(!unfold.closest("form").classList.toggle("bh-folded")));
  const print = event.target.closest("[data-print]");
  if (print) window.print();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

const said = sessionStorage.getItem("bihuan:said"); // what was said where only a script read it
sessionStorage.removeItem("bihuan:said");
if (said) document.querySelector("#messages")?.insertAdjacentHTML("beforeend", said);

// A list remembers its filters: the way back from a row leads to the list as it was left.
if (document.querySelector(".bh-table[id]")) {
  const remember = () => sessionStorage.setItem(`list:${location.pathname}`, location.search);
  remember();
  document.addEventListener("htmx:pushedIntoHistory", remember);
}
for (const link of document.querySelectorAll("a[data-back]")) {
  const search = link.search ? null : sessionStorage.getItem(`list:${link.pathname}`);
  if (search) link.search = search;
}

document.addEventListener("htmx:configRequest", (event) => {
  // Empty filters stay out of the address.
  if (event.detail.verb !== "get" || !event.detail.elt.matches("form")) return;
  for (const [name, value] of [...event.detail.formData.entries()]) if (value === "") event.detail.formData.delete(name);
});
// What is kept on this device is sent when it can be; who signs out is told what stays behind.
const { person } = document.body.dataset;
const keeps = person && localStorage.getItem(`bihuan:kept:${person}`);
if (keeps || document.querySelector("[data-waiting], [data-field], [data-keep]")) import("./waiting.js").then((it) => it.begin());

// Pages kept for the field are one person's: signing out takes them away, and so does someone else.
function forgetField() {
  localStorage.removeItem("bihuan:field");
  window.caches?.delete("bihuan-field");
}
const keptFor = localStorage.getItem("bihuan:field");
if (person && keptFor && keptFor !== person) forgetField();
document.addEventListener("submit", (event) => event.target.matches("[data-sign-out]") && forgetField());

document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
if (!window.htmx) prepare(document.body);
