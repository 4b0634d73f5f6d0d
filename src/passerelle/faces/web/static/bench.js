"use strict";
// What a page does by itself while somebody types or looks. Without it, a button and a reload do the same.

const put = async (place, address, options) => {
  const answer = await fetch(address, { credentials: "same-origin", cache: "no-store", ...options });
  // whoever is signed out is led to the door: that is no part of this page
  if (!answer.ok || answer.redirected) return false;
  place.innerHTML = await answer.text();
  return true;
};

for (const form of document.querySelectorAll("form[data-verdict]")) {
  const place = document.getElementById("verdict");
  const look = () => {
    const body = new URLSearchParams(new FormData(form));
    put(place, form.dataset.verdict, { method: "POST", body }).catch(() => {});
  };
  let waiting = 0;
  const wait = () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, 400);
  };
  form.addEventListener("input", wait);
  // somebody typed before this file was here
  if ([...form.querySelectorAll("td input")].some((entry) => entry.value !== entry.defaultValue)) wait();
}

for (const place of document.querySelectorAll("[data-again]")) {
  const look = async () => {
    const goesOn = document.hidden || (await put(place, place.dataset.again).catch(() => true));
    if (goesOn && !place.querySelector("[data-ended]")) setTimeout(look, 2000);
  };
  setTimeout(look, 2000);
}
