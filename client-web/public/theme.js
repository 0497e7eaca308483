/* global document, localStorage */
// Runs before the first paint, so that a chosen theme never flashes in the other colours.
(function () {
  try {
    var theme = localStorage.getItem('parley:theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is forbidden: the system's theme stands.
  }
})();
