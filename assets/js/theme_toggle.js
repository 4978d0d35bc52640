// [data-theme-toggle]: light or dark, remembered by this browser; until then the system's, also when
// that changes.
function isChosen() {
  try {
    return localStorage.getItem('billow-theme') !== null;
  } catch {
    return false;
  }
}

export function theme() {
  const root = document.documentElement;
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', ({ matches }) => {
    if (!isChosen())
      root.setAttribute('data-bs-theme', matches ? 'dark' : 'light');
  });
  document.addEventListener('click', (event) => {
    if (!event.target.closest('[data-theme-toggle]'))
      return;
    const next = root.getAttribute('data-bs-theme') === 'dark' ? 'light' : 'dark';
    root.setAttribute('data-bs-theme', next);
    try {
      localStorage.setItem('billow-theme', next);
    } catch {
      // for this page alone
    }
  });
}
