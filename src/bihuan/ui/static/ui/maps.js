// Draws [data-map]: outlines coloured by a figure. No tiles unless the deployment set some.
import { load, style } from "./load.js";

const FEW = 24; // outlines that can all bear their names

const GOOD = ["#eaf2fa", "#d0e1f2", "#aecbe8", "#8bb4dc", "#6f9fd0"]; // light enough for names on them
const BAD = ["#fdf1ec", "#f9d9cb", "#f2b9a2", "#ea997e", "#e18267"];

export async function draw(root) {
  const holders = [...root.querySelectorAll("[data-map]:not([data-drawn])")];
  if (!holders.length) return;
  for (const it of holders) it.dataset.drawn = "yes";
  style(holders[0].dataset.styles);
  await load(holders[0].dataset.library);
  for (const holder of holders) one(holder, JSON.parse(document.getElementById(holder.dataset.map).textContent));
}

function one(holder, data) {
  const L = window.L;
  const map = L.map(holder, { attributionControl: Boolean(data.tiles), zoomSnap: 0.25, scrollWheelZoom: false, keyboard: false, zoomControl: false });
  const [zoomInTitle, zoomOutTitle] = document.documentElement.lang.startsWith("zh") ? ["放大", "缩小"] : ["Zoom in", "Zoom out"];
  L.control.zoom({ zoomInTitle, zoomOutTitle }).addTo(map);
  if (data.tiles) L.tileLayer(data.tiles).addTo(map);
  const values = data.outlines.map((it) => it.value).filter((it) => it !== null);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const colours = data.bad_high ? BAD : GOOD;
  const ground = data.pins.length > 0; // the outlines are only there to find one's way
  const colour = (value) => {
    if (ground) return "#fbfcfd";
    if (value === null) return "#ffffff";
    const share = most === least ? 0.5 : (value - least) / (most - least);
    return colours[Math.min(colours.length - 1, Math.floor(share * colours.length))];
  };
  const group = L.featureGroup(data.outlines.map((it) => {
    const shape = L.geoJSON(it.geometry, { style: { color: "#56606e", weight: 1, fillColor: colour(it.value), fillOpacity: data.tiles ? 0.7 : 1, dashArray: it.value === null && !ground ? "4" : null } });
    const said = document.createElement("span");
    said.textContent = ground ? it.name : `${it.name} ${it.said || (it.value === null ? "—" : `${it.value} ${data.unit}`)}`;
    shape.bindTooltip(said, { sticky: true });
    if (it.href) shape.on("click", () => location.assign(it.href));
    return shape;
  })).addTo(map);
  const shown = ground ? marked(map, data) : group;
  const fit = () => {
    map.invalidateSize(false);
    if (shown.getLayers().length) map.fitBounds(shown.getBounds(), { padding: ground ? [28, 28] : [10, 10], maxZoom: 17, animate: false });
  };
  fit();
  window.matchMedia("print").addEventListener("change", fit);
  if (ground) map.on("click", (event) => holder.dispatchEvent(new CustomEvent("map-point", { bubbles: true, detail: event.latlng })));
  if (data.outlines.length <= FEW) for (const [place, shape] of group.getLayers().entries()) label(shape, data.outlines[place], map);
  new ResizeObserver(() => map.invalidateSize()).observe(holder);
}

// Draws the ways, and a pin with its number on every place; returns them, so that the map fits them.
function marked(map, data) {
  const L = window.L;
  const all = data.ways.map((way) => L.polyline(way, { color: "#1f5fa8", weight: 3, opacity: 0.85, interactive: false }));
  for (const it of data.pins) {
    const sign = document.createElement("span");
    sign.textContent = it.sign;
    const said = document.createElement("span");
    said.textContent = it.name;
    const pin = L.marker(it.at, { icon: L.divIcon({ className: "bh-pin", html: sign, iconSize: [24, 24] }), keyboard: false });
    pin.bindTooltip(said);
    if (it.href) pin.on("click", () => location.assign(it.href));
    all.push(pin);
  }
  return L.featureGroup(all).addTo(map);
}

function label(shape, outline, map) {
  const words = document.createElement("span");
  words.textContent = outline.value === null ? outline.name : `${outline.name} ${outline.value}`;
  const icon = window.L.divIcon({ className: "bh-shape", html: words, iconSize: [96, 36] });
  window.L.marker(shape.getBounds().getCenter(), { icon, interactive: false, keyboard: false }).addTo(map);
}
