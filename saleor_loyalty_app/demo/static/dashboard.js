// Speaks with framed apps as Saleor's dashboard 3.23 does (App Bridge), and keeps the page up to date.
"use strict";

const REFRESH_BEFORE_SECONDS = 30;
const frames = [];

function theme() {
  return localStorage.getItem("demo_theme") || "light";
}

function showTheme() {
  document.documentElement.dataset.theme = theme();
  document.getElementById("theme").value = theme();
}

function originOf(url) {
  return new URL(url, location.href).origin;
}

function post(frame, type, payload) {
  frame.element.contentWindow.postMessage({ type, payload }, frame.origin);
}

function greet(frame) {
  post(frame, "handshake", {
    token: frame.token, version: 1, saleorVersion: frame.saleorVersion, dashboardVersion: "v3.23.27",
  });
  post(frame, "localeChanged", { locale: document.body.dataset.locale });
  post(frame, "theme", { theme: theme() });
  if (!frame.redirected) {
    frame.redirected = true;
    post(frame, "redirect", { path: location.pathname });
  }
}

function toast({ status = "info", title, text, apiMessage }) {
  const shown = document.createElement("div");
  shown.className = `toast ${status}`;
  const heading = document.createElement("b");
  heading.textContent = title || status;
  const body = document.createElement("div");
  body.textContent = text || apiMessage || "";
  shown.append(heading, body);
  const all = document.getElementById("toasts");
  all.append(shown);
  while (all.children.length > 3) all.firstChild.remove();
  shown.addEventListener("click", () => shown.remove());
  if (status !== "error") setTimeout(() => shown.remove(), 5000);
}

function redirect(frame, { to, newContext }) {
  if (newContext) {
    window.open(to);
    return true;
  }
  const own = `/extensions/app/${encodeURIComponent(frame.app)}`;
  if (to.startsWith(own)) {
    history.pushState(null, "", to);
    return true;
  }
  if (to.startsWith("/")) {
    location.assign(to);
    return true;
  }
  if (originOf(to) === location.origin) return false;
  if (!window.confirm("You are about to leave the Dashboard. Do you want to continue?")) return false;
  location.assign(to);
  return true;
}

const ACTIONS = {
  notifyReady: (frame) => { greet(frame); return true; },
  notification: (_frame, payload) => { toast(payload); return true; },
  redirect,
  updateRouting: (frame, { newRoute }) => {
    history.pushState(null, "", `/extensions/app/${encodeURIComponent(frame.app)}${newRoute}`);
    return true;
  },
  widgetResize: (frame, { height }) => resize(frame, height),
  popupClose: () => true,
  refreshEntity: () => { refreshNow(); return true; },
};

function resize(frame, height) {
  if (!(height > 0)) return false;
  frame.element.style.height = `${Math.min(5000, Math.ceil(height))}px`;
  return true;
}

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

function expiry(token) {
  const claims = JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
  return claims.exp;
}

function keepFresh(frame) {
  if (!frame.token) return;
  const seconds = expiry(frame.token) - Date.now() / 1000 - REFRESH_BEFORE_SECONDS;
  setTimeout(async () => {
    const answer = await fetch(frame.tokenUrl);
    frame.token = (await answer.json()).token;
    post(frame, "tokenRefresh", { token: frame.token });
    keepFresh(frame);
  }, Math.max(1, seconds) * 1000);
}

function fullAddress(url) {
  const address = new URL(url);
  const own = new URLSearchParams(location.search);
  const all = new URLSearchParams([...own, ...address.searchParams, ["theme", theme()]]);
  address.search = all.toString();
  return address.toString();
}

function open(element) {
  const { url, method, token, tokenUrl, app, saleorVersion } = element.dataset;
  const frame = { element, app, token, tokenUrl, saleorVersion, origin: originOf(url), posted: method === "POST" };
  frames.push(frame);
  keepFresh(frame);
  if (frame.posted) {
    element.parentElement.querySelector("form.frame-form").submit();
    return;
  }
  element.addEventListener("load", () => greet(frame));
  element.src = fullAddress(url);
}

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
  const locale = document.getElementById("locale");
  locale.value = document.body.dataset.locale;
  document.getElementById("theme").addEventListener("change", (event) => {
    localStorage.setItem("demo_theme", event.target.value);
    showTheme();
    frames.filter((frame) => !frame.posted).forEach((frame) => post(frame, "theme", { theme: theme() }));
  });
  locale.addEventListener("change", (event) => {
    document.cookie = `demo_locale=${event.target.value};path=/;samesite=lax`;
    document.body.dataset.locale = event.target.value;
    frames.filter((frame) => !frame.posted).forEach((frame) => post(frame, "localeChanged", { locale: event.target.value }));
    if (frames.length === 0) location.reload();
  });
  window.addEventListener("message", hear);
  document.querySelectorAll("iframe.app-frame").forEach(open);
  setInterval(refreshNow, 2000);
}

start();
