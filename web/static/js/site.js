/* The site page: strength and kind of the density map, and the detected points over the photograph. */
(() => {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";
  const UNIT_RADIUS_MM = 0.22;
  const ROOT_RADIUS_MM = 0.06;

  const page = document.getElementById("site-page");
  const map = document.getElementById("photo-map");
  if (!page || !map) return;
  const pxPerMm = Number(page.dataset.pxPerMm);

  const slider = document.getElementById("opacity");
  const shown = document.getElementById("opacity-value");
  const setStrength = () => {
    map.setAttribute("opacity", String(slider.value / 100));
    shown.textContent = `${slider.value}\u00a0%`;
  };
  slider.addEventListener("input", setStrength);
  setStrength();

  const setKind = (radio) => {
    map.setAttribute("href", radio.dataset.map);
    for (const legend of page.querySelectorAll("[data-legend]")) {
      legend.hidden = legend.dataset.legend !== radio.value;
    }
  };
  for (const radio of page.querySelectorAll("input[name=kind]")) {
    radio.addEventListener("change", () => setKind(radio));
    if (radio.checked) setKind(radio);
  }

  let loading = null;
  function points() {
    loading ||= fetch(page.dataset.points, { headers: { Accept: "application/json" } }).then((answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    });
    return loading;
  }

  function circles(layer, places, radius) {
    const drawn = places.map(({ x_px: x, y_px: y }) => {
      const circle = document.createElementNS(SVG, "circle");
      circle.setAttribute("cx", x);
      circle.setAttribute("cy", y);
      circle.setAttribute("r", radius);
      return circle;
    });
    layer.replaceChildren(...drawn);
  }

  const failed = document.getElementById("points-failed");
  async function setLayer(box) {
    const layer = document.getElementById(box.dataset.layer);
    if (!box.checked) {
      layer.setAttribute("display", "none");
      return;
    }
    try {
      const found = await points();
      const roots = box.dataset.layer === "photo-roots";
      if (!layer.childElementCount) {
        circles(layer, roots ? found.hairs : found.units, (roots ? ROOT_RADIUS_MM : UNIT_RADIUS_MM) * pxPerMm);
      }
      failed.hidden = true;
      layer.removeAttribute("display");
    } catch {
      loading = null;
      box.checked = false;
      failed.hidden = false;
    }
  }
  for (const box of page.querySelectorAll("input[data-layer]")) {
    box.addEventListener("change", () => setLayer(box));
    if (box.checked) setLayer(box);
  }
})();
