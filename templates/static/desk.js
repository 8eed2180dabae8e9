// A batch at the packing desk: one parcel at a time, by button, key or scanner, also while the network is away. All
// parcels of the batch are on the page; what is pressed shows at once and goes through the outbox.
import { tendOutbox } from "./desk-outbox.js";
import { hearScanner, isField, names } from "./desk-scanner.js";

const UNDO_SECONDS = 60;
const UNDO_SOON = 10;
const LIST_EVERY = 20_000;
const STILL_AT_IT = 5 * 60_000;
const OPEN = "planned";
const SIGNS = { packed: "✓ ", shipped: "✓ ", skipped: "– ", cancelled: "✕ ", dont: "! " };
const CLOSES = { pack: "packed", skip: "skipped" };
const HANDS = "a[href], button, summary, input:not([type=checkbox]), select, textarea, [contenteditable]";

let close = () => null;

// Tend what stands in `content` of the desk, if anything does. `ask(path, options)` fetches with the token.
export const tendDesk = (content, ask) => {
  close();
  const desk = content.querySelector("#desk");
  if (desk) tendBatch(desk, ask);
  else if (content.querySelector("[data-outbox]")) {
    tendOutbox(ask).soon();
    if (content.querySelector("[data-live]")) tendList(content, ask);
  }
};

// ---- The list of what is ready: what changes in it comes by itself, but not under somebody's hands --------------------

const tendList = (content, ask) => {
  const parts = () => [...content.querySelectorAll("[data-live]")];
  const look = async () => {
    if (document.hidden) return;
    const answer = await ask(`/panel${content.querySelector("[data-from]").dataset.from}`).catch(() => null);
    if (!answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of parts()) {
      const fresh = page.querySelector(`[data-live="${part.dataset.live}"]`);
      const inHand = part.contains(document.activeElement) || part.querySelector("details[open]");
      if (fresh && !inHand && part.textContent !== fresh.textContent) {
        htmx.swap(part, fresh.innerHTML, { swapStyle: "innerHTML" });
      }
    }
  };
  const timer = setInterval(look, LIST_EVERY);
  close = () => {
    clearInterval(timer);
    close = () => null;
  };
};

