// [data-copy=TEXT]: a button that copies the text.
async function put(text) {
  if (navigator.clipboard) // https and localhost alone have it
    return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (!done)
    throw new Error('not copied');
}

export function copying() {
  document.addEventListener('click', async (event) => {
    const button = event.target.closest('[data-copy]');
    if (!button)
      return;
    try {
      await put(button.dataset.copy);
    } catch {
      return;
    }
    button.classList.add('done');
    setTimeout(() => button.classList.remove('done'), 1500);
  });
}
