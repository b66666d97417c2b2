/* Search over sections, charts and claims. The index stands in search-index.js. */
(() => {
  'use strict';
  const place = document.querySelector('.found');
  const query = new URLSearchParams(location.search).get('q')?.trim() ?? '';
  const field = document.querySelector('#search-field');
  field.value = query;
  const plain = (text) => text.toLowerCase().normalize('NFKD').replace(/[\u0300-\u036f]/g, '');
  const MOST = 100;
  const words = plain(query).split(/[^\p{L}\p{N}.%$]+/u).filter(Boolean);
  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const marked = (text) => {
    const low = [...text].map((sign) => plain(sign).slice(0, sign.length).padEnd(sign.length)).join('');
    const hits = words.flatMap((word) => {
      const at = [];
      for (let i = low.indexOf(word); i >= 0; i = low.indexOf(word, i + 1)) at.push([i, i + word.length]);
      return at;
    }).sort((a, b) => a[0] - b[0]);
    const out = [];
    let end = 0;
    for (const [from, to] of hits) {
      if (from < end) continue;
      out.push(text.slice(end, from), make('mark', { textContent: text.slice(from, to) }));
      end = to;
    }
    return [...out, text.slice(end)];
  };
  const excerpt = (text) => {
    const low = plain(text);
    const first = Math.min(...words.map((word) => low.indexOf(word)).filter((at) => at >= 0));
    const from = Number.isFinite(first) ? Math.max(0, text.lastIndexOf(' ', Math.max(0, first - 60))) : 0;
    const to = from + 200 < text.length ? text.lastIndexOf(' ', from + 200) : text.length;
    return `${from ? '\u2026 ' : ''}${text.slice(from, to).trim()}${to < text.length ? ' \u2026' : ''}`;
  };
  // A word by itself counts for more than as part of another: CAR is not in "card".
  const alone = words.map((word) => new RegExp(`(?<![\\p{L}\\p{N}])${word.replace(/[.$]/g, '\\$&')}(?![\\p{L}\\p{N}])`, 'u'));
  const score = (title, text) => {
    const [inTitle, inText] = [plain(title), plain(text)];
    let total = 0;
    for (const [i, word] of words.entries()) {
      const times = inText.split(word).length - 1;
      if (!inTitle.includes(word) && !times) return 0;
      total += (inTitle.includes(word) ? 5 : 0) + Math.min(times, 5);
      total += (alone[i].test(inTitle) ? 30 : 0) + (alone[i].test(inText) ? 10 : 0);
    }
    return total;
  };
  if (!words.length) {
    place.append(make('p', { textContent: 'Type a word into the field above.' }));
    return;
  }
  const found = window.shockbookIndex
    .map(([address, page, kind, title, text]) => ({ address, page, kind, title, text, score: score(title, text) }))
    .filter((item) => item.score > 0)
    .sort((a, b) => b.score - a.score);
  place.append(make('p', {
    textContent: found.length
      ? `${found.length} ${found.length === 1 ? 'place' : 'places'} with ${words.join(', ')}${found.length > MOST ? `, the first ${MOST} of them` : ''}`
      : `Nothing in the book holds ${words.join(' and ')}. Try fewer or shorter words.`,
  }));
  const list = make('ol', {});
  for (const item of found.slice(0, MOST)) {
    const link = make('a', { href: item.address }, ...marked(item.title));
    const where = make('span', {
      className: 'found-where',
      textContent: item.kind ? ` ${item.kind} in ${item.page}` : (item.page === item.title ? '' : ` in ${item.page}`),
    });
    list.append(make('li', {}, make('p', {}, link, where), make('p', { className: 'found-text' }, ...marked(excerpt(item.text)))));
  }
  place.append(list);
})();
