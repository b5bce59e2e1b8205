/* Today: an act is sent, the next card is ready at once, and the queue is drawn anew when the
   answers are in. Nobody waits between two keys. */
(() => {
  "use strict";
  const work = () => document.getElementById("work");
  let pending = 0, timer = 0;

  /* The card steps aside: the next becomes the current one (web/app.js). */
  const leave = (row) => {
    if (!row || row.ariaBusy === "true") return;
    if (row.classList.contains("cur")) document.dispatchEvent(new Event("rowleaves"));
    row.ariaBusy = "true";
  };
  const redraw = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (pending) { redraw(); return; }
      htmx.ajax("GET", location.pathname + location.search, { target: "#work", swap: "outerHTML" });
    }, 150);
  };
  const acts = ({ detail }) => detail.ctx.request.method !== "GET" && detail.ctx.sourceElement.closest?.("#work [data-row]");

  document.addEventListener("htmx:before:request", (event) => {
    const row = acts(event);
    if (!row) return;
    pending += 1;
    if (!event.detail.ctx.sourceElement.matches("[data-stays]")) leave(row);
    else row.dataset.kept = "1";
  });
  document.addEventListener("htmx:finally:request", (event) => {
    if (!acts(event)) return;
    pending -= 1;
    if (!event.detail.ctx.response?.raw?.ok && event.detail.ctx.response?.status !== 204) redraw(); // what stands is shown
  });
  document.addEventListener("workChanged", ({ detail }) => {
    const row = work()?.querySelector(`[data-item="${Number(detail.item)}"]`);
    if (row && !row.dataset.kept) leave(row);
    redraw();
  });
})();
