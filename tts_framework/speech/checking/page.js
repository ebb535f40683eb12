"use strict";
const rows = Array.from(document.querySelectorAll("#findings tbody tr"));
const severity = document.getElementById("severity");
const rule = document.getElementById("rule");
const words = document.getElementById("words");
const shown = document.getElementById("shown");
function filter() {
  const wanted = words.value.toLowerCase();
  let count = 0;
  for (const row of rows) {
    const fits =
      (!severity.value || row.dataset.severity === severity.value) &&
      (!rule.value || row.dataset.rule === rule.value) &&
      (!wanted || row.textContent.toLowerCase().includes(wanted));
    row.hidden = !fits;
    count += fits;
  }
  shown.textContent = count + " of " + rows.length + " shown";
}
if (rows.length) {
  severity.addEventListener("change", filter);
  rule.addEventListener("change", filter);
  words.addEventListener("input", filter);
  for (const link of document.querySelectorAll("[data-pick]")) {
    link.addEventListener("click", () => { rule.value = link.dataset.pick; filter(); });
  }
  filter();
}
