// Looks up a firm by name or id, goes there and marks it. Nothing leaves the page.
"use strict";
(function () {
  const { firms, words } = JSON.parse(document.getElementById("data").textContent);
  const map = document.getElementById("map");
  const box = document.getElementById("find");
  const list = document.getElementById("found");
  const told = document.getElementById("told");
  const MOST = 20, NEAR_KM = 1.5;

  function plain(text) {
    return text.normalize("NFKC").toLowerCase();
  }
  const keys = firms.map(([name, id]) => plain(name + "\n" + id));

  function escaped(text) {
    return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  }

  // what hovering tells of a firm stands beside it at once
  function tell(id) {
    for (const { text } of map.data)
      for (const words of Array.isArray(text) ? text : [])
        if (words.split("<br>")[1] === escaped(id)) return words;
    return "";
  }

  function go([name, id, x, y]) {
    list.replaceChildren();
    box.value = name;
    told.textContent = id;
    const wide = NEAR_KM * map.clientWidth / Math.max(map.clientHeight, 1);
    Plotly.relayout(map, {
      "xaxis.range": [x - wide, x + wide],
      "yaxis.range": [y - NEAR_KM, y + NEAR_KM],
      annotations: [{ x, y, text: tell(id) || escaped(name), align: "left",
        arrowhead: 2, standoff: 5, ax: -30, ay: -46, xanchor: "right", yanchor: "bottom",
        bgcolor: "white", bordercolor: "#1f2933", borderpad: 6 }],
    });
  }

  function look() {
    list.replaceChildren();
    told.textContent = "";
    const wanted = plain(box.value.trim());
    if (!wanted) {
      Plotly.relayout(map, { annotations: [] });
      return [];
    }
    const found = firms.filter((_, i) => keys[i].includes(wanted));
    for (const firm of found.slice(0, MOST)) {
      const item = document.createElement("li"), button = document.createElement("button");
      button.textContent = firm[0] + "　" + firm[1];
      button.addEventListener("click", () => go(firm));
      item.append(button);
      list.append(item);
    }
    if (!found.length) told.textContent = words.none;
    if (found.length > MOST) told.textContent = words.more.replace("{n}", found.length - MOST);
    return found;
  }

  box.addEventListener("input", look);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") list.replaceChildren();
    if (event.key !== "Enter") return;
    const found = look();
    if (found.length) go(found[0]);
  });
})();
