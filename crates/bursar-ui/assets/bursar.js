// Small improvements. Every page works without this file.
"use strict";

// The error summary takes the focus, so that a screen reader begins with it.
document.querySelector("[data-focus]")?.focus();

// Copy buttons show only where copying works.
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy)?.textContent ?? "";
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}

// How much room is left, counted as the server counts: what stands between blanks, or characters of
// any script without the blanks around them. Shown at once, read out once the writer pauses.
for (const note of document.querySelectorAll("[data-count-of]")) {
  const area = document.getElementById(note.dataset.countOf);
  const said = document.getElementById(`${note.dataset.countOf}-said`);
  const [most, advised] = [Number(note.dataset.countMax), Number(note.dataset.countAdvised)];
  const unit = note.dataset.countUnit;
  let waiting;
  const counted = () => unit === "words"
    ? area.value.split(/\p{White_Space}+/u).filter(Boolean).length
    : [...area.value.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, "")].length;
  const count = () => {
    const used = counted();
    const left = most - used;
    const noun = Math.abs(left) === 1 ? unit.replace(/s$/u, "") : unit;
    const much = advised && used > advised && left >= 0 ? `; ${advised} are advised` : "";
    note.textContent = left < 0 ? `${-left} ${noun} too many` : `${left} ${noun} left${much}`;
    note.classList.toggle("too-many", left < 0);
  };
  area?.addEventListener("input", () => {
    count();
    clearTimeout(waiting);
    waiting = setTimeout(() => { if (said) said.textContent = note.textContent; }, 1000);
  });
  if (area?.value) count();
}

// A question that depends on another one's answer is in sight while that answer is given.
for (const part of document.querySelectorAll("[data-show-if]")) {
  const answers = part.dataset.showAnswers.split(" ");
  const form = part.closest("form");
  const controls = () => [...form.elements].filter((one) => one.name === part.dataset.showIf);
  if (!form || controls().length === 0) continue;
  const show = () => {
    const given = controls().filter((one) => !/radio|checkbox/u.test(one.type) || one.checked);
    part.hidden = !given.some((one) => answers.includes(one.value));
  };
  form.addEventListener("input", show);
  show();
}

// Leaving a form with unsaved answers asks first. A draft is saved by itself: ten seconds apart at
// the least, and again and again where that fails.
for (const form of document.querySelectorAll("form[data-warn-unsaved]")) {
  let [unsaved, changes, waiting, delay] = [form.dataset.warnUnsaved === "now", 0, 0, 0];
  const status = document.getElementById(form.dataset.autosave ?? "");
  const say = (text, wrong) => {
    if (status.textContent !== text) status.textContent = text;
    status.classList.toggle("too-many", wrong);
  };
  const later = (seconds) => { waiting ||= setTimeout(save, seconds * 1000); };
  const save = async () => {
    waiting = 0;
    const [upTo, body] = [changes, new URLSearchParams()];
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string") body.append(name, value);
    }
    body.set("action", "autosave");
    let told;
    try {
      const headers = { accept: "application/json" };
      // Not `form.action`: that is the buttons of that name.
      const answer = await fetch(form.getAttribute("action"), { method: "POST", headers, body });
      told = answer.headers.get("content-type")?.includes("json") ? await answer.json() : null;
    } catch { told = null; }
    if (told?.was) form.elements.was.value = told.was;
    if (told?.saved) {
      delay = 0;
      say(told.saved, false);
      if (changes === upTo) unsaved = false;
      else later(10);
    } else if (told?.stop) {
      say(told.stop, true);
    } else {
      delay = Math.min(60, (delay || 5) * 2);
      say(`Not saved yet: the server cannot be reached. Trying again in ${delay} seconds.`, true);
      later(delay);
    }
  };
  form.addEventListener("input", () => {
    unsaved = true;
    changes += 1;
    if (status) later(delay || 5);
  });
  form.addEventListener("submit", () => { unsaved = false; clearTimeout(waiting); });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
}

// `data-institutions="/institutions"`: names are completed while somebody types.
for (const input of document.querySelectorAll("[data-institutions]")) {
  let waiting = 0;
  const complete = async () => {
    const name = input.value.trim();
    if (name.length < 2 || name.includes("(ror.org/")) return;
    const answer = await fetch(`${input.dataset.institutions}?name=${encodeURIComponent(name)}`);
    const found = answer.ok ? await answer.json() : [];
    if (name !== input.value.trim()) return;
    input.list.replaceChildren(...found.map((one) => new Option(one.where, one.value)));
  };
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    // Where it cannot be reached, the button looks.
    waiting = setTimeout(() => complete().catch(() => {}), 250);
  });
}

// `data-refresh="5"`: every five seconds this element is read anew from the same page.
for (const element of document.querySelectorAll("[data-refresh]")) {
  const id = element.id;
  const pause = Math.max(2, Number(element.dataset.refresh)) * 1000;
  const refresh = async () => {
    const current = document.getElementById(id);
    if (!current) return;
    if (!document.hidden && !current.contains(document.activeElement)) {
      try {
        const answer = await fetch(location.href, { headers: { accept: "text/html" } });
        if (!answer.ok) return;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById(id);
        if (!fresh) return;
        if (fresh.innerHTML !== current.innerHTML) current.replaceWith(fresh);
      } catch { /* The next round tries again. */ }
    }
    setTimeout(refresh, pause);
  };
  setTimeout(refresh, pause);
}
