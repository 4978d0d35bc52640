// Before anything is painted: the theme that was chosen here, else the system's.
(function (root) {
  var chosen = null;
  try {
    chosen = localStorage.getItem('billow-theme');
  } catch (error) {
    // no storage: the system's
  }
  if (chosen !== 'dark' && chosen !== 'light')
    chosen = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  root.setAttribute('data-bs-theme', chosen);
  root.classList.add('js');
})(document.documentElement);
