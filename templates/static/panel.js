// The panel inside the dashboard: the handshake, the token on each request, deep links, theme, language, toasts.
// All content comes from the server as HTML; this script knows no data. There are no cookies.
import { actions, AppBridge } from "./app-bridge.js";

const root = document.documentElement;
const content = document.getElementById("content");
const spoken = document.getElementById("spoken");
const query = new URLSearchParams(location.search);
const MOUNT_PARAMETERS = ["orderId", "customerId"];
const ENTRANCES = ["/order", "/customer"];
const WAIT_FOR_DASHBOARD = 10_000;
const WAIT_FOR_TOKEN = 8_000;
const SLOW = 150;

// The bridge listens to the referrer alone. After a reload by a script that is this page itself in Chromium, which
// names the page around a frame in another way.
const around = location.ancestorOrigins?.[0] ?? (document.referrer && new URL(document.referrer).origin);
const bridge = new AppBridge({ autoNotifyReady: false });
bridge.refererOrigin = around || undefined;
const tell = (action) => bridge.dispatch(action).catch(() => false);
const soon = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// The few words that the shell brings along, in the viewer's language.
const words = (name) =>
  document.querySelector(`template[data-name="${name}"][lang="${root.lang}"]`).content.cloneNode(true);
const show = (name) => content.replaceChildren(words(name));
const nothingShown = () => content.querySelector(":scope > .bones:only-child") !== null;
const unreachable = () => {
  spoken.textContent = words("unreachable").querySelector("main").textContent;
  tell(actions.Notification({ status: "error", title: words("unreachable").querySelector("h1").textContent }));
};

// ---- Theme and language -------------------------------------------------------------------------------------

const paint = (theme) => {
  if (theme !== "light" && theme !== "dark") return;
  root.dataset.theme = theme;
};

// The dashboard does not say its language again to a frame that it loads anew, as when staff go back. As long as it is
// not known nothing is sent for it: the server remembers the viewer's, and its answer says which that was.
let locale = "";
let dashboard = "";
const speak = (wanted) => {
  locale = wanted;
  root.lang = locale.startsWith("de") ? "de" : "en";
};

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!locale && detail.target === content) root.lang = detail.xhr.getResponseHeader("Content-Language") ?? root.lang;
});

// ---- Refusals -----------------------------------------------------------------------------------------------

// Who goes to a page and may not see it is shown the server's page that says why. Whatever else is refused, and what a
// token that ended is in the way of, leaves the page as it stands, since it may hold something typed: the reason goes
// above it.
const ENDED = "ended";

// Why an answer refuses something, or null. A 401 without the server's words is one for an ended token.
const readRefusal = (status, text) => {
  if (status !== 401 && status !== 403) return null;
  const page = new DOMParser().parseFromString(text, "text/html").querySelector("main[data-why]");
  if (!page) return status === 401 ? { why: ENDED } : null;
  const [title, help] = page.querySelectorAll("h1, h1 + p");
  return { why: page.dataset.why, title: title.textContent, help: help.textContent };
};

const sayAbove = ({ why, title, help }) => {
  content.querySelector("[data-refused]")?.remove();
  content.prepend(words("refused"));
  const notice = content.querySelector("[data-refused]");
  notice.dataset.refused = why;
  if (why !== ENDED) {
    const strong = document.createElement("strong");
    strong.textContent = title;
    notice.querySelector("p").replaceChildren(strong, " ", help);
  }
  spoken.textContent = notice.querySelector("p").textContent;
  notice.querySelector("button").focus();
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
const looksOld = () => secondsLeft(bridge.getState().token) <= 0;

// The dashboard renews the token before it ends, but a sleeping computer may be behind: ask, and wait a little. What
// still looks old then is sent all the same. When the server takes it, this computer's clock is wrong: wait no more.
let clockIsWrong = false;
const usableToken = async () => {
  const { token } = bridge.getState();
  if (!token || clockIsWrong || secondsLeft(token) > 5) return;
  const renewed = new Promise((done) => {
    const ends = [bridge.subscribe("tokenRefresh", finish), bridge.subscribe("handshake", finish)];
    function finish() {
      if (looksOld()) return;
      ends.forEach((end) => end());
      done();
    }
  });
  tell(actions.NotifyReady());
  await Promise.race([renewed, soon(WAIT_FOR_TOKEN)]);
};

bridge.subscribe("tokenRefresh", () => content.querySelector(`[data-refused="${ENDED}"]`)?.remove());

const headers = () => {
  const { token, saleorApiUrl } = bridge.getState();
  return {
    "Authorization-Bearer": token ?? "",
    "Saleor-Api-Url": saleorApiUrl,
    // What follows is remembered for the widgets, which have no bridge that could say it.
    "Locale": locale,
    "Theme": root.dataset.theme ?? "",
    "Dashboard": dashboard,
  };
};

document.addEventListener("htmx:configRequest", ({ detail }) => {
  Object.assign(detail.headers, headers());
  detail.lookedOld = looksOld();
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { xhr, target, requestConfig } = detail;
  if (xhr.status !== 401) clockIsWrong ||= requestConfig.lookedOld;
  const refusal = readRefusal(xhr.status, xhr.responseText);
  if (!refusal) content.querySelector("[data-refused]")?.remove();
  else if (!nothingShown() && (refusal.why === ENDED || target !== content || requestConfig.verb !== "get")) {
    detail.shouldSwap = false;
    sayAbove(refusal);
  }
});

// What is asked for without htmx.
const ask = async (path, options = {}) => {
  await usableToken();
  return fetch(path, { ...options, headers: headers() });
};

// ---- Once, and nothing lost ----------------------------------------------------------------------------------

// Forms have fields of any name, so nothing is called on them that a field may stand for ("contains").
// A form is sent once however often its button is pressed, and no step is taken away from what was typed and not kept.
const sending = new Map();
const unsaved = () => content.querySelector("form[data-guard].typed");

const mayLeave = () =>
  new Promise((done) => {
    const dialog = words("unsaved").firstElementChild;
    document.body.append(dialog);
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(dialog.returnValue === "leave");
    });
    dialog.showModal();
  });

