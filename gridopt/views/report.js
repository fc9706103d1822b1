"use strict";
// drawings of one set share a frame, so that they can be held against each other
const sets = ["#map", ".pair .plan"]
  .map((which) => [...document.querySelectorAll(which)])
  .filter((drawings) => drawings.length)
  .map((drawings) => ({ drawings, whole: drawings[0].getAttribute("viewBox").split(" ").map(Number) }));
const drawings = sets.flatMap((set) => set.drawings);
const tip = document.getElementById("tip");
const choices = ["u", "c"].map((key) => document.getElementById("by-" + key));

let isPrinted = false;

function isShown(node) {
  return choices.every((choice, i) => !choice.value || node.dataset["uc"[i]] === choice.value);
}

function frameOf(groups) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const group of groups) {
    const box = group.getBBox();
    left = Math.min(left, box.x); top = Math.min(top, box.y);
    right = Math.max(right, box.x + box.width); bottom = Math.max(bottom, box.y + box.height);
  }
  const margin = 0.05 * Math.max(right - left, bottom - top, 400);
  return [left - margin, top - margin, right - left + 2 * margin, bottom - top + 2 * margin];
}

function drawScale(drawn, [x, y, width, height]) {
  const perPixel = Math.max(width / drawn.clientWidth, height / drawn.clientHeight);
  const wide = perPixel * drawn.clientWidth, high = perPixel * drawn.clientHeight;
  // paper has another shape than the window: inside the frame, which both show whole
  const [left, foot] = isPrinted ? [x + 0.02 * width, y + 0.97 * height]
    : [x + width / 2 - 0.48 * wide, y + height / 2 + 0.47 * high];
  const power = 10 ** Math.floor(Math.log10(wide / 5));
  const length = Math.max(...[1, 2, 5].map((m) => m * power).filter((m) => m <= wide / 5));
  const [bar, words] = [...drawn.querySelectorAll("#scale > *, .scale > *")];
  bar.setAttribute("d", `M${left} ${foot}h${length}`);
  words.textContent = length >= 1000 ? length / 1000 + "公里" : length + "米";
  words.setAttribute("x", left);
  words.setAttribute("y", foot - 6 * perPixel);
  drawn.style.setProperty("--f", 14 * perPixel + "px");
}

function show() {
  for (const node of document.querySelectorAll(".g, tr[data-u]")) {
    node.classList.toggle("off", !isShown(node));
  }
  sets.forEach(showSet);
}

function tell(n) {
  // the choices are not printed, so what was chosen stands beside the number
  const chosen = choices.filter((choice) => choice.value).map((choice) => choice.selectedOptions[0].text);
  return (n ? `显示${n}个网格` : "没有符合条件的网格") + (chosen.length ? `（${chosen.join("，")}）` : "");
}

function showSet({ drawings, whole }) {
  const groups = drawings.flatMap((drawn) => [...drawn.querySelectorAll(".g")]);
  const kept = groups.filter(isShown);
  const frame = kept.length && kept.length < groups.length ? frameOf(kept) : whole;
  for (const drawn of drawings) {
    drawn.setAttribute("viewBox", frame.join(" "));
    drawScale(drawn, frame);
    const told = drawn.closest("section").querySelector(`.shown[data-of="${drawn.id}"]`);
    if (told) told.textContent = tell(drawn.querySelectorAll(".g:not(.off)").length);
  }
}

function point(event) {
  const title = event.target.querySelector && event.target.querySelector("title");
  const isDrawn = drawings.some((drawn) => drawn.contains(event.target));
  tip.style.display = title && isDrawn ? "block" : "none";
  if (!title) return;
  tip.textContent = title.textContent;
  tip.style.left = Math.min(event.clientX + 14, innerWidth - 350) + "px";
  tip.style.top = event.clientY + 14 + "px";
}

choices.forEach((choice) => choice.addEventListener("change", show));
for (const drawn of drawings) {
  drawn.addEventListener("mousemove", point);
  drawn.addEventListener("mouseleave", () => { tip.style.display = "none"; });
}
addEventListener("resize", show);
for (const name of ["beforeprint", "afterprint"]) {
  addEventListener(name, () => { isPrinted = name === "beforeprint"; show(); });
}
show();
