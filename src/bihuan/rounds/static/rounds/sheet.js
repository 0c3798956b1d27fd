// The sheet of a visit: signatures on canvas, how many items are answered, and a draft on the
// device until the record is kept, so that a closed page or a dead battery costs nothing typed.

let sheet;
prepare();
// A refused sheet comes back as a new <main>, without the page being loaded again.
new MutationObserver(prepare).observe(document.body, { childList: true, subtree: true });

function prepare() {
  sheet = document.getElementById("sheet");
  if (!sheet || sheet.dataset.ready) return;
  sheet.dataset.ready = "yes";
  for (const holder of sheet.querySelectorAll("[data-sign]")) prepareSignature(holder);
  count();
  sheet.addEventListener("change", count);
  prepareDraft();
}

function prepareSignature(holder) {
  const canvas = holder.querySelector("canvas");
  const field = holder.querySelector("input[type=hidden]");
  const pen = canvas.getContext("2d");
  let drawn = false;
  const blank = () => {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.strokeStyle = "#111";
    pen.lineWidth = 3;
    pen.lineCap = pen.lineJoin = "round";
    drawn = false;
    field.value = "";
  };
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
  };
  blank();
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...place(event));
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    pen.lineTo(...place(event));
    pen.stroke();
    drawn = true;
  });
  canvas.addEventListener("pointerup", () => {
    if (drawn) field.value = canvas.toDataURL("image/png");
  });
  holder.querySelector("[data-clear]").addEventListener("click", blank);
}

function count() {
  const holder = sheet.querySelector("[data-answered]");
  if (!holder) return;
  const names = new Set([...sheet.querySelectorAll("input[name^='answer-']")].map((it) => it.name));
  const data = new FormData(sheet);
  const answered = [...names].filter((name) => data.get(name)).length;
  holder.textContent = `${answered} / ${names.size} ${holder.dataset.words}`;
}

function prepareDraft() {
  const key = `visit:${location.pathname}:${sheet.dataset.draft}`;
  const mended = sheet.querySelector(".bh-summary");
  const left = mended ? null : read(key);
  if (left) offer(key, left);
  let waiting;
  sheet.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => keep(key), 400);
  });
}

function keep(key) {
  const fields = [...new FormData(sheet).entries()].filter(
    ([name, value]) => typeof value === "string" && !/^(csrf|form_key|kept_|signature-)/.test(name) && value,
  );
  try {
    localStorage.setItem(key, JSON.stringify({ at: Date.now(), fields }));
  } catch {
    // No room on the device: the sheet works without a draft.
  }
}

function read(key) {
  try {
    const left = JSON.parse(localStorage.getItem(key));
    return left && Date.now() - left.at < 3 * 86400000 ? left : null;
  } catch {
    return null;
  }
}

function offer(key, left) {
  const note = document.createElement("div");
  note.className = "bh-note bh-inline";
  note.setAttribute("role", "status");
  const words = document.createElement("span");
  words.textContent = `${sheet.dataset.restore} (${new Date(left.at).toLocaleString()})`;
  note.append(words, button(sheet.dataset.restoreButton, () => fill(left)), button(sheet.dataset.forgetButton, () => localStorage.removeItem(key)));
  sheet.prepend(note);

  function button(label, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-sm";
    made.textContent = label;
    made.addEventListener("click", () => {
      act();
      note.remove();
    });
    return made;
  }
}

function fill(left) {
  for (const [name, value] of left.fields) {
    for (const field of sheet.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (field.type === "radio") field.checked = field.value === value;
      else field.value = value;
    }
  }
  count();
}
