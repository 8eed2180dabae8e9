// A widget has no App Bridge: it gets fresh tokens, and says how high it is. All content comes from the server.
const root = document.documentElement;
const widget = document.getElementById("widget");
const said = document.getElementById("said");
const WAIT_FOR_TOKEN = 6_000;

// ---- The dashboard around it ----------------------------------------------------------------------------------

// The server names the dashboards that may stand around us. Usually the browser says which of them does.
const dashboards = root.dataset.dashboards.split(" ").filter(Boolean);
const originOf = (address) => (URL.canParse(address) ? new URL(address).origin : "");
const around = [location.ancestorOrigins?.[0], originOf(document.referrer)].find((one) => dashboards.includes(one));
const listeners = around ? [around] : dashboards;

let reported = 0;
const report = () => {
  const height = Math.ceil(document.body.getBoundingClientRect().height);
  if (height === 0) return;
  reported += 1;
  const message = { type: "widgetResize", payload: { actionId: `height-${reported}`, height } };
  for (const origin of listeners) window.parent.postMessage(message, origin);
};
new ResizeObserver(report).observe(document.body);
report(); // A frame that is not in sight yet is not observed until it is.

let { token } = widget.dataset;
const renewed = new EventTarget();
addEventListener("message", ({ source, origin, data }) => {
  if (source !== window.parent || !listeners.includes(origin)) return;
  if (data?.type !== "tokenRefresh" || typeof data.payload?.token !== "string" || !data.payload.token) return;
  token = data.payload.token;
  renewed.dispatchEvent(new Event("token"));
});

// ---- Requests -------------------------------------------------------------------------------------------------

const secondsLeft = () => {
  try {
    const claims = JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
    return claims.exp - Date.now() / 1000;
  } catch {
    return Infinity;
  }
};

// The dashboard renews the token before it ends, but a sleeping tab may be behind: wait a little.
const usableToken = () =>
  new Promise((done) => {
    if (secondsLeft() > 2) return done();
    renewed.addEventListener("token", done, { once: true });
    setTimeout(done, WAIT_FOR_TOKEN);
  });

document.addEventListener("htmx:confirm", (event) => {
  event.preventDefault();
  usableToken().then(() => event.detail.issueRequest(true));
});

document.addEventListener("htmx:configRequest", ({ detail }) => {
  detail.headers["Authorization-Bearer"] = token ?? "";
  detail.headers["Saleor-Api-Url"] = widget.dataset.shop ?? "";
  detail.headers["Dashboard"] = widget.dataset.dashboard ?? "";
  detail.headers["Locale"] = root.lang;
});

// ---- What came of it --------------------------------------------------------------------------------------------

const say = (words, status) => {
  said.textContent = words;
  said.className = status === "error" ? "problem" : "soft";
};
document.body.addEventListener("toast", ({ detail }) => say(detail.title, detail.status));
document.addEventListener("htmx:beforeRequest", () => say("", ""));
for (const kind of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(kind, () => say(widget.dataset.unreachable, "error"));
}

// The button that was pressed may be gone: go on with the one that took its place, or with what is wrong.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const pressed = detail.requestConfig?.triggeringEvent?.submitter;
  const next = widget.querySelector("[aria-invalid=true]") ?? document.getElementById(pressed?.dataset.next || pressed?.id);
  if (pressed && !widget.contains(pressed)) (next ?? widget).focus({ preventScroll: true });
});

// ---- Small things that open in place ------------------------------------------------------------------------------

document.addEventListener(
  "toggle",
  ({ target }) => {
    if (target.open) target.querySelector("textarea, select")?.focus({ preventScroll: true });
  },
  true,
);
document.addEventListener("keydown", ({ key, target }) => {
  const opened = key === "Escape" && target.closest("details[open]");
  if (!opened) return;
  opened.open = false;
  opened.querySelector("summary").focus();
});
