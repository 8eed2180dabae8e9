// Speaks with framed apps as Saleor's dashboard 3.23 does (App Bridge), and keeps the page up to date.
"use strict";

const APP_PAGES = "/extensions/app/";
const MOST_TOASTS = 3;
const TOAST_SECONDS = 5;
const TALLEST = 5000;
const frames = [];

// ---- Theme and language ------------------------------------------------------------------------------------

const theme = () => localStorage.getItem("demo_theme") || "light";
const locale = () => document.body.dataset.locale;

function showTheme() {
  document.documentElement.dataset.theme = theme();
  document.getElementById("theme").value = theme();
}

// ---- What an app hears -------------------------------------------------------------------------------------

const originOf = (url) => new URL(url, location.href).origin;

function post(frame, type, payload) {
  frame.element.contentWindow?.postMessage({ type, payload }, frame.origin);
}

function shakeHands(frame) {
  post(frame, "handshake", {
    token: frame.token, version: 1, saleorVersion: frame.saleorVersion, dashboardVersion: "v3.23.27",
  });
}

// Language, theme and address are said once after the first handshake; a later load of the frame gets the handshake only.
function tellSurroundings(frame) {
  if (frame.told) return;
  frame.told = true;
  post(frame, "localeChanged", { locale: locale() });
  post(frame, "theme", { theme: theme() });
  post(frame, "redirect", { path: location.pathname });
}

const bridged = () => frames.filter((frame) => !frame.posted && frame.told);

// ---- What an app says --------------------------------------------------------------------------------------

function toast({ status = "info", title, text, apiMessage }) {
  const all = document.getElementById("toasts");
  const shown = document.createElement("div");
  shown.className = `toast ${status}`;
  shown.dataset.key = `${status}:${title || status}`;
  const heading = document.createElement("b");
  heading.textContent = title || status;
  const body = document.createElement("div");
  body.textContent = text || apiMessage || "";
  shown.append(heading, body);
  [...all.children].find((each) => each.dataset.key === shown.dataset.key)?.remove();
  all.append(shown);
  while (all.children.length > MOST_TOASTS) all.firstChild.remove();
  shown.addEventListener("click", () => shown.remove());
  if (status !== "error") setTimeout(() => shown.remove(), TOAST_SECONDS * 1000);
}

const pageOf = (frame) => APP_PAGES + encodeURIComponent(frame.app);

function redirect(frame, { to, newContext }) {
  const within = [pageOf(frame), APP_PAGES + frame.app, `/apps/${encodeURIComponent(frame.app)}/app`];
  const own = location.pathname.startsWith(APP_PAGES) && within.find((page) => to.startsWith(page));
  const address = own ? pageOf(frame) + to.slice(own.length) : to;
  if (!address.startsWith("/") && new URL(address).host === location.host) return false;
  if (newContext) window.open(address);
  else if (own) history.pushState(null, "", address);
  else if (address.startsWith("/")) location.assign(address);
  else if (window.confirm("You are about to leave the Dashboard. Do you want to continue?")) location.assign(address);
  else return false;
  return true;
}

function updateRouting(frame, { newRoute }) {
  const address = pageOf(frame) + (newRoute.startsWith("/") ? newRoute : `/${newRoute}`);
  if (location.pathname !== address) history.pushState(null, "", address);
  return true;
}

function widgetResize(frame, { height }) {
  if (height > 0) frame.element.style.height = `${Math.min(TALLEST, Math.ceil(height))}px`;
  return true;
}

// There are no pop-ups, no forms and no other apps here; what asks for them is refused as the real dashboard may do.
const ACTIONS = {
  notifyReady: (frame) => { shakeHands(frame); tellSurroundings(frame); return true; },
  notification: (_frame, payload) => { toast(payload); return true; },
  redirect,
  updateRouting,
  widgetResize,
  popupClose: () => true,
  refreshEntity: () => { refreshNow(); return true; },
  openPopup: () => false,
  requestPermissions: () => false,
};

function hear(event) {
  const { type, payload } = event.data || {};
  if (!type || !payload || !payload.actionId) return;
  for (const frame of frames) {
    if (event.origin !== frame.origin) continue;
    // A posted widget hears only its own resize; other frames of one origin hear each other, as in the real dashboard.
    if (frame.posted && (event.source !== frame.element.contentWindow || type !== "widgetResize")) continue;
    const act = ACTIONS[type];
    if (act) post(frame, "response", { actionId: payload.actionId, ok: act(frame, payload) });
  }
}

