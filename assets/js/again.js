// [data-again=SECONDS]: what is not known yet.  The page is asked for again, each time a little
// later, and loaded anew once it says something else.
const LATEST_S = 30;

export function again() {
  const waiting = document.querySelector('[data-again]');
  if (!waiting)
    return;
  let seconds = Number(waiting.dataset.again);
  const look = async () => {
    try {
      const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      if (answer.ok && !page.querySelector('[data-again]')) {
        location.reload();
        return;
      }
    } catch {
      // the network is away: later
    }
    seconds = Math.min(seconds * 1.5, LATEST_S);
    setTimeout(look, seconds * 1000);
  };
  setTimeout(look, seconds * 1000);
}
