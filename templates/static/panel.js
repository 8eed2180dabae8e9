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

const remember = (key, value) => {
  try {
    localStorage.setItem(`best-regards.${key}`, value);
  } catch {
    // Without storage the widgets follow the system's theme and show no link; nothing else is lost.
  }
};

// ---- Theme and language -------------------------------------------------------------------------------------

const paint = (theme) => {
  if (theme !== "light" && theme !== "dark") return;
  root.dataset.theme = theme;
  remember("theme", theme);
};

let locale = "en";
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
  detail.headers["Locale"] = locale;
});

// ---- Pages and deep links -----------------------------------------------------------------------------------

let started = false;
let here = location.pathname;

const load = (path) => htmx.ajax("GET", `/panel${path}`, { target: content });

// The address in the frame is kept the same as the dashboard would make it for this deep link, so that going
// back in the dashboard replaces this entry of the history and adds none.
const addressOf = (path) => {
  const kept = new URLSearchParams(location.search);
  MOUNT_PARAMETERS.forEach((name) => kept.delete(name));
  return `${path}?${kept}`;
};

const moveTo = async (path) => {
  if (path === here) return;
  here = path;
  await tell(actions.UpdateRouting({ newRoute: path }));
  history.replaceState({ path }, "", addressOf(path));
};

window.addEventListener("popstate", ({ state }) => {
  if (!started || !state?.path || state.path === here) return;
  here = state.path;
  load(here);
});

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
  bridge.subscribe("theme", ({ theme }) => paint(theme));
  // Where the dashboard is mounted, for the links in widgets: they have no bridge that could say so.
  bridge.subscribe("redirect", ({ path }) => {
    const mount = path.split("/extensions/")[0];
    if (document.referrer) remember("dashboard", new URL(document.referrer).origin + mount);
  });
  tell(actions.NotifyReady());
  const late = soon(WAIT_FOR_DASHBOARD).then(() => "late");
  if ((await Promise.race([handshake, late])) === "late") {
    show("unanswered");
    return;
  }
  await Promise.race([languageKnown, soon(400)]);
  started = true;
  history.replaceState({ path: here }, "");
  const named = MOUNT_PARAMETERS.find((name) => query.has(name));
  if (named && (here === "/order" || here === "/customer")) {
    htmx.ajax("POST", `/panel${here}`, { target: content, values: { [named]: query.get(named) } });
  } else {
    load(here);
  }
};

start();
