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

// How many words are left, once the writer pauses.
for (const note of document.querySelectorAll("[data-words-of]")) {
  const area = document.getElementById(note.dataset.wordsOf);
  const most = Number(note.dataset.wordsMax);
  let waiting;
  const count = () => {
    const words = area.value.trim().split(/\s+/u).filter(Boolean).length;
    const left = most - words;
    const noun = Math.abs(left) === 1 ? "word" : "words";
    note.textContent = left < 0 ? `${-left} ${noun} too many` : `${left} ${noun} left`;
    note.classList.toggle("too-many", left < 0);
  };
  area?.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(count, 500);
  });
  if (area?.value) count();
}

// Leaving a form with unsaved answers asks first.
for (const form of document.querySelectorAll("form[data-warn-unsaved]")) {
  let unsaved = false;
  form.addEventListener("input", () => { unsaved = true; });
  form.addEventListener("submit", () => { unsaved = false; });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
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
