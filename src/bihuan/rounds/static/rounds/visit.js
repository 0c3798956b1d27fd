// A visit that is kept needs its draft on this device no more.

const kept = document.querySelector("[data-visited]");
if (kept) {
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith("visit:") || !key.endsWith(`:${kept.dataset.visited}`)) continue;
    try {
      if (JSON.parse(localStorage.getItem(key)).at <= Number(kept.dataset.at)) localStorage.removeItem(key);
    } catch {
      localStorage.removeItem(key);
    }
  }
}
