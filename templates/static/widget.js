// A widget has no App Bridge. All that it says to the dashboard is how high it is.
const report = () => {
  const height = Math.ceil(document.body.getBoundingClientRect().height);
  if (height > 0) {
    parent.postMessage({ type: "widgetResize", payload: { actionId: crypto.randomUUID(), height } }, "*");
  }
};

new ResizeObserver(report).observe(document.body);
report();
