// What was pressed at the packing desk and not answered yet. It is kept until the app has answered, also through a
// reload, and sent in the order it was pressed; each entry carries a wish, by which the app does it once however often
// it comes. What is kept names parcels by their codes and holds no personal data: own words stay in memory.

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;
const PATIENCE = 20_000;
const FIELDS = ["item", "extra", "reason", "revision"];
const REFUSED = [400, 404, 409, 413, 422];
const MOST_TRIES = 6;
const NO_REASON = "?";

// A page in another site's frame may have no storage; then memory has to do.
const storage = () => {
  try {
    localStorage.setItem("best-regards-try", "");
    localStorage.removeItem("best-regards-try");
    return localStorage;
  } catch {
    const memory = new Map();
    return {
      get length() { return memory.size; },
      key: (at) => [...memory.keys()][at] ?? null,
      getItem: (key) => memory.get(key) ?? null,
      setItem: (key, value) => memory.set(key, value),
      removeItem: (key) => memory.delete(key),
    };
  }
};
const kept = storage();
const ownWords = new Map();

// A frame that may store nothing is refused locks as well, and learns it only when it asks.
const canLock = Promise.resolve(navigator.locks?.query()).then(Boolean, () => false);

// Where a page is not served over https there is no randomUUID.
const uuid = () => {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};

// Why an answer lets nobody in, from the page that says so.
const readRefusal = (text) => {
  const page = new DOMParser().parseFromString(text, "text/html").querySelector("main[data-why]");
  const words = [...(page?.querySelectorAll("h1, h1 + p") ?? [])].map((part) => part.textContent.trim());
  return { why: page?.dataset.why ?? "", words: words.join(". ") };
};

