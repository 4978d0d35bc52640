// A form is sent once, however often its button is pressed; what was refused is read out first.
export function forms() {
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.method !== 'post' || event.defaultPrevented)
      return;
    if (form.dataset.sent)
      event.preventDefault();
    form.dataset.sent = 'true';
  });
  addEventListener('pageshow', () => {
    for (const form of document.querySelectorAll('form[data-sent]'))
      delete form.dataset.sent;
  });
  document.querySelector('[data-focus]')?.focus();
}
