// The packing desk in a tab of its own, where no dashboard is around: the code behind the "#" is exchanged for a token,
// which lives as long as the tab and opens the desk alone. There are no cookies.
import { tendDesk } from "./desk.js";

const TOKEN = "best-regards-desk-token";
const PAGE = "best-regards-desk-page";
const START = "/desk";
const TOAST = 6_000;

const root = document.documentElement;
const content = document.getElementById("content");
const spoken = document.getElementById("spoken");

root.lang = navigator.language.startsWith("de") ? "de" : "en";
const words = (name) =>
  document.querySelector(`template[data-name="${name}"][lang="${root.lang}"]`).content.cloneNode(true);
const show = (name) => content.replaceChildren(words(name));
const nothingShown = () => content.querySelector(":scope > .bones:only-child") !== null;

// ---- The token --------------------------------------------------------------------------------------------------

const headers = () => ({ "Desk-Token": sessionStorage.getItem(TOKEN) ?? "" });
const ask = (path, options = {}) => fetch(path, { ...options, headers: headers() });

// The code leaves the address at once: a link that was used should not look as if it were good.
const enter = async (code) => {
  history.replaceState(null, "", location.pathname);
  const answer = await fetch("/panel/desks/enter", { method: "POST", body: new URLSearchParams({ code }) });
  if (!answer.ok) return false;
  sessionStorage.setItem(TOKEN, (await answer.json()).token);
  sessionStorage.removeItem(PAGE);
  return true;
};

const leave = () => {
  sessionStorage.removeItem(TOKEN);
  sessionStorage.removeItem(PAGE);
  if (document.fullscreenElement) document.exitFullscreen();
  show("ended");
  tendDesk(content, ask);
};

// ---- Pages --------------------------------------------------------------------------------------------------------

const say = (text) => {
  spoken.textContent = text;
  setTimeout(() => spoken.textContent === text && (spoken.textContent = ""), TOAST);
};
const failed = () => (nothingShown() ? show("unreachable") : say(words("failed").textContent));

document.addEventListener("htmx:configRequest", ({ detail }) => Object.assign(detail.headers, headers()));
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  root.lang = detail.xhr.getResponseHeader("Content-Language") ?? root.lang;
});
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target !== content) return;
  const path = detail.xhr.getResponseHeader("Panel-Path");
  if (path) sessionStorage.setItem(PAGE, path);
  const heading = content.querySelector("h1");
  if (heading) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
  scrollTo(0, 0);
  furnish();
  tendDesk(content, ask);
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt.matches?.("[data-leave]") && detail.successful) leave();
});
document.addEventListener("htmx:responseError", failed);
document.addEventListener("htmx:sendError", failed);
document.addEventListener("htmx:timeout", failed);
document.body.addEventListener("toast", ({ detail }) => say(detail.title));

// ---- The whole screen, and awake ------------------------------------------------------------------------------------

const furnish = () => {
  const button = content.querySelector("[data-fullscreen]");
  if (button) button.hidden = !document.fullscreenEnabled;
};

let awake = null;
const stayAwake = async () => {
  if (document.hidden || (awake && !awake.released)) return;
  awake = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
};
document.addEventListener("visibilitychange", stayAwake);

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-reload]")) location.reload();
  if (target.closest("[data-fullscreen]")) {
    if (document.fullscreenElement) document.exitFullscreen();
    else root.requestFullscreen().catch(() => null);
  }
});

// ---- Start ------------------------------------------------------------------------------------------------------------

const start = async () => {
  const code = location.hash.slice(1);
  try {
    if (code ? !(await enter(code)) : !sessionStorage.getItem(TOKEN)) {
      show("used");
      return;
    }
  } catch {
    show("unreachable");
    return;
  }
  stayAwake();
  htmx.ajax("GET", `/panel${sessionStorage.getItem(PAGE) ?? START}`, { target: content });
};
// The link may be opened again in a tab that is here already: only what is behind the "#" changes then.
addEventListener("hashchange", start);
start();
