// Whether a key belongs to a field, or to the browser.
export function isTyping(event) {
  return event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.target.closest('input, textarea, select, dialog[open], [contenteditable]') !== null;
}
