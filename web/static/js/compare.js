/* Two visits compared: the line between them follows the slider, a finger or the mouse; points and map are switched. */
(() => {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";
  const REACH_MM = { kept: 0.07, lost: 0.14, new: 0.14, changed: 0.3 };
  const LEAST_SHARE = { kept: 1 / 260, lost: 1 / 110, new: 1 / 110, changed: 1 / 70 };  // of the picture's width
  const REACH = 10;  // of a mark as it is defined

  const page = document.getElementById("compare-page");
  if (!page) return;
  const picture = document.getElementById("pair");
  const slider = document.getElementById("divide");
  const later = document.getElementById("later-rect");
  const divider = document.getElementById("divider");
  const width = picture.viewBox.baseVal.width;
  const pxPerMm = Number(page.dataset.pxPerMm);

  const divide = () => {
    const x = (slider.value / 100) * width;
    later.setAttribute("x", x);
    later.setAttribute("width", Math.max(0, width - x));
    divider.setAttribute("transform", `translate(${x} 0)`);
  };
  slider.addEventListener("input", divide);
  divide();

  let held = false;
  const follow = (event) => {
    const here = new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
    slider.value = Math.round((here.x / width) * 100);
    divide();
  };
  picture.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    held = true;
    picture.setPointerCapture(event.pointerId);
    follow(event);
  });
  picture.addEventListener("pointermove", (event) => held && follow(event));
  for (const end of ["pointerup", "pointercancel"]) picture.addEventListener(end, () => (held = false));

  const layers = new Map([...picture.querySelectorAll("g[data-class]")].map((g) => [g.dataset.class, g]));
  const failed = document.getElementById("points-failed");
  const boxes = [...page.querySelectorAll("input[data-class]")];

  function draw(found) {
    const places = { kept: [], lost: [], new: [], changed: [] };
    for (const hair of found.hairs) places[hair.state].push(hair);
    places.changed = found.units.filter((unit) => unit.before && unit.after && unit.before !== unit.after);
    for (const [state, layer] of layers) {
      const size = Math.max(REACH_MM[state] * pxPerMm, LEAST_SHARE[state] * width) / REACH;
      layer.replaceChildren(...places[state].map(({ x_px: x, y_px: y }) => {
        const use = document.createElementNS(SVG, "use");
        use.setAttribute("href", `#mark-${state}`);
        use.setAttribute("transform", `translate(${x} ${y}) scale(${size})`);
        return use;
      }));
    }
    page.dataset.drawn = "true";
  }

  function show() {
    for (const box of boxes) {
      const layer = layers.get(box.dataset.class);
      if (box.checked) layer.removeAttribute("display");
      else layer.setAttribute("display", "none");
    }
  }
  for (const box of boxes) box.addEventListener("change", show);
  show();

  fetch(page.dataset.points, { headers: { Accept: "application/json" } })
    .then((answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    })
    .then(draw)
    .catch(() => { failed.hidden = false; });

  const maps = [...picture.querySelectorAll(".change-map")];
  const showMap = (kind) => {
    for (const map of maps) {
      if (map.dataset.map === kind) {
        if (!map.hasAttribute("href")) map.setAttribute("href", map.dataset.href);
        map.removeAttribute("display");
      } else map.setAttribute("display", "none");
    }
    for (const legend of page.querySelectorAll("[data-legend]")) legend.hidden = legend.dataset.legend !== kind;
  };
  for (const radio of page.querySelectorAll("input[name=map]")) {
    radio.addEventListener("change", () => showMap(radio.value));
    if (radio.checked) showMap(radio.value);
  }
})();
