// A widget is told no theme. Browsers hand the colour scheme of the page around a frame on to the frame; where this
// browser does not, what the panel saw last stands. Runs before anything is painted.
{
  const root = document.documentElement;

  const handsOn = (scheme) => {
    const probe = document.createElement("iframe");
    probe.style.cssText = `color-scheme: ${scheme}; position: absolute; width: 0; height: 0; border: 0; visibility: hidden`;
    root.append(probe);
    probe.getBoundingClientRect();
    const seen = probe.contentWindow.matchMedia(`(prefers-color-scheme: ${scheme})`).matches;
    probe.remove();
    return seen;
  };

  const { remembered } = root.dataset;
  if (remembered && !(handsOn("light") && handsOn("dark"))) root.dataset.theme = remembered;
}
