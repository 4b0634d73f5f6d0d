"use strict";
// Asks the browser for a passkey and sends what it shows, as the form would. Without it, password and code remain.

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const read = (told) => {
  const options = { ...told, challenge: toBytes(told.challenge) };
  if (told.user) options.user = { ...told.user, id: toBytes(told.user.id) };
  for (const list of ["excludeCredentials", "allowCredentials"])
    if (told[list]) options[list] = told[list].map((one) => ({ ...one, id: toBytes(one.id) }));
  return options;
};

const write = ({ id, rawId, type, response }) => {
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const shown = Object.fromEntries(parts.filter((one) => response[one]).map((one) => [one, toText(response[one])]));
  return JSON.stringify({ id, rawId: toText(rawId), type, response: shown, clientExtensionResults: {} });
};

for (const form of window.PublicKeyCredential ? document.querySelectorAll("form[data-challenge]") : []) {
  form.hidden = false;
  form.nextElementSibling.hidden = true;
  const button = form.querySelector("button");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      const body = new URLSearchParams({ form_key: form.elements.form_key.value });
      const options = { method: "POST", body, credentials: "same-origin", cache: "no-store" };
      const publicKey = read(await (await fetch(form.dataset.challenge, options)).json());
      const shown = await navigator.credentials[publicKey.user ? "create" : "get"]({ publicKey });
      form.elements.reponse.value = write(shown);
    } catch {
      // whoever turned the question of the browser down, or has no passkey here: the page says what else there is
      form.elements.reponse.value = "";
    }
    form.submit();
  });
}
