"use strict";
// Everything can be read without this: it adds the filter, and opens what a printer would not.
const tools = document.querySelector(".tools");
const buttons = [...tools.querySelectorAll("button")];
tools.hidden = false;
for (const button of buttons) {
  button.addEventListener("click", () => {
    for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
    const wanted = button.dataset.show;
    for (const item of document.querySelectorAll(".exercise")) {
      item.hidden = wanted !== "" && item.dataset.status !== wanted;
    }
    for (const part of document.querySelectorAll(".chapter")) {
      part.hidden = wanted !== "" && !part.querySelector(".exercise:not([hidden])");
    }
  });
}
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
