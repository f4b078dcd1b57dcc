"use strict";
// Zooms pictures, moves them by dragging, and dims the edges that a node has no part in.
for (const figure of document.querySelectorAll(".viewer")) {
  const canvas = figure.querySelector(".canvas");
  const svg = canvas.querySelector("svg");
  const natural = { width: svg.width.baseVal.value, height: svg.height.baseVal.value };
  const least = 0.1, most = 4;
  let scale = 1;

  const show = (wanted) => {
    scale = Math.min(most, Math.max(least, wanted));
    svg.setAttribute("width", natural.width * scale);
    svg.setAttribute("height", natural.height * scale);
  };

  const fitting = () => Math.min(1, (canvas.clientWidth - 2) / natural.width);

  // Keeps the point at which one zooms where it is.
  const zoom = (factor, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) => {
    const before = scale;
    const left = canvas.scrollLeft + x, top = canvas.scrollTop + y;
    show(scale * factor);
    canvas.scrollLeft = left * scale / before - x;
    canvas.scrollTop = top * scale / before - y;
  };

  figure.querySelector(".tools").hidden = false;
  figure.querySelector(".tools").addEventListener("click", (event) => {
    const kind = event.target.dataset.zoom;
    if (kind === "fit") show(fitting());
    else if (kind) zoom(kind === "in" ? 1.25 : 0.8);
  });
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const box = canvas.getBoundingClientRect();
    zoom(event.deltaY < 0 ? 1.1 : 1 / 1.1, event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    if (event.key === "+" || event.key === "=") zoom(1.25);
    else if (event.key === "-") zoom(0.8);
    else if (event.key === "0") show(fitting());
    else if (event.key === "Escape") light(null);
    else return;
    event.preventDefault();
  });

  let drag = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button === 0) {
      drag = { x: event.clientX + canvas.scrollLeft, y: event.clientY + canvas.scrollTop };
    }
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drag) return;
    canvas.scrollLeft = drag.x - event.clientX;
    canvas.scrollTop = drag.y - event.clientY;
  });
  window.addEventListener("pointerup", () => { drag = null; });

  let lit = null;
  const light = (node) => {
    lit = node;
    figure.classList.toggle("dimmed", node !== null);
    for (const edge of svg.querySelectorAll(".edge")) {
      edge.classList.toggle("lit", edge.dataset.from === node || edge.dataset.to === node);
    }
  };
  svg.addEventListener("click", (event) => {
    const node = event.target.closest("[data-node]");
    light(node && node.dataset.node !== lit ? node.dataset.node : null);
    if (node) figure.dispatchEvent(new CustomEvent("node", { detail: lit }));
  });

  // A picture that is a little too wide is fitted; one that would be unreadable is scrolled.
  show(Math.max(0.55, fitting()));
}
