/* The site page of a visit: when the live view has taken a photograph by itself, the rest of the page follows. */
(() => {
  "use strict";

  let taking = false;
  let site = document.getElementById("visit")?.dataset.site;

  document.addEventListener("live:state", (event) => {
    const visit = document.getElementById("visit");
    const was = taking;
    taking = event.detail.phase === "taking";
    /* A touch of the button brings the next part with its own answer. */
    if (was && !taking && visit && !visit.querySelector("#take button:disabled")) {
      window.htmx.ajax("GET", visit.dataset.part, { target: "#visit", swap: "outerHTML" });
    }
  });

  /* A push button at the rig is a keyboard with one key. */
  document.addEventListener("keydown", (event) => {
    const busy = event.target.closest("input, textarea, select, button, a, summary, [contenteditable]");
    const take = document.querySelector("#take button");
    if (!take || take.disabled || busy || event.repeat || (event.key !== " " && event.key !== "Enter")) return;
    event.preventDefault();
    take.click();
  });

  /* Another site has another ghost, behind the same address. */
  document.addEventListener("htmx:afterSettle", () => {
    const now = document.getElementById("visit")?.dataset.site;
    if (now === site) return;
    site = now;
    const panel = document.getElementById("live-view");
    const ghost = panel?.querySelector('[data-live="ghost"]');
    if (ghost?.getAttribute("src")) ghost.src = `${panel.dataset.ghost}?at=${Date.now()}`;
  });
})();
