// Runs before the first paint, so that a chosen theme does not flash. src/lib/appearance.ts writes what this reads.
try {
  var kept = JSON.parse(localStorage.getItem('dragoman.appearance') || '{}');
  if (kept.theme === 'light' || kept.theme === 'dark') document.documentElement.dataset.theme = kept.theme;
  if (kept.density === 'compact') document.documentElement.dataset.density = 'compact';
} catch (e) {
  // no storage: the system's theme
}
