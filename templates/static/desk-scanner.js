// A bar code scanner is a keyboard that types a code and ends with Enter (or Tab). What is typed outside of any field and
// ends with Enter is taken for a scan, so that slow scanners and numbers typed by hand count as well; what a person types
// in a field is left alone.

const TOGETHER = 1_000;
const FAST = 100;

// What the keys would be on the keyboard that most scanners pretend to be, when the computer's is another one (German:
// Y and Z, "-" and "ß"; French: the digits). By the key's place, so it does not depend on the layout.
const US = { Minus: "-", Slash: "/", Period: ".", NumpadSubtract: "-", NumpadDivide: "/", NumpadDecimal: "." };
const placed = ({ code }) => /^(?:Key|Digit|Numpad)([A-Z]|\d)$/.exec(code)?.[1] ?? US[code] ?? "";

const bare = (text) => text.toUpperCase().replace(/[^0-9A-Z]/g, "");

// The same code as scanners may send it: with "#", with the symbology's sign in front ("]C1"), as the end of an address,
// with Caps Lock on.
const readings = (text) => {
  const plain = text.trim().replace(/^\][A-Za-z]\d/, "");
  return [plain, plain.split("/").pop()].map((one) => one.replace(/^#+/, "")).filter(Boolean);
};

// Whether one of these texts names something that is called `name`.
export const names = (texts, name) => texts.some((text) => text === name || (bare(text) && bare(text) === bare(name)));

export const isField = (element) => {
  const field = element?.closest?.("input, textarea, select, [contenteditable]");
  return Boolean(field) && !["checkbox", "radio", "button", "submit"].includes(field.type);
};

// Hear scans on this document until the returned function is called. `scanned` is told the texts that it may have been,
// the likeliest first.
export const hearScanner = (scanned) => {
  let typed = [];
  let at = 0;
  let slowest = 0;
  const hear = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || isField(event.target)) return;
    const gap = event.timeStamp - at;
    if (gap > TOGETHER) typed = [];
    if (event.key === "Enter" || event.key === "Tab") {
      const keys = typed;
      typed = [];
      if (!keys.length || (event.key === "Tab" && Math.max(slowest, gap) > FAST)) return;
      // The key belongs to the scan: it presses no button, moves nowhere and confirms nothing by itself.
      event.preventDefault();
      event.stopImmediatePropagation();
      const texts = [keys.map(({ key }) => key).join(""), keys.map(({ place }) => place).join("")];
      scanned([...new Set(texts.flatMap(readings))]);
      return;
    }
    // Shift and the like come in between; the space bar by itself presses buttons.
    if (event.key.length !== 1 || (event.key === " " && !typed.length)) return;
    slowest = typed.length ? Math.max(slowest, gap) : 0;
    at = event.timeStamp;
    typed.push({ key: event.key, place: placed(event) });
  };
  document.addEventListener("keydown", hear, true);
  return () => document.removeEventListener("keydown", hear, true);
};