document.addEventListener("input", ({ target }) => target.form?.closest("[data-guard]")?.classList.add("typed"));

document.addEventListener("htmx:confirm", async (event) => {
  const { elt, target, issueRequest, triggeringEvent } = event.detail;
  event.preventDefault();
  const pressed = ["submit", "click"].includes(triggeringEvent?.type);
  if (pressed && sending.has(elt)) return;
  const typed = unsaved();
  if (pressed && target === content && typed && elt.closest("form") !== typed && !(await mayLeave())) return;
  if (pressed) sending.set(elt, []);
  await usableToken();
  issueRequest(true);
});

document.addEventListener("htmx:beforeSend", ({ detail }) => {
  if (!sending.has(detail.elt)) return;
  const buttons = [...detail.elt.querySelectorAll("button")].filter((button) => !button.disabled);
  buttons.forEach((button) => (button.disabled = true));
  sending.set(detail.elt, buttons);
});

const sent = ({ detail }) => {
  sending.get(detail.elt)?.forEach((button) => (button.disabled = false));
  sending.delete(detail.elt);
};
for (const kind of ["htmx:afterRequest", "htmx:validation:halted"]) document.addEventListener(kind, sent);

// ---- While it loads --------------------------------------------------------------------------------------------

const bones = content.querySelector(".bones");
let slow;

document.addEventListener("htmx:beforeSend", ({ detail }) => {
  if (detail.target !== content || detail.requestConfig.verb !== "get") return;
  clearTimeout(slow);
  slow = setTimeout(() => {
    content.classList.add("loading");
    content.append(bones.cloneNode(true));
  }, SLOW);
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.target !== content) return;
  clearTimeout(slow);
  if (content.classList.contains("loading")) content.querySelector(":scope > main ~ .bones")?.remove();
  content.classList.remove("loading");
});

// ---- Parts that are fetched again by themselves ------------------------------------------------------------------

// `data-refresh` is where from, `data-every` how often in seconds, `data-mark` what is shown: the server answers 204
// when that still holds, and 286 with the last state of something that is over. Nothing moves under a person's hands.
const askedAt = new WeakMap();

const inHand = (part) =>
  part.contains(document.activeElement) || (!getSelection().isCollapsed && part.contains(getSelection().anchorNode));

const refresh = async (part) => {
  const answer = await ask(`${part.dataset.refresh}?mark=${part.dataset.mark ?? ""}`).catch(() => null);
  if (!answer?.ok || answer.status === 204) return;
  const text = await answer.text();
  if (!part.isConnected || inHand(part)) return;
  htmx.swap(part, text, { swapStyle: "innerHTML" });
  part.dataset.mark = answer.headers.get("Part-Mark") ?? "";
  if (answer.status === 286) delete part.dataset.refresh;
};

setInterval(() => {
  if (document.hidden || !started) return;
  for (const part of content.querySelectorAll("[data-refresh]")) {
    const now = performance.now();
    const asked = askedAt.get(part) ?? now;
    if (asked < now && (now - asked < part.dataset.every * 1000 || inHand(part))) continue;
    askedAt.set(part, now);
    if (asked < now) refresh(part);
  }
}, 1000);

// ---- How much may still be typed ---------------------------------------------------------------------------------

// `data-most` is how many characters fit, `data-left` names where it says how many are left.
document.addEventListener("input", ({ target }) => {
  const left = document.getElementById(target.dataset.left ?? "");
  if (left) left.textContent = target.dataset.most - target.value.length;
});

// ---- Downloads -------------------------------------------------------------------------------------------------

