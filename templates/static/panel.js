// The panel inside the dashboard: the handshake, the token on each request, deep links, theme, language, toasts.
// All content comes from the server as HTML; this script knows no data. There are no cookies.
import { actions, AppBridge } from "./app-bridge.js";

const root = document.documentElement;
const content = document.getElementById("content");
const spoken = document.getElementById("spoken");
const query = new URLSearchParams(location.search);
const MOUNT_PARAMETERS = ["orderId", "customerId"];
const WAIT_FOR_DASHBOARD = 10_000;
const WAIT_FOR_TOKEN = 8_000;

const bridge = new AppBridge({ autoNotifyReady: false });
const tell = (action) => bridge.dispatch(action).catch(() => false);
const soon = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

const show = (name) => {
  const template = document.querySelector(`template[data-name="${name}"][lang="${root.lang}"]`);
  content.replaceChildren(template.content.cloneNode(true));
};

// ---- Theme and language -------------------------------------------------------------------------------------

const paint = (theme) => {
  if (theme !== "light" && theme !== "dark") return;
  root.dataset.theme = theme;
};

let locale = "en";
let dashboard = "";
const speak = (wanted) => {
  locale = wanted || "en";
  root.lang = locale.startsWith("de") ? "de" : "en";
};

// ---- The token ----------------------------------------------------------------------------------------------

const handshake = new Promise((done) => {
  bridge.subscribe("handshake", done);
});
const languageKnown = new Promise((done) => {
  bridge.subscribe("localeChanged", ({ locale: wanted }) => {
    const before = root.lang;
    speak(wanted);
    done();
    if (started && before !== root.lang) load(here);
  });
});

const secondsLeft = (token) => {
  try {
    const claims = JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
    return claims.exp - Date.now() / 1000;
  } catch {
    return Infinity;
  }
};

// The dashboard renews the token before it ends, but a sleeping tab may be behind: ask, and wait a little.
const usableToken = async () => {
  const { token } = bridge.getState();
  if (!token || secondsLeft(token) > 5) return;
  const renewed = new Promise((done) => {
    const ends = [bridge.subscribe("tokenRefresh", finish), bridge.subscribe("handshake", finish)];
    function finish() {
      if (secondsLeft(bridge.getState().token) <= 0) return;
      ends.forEach((end) => end());
      done();
    }
  });
  tell(actions.NotifyReady());
  await Promise.race([renewed, soon(WAIT_FOR_TOKEN)]);
};

document.addEventListener("htmx:confirm", (event) => {
  event.preventDefault();
  usableToken().then(() => event.detail.issueRequest(true));
});

document.addEventListener("htmx:configRequest", ({ detail }) => {
  const { token, saleorApiUrl } = bridge.getState();
  detail.headers["Authorization-Bearer"] = token ?? "";
  detail.headers["Saleor-Api-Url"] = saleorApiUrl;
  // What follows is remembered for the widgets, which have no bridge that could say it.
  detail.headers["Locale"] = locale;
  detail.headers["Theme"] = root.dataset.theme ?? "";
  detail.headers["Dashboard"] = dashboard;
});

// ---- Pages and deep links -----------------------------------------------------------------------------------

// The dashboard's address follows the panel by updateRouting, so that a reload finds the page again. Going back
// there is seen by its router, which then loads this frame at the older address. Three things need care:
// 1. The router knows only the address of the last load. Going back to just that one would change nothing in this
//    frame, so the first step away from it is made by way of a second address of the same page (`otherAddress`).
// 2. The load adds an entry to the history. It is taken out again by going back in this frame alone; what is to
//    be shown is left for the document that stands there, in the frame's name, since a third party may have no
//    storage (`leaveDetour`).
// 3. A reload of this frame alone shows the page that was there: its own address is replaced at each step.
const WANTED = "wanted:";

const pageAt = (path) => {
  const plain = path.replace(/\/+$/, "") || "/";
  return plain === "/today" ? "/" : plain;
};
const otherAddress = (path) => (pageAt(path) === "/" ? "/today" : path.endsWith("/") ? pageAt(path) : `${path}/`);

