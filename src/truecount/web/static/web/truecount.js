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

/* A part of a page that was asked for into the dialog opens it; without this script the same address is a page. */
const dialog = document.getElementById("dialog");
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target !== dialog || dialog.open) return;
  dialog.showModal();
  (dialog.querySelector("[autofocus]") || dialog).focus();
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
