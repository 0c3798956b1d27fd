// The sheet of a visit: signatures on canvas, how many items are answered. That nothing typed or
// drawn is lost is the work of ui/keeper.js.

let sheet;
prepare();
// A refused sheet comes back as a new <main>, without the page being loaded again.
new MutationObserver(prepare).observe(document.body, { childList: true, subtree: true });

function prepare() {
  sheet = document.getElementById("sheet");
  if (!sheet || sheet.dataset.drawn) return;
  sheet.dataset.drawn = "yes";
  for (const holder of sheet.querySelectorAll("[data-sign]")) prepareSignature(holder);
  count();
  sheet.addEventListener("change", count);
  sheet.addEventListener("bihuan:filled", count);
  sheet.addEventListener("bihuan:unsent", ({ detail }) => detail.missing.push(...missing(detail.slots)));
}

function prepareSignature(holder) {
  const canvas = holder.querySelector("canvas");
  const field = holder.querySelector("input[type=hidden]");
  const pen = canvas.getContext("2d");
  let drawn = false;
  let down = false; // the pen is on the paper: a finger's capture does not say so
  const write = (on) => holder.classList.toggle("bh-writing", on);
  const paper = () => {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.strokeStyle = "#111";
    pen.lineWidth = 3;
    pen.lineCap = pen.lineJoin = "round";
    drawn = false;
    holder.classList.remove("bh-signed");
  };
  const show = () => {
    if (!field.value) return;
    holder.classList.add("bh-signed");
    const image = new Image();
    image.onload = () => pen.drawImage(image, 0, 0);
    image.src = field.value;
    drawn = true;
  };
  const keep = () => field.dispatchEvent(new Event("change", { bubbles: true }));
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
  };
  paper();
  show();
  sheet.addEventListener("bihuan:filled", show);
  // A thumb that scrolls the page signs nothing: under a finger the paper waits for a tap.
  canvas.addEventListener("click", () => write(true));
  document.addEventListener("pointerdown", (event) => holder.contains(event.target) || write(false));
  canvas.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" && !holder.classList.contains("bh-writing")) return;
    canvas.setPointerCapture(event.pointerId);
    down = true;
    pen.beginPath();
    pen.moveTo(...place(event));
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!down) return;
    pen.lineTo(...place(event));
    pen.stroke();
    drawn = true;
  });
  canvas.addEventListener("lostpointercapture", () => {
    if (!down) return;
    down = false;
    if (!drawn) return;
    field.value = canvas.toDataURL("image/png");
    holder.classList.add("bh-signed");
    keep();
  });
  holder.querySelector("[data-clear]").addEventListener("click", () => {
    paper();
    write(true);
    field.value = "";
    keep();
  });
}

function count() {
  const holder = sheet.querySelector("[data-answered]");
  if (!holder) return;
  const names = new Set([...sheet.querySelectorAll("input[name^='answer-']")].map((it) => it.name));
  const data = new FormData(sheet);
  const answered = [...names].filter((name) => data.get(name)).length;
  holder.textContent = `${answered} / ${names.size} ${holder.dataset.words}`;
}

// What rules.visiting would refuse, as far as it can be mended only where the visit is.
function missing(slots) {
  const said = sheet.querySelector("[data-missing]").dataset;
  const filled = (name) => Boolean(sheet.elements[name]?.value.trim());
  const undated = said.undated.split(" ");  // grades without a usual time limit today
  const lacks = [];
  const lack = (what, at) => lacks.push({ said: what, at });
  if (!filled("refusal") && !filled("theirs-0-name")) lack(said.theirs, "theirs");
  else if (!filled("refusal") && !filled("signature-theirs")) lack(said.signature, "signature");
  for (const found of sheet.querySelectorAll("[id^=title-]")) {
    const key = found.id.slice("title-".length);
    const [tap] = sheet.querySelectorAll(`[name="answer-${CSS.escape(key)}"][value=no]`);
    const isTold = tap ? tap.checked : filled(found.name) || slots.has(`before-${key}`);
    if (!isTold || filled(`known-${key}`)) continue;
    const what = found.value.trim() || tap?.closest("fieldset").querySelector("legend").textContent;
    const grade = sheet.elements[`grade-${key}`].value;
    const fixed = filled(`measures-${key}`);
    const about = (sentence, part) => lack(`${what}${said.colon}${sentence}`, `${part}-${key}`);
    if (!filled(found.name)) about(said.title, "title");
    if (!slots.has(`before-${key}`)) about(said.before, "before");
    if (undated.includes(grade) && !filled(`due_on-${key}`)) about(said.due, "due_on");
    if (fixed && !slots.has(`after-${key}`)) about(said.after, "after");
    if (fixed && grade === "major") about(said.major, "measures");
  }
  return lacks;
}
