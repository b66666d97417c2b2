/* The ledger: search and sort what already stands there. */
(() => {
  'use strict';
  const { all, make } = window.shockbookTools;
  for (const box of all('.ledger-box')) {
    const table = box.querySelector('table');
    const rows = [...table.tBodies[0].rows];
    const field = box.querySelector('input');
    const count = box.querySelector('.tools p');
    const show = () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      let found = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        found += !row.hidden;
      }
      count.textContent = `${found} of ${rows.length} claims`;
    };
    field.addEventListener('input', show);
    show();
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const label = head.textContent.trim();
      const button = make('button', { type: 'button', className: 'sort', textContent: label });
      head.replaceChildren(button);
      button.addEventListener('click', () => {
        const down = head.getAttribute('aria-sort') === 'ascending';
        for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
        head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        const key = (row) => row.cells[column].textContent.trim();
        rows.sort((a, b) => key(a).localeCompare(key(b), 'en', { numeric: true }) * (down ? -1 : 1));
        table.tBodies[0].append(...rows);
      });
    });
  }
})();
