/* The live view: the picture, the one thing to do, the way back to the same place. What is shown comes as events. */
(() => {
  "use strict";
  const EVERY_TOUCH_MS = 5000;
  const LOST_MS = 6000;

  function start(panel) {
    if (panel.dataset.started) return;
    panel.dataset.started = "yes";
    const part = (name) => panel.querySelector(`[data-live="${name}"]`);
    const frame = part("frame");
    const picture = part("picture");
    const ghost = part("ghost");
    const outline = part("outline");
    const arrows = part("arrows");
    const cover = part("cover");
    const now = part("now");
    const say = part("say");
    const take = part("take");
    const again = part("again");
    const ghostOn = part("ghost-on");
    const strength = part("ghost-strength");
    let events = null;
    let heard = 0;
    let watch = 0;
    let touched = 0;
    let haveGhost = false;

    const setText = (element, text) => { if (element.textContent !== text) element.textContent = text; };

    function covered(text) {
      setText(cover, text);
      cover.hidden = !text;
    }

    function showPicture(name) {
      for (const help of panel.querySelectorAll("[data-picture]")) help.hidden = help.dataset.picture !== name;
    }

    function showGhost(there) {
      if (there && !haveGhost) ghost.src = `${panel.dataset.ghost}?at=${Date.now()}`;
      haveGhost = there;
      const on = there && ghostOn.checked;
      ghost.hidden = !on;
      strength.hidden = !on;
      part("ghost-box").hidden = !there;
      ghost.style.opacity = String(strength.value / 100);
    }

    function showWay(state) {
      const wanted = new Map(state.arrows.map((arrow) => [arrow.direction, arrow]));
      for (const arrow of arrows.querySelectorAll("[data-arrow]")) {
        arrow.classList.toggle("wanted", wanted.has(arrow.dataset.arrow));
      }
      arrows.toggleAttribute("hidden", !wanted.size); // an SVG element has no such property
      const corners = state.outline;
      outline.firstElementChild.setAttribute(
        "points", corners && haveGhost ? corners.map(([x, y]) => `${100 * x},${100 * y}`).join(" ") : "");
      const moves = part("moves");
      const lines = state.arrows.map((arrow) => arrow.text);
      if (moves.dataset.lines !== lines.join("|")) {
        moves.dataset.lines = lines.join("|");
        moves.replaceChildren(...lines.map((line) => {
          const item = document.createElement("li");
          item.textContent = line;
          return item;
        }));
      }
      part("overlap-box").hidden = !state.ghost && state.overlap === null;
      part("overlap").value = state.overlap ?? 0;
      setText(part("overlap-text"), state.overlap === null ? panel.dataset.unknown : `${state.overlap}\u00a0%`);
    }

    function showFindings(findings) {
      const found = new Map(findings.map((finding) => [finding.code, finding]));
      for (const item of part("findings").children) {
        const finding = found.get(item.dataset.code);
        const ok = finding && finding.ok !== null ? (finding.ok ? "good" : "bad") : "unknown";
        item.dataset.ok = ok;
        setText(item.querySelector(".live-verdict"),
          finding && finding.ok === null && !finding.needed ? "–"
            : ok === "good" ? panel.dataset.good : ok === "bad" ? panel.dataset.bad : panel.dataset.open);
      }
    }

    function show(state) {
      heard = Date.now();
      frame.dataset.phase = state.phase;
      const running = state.phase === "running";
      covered(running || state.phase === "taking" ? "" : state.sentence);
      now.dataset.ok = !running ? "unknown" : state.good ? "good" : state.findings.some((f) => f.ok === false) ? "bad" : "unknown";
      frame.dataset.ok = now.dataset.ok;
      setText(say, state.sentence);
      showPicture(running ? state.picture : "wait");
      showGhost(state.ghost && running);
      showWay(running ? state : { arrows: [], outline: null, overlap: null, ghost: state.ghost });
      showFindings(state.findings);
      panel.dispatchEvent(new CustomEvent("live:state", { bubbles: true, detail: state }));
    }

    function silent() {
      if (!panel.isConnected) { end(); return; } // the page went on to a part without a live view
      if (events && Date.now() - heard > LOST_MS) {
        heard = Date.now();
        covered(panel.dataset.lost);
        frame.dataset.phase = "trouble";
        begin(); // a browser does not ask again by itself after every kind of failure
      }
    }

    function begin() {
      end();
      heard = Date.now();
      again.hidden = true;
      picture.src = `${panel.dataset.stream}?at=${heard}`;
      events = new EventSource(panel.dataset.state);
      events.onmessage = (event) => show(JSON.parse(event.data));
      events.addEventListener("ended", elsewhere);
      watch = setInterval(silent, 1000);
    }

    function elsewhere() {
      end();
      covered(panel.dataset.elsewhere);
      setText(say, panel.dataset.elsewhere);
      frame.dataset.phase = "off";
      again.hidden = false;
    }

    function end() {
      clearInterval(watch);
      if (events) events.close();
      events = null;
      picture.removeAttribute("src"); // which ends the answer of endless pictures
    }

    function touch() {
      if (Date.now() - touched < EVERY_TOUCH_MS) return;
      touched = Date.now();
      fetch(panel.dataset.touch, { method: "POST" }).catch(() => {});
    }

    function key(event) {
      if (!panel.isConnected) { document.removeEventListener("keydown", key); return; }
      touch();
      const busy = event.target.closest("input, textarea, select, button, a, summary, [contenteditable]");
      if (!take || take.disabled || busy || event.repeat || (event.key !== " " && event.key !== "Enter")) return;
      event.preventDefault();
      take.click();
    }

    ghostOn.addEventListener("change", () => showGhost(haveGhost));
    strength.addEventListener("input", () => showGhost(haveGhost));
    again.addEventListener("click", begin);
    frame.addEventListener("click", touch);
    panel.addEventListener("pointerdown", touch);
    document.addEventListener("keydown", key);
    addEventListener("pagehide", end);
    addEventListener("pageshow", (event) => { if (event.persisted) begin(); });
    document.addEventListener("visibilitychange", () => (document.hidden ? end() : begin()));
    begin();
  }

  const look = () => { const panel = document.getElementById("live-view"); if (panel) start(panel); };
  look();
  document.addEventListener("htmx:afterSettle", look);
})();
