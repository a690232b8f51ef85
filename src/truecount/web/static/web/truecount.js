/* The little that HTML can't do alone; every page works without it. */
"use strict";

/* A form is sent once: a second click while the first is on its way does nothing. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.matches("[hx-post]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
});

/* The address follows what was searched and sorted; these two have to follow it. */
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-export]");
  if (!link) return;
  const asked = new URLSearchParams(location.search);
  asked.delete("page");
  asked.set("format", "csv");
  link.search = asked.toString();
});
document.addEventListener("submit", (event) => {
  const next = event.target.elements.namedItem("next");
  if (next) next.value = location.pathname + location.search;
}, true);

/* A page that comes back out of the browser's memory may be sent again. */
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
  }
});

/* "All" ticks every line of its form. */
document.addEventListener("change", (event) => {
  const all = event.target.closest("[data-ticks-all]");
  if (!all) return;
  for (const box of all.form.elements) if (box.type === "checkbox" && box.name) box.checked = all.checked;
});

/* Some of a customer's changes are ticked: neither on nor off. */
const showMixed = (part) => {
  for (const box of part.querySelectorAll("input[data-mixed]")) box.indeterminate = true;
};
showMixed(document);
document.addEventListener("htmx:afterSwap", (event) => showMixed(event.target));

/* A part of a page that was asked for into the dialog opens it; without this script the same address is a page.
   What is wrong in a form that came back is where the reader goes first. */
const dialog = document.getElementById("dialog");
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== dialog) return;
  if (!dialog.open) dialog.showModal();
  const wrong = dialog.querySelector('[role="alert"], [aria-invalid="true"]');
  const here = document.activeElement !== dialog && dialog.contains(document.activeElement);
  if (wrong) wrong.focus();
  else if (!here) (dialog.querySelector("[autofocus]") || dialog).focus();
});
document.addEventListener("htmx:afterSwap", (event) => {
  const rule = document.getElementById("rule");
  if (event.detail.target?.id === "rule" && rule?.matches("[data-opens]")) rule.closest("details").open = true;
});
document.addEventListener("dialog-done", () => dialog.close());
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("[data-finds]")) event.preventDefault();
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-close]") || !dialog.open) return;
  event.preventDefault();
  dialog.close();
});

/* No answer at all: say so, instead of nothing happening. */
document.addEventListener("htmx:sendError", () => {
  const told = document.getElementById("unreachable");
  if (told) told.hidden = false;
});

/* Switches that were moved and not saved stay so through sorting, searching and dialogs; leaving the page asks. */
const moved = new Map();
const kept = (box) => (box.dataset.kept ? box.dataset.kept === "on" : box.defaultChecked);
const note = (box) => {
  if (box.checked === kept(box)) moved.delete(box.value);
  else moved.set(box.value, box.checked);
};
for (const box of document.querySelectorAll("input[data-switch]")) note(box);
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-switch]")) note(event.target);
});
document.addEventListener("htmx:afterSettle", () => {
  for (const box of document.querySelectorAll("input[data-switch]")) {
    if (moved.has(box.value) && !box.disabled) box.checked = moved.get(box.value);
    note(box);
  }
});
document.addEventListener("submit", (event) => {
  if (event.target.id !== "switches") return;
  for (const box of event.target.querySelectorAll("[data-switch]")) moved.delete(box.value);
});
window.addEventListener("beforeunload", (event) => {
  if (moved.size) event.preventDefault();
});
