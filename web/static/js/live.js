/* Says so when the station stops answering while the page updates itself. The updates themselves are htmx's. */
(() => {
  "use strict";
  const paused = document.getElementById("paused");
  const show = (state) => () => { paused.hidden = !state; };
  for (const event of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    document.body.addEventListener(event, show(true));
  }
  document.body.addEventListener("htmx:afterOnLoad", show(false));

  /* The chosen visit stays in sight on a narrow screen. */
  const centre = () => {
    const scroller = document.querySelector(".timeline-scroll");
    const chosen = scroller?.querySelector("[aria-current]");
    if (!chosen || scroller.scrollWidth <= scroller.clientWidth) return;
    scroller.scrollLeft = chosen.offsetLeft - (scroller.clientWidth - chosen.offsetWidth) / 2;
  };
  centre();
})();
