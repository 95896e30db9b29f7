// The figures of a body press the ticks beside them; the ticks work without the figures.
function connect(map) {
  for (const region of map.querySelectorAll("[data-region]")) {
    const tick = map.querySelector(`#region-${region.dataset.region}`);
    const show = () => region.classList.toggle("q-body__region--on", tick.checked);
    tick.addEventListener("change", show);
    region.addEventListener("click", () => tick.click());
    show();
  }
  map.classList.add("q-body--live");
}

export function connectBodies(scope) {
  for (const map of scope.querySelectorAll("[data-body]")) connect(map);
}