// The outbox of one packer; it lives as long as the page, whatever is shown. `ask(path, options)` fetches with the token.
const openOutbox = (packer, ask) => {
  const prefix = `best-regards-desk:${packer}:`;
  let hears = {};
  let state = "";
  let wait = FIRST_WAIT;
  let timer;
  let sending = false;
  let last = 0;

  const keys = () => {
    const found = [];
    for (let at = 0; at < kept.length; at += 1) if (kept.key(at)?.startsWith(prefix)) found.push(kept.key(at));
    return found.sort();
  };
  const entries = () =>
    keys().flatMap((key) => {
      try {
        return [{ key, ...JSON.parse(kept.getItem(key)) }];
      } catch {
        kept.removeItem(key);
        return [];
      }
    });
  const waiting = () => entries().filter((entry) => !entry.refused);
  const write = ({ key, ...entry }) => kept.setItem(key, JSON.stringify(entry));
  const changed = () => {
    paintOutbox(box);
    hears.changed?.();
  };

  const put = ({ words, ...entry }) => {
    const newest = Number(keys().at(-1)?.slice(prefix.length).split(":")[0] ?? 0);
    last = Math.max(Date.now(), last + 1, newest + 1);
    const wish = uuid();
    if (words) ownWords.set(wish, words);
    write({ ...entry, wish, at: Date.now(), key: `${prefix}${String(last).padStart(15, "0")}:${wish}` });
    changed();
    send();
  };

  const drop = (entry) => {
    kept.removeItem(entry.key);
    ownWords.delete(entry.wish);
    changed();
  };

  const bodyOf = (entry) => {
    const body = new URLSearchParams({ wish: entry.wish, words: ownWords.get(entry.wish) ?? "" });
    for (const name of FIELDS.filter((one) => one in entry)) body.set(name, entry[name]);
    (entry.kept ?? []).forEach((position) => body.append("kept", position));
    return body;
  };

  // Send one entry; "" when it was answered. Only what the desk's own views say is an answer: the sign-in page of a
  // hotel's network is none.
  const deliver = async (entry) => {
    let answer;
    let data = null;
    let refusal = null;
    try {
      answer = await ask(`/panel/desk/${entry.batch}/parcels/${entry.parcel}/${entry.act}`, {
        method: "POST",
        body: bodyOf(entry),
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (answer.headers.get("Content-Type")?.startsWith("application/json")) data = await answer.json();
      else if (answer.status === 401 || answer.status === 403) refusal = readRefusal(await answer.text());
    } catch {
      return "kept";
    }
    if (answer.ok && data?.parcels) {
      drop(entry);
      hears.answered?.(entry, data);
      return "";
    }
    if (refusal) {
      hears.shutOut?.(refusal.words);
      return refusal.why === "desk_ended" ? "desk_ended" : "session";
    }
    // An error that stays would be in the way of all that comes after it.
    const tries = (entry.tries ?? 0) + 1;
    if (answer.status === 500 && tries < MOST_TRIES) write({ ...entry, tries });
    if (!REFUSED.includes(answer.status) && !(answer.status === 500 && tries >= MOST_TRIES)) return "kept";
    write({ ...entry, refused: data?.said || NO_REASON });
    changed();
    hears.refused?.(entry, data ?? {});
    return "";
  };

  const sendAll = async () => {
    for (let entry; (entry = waiting()[0]); ) {
      state = await deliver(entry);
      if (state) return;
      wait = FIRST_WAIT;
    }
  };

  // One tab at a time, where the browser can say so; two that send the same wish do no harm.
  const send = async () => {
    if (sending) return;
    sending = true;
    clearTimeout(timer);
    if (await canLock) await navigator.locks.request(prefix, { ifAvailable: true }, (lock) => lock && sendAll());
    else await sendAll();
    sending = false;
    changed();
    if (!waiting().length) return;
    timer = setTimeout(send, wait);
    wait = Math.min(LONGEST_WAIT, wait * 2);
  };
  const soon = () => {
    wait = FIRST_WAIT;
    send();
  };
  addEventListener("online", soon);

  const box = {
    put,
    drop,
    soon,
    waiting,
    refusals: () => entries().filter((entry) => entry.refused),
    state: () => (waiting().length ? state || "busy" : ""),
    hear: (handlers) => (hears = handlers),
  };
  return box;
};

// ---- What is seen of it: how much is kept, and what was refused, until somebody has read it ------------------------

const shownIn = () => document.querySelector("[data-outbox]");

const paintOutbox = (box) => {
  const place = shownIn();
  if (!place) return;
  const words = JSON.parse(place.dataset.words);
  const many = box.waiting().length;
  const state = box.state();
  const sentence = { "": words.all_sent, busy: words.busy, session: words.session, desk_ended: words.desk_ended }[state];
  const text = (sentence ?? (many === 1 ? words.kept_one : words.kept_many)).replace("{num}", many);
  const badge = place.querySelector(".badge");
  if (badge.textContent !== text) badge.textContent = text;
  badge.className = `badge ${{ "": "success", busy: "info", desk_ended: "critical" }[state] ?? "warning"}`;
  place.classList.toggle("idle", !state);
  paintRefusals(place.querySelector("ul"), words, box);
};

const paintRefusals = (list, words, box) => {
  const known = new Map([...list.children].map((item) => [item.dataset.wish, item]));
  for (const entry of box.refusals()) {
    if (known.delete(entry.wish)) continue;
    const item = document.createElement("li");
    item.className = "notice critical";
    item.dataset.wish = entry.wish;
    const text = document.createElement("p");
    text.textContent = entry.refused === NO_REASON ? words.no_reason : entry.refused;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button big", textContent: words.seen });
    button.addEventListener("click", () => box.drop(entry));
    item.append(text, button);
    list.append(item);
  }
  known.forEach((item) => item.remove());
};

const outboxes = new Map();

// The outbox of whoever looks at this page. `handlers`: changed(), answered(entry, data), refused(entry, data),
// shutOut(words).
export const tendOutbox = (ask, handlers = {}) => {
  const { packer } = shownIn().dataset;
  if (!outboxes.has(packer)) outboxes.set(packer, openOutbox(packer, ask));
  const box = outboxes.get(packer);
  box.hear(handlers);
  paintOutbox(box);
  return box;
};
