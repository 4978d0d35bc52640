// "/" and Ctrl+K go to the search, "g c" and the like where [data-keys] lead, "?" shows the list.
import { isTyping } from './typing.js';

const WITHIN_MS = 1200;

export function shortcuts() {
  let first = '';
  let since = 0;
  document.addEventListener('keydown', (event) => {
    const search = document.querySelector('[data-search]');
    if (search && event.key === 'k' && (event.ctrlKey || event.metaKey)) {
      search.focus();
      event.preventDefault();
      return;
    }
    if (isTyping(event))
      return;
    if (event.key === '/' && search) {
      search.focus();
      event.preventDefault();
      return;
    }
    if (event.key === '?') {
      document.getElementById('shortcuts')?.showModal();
      return;
    }
    const keys = `${Date.now() - since < WITHIN_MS ? first : ''} ${event.key}`.trim();
    const link = [...document.querySelectorAll('a[data-keys]')].find((entry) => entry.dataset.keys === keys);
    if (link)
      link.click();
    first = event.key;
    since = Date.now();
  });
}
