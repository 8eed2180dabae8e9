// Widgets get no word of the dashboard's theme. The panel leaves it in this site's storage inside the dashboard;
// without it the system's own choice stands. Runs before the first paint, so that no white box flashes up.
try {
  const theme = localStorage.getItem("best-regards.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // No storage here: the system's choice stands.
}
