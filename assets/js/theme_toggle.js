// [data-theme-toggle]: light or dark, remembered by this browser.
export function theme() {
  const root = document.documentElement;
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
