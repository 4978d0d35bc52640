// A column of a chart that is pointed at or focused shows its figures: the row of the table below.
function show(column) {
  const wrap = column.closest('.chart-wrap');
  const table = wrap?.querySelector('.as-table table');
  const row = table?.tBodies[0].rows[Number(column.dataset.row)];
  if (!row)
    return;
  hide(wrap);
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.setAttribute('aria-hidden', 'true');
  const title = document.createElement('strong');
  title.textContent = row.cells[0].textContent;
  tip.append(title);
  [...row.cells].slice(1).forEach((cell, index) => {
    const line = document.createElement('div');
    const name = document.createElement('span');
    const head = table.tHead.rows[0].cells[index + 1];
    if (head.dataset.series) {
      const dot = document.createElement('i');
      dot.className = `dot ${head.dataset.series}`;
      name.append(dot);
    }
    name.append(head.textContent);
    const value = document.createElement('span');
    value.className = 'num';
    value.textContent = cell.textContent;
    line.append(name, value);
    tip.append(line);
  });
  wrap.append(tip);
  const around = wrap.getBoundingClientRect();
  const at = column.getBoundingClientRect();
  const left = at.left - around.left + at.width / 2 - tip.offsetWidth / 2;
  tip.style.left = `${Math.min(Math.max(left, 0), around.width - tip.offsetWidth)}px`;
  tip.style.top = '0';
}

function hide(wrap) {
  wrap?.querySelector('.tip')?.remove();
}

export function charts() {
  for (const [name, act] of [['pointerover', show], ['focusin', show], ['pointerout', null], ['focusout', null]]) {
    document.addEventListener(name, (event) => {
      const column = event.target.closest?.('.chart .col');
      if (column && act)
        act(column);
      else if (column)
        hide(column.closest('.chart-wrap'));
    });
  }
}
