// [data-toggle=ID] shows and hides the menu on phones; <details class="drop"> closes when one looks
// elsewhere.
export function menus() {
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-toggle]');
    if (button) {
      const shown = document.getElementById(button.dataset.toggle).classList.toggle('show');
      button.setAttribute('aria-expanded', String(shown));
    }
    for (const drop of document.querySelectorAll('details.drop[open]')) {
      if (!drop.contains(event.target))
        drop.open = false;
    }
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape')
      return;
    for (const drop of document.querySelectorAll('details.drop[open]')) {
      drop.open = false;
      drop.querySelector('summary').focus();
    }
  });
}
