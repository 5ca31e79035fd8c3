"use strict";

// Passkeys: the browser is asked with what the server says, and its answer is sent as a form. Where
// that cannot be, the page says why; the mailed link is always there.
for (const form of document.querySelectorAll("form[data-passkey]")) {
  const [says, signsIn] = [form.querySelector("[data-says]"), form.dataset.passkey === "get"];
  const offer = form.querySelector("[data-offer]");
  const say = (text) => { says.textContent = text; };
  const read = (text) => Uint8Array.from(atob(text.replace(/-/gu, "+").replace(/_/gu, "/")),
    (one) => one.charCodeAt(0));
  const written = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes ?? [])))
    .replace(/\+/gu, "-").replace(/\//gu, "_").replace(/[=]+$/u, "");
  let waiting = new AbortController();
  const options = async () => {
    const answer = await fetch(form.dataset.options, { headers: { accept: "application/json" } });
    if (!answer.headers.get("content-type")?.includes("json")) throw new Error("signed out");
    const asked = await answer.json();
    asked.challenge = read(asked.challenge);
    if (asked.user) asked.user.id = read(asked.user.id);
    for (const one of asked.excludeCredentials ?? []) one.id = read(one.id);
    return asked;
  };
  const ask = async (mediation) => {
    waiting.abort();
    waiting = new AbortController();
    const { signal } = waiting;
    const publicKey = await options();
    const made = signsIn
      ? await navigator.credentials.get({ publicKey, signal, ...mediation })
      : await navigator.credentials.create({ publicKey, signal });
    const told = made.response;
    form.elements.id.value = written(made.rawId);
    form.elements.client_data.value = written(told.clientDataJSON);
    form.elements.authenticator.value = written(told.authenticatorData && signsIn
      ? told.authenticatorData : told.attestationObject);
    form.elements.signature.value = written(told.signature);
    form.elements.user.value = written(told.userHandle);
    form.submit();
  };
  const failed = (error) => {
    if (error.name === "AbortError") return;
    if (error.name === "InvalidStateError") say("This device already has a passkey for your account.");
    else if (error.name === "NotAllowedError") say("It was declined, or took too long.");
    else if (error.name === "SecurityError") say("This page is not at the address that passkeys are for.");
    else say("That did not work. Load the page again, or use a mailed link.");
  };
  if (!window.isSecureContext) {
    say("Passkeys work by HTTPS only, and this page came without it.");
  } else if (!window.PublicKeyCredential) {
    say("This browser has no passkeys. A mailed link works.");
  } else {
    say("");
    offer.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      say("Your browser asks you now.");
      ask({}).catch(failed);
    });
    // Where the browser can, it offers passkeys at the field of the address; its question is asked
    // anew before it is too old.
    const offered = async () => {
      if (!signsIn || !await PublicKeyCredential.isConditionalMediationAvailable?.()) return;
      const again = () => ask({ mediation: "conditional" }).catch((error) => {
        if (error.name !== "AbortError") clearInterval(turn);
      });
      const turn = setInterval(() => {
        if (!document.hidden && says.textContent === "") again();
      }, 4 * 60 * 1000);
      again();
    };
    offered();
  }
}
