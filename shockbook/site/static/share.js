/* The menu under a figure: a link to it as it is set, its picture as a file, code to embed it. */
(() => {
  'use strict';
  const { all, make, copies } = window.shockbookTools;
  const NS = 'http://www.w3.org/2000/svg';
  const FONT = 'Liberation Sans, Arial, Helvetica, sans-serif';
  const EDGE = 20;
  const INK = '#1f2933';
  const MUTED = '#55606e';

  const shape = (name, attributes, text = '') => {
    const element = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.textContent = text;
    return element;
  };
  const measure = document.createElement('canvas').getContext('2d');
  /* Text in lines that fit a width. */
  const lines = (text, width, font) => {
    measure.font = font;
    const out = [''];
    const fits = (word) => measure.measureText(word).width <= width;
    const cut = (word) => { // an address has no spaces to break it at
      let end = word.length;
      while (end > 1 && !fits(word.slice(0, end))) end -= 1;
      return end < word.length ? [word.slice(0, end), ...cut(word.slice(end))] : [word];
    };
    for (const word of text.split(/\s+/).filter(Boolean).flatMap(cut)) {
      const longer = `${out.at(-1)} ${word}`.trim();
      if (fits(longer)) out[out.length - 1] = longer;
      else out.push(word);
    }
    return out;
  };
  const words = (element) => {
    const copy = element?.cloneNode(true);
    copy?.querySelector('.caption-number')?.remove();
    return copy?.textContent.trim() ?? '';
  };
  /* Colours of drawings stand in the page's style as classes: written at each mark. */
  const plain = (svg) => {
    const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).filter((rule) => rule.selectorText?.includes('.drawing'));
    if (svg.matches('.drawing')) {
      for (const rule of rules) {
        for (const mark of all('[class]', svg)) {
          if (!mark.matches(rule.selectorText)) continue;
          for (const key of ['fill', 'stroke']) {
            const value = rule.style.getPropertyValue(key);
            if (value) mark.setAttribute(key, value.startsWith('var') ? '#fff' : value);
          }
        }
      }
    }
    for (const name of ['class', 'style', 'aria-hidden', 'focusable', 'role', 'aria-label']) svg.removeAttribute(name);
    return svg;
  };
  /* What a control of a live chart is set to, in words. */
  const setting = (bind) => {
    const control = bind.querySelector('select, input:checked, input:not([type=radio])');
    const value = control?.matches('select') ? control.selectedOptions[0]?.textContent : control?.value;
    return value ? `${words(bind.querySelector('.vega-bind-name')).replace(/:$/, '')}: ${value}` : '';
  };
  /* The picture that the figure shows, under its title and over its source. */
  function picture(figure) {
    const live = figure.dataset.state === 'live' && figure.querySelector('.chart-live svg');
    const box = (live || figure.querySelector('.now svg.wide') || figure.querySelector('svg.wide')).cloneNode(true);
    const [, , width, height] = box.getAttribute('viewBox').split(/[\s,]+/).map(Number);
    const out = shape('svg', { xmlns: NS, 'font-family': FONT });
    const ground = shape('rect', { width: '100%', height: '100%', fill: '#fff' });
    out.append(ground);
    let down = EDGE;
    const write = (text, size, colour, weight) => {
      for (const line of lines(text, width, `${weight} ${size}px ${FONT}`)) {
        down += size * 1.3;
        out.append(shape('text', { x: EDGE, y: down, 'font-size': size, fill: colour, 'font-weight': weight }, line));
      }
    };
    write(words(figure.querySelector('.chart-title')), 18, INK, 700);
    write(words(figure.querySelector('.chart-subtitle')), 14, MUTED, 400);
    const chosen = live ? all('.vega-bind', figure).map(setting).filter(Boolean) : [];
    if (chosen.length) write(`Set to: ${chosen.join('; ')}.${figure.matches('.moved') ? ' (The title tells of the first setting.)' : ''}`, 13, INK, 400);
    down += 14;
    plain(box);
    for (const [key, value] of Object.entries({ x: EDGE, y: down, width, height, overflow: 'visible' })) box.setAttribute(key, value);
    out.append(box);
    down += height + 4;
    for (const note of all('.chart-source', figure)) write(words(note), 12, MUTED, 400);
    write(`${document.querySelector('meta[property="og:site_name"]')?.content ?? document.title}, ${address(figure)}, ${words(figure.querySelector('[rel=license]'))}`, 12, MUTED, 400);
    out.setAttribute('viewBox', `0 0 ${width + 2 * EDGE} ${down + EDGE}`);
    out.setAttribute('width', width + 2 * EDGE);
    out.setAttribute('height', down + EDGE);
    return new XMLSerializer().serializeToString(out);
  }
  const save = (href, name) => {
    const link = make('a', { href, download: name });
    document.body.append(link);
    link.click();
    link.remove();
  };
  async function saved(figure, kind) {
    const text = picture(figure);
    const data = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    if (kind === 'svg') return save(data, `${figure.id}.svg`);
    const image = new Image();
    image.src = data;
    await image.decode();
    const canvas = make('canvas', { width: image.width * 2, height: image.height * 2 });
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    return save(canvas.toDataURL('image/png'), `${figure.id}.png`);
  }

  const set = (figure) => {
    const now = [...new URLSearchParams(location.search)].filter(([key]) => key.startsWith(`${figure.id}.`));
    return now.length ? `?${new URLSearchParams(now)}` : '';
  };
  const home = () => document.querySelector('link[rel=canonical]')?.href ?? location.href.split(/[?#]/)[0];
  const address = (figure) => `${home()}${set(figure)}#${figure.id}`;
  function code(figure, page) {
    const title = words(figure.querySelector('.chart-title')).replaceAll('&', '&amp;').replaceAll('"', '&quot;');
    const source = new URL(page, home()).href + set(figure).replaceAll('&', '&amp;');
    const tools = figure.querySelector('.chart-tools'); // as high as when nothing is folded out
    const line = Math.max(...all(':scope > button, :scope > details > summary', tools).map((one) => one.offsetHeight));
    const high = Math.ceil((figure.offsetHeight - tools.offsetHeight + line) / 10) * 10 + 60;
    return `<iframe src="${source}" title="${title}" width="100%" height="${high}" style="border:0" loading="lazy"></iframe>`;
  }
  const field = (label, read) => {
    const box = make('input', { readOnly: true, value: read() });
    box.addEventListener('focus', () => box.select());
    const renew = () => { box.value = read(); };
    const copy = copies(make('button', { type: 'button', textContent: 'Copy' }), () => { renew(); return box.value; });
    copy.setAttribute('aria-label', label === 'Link' ? 'Copy the link' : 'Copy the code to embed it');
    copy.hidden = !navigator.clipboard;
    return [make('p', {}, make('label', {}, make('span', { textContent: label }), box), copy), renew];
  };

  window.shockbookShare = (fold) => {
    if (!fold.renew) {
      const figure = fold.closest('.chart');
      const [link, alone] = all('a', fold);
      const page = alone.getAttribute('href');
      const [first, renewFirst] = field('Link', () => address(figure));
      const [last, renewLast] = field('Embed', () => code(figure, page));
      const pictures = make('p', {}, make('span', { textContent: 'Picture ' }));
      for (const kind of ['svg', 'png']) {
        const button = make('button', { type: 'button', textContent: kind.toUpperCase() });
        button.setAttribute('aria-label', `Download the picture as ${button.textContent}`);
        button.addEventListener('click', () => saved(figure, kind));
        pictures.append(button, ' ');
      }
      const data = all('.chart-data > p a', figure).map((one) => one.cloneNode(true));
      data.forEach((one, i) => { one.textContent = ['CSV', 'Description (JSON)'][i]; });
      const files = data.length ? [make('p', {}, make('span', { textContent: 'Data ' }), ...data.flatMap((one) => [one, ' ']))] : [];
      link.parentElement.replaceWith(first);
      alone.parentElement.before(pictures, ...files, last);
      fold.renew = () => { renewFirst(); renewLast(); };
      // the address follows a control after a moment
      figure.addEventListener('input', () => setTimeout(fold.renew, 600));
    }
    fold.renew();
  };
})();
