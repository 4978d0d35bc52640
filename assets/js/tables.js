// j and k go from row to row of a page's list (<table data-rows>); Enter opens the row's link, as it
// does by itself.
import { isTyping } from './typing.js';

export function tables() {
  document.addEventListener('keydown', (event) => {
    if ((event.key !== 'j' && event.key !== 'k') || isTyping(event))
      return;
    const links = [...document.querySelectorAll('table[data-rows] > tbody > tr')].map((row) => row.querySelector('a[href]')).filter(Boolean);
    if (links.length === 0)
      return;
    const at = links.findIndex((link) => link.closest('tr').contains(document.activeElement));
    const next = event.key === 'j' ? at + 1 : at < 0 ? 0 : at - 1;
    links[Math.min(Math.max(next, 0), links.length - 1)].focus();
    event.preventDefault();
  });
}
