// Sets the start of the route: by a tap on the map, or by the device's own place.
const form = document.querySelector(".bh-route-asked form");
const here = form?.querySelector("[data-here]");

function start(lat, lng) {
  form.elements.lat.value = lat.toFixed(6);
  form.elements.lng.value = lng.toFixed(6);
  form.requestSubmit();
}

document.addEventListener("map-point", (event) => start(event.detail.lat, event.detail.lng));
if (here && navigator.geolocation && window.isSecureContext) {
  here.hidden = false;
  here.addEventListener("click", () => {
    here.disabled = true;
    navigator.geolocation.getCurrentPosition(
      (found) => start(found.coords.latitude, found.coords.longitude),
      () => { here.disabled = false; },
      { timeout: 10000 },
    );
  });
}
