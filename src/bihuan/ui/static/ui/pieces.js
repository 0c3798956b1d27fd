// Small pieces that what is kept on the device is shown with.

// Brings a place of a form before one's eyes, whatever it is folded into.
export function show(place) {
  for (let it = place?.closest("details"); it; it = it.parentElement.closest("details")) it.open = true;
  place?.scrollIntoView({ block: "center" });
  place?.focus({ preventScroll: true });
}

// What stands on the form, in words, so that it can be taken off the device and read.
export function told(form) {
  const lines = [];
  for (const field of form.elements) {
    if (!field.name || ["hidden", "file", "submit"].includes(field.type) || !field.value) continue;
    if (["radio", "checkbox"].includes(field.type) && !field.checked) continue;
    const own = field.getAttribute("aria-label") ?? field.labels?.[0]?.textContent ?? field.name;
    const legend = field.closest("fieldset")?.querySelector("legend")?.textContent;
    const isTap = ["radio", "checkbox"].includes(field.type);
    const value = isTap ? own : field.selectedOptions ? field.selectedOptions[0]?.textContent : field.value;
    lines.push([isTap ? legend ?? field.name : own, value].map((it) => it.trim()));
  }
  return lines;
}

export function button(text, act, label = "") {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-sm";
  made.textContent = text;
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}

export function link(text, href) {
  const made = document.createElement("a");
  Object.assign(made, { className: "btn btn-sm", textContent: text, href });
  return made;
}