// A link can't carry the token, so `data-download` says where a button posts to, with its form if it stands in one.
const download = async (button) => {
  button.disabled = true;
  try {
    const body = button.form ? new FormData(button.form) : null;
    const answer = await ask(button.dataset.download, { method: "POST", body });
    const refusal = answer.ok ? null : readRefusal(answer.status, await answer.text());
    if (refusal) sayAbove(refusal);
    else if (answer.ok) {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await answer.blob());
      link.download = /filename="?([^";]+)/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "download";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    } else if (answer.status === 404) load(here); // it is gone meanwhile, and the page says so
    else if (answer.status === 422) {
      const { toast } = JSON.parse(answer.headers.get("HX-Trigger"));
      document.body.dispatchEvent(new CustomEvent("toast", { detail: toast }));
    } else unreachable();
  } catch {
    unreachable();
  }
  button.disabled = false;
};

// ---- Pages and deep links -----------------------------------------------------------------------------------

// The dashboard's address follows the panel by updateRouting, so that a reload finds the page again. Going back
// there is seen by its router, which then loads this frame at the older address. Three things need care:
// 1. The router knows only the address of the last load. Going back to just that one would change nothing in this
//    frame, so the first step away from it is made by way of a second address of the same page (`otherAddress`).
// 2. The load adds an entry to the history. It is taken out again by going back in this frame alone; what is to
//    be shown is left for the document that stands there, in the frame's name, since a third party may have no
//    storage (`leaveDetour`).
// 3. A reload of this frame alone shows the page that was there: its own address is replaced at each step.
// A page that was opened from an order or a customer keeps the address with the dashboard's own id, so that going back
// leads to the order or customer at once. The first step away from it is made by way of our own address of it.
const WANTED = "wanted:";

const AGAIN = "/again";
const pageAt = (path) => path.replace(/^\/again(?=\/|$)/, "").replace(/\/+$/, "") || "/";
const otherAddress = (path) => (path.startsWith(AGAIN) ? pageAt(path) : AGAIN + path);

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
  window.name = WANTED + location.pathname + location.search;
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
  const left = here;
  here = path;
  if (!ENTRANCES.includes(left)) {
    if (!moved) {
      moved = true;
      await tell(actions.UpdateRouting({ newRoute: left === pageAt(loadedAt) ? otherAddress(loadedAt) : left }));
    }
    await tell(actions.UpdateRouting({ newRoute: path }));
  }
  history.replaceState(null, "", addressOf(path));
};

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const added = content.querySelector("[data-focus]");
  added?.focus({ preventScroll: true });
  added?.removeAttribute("data-focus");
  if (detail.target !== content) return;
  const path = detail.xhr.getResponseHeader("Panel-Path");
  if (path) moveTo(path);
  content.querySelectorAll("form[data-guard]:not([data-kept]):has([aria-invalid=true])").forEach((form) => form.classList.add("typed"));
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
  if (nothingShown()) htmx.swap(content, detail.xhr.responseText, { swapStyle: "innerHTML" });
});
for (const kind of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(kind, () => {
    if (nothingShown()) show("unreachable");
    unreachable();
  });
}

// ---- Starting over ----------------------------------------------------------------------------------------------

// The dashboard says its language and theme once, not again to a frame that was reloaded: they go along.
const reload = () => {
  const address = new URL(location);
  address.searchParams.set("locale", locale);
  if (root.dataset.theme) address.searchParams.set("theme", root.dataset.theme);
  history.replaceState(null, "", address);
  location.reload();
};

// ---- The packing desk: its script is fetched when there is something for it ---------------------------------------

let tendDesk;
document.addEventListener("htmx:afterSettle", async ({ detail }) => {
  if (detail.target !== content) return;
  if (content.querySelector("[data-outbox]")) ({ tendDesk } = await import("./desk.js"));
  tendDesk?.(content, ask);
});

// ---- Buttons that leave the panel, or take something out of it ------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const out = event.target.closest("[data-dashboard]");
  if (out) {
    event.preventDefault();
    tell(actions.Redirect({ to: out.dataset.dashboard, newContext: event.ctrlKey || event.metaKey }));
  }
  const tab = event.target.closest("[data-open]");
  if (tab) tell(actions.Redirect({ to: tab.dataset.open, newContext: true }));
  if (event.target.closest("[data-reload]")) reload();
  const piece = event.target.closest("[data-insert]");
  if (piece) {
    const field = document.getElementById(piece.dataset.into);
    field.setRangeText(piece.dataset.insert, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const wanted = event.target.closest("[data-download]");
  if (wanted) {
    event.preventDefault();
    download(wanted);
  }
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
    const asked = new URL(wanted, location.origin);
    for (const name of MOUNT_PARAMETERS.filter((one) => asked.searchParams.has(one))) query.set(name, asked.searchParams.get(name));
    loadedAt = asked.pathname;
    here = pageAt(loadedAt);
    history.replaceState(null, "", addressOf(here));
  } else {
    await leaveDetour();
  }
  bridge.subscribe("theme", ({ theme }) => paint(theme));
  const placeKnown = new Promise((done) => {
    bridge.subscribe("redirect", ({ path }) => {
      if (around) dashboard = around + path.split("/extensions/")[0];
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
  if (named && ENTRANCES.includes(here)) {
    htmx.ajax("POST", `/panel${here}`, { target: content, values: { [named]: query.get(named) } });
  } else {
    load(ENTRANCES.includes(here) ? "/" : here);
  }
};

start();