let started = false;
let loadedAt = location.pathname;
let here = pageAt(loadedAt);
let moved = false;

const takeWanted = () => {
  const wanted = window.name.startsWith(WANTED) ? window.name.slice(WANTED.length) : null;
  window.name = "";
  return wanted;
};

const leaveDetour = async () => {
  if (!globalThis.navigation?.canGoBack) return;
  window.name = WANTED + loadedAt;
  const step = navigation.back();
  step.finished.catch(() => null);
  // Refused where the step would take the dashboard along: then this is no detour. Otherwise this document ends.
  await Promise.race([step.committed.catch(() => null), soon(1_500)]);
  takeWanted();
};

const load = (path) => htmx.ajax("GET", `/panel${path}`, { target: content });

const addressOf = (path) => {
  const kept = new URLSearchParams(location.search);
  MOUNT_PARAMETERS.forEach((name) => kept.delete(name));
  return `${path}?${kept}`;
};

const moveTo = async (path) => {
  if (path === here) return;
  here = path;
  if (!moved) {
    moved = true;
    await tell(actions.UpdateRouting({ newRoute: otherAddress(loadedAt) }));
  }
  await tell(actions.UpdateRouting({ newRoute: path }));
  history.replaceState(null, "", addressOf(path));
};

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const path = detail.xhr?.getResponseHeader("Panel-Path");
  if (!path || detail.target !== content) return;
  moveTo(path);
  const heading = content.querySelector("h1");
  if (heading && !content.querySelector("[aria-invalid=true]")) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  } else {
    content.querySelector("[aria-invalid=true]")?.focus();
  }
  if (detail.requestConfig.verb === "get") scrollTo(0, 0);
});

// ---- What the server says beside a page ------------------------------------------------------------------------

document.body.addEventListener("toast", ({ detail }) => {
  spoken.textContent = detail.title;
  tell(actions.Notification({ status: detail.status, title: detail.title }));
});

// An answer that can't be shown in place of the page: keep what stands there, unless nothing does yet.
document.addEventListener("htmx:responseError", ({ detail }) => {
  if (content.querySelector(".bones")) htmx.swap(content, detail.xhr.responseText, { swapStyle: "innerHTML" });
});
for (const kind of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(kind, () => {
    if (content.querySelector(".bones")) show("unreachable");
    spoken.textContent = document.querySelector(`template[data-name="unreachable"][lang="${root.lang}"]`).content.textContent;
    tell(actions.Notification({ status: "error", title: spoken.textContent.trim() }));
  });
}

// ---- Buttons that leave the panel ------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const out = event.target.closest("[data-dashboard]");
  if (out) {
    event.preventDefault();
    tell(actions.Redirect({ to: out.dataset.dashboard, newContext: event.ctrlKey || event.metaKey }));
  }
  if (event.target.closest("[data-reload]")) location.reload();
});

// ---- Start --------------------------------------------------------------------------------------------------

const start = async () => {
  speak(query.get("locale") ?? "");
  if (window.parent === window) {
    show("outside");
    return;
  }
  paint(query.get("theme"));
  const wanted = takeWanted();
  if (wanted) {
    loadedAt = wanted;
    here = pageAt(wanted);
    history.replaceState(null, "", addressOf(here));
  } else {
    await leaveDetour();
  }
  bridge.subscribe("theme", ({ theme }) => paint(theme));
  const placeKnown = new Promise((done) => {
    bridge.subscribe("redirect", ({ path }) => {
      if (document.referrer) dashboard = new URL(document.referrer).origin + path.split("/extensions/")[0];
      done();
    });
  });
  tell(actions.NotifyReady());
  const late = soon(WAIT_FOR_DASHBOARD).then(() => "late");
  if ((await Promise.race([handshake, late])) === "late") {
    show("unanswered");
    return;
  }
  await Promise.race([Promise.all([languageKnown, placeKnown]), soon(400)]);
  started = true;
  const named = MOUNT_PARAMETERS.find((name) => query.has(name));
  if (named && (here === "/order" || here === "/customer")) {
    htmx.ajax("POST", `/panel${here}`, { target: content, values: { [named]: query.get(named) } });
  } else {
    load(here);
  }
};

start();