const tendBatch = (desk, ask) => {
  const words = JSON.parse(desk.dataset.words);
  const batch = desk.dataset.batch;
  const one = (selector) => desk.querySelector(selector);
  const articles = () => [...desk.querySelectorAll("article[data-code]")];
  const byCode = (code) => articles().find((article) => article.dataset.code === code);
  const write = (sentence, values = {}) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  const about = (article) => ({ number: article.dataset.number });
  const isOpen = (article) => article.dataset.state === OPEN;
  let shown = null;
  let pressed = Date.now();

  // ---- What is said ----------------------------------------------------------------------------------------------

  const say = (text, look = "info") => {
    const said = one("[data-said]");
    said.textContent = text;
    said.dataset.look = look;
  };

  // ---- One parcel at a time ----------------------------------------------------------------------------------------

  const show = (article, { focus = true } = {}) => {
    if (!article) return;
    shown = article;
    one("[data-finished]").hidden = true;
    articles().forEach((each) => (each.hidden = each !== article));
    paint();
    if (focus) {
      article.querySelector("h2").focus({ preventScroll: true });
      article.scrollIntoView({ block: "nearest" });
    }
  };

  const finish = () => {
    shown = null;
    articles().forEach((each) => (each.hidden = true));
    one("[data-finished]").hidden = false;
    paint();
    one("[data-finished] h2").focus({ preventScroll: true });
  };

  // The next one that is to be packed, from here on and then from the beginning.
  const next = () => {
    const all = articles();
    const from = all.indexOf(shown) + 1;
    const found = [...all.slice(from), ...all.slice(0, from)].find((each) => isOpen(each) && !forbids(each));
    if (found) show(found);
    else if (all.some((each) => isOpen(each))) show(all.find(isOpen));
    else finish();
  };

  const step = (by) => {
    const all = articles();
    const at = shown ? all.indexOf(shown) + by : by > 0 ? 0 : all.length - 1;
    show(all[Math.max(0, Math.min(all.length - 1, at))]);
  };

  // ---- What may be undone ------------------------------------------------------------------------------------------

  const undoable = new Map(); // code -> when it ends; the last one is the newest
  const canUndo = (article, seconds) => {
    undoable.delete(article.dataset.code);
    if (seconds > 0) undoable.set(article.dataset.code, Date.now() + seconds * 1000);
  };
  const secondsLeft = (code) => Math.ceil(((undoable.get(code) ?? 0) - Date.now()) / 1000);
  const newest = () => byCode([...undoable.keys()].at(-1));

  const tick = () => {
    for (const code of [...undoable.keys()]) {
      const left = secondsLeft(code);
      if (left === UNDO_SOON && newest()?.dataset.code === code) one("[data-undo-said]").textContent = words.undo_soon;
      if (left > 0) continue;
      undoable.delete(code);
      if (!undoable.size) one("[data-undo-said]").textContent = words.undo_over;
    }
    paintUndo();
  };

  const paintUndo = () => {
    const last = newest();
    const bar = one("[data-undo-last]");
    const hadFocus = document.activeElement === bar;
    bar.hidden = !last;
    if (last) countDown(bar, last, `${words.undo} #${last.dataset.number}`);
    else if (hadFocus) shown?.querySelector("h2").focus({ preventScroll: true });
    for (const article of articles()) {
      const button = article.querySelector("[data-undo-button]");
      button.hidden = !undoable.has(article.dataset.code);
      if (!button.hidden) countDown(button, article, words.undo);
    }
  };

  // Seen are the seconds; a screen reader is told the name of the button, and when the end comes near.
  const countDown = (button, article, name) => {
    button.textContent = write(words.undo_left, { seconds: secondsLeft(article.dataset.code) });
    button.setAttribute("aria-label", name);
  };

  const undo = (article) => {
    if (!article || !undoable.has(article.dataset.code)) return;
    undoable.delete(article.dataset.code);
    become(article, OPEN);
    show(article);
    say(write(words.undone_one, about(article)), "success");
    post(article, "undo");
  };

  // ---- What is done --------------------------------------------------------------------------------------------------

  const become = (article, state, closed = "") => {
    article.dataset.state = state;
    article.dataset.closed = closed;
    if (state === OPEN) undoable.delete(article.dataset.code);
  };

  // Why the shown parcel must not be packed: seen in it, said by the app or by the shop.
  const forbids = (article) => article.hasAttribute("data-dont") || article.querySelector("[data-dont]") !== null;
  const isStep = (entry) => entry.act in CLOSES || entry.act === "undo";
  const waits = (article) => outbox.waiting().some((entry) => entry.parcel === article.dataset.code && !isStep(entry));

  const post = (article, act, values = {}) => {
    pressed = Date.now();
    // What the packer saw: as the app last answered, and one change for each of their own that is not answered yet.
    const own = outbox.waiting().filter((entry) => entry.parcel === article.dataset.code).length;
    const revision = Number(article.dataset.revision) + own;
    outbox.put({ batch, parcel: article.dataset.code, act, revision, ...values });
  };

  const finishParcel = (article, act, values) => {
    const state = CLOSES[act];
    become(article, state, words[state]);
    canUndo(article, UNDO_SECONDS);
    post(article, act, values);
    next();
    say(`${write(words[`${state}_one`], about(article))} ${words.undo_hint}`, "success");
  };

  const pack = async () => {
    if (!shown) return;
    const article = shown;
    if (!isOpen(article)) say(write(words.closed_one, about(article)), "warning");
    else if (forbids(article)) say(words.dont, "critical");
    else if (waits(article)) say(words.wait_for_answer, "warning");
    else {
      const boxes = [...article.querySelectorAll("[data-service]")];
      const unticked = boxes.filter((box) => !box.checked);
      const outcome = unticked.length ? await askAbout(unticked) : "done";
      if (!outcome) return;
      if (outcome === "done") boxes.forEach((box) => (box.checked = true));
      const kept = boxes.filter((box) => box.checked).map((box) => Number(box.dataset.service));
      finishParcel(article, "pack", { kept });
    }
  };

  const askAbout = (boxes) =>
    new Promise((done) => {
      const dialog = one("[data-promised]");
      one("[data-unticked]").replaceChildren(
        ...boxes.map((box) => {
          const item = document.createElement("li");
          item.textContent = box.closest("label").textContent.trim();
          return item;
        }),
      );
      dialog.returnValue = "";
      dialog.addEventListener("close", () => done(dialog.returnValue), { once: true });
      dialog.showModal();
    });

  const act = (button) => {
    const article = shown;
    const { act: what, item, extra, reason } = button.dataset;
    if (!article || !isOpen(article)) return;
    if (waits(article)) {
      say(words.wait_for_answer, "warning");
      return;
    }
    if (what !== "skip") {
      post(article, what, { ...(item && { item }), ...(extra && { extra }), ...(reason && { reason }) });
      say(words.busy);
      return;
    }
    const own = reason === "other" ? article.querySelector("[data-words]") : null;
    if (own && !own.value.trim()) {
      say(words.needs_words, "warning");
      own.focus();
    } else finishParcel(article, "skip", { reason, words: own?.value });
  };

  // ---- What the app answers --------------------------------------------------------------------------------------

  // Own steps that are not sent yet count for more than what was read before them.
  const settle = (code, { state, closed, undo: seconds, inside, revision }) => {
    const article = byCode(code);
    if (article) article.dataset.revision = revision;
    if (!article || outbox.waiting().some((entry) => entry.parcel === code)) return;
    const ticked = new Set([...article.querySelectorAll("[data-service]:checked")].map((box) => box.dataset.service));
    const hadFocus = article.querySelector(".desk-inside").contains(document.activeElement);
    if (article.dataset.state !== state || state !== OPEN) {
      become(article, state, closed);
      if (!undoable.has(code)) canUndo(article, seconds);
    }
    article.querySelector(".desk-inside").innerHTML = inside;
    article.querySelectorAll("[data-service]").forEach((box) => (box.checked = ticked.has(box.dataset.service)));
    if (hadFocus) article.querySelector("h2").focus({ preventScroll: true });
  };

  const answered = (entry, { said, parcels }) => {
    Object.entries(parcels).forEach(([code, data]) => settle(code, data));
    if (!isStep(entry)) say(said, "success");
    if (!shown && articles().some(isOpen)) next();
    paint();
  };

  const refused = (entry, { said, parcels = {} }) => {
    undoable.delete(entry.parcel);
    Object.entries(parcels).forEach(([code, data]) => settle(code, data));
    say(said ?? words.no_reason, "critical");
    paint();
  };

  const shutOut = (why) => say(why, "critical");
  const outbox = tendOutbox(ask, { changed: () => paint(), answered, refused, shutOut });

  // ---- What is seen ------------------------------------------------------------------------------------------------

  const paint = () => {
    const all = articles();
    const done = all.filter((each) => !isOpen(each));
    one("[data-progress]").textContent = write(words.progress, { done: done.length, all: all.length });
    for (const article of all) {
      const box = article.querySelector(".desk-done");
      box.hidden = isOpen(article);
      box.querySelector("p").textContent = article.dataset.closed;
      article.toggleAttribute("data-waiting", waits(article));
    }
    one("[data-pack]").disabled = !shown || !isOpen(shown) || forbids(shown);
    paintList(all);
    paintUndo();
  };

  const paintList = (all) => {
    const list = one("[data-list]");
    if (list.children.length !== all.length) {
      list.replaceChildren(
        ...all.map((article) => {
          const button = document.createElement("button");
          button.type = "button";
          button.className = "button";
          button.dataset.jump = article.dataset.code;
          return button;
        }),
      );
    }
    all.forEach((article, at) => {
      const button = list.children[at];
      const state = isOpen(article) ? (forbids(article) ? "dont" : OPEN) : article.dataset.state;
      button.dataset.state = state;
      button.textContent = `${SIGNS[state] ?? ""}#${article.dataset.number}`;
      button.title = state === "dont" ? words.dont : article.dataset.closed;
      if (article === shown) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    });
  };

  // ---- What only the shop knows --------------------------------------------------------------------------------------

  const askOrders = async () => {
    let data = null;
    try {
      const answer = await ask(`/panel/desk/${batch}/orders`);
      if (answer.headers.get("Content-Type")?.startsWith("application/json")) data = await answer.json();
    } catch {
      data = null;
    }
    for (const article of articles()) {
      const place = article.querySelector(".desk-order");
      const order = data?.orders?.[article.dataset.code];
      if (order) {
        place.innerHTML = order.html;
        article.toggleAttribute("data-dont", Boolean(order.dont));
      } else if (!place.querySelector("h3")) {
        place.replaceChildren(noOrder(data?.said ?? words.no_orders, data?.why));
      }
    }
    paint();
  };

  const noOrder = (...sentences) => {
    const notice = document.createElement("div");
    notice.className = "notice warning";
    const text = document.createElement("p");
    text.textContent = sentences.filter(Boolean).join(" ");
    const again = document.createElement("button");
    Object.assign(again, { type: "button", className: "button big", textContent: words.ask_again });
    again.addEventListener("click", askOrders);
    notice.append(text, again);
    return notice;
  };

  // ---- Scanned --------------------------------------------------------------------------------------------------------

  const find = async (texts) => {
    const [scanned] = texts;
    const body = new URLSearchParams(texts.map((text) => ["scanned", text]));
    say(write(words.looking, { scanned }));
    let data;
    try {
      const answer = await ask(`/panel/desk/${batch}/find`, { method: "POST", body });
      data = await answer.json();
    } catch {
      say(write(words.no_network, { scanned }), "warning");
      return;
    }
    if (data.parcel && !byCode(data.code)) {
      one("[data-parcels]").insertAdjacentHTML("beforeend", data.parcel);
      askOrders();
    }
    if (data.parcel) show(byCode(data.code));
    say(data.said ?? words.no_reason, data.parcel ? "success" : "warning");
  };

  const scanned = (texts) => {
    if (document.querySelector("dialog[open]")) return;
    const fits = (article) => names(texts, article.dataset.code) || names(texts, article.dataset.number);
    const article = shown && fits(shown) ? shown : articles().find(fits);
    if (!article) find(texts);
    else if (!isOpen(article)) say(write(words.closed_one, about(article)), "warning");
    else if (article === shown) pack();
    else {
      show(article);
      say(write(words.shown, about(article)));
    }
  };

  // ---- Pressed ----------------------------------------------------------------------------------------------------------

  const keyed = (event) => {
    const { key, target, shiftKey, ctrlKey, metaKey, altKey } = event;
    if (event.defaultPrevented || event.repeat || altKey || isField(target) || document.querySelector("dialog[open]")) return;
    if ((ctrlKey || metaKey) && key.toLowerCase() === "z" && undoable.size) undo(newest());
    else if (ctrlKey || metaKey) return;
    else if (key === "ArrowRight") step(1);
    else if (key === "ArrowLeft") step(-1);
    else if (key === "Enter" && !target.closest?.(HANDS)) {
      if (shiftKey) openSkip();
      else pack();
    } else return;
    event.preventDefault();
  };

  const openSkip = () => {
    const details = shown && isOpen(shown) ? shown.querySelector(".desk-skip") : null;
    if (!details) return;
    details.open = true;
    details.querySelector("button").focus();
    details.scrollIntoView({ block: "nearest" });
  };

  const clicked = ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    if ("pack" in button.dataset) pack();
    else if (button.dataset.step) step(Number(button.dataset.step));
    else if (button.dataset.jump) show(byCode(button.dataset.jump));
    else if ("undoLast" in button.dataset) undo(newest());
    else if ("undoButton" in button.dataset) undo(button.closest("article"));
    else if (button.dataset.act) act(button);
  };

  // Who is still at it keeps the batch, also with nothing confirmed for a while.
  const holdOn = async () => {
    if (document.hidden || Date.now() - pressed > STILL_AT_IT) return;
    const answer = await ask(`/panel/desk/${batch}/hold`, { method: "POST" }).catch(() => null);
    if (answer && [404, 422].includes(answer.status)) say((await answer.json()).said, "critical");
  };

  const touched = () => (pressed = Date.now());
  const deaf = hearScanner(scanned);
  const timers = [setInterval(tick, 500), setInterval(holdOn, STILL_AT_IT)];
  document.addEventListener("keydown", keyed);
  desk.addEventListener("click", clicked);
  desk.addEventListener("pointerdown", touched);
  close = () => {
    deaf();
    outbox.hear({});
    timers.forEach(clearInterval);
    document.removeEventListener("keydown", keyed);
    close = () => null;
  };

  // What is kept from before a reload shows as pressed.
  for (const entry of outbox.waiting()) {
    const article = byCode(entry.parcel);
    if (!article || entry.batch !== batch || !isStep(entry)) continue;
    if (entry.act === "undo") become(article, OPEN);
    else become(article, CLOSES[entry.act], words[CLOSES[entry.act]]);
    article.dataset.undo = entry.act === "undo" ? 0 : UNDO_SECONDS - (Date.now() - entry.at) / 1000;
  }
  articles().forEach((article) => canUndo(article, Number(article.dataset.undo)));
  const first = articles().find((each) => isOpen(each) && !forbids(each)) ?? articles().find(isOpen);
  if (first) show(first, { focus: false });
  else finish();
  askOrders();
  outbox.soon();
};