// ---- The token: asked for anew 30 s before it ends, and when the tab is seen again after that -----------------

function claimsOf(token) {
  return JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
}

async function renew(frame) {
  const answer = await fetch(frame.tokenUrl);
  if (!answer.ok) return;
  frame.token = (await answer.json()).token;
  post(frame, "tokenRefresh", { token: frame.token });
  post(frame, "tokenRefresh", { token: frame.token });
  keepFresh(frame);
}

function keepFresh(frame) {
  clearTimeout(frame.timer);
  if (!frame.token) return;
  const { iat, exp } = claimsOf(frame.token);
  const margin = (exp - iat) / 10; // 30 s of the five minutes that such a token lives
  frame.renewAt = (exp - margin) * 1000;
  frame.timer = setTimeout(() => renew(frame), Math.max(frame.renewAt - Date.now(), margin * 1000));
}

function catchUp() {
  if (document.hidden) return;
  frames.filter((frame) => frame.renewAt && Date.now() >= frame.renewAt).forEach(renew);
}

// ---- Frames ------------------------------------------------------------------------------------------------

const deepPath = (frame) => {
  const own = [pageOf(frame), APP_PAGES + frame.app].find((page) => location.pathname.startsWith(page));
  return own ? location.pathname.slice(own.length) : "";
};

// The dashboard's own query comes first, then what it says about the shop, then the theme. A slash at the end is lost.
function addressOf(frame, ...more) {
  const address = new URL(frame.url);
  if (frame.isPage) address.pathname = new URL(frame.appUrl).pathname.replace(/\/$/, "") + deepPath(frame).replace(/\/+$/, "");
  const own = new URLSearchParams(location.search);
  address.search = new URLSearchParams([...own, ...address.searchParams, ...more]).toString();
  return address.toString();
}

function show(frame) {
  const address = addressOf(frame, ["theme", frame.firstTheme]);
  if (frame.element.src !== address) frame.element.src = address;
}

function openFrame(element) {
  const { url, appUrl, method, token, tokenUrl, app, saleorVersion } = element.dataset;
  const frame = {
    element, url, appUrl, app, token, tokenUrl, saleorVersion, origin: originOf(url), posted: method === "POST",
    isPage: location.pathname.startsWith(APP_PAGES), firstTheme: theme(),
  };
  frames.push(frame);
  keepFresh(frame);
  if (frame.posted) {
    element.addEventListener("load", () => { element.style.visibility = "visible"; });
    element.parentElement.querySelector("form.frame-form").submit();
    return;
  }
  element.addEventListener("load", () => { shakeHands(frame); tellSurroundings(frame); });
  // The real one forgets the theme at first and loads a second time with it.
  element.src = addressOf(frame);
  setTimeout(() => show(frame));
}

// ---- The page itself ---------------------------------------------------------------------------------------

async function refreshNow() {
  const part = document.getElementById("now");
  if (!part || document.hidden) return;
  const answer = await fetch(part.dataset.now);
  if (!answer.ok) return;
  const html = await answer.text();
  if (part.dataset.last !== html) {
    part.dataset.last = html;
    part.innerHTML = html;
  }
}

function start() {
  showTheme();
  const languages = document.getElementById("locale");
  languages.value = locale();
  document.getElementById("theme").addEventListener("change", (event) => {
    localStorage.setItem("demo_theme", event.target.value);
    showTheme();
    bridged().forEach((frame) => post(frame, "theme", { theme: theme() }));
  });
  languages.addEventListener("change", (event) => {
    document.cookie = `demo_locale=${event.target.value};path=/;samesite=lax`;
    document.body.dataset.locale = event.target.value;
    bridged().forEach((frame) => post(frame, "localeChanged", { locale: locale() }));
    if (frames.length === 0) location.reload();
  });
  window.addEventListener("message", hear);
  // Its router knows only what it has shown itself: a step back loads the frame anew when that address differs.
  window.addEventListener("popstate", () => frames.filter((frame) => frame.isPage).forEach(show));
  document.addEventListener("visibilitychange", catchUp);
  document.querySelectorAll("iframe.app-frame").forEach(openFrame);
  setInterval(refreshNow, 2000);
}

start();
