/* What a page can do when scripts run. Without them every chart, number and table is there too. */
(() => {
  'use strict';
  const assets = new URL('.', document.currentScript.src);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  /* ---- charts: the picture gives way to a live chart when the reader asks for it ---- */
  const loaded = new Map();
  const load = (address) => {
    const url = new URL(address, document.baseURI).href;
    if (!loaded.has(url)) {
      loaded.set(url, new Promise((resolve, reject) => {
        const script = make('script', { src: url, onload: resolve });
        script.onerror = () => { loaded.delete(url); reject(new Error(`${url} did not load`)); };
        document.head.append(script);
      }));
    }
    return loaded.get(url);
  };
  const specifications = new Map();
  window.shockbookChart = (name, views) => specifications.set(name, views);
  const rowsOf = ({ columns, rows }) =>
    rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])));

  const widthOf = (figure) =>
    getComputedStyle(figure.querySelector('.chart-picture .wide')).display === 'none' ? 'narrow' : 'wide';

  const roomOf = (frame, width) => {
    const { paddingLeft, paddingRight } = getComputedStyle(frame);
    const room = frame.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
    return Math.min(room, width === 'narrow' ? 460 : 700);
  };
  /* A tooltip that fits neither right nor left of the pointer would leave the window. It is made
     when it is first shown, after which it is watched. */
  let tip = null;
  const keepTip = () => {
    const { left, width } = tip.getBoundingClientRect();
    const fits = Math.max(8, Math.min(left, innerWidth - width - 8));
    if (Math.abs(fits - left) > 1) tip.style.left = `${fits}px`;
  };
  document.addEventListener('pointermove', () => {
    if (tip || !(tip = document.getElementById('vg-tooltip-element'))) return;
    keepTip();
    new MutationObserver(keepTip).observe(tip, { attributes: true, attributeFilter: ['style', 'class'] });
  });

  async function draw(figure) {
    const views = specifications.get(figure.dataset.chart);
    const frame = figure.querySelector('.chart-frame');
    const place = frame.querySelector('.chart-live');
    const width = widthOf(figure);
    const spec = structuredClone(views[width]);
    for (const source of spec.data) {
      if (views.data[source.name]) source.values = rowsOf(views.data[source.name]);
    }
    if (views.fluid) spec.width = roomOf(frame, width);
    const picture = frame.querySelector('.chart-picture');
    spec.description = picture.getAttribute('aria-label');
    figure.view?.finalize();
    figure.classList.remove('moved'); // it begins anew
    const result = await window.vegaEmbed(place, spec, {
      mode: 'vega', renderer: 'svg', actions: false, defaultStyle: false,
      ast: true, // expressions are interpreted, so the page needs no permission to compile code
      tooltip: { disableDefaultStyle: true },
    });
    // A brush that is not drawn yet is announced as a picture without a name.
    for (const mark of place.querySelectorAll('[role=graphics-symbol]:not([aria-label])')) {
      mark.removeAttribute('role');
      mark.removeAttribute('aria-roledescription');
      mark.setAttribute('aria-hidden', 'true');
    }
    const drawing = place.querySelector('svg');
    drawing?.setAttribute('role', 'img');
    drawing?.setAttribute('aria-label', spec.description);
    // What cannot be drawn to measure is scaled, as the picture is.
    if (drawing && width === 'narrow' && !views.fluid) drawing.style.cssText = 'width:100%;height:auto';
    figure.view = result.view;
    figure.drawn = `${width} ${spec.width}`;
    control(place);
  }

  /* A slider's value can be typed, and what a control changes in the chart's words is announced. */
  function control(place) {
    for (const slider of all('.vega-bind input[type=range]', place)) {
      const { min, max, step, value } = slider;
      const name = slider.parentElement.querySelector('.vega-bind-name').textContent.replace(/[:\s]+$/, '');
      const typed = make('input', { type: 'number', min, max, step, value });
      typed.setAttribute('aria-label', `${name}, typed`);
      slider.addEventListener('input', () => { typed.value = slider.value; });
      typed.addEventListener('change', () => {
        if (typed.value !== '') slider.value = typed.value; // the slider keeps to its ends
        slider.dispatchEvent(new Event('input'));
      });
      slider.nextElementSibling.replaceWith(typed);
    }
    const words = () => all('.role-mark text', place).map((text) => text.textContent);
    const said = make('output', { className: 'visually-hidden' });
    place.append(said);
    let before = words();
    let wait;
    const form = place.querySelector('.vega-bindings');
    form?.addEventListener('submit', (event) => event.preventDefault()); // Enter in a lone field
    form?.addEventListener('input', () => {
      place.closest('.chart').classList.add('moved'); // its title tells of the first setting
      clearTimeout(wait);
      wait = setTimeout(() => {
        const now = words();
        const changed = now.filter((text) => !before.includes(text));
        if (changed.length) said.textContent = changed.slice(0, 3).join('; ');
        before = now;
      }, 400);
    });
  }

  async function explore(figure) {
    const button = figure.querySelector('.chart-explore');
    if (figure.dataset.state === 'loading') return;
    if (figure.dataset.state === 'live') {
      figure.dataset.state = 'still';
      button.textContent = 'Explore this chart';
      return;
    }
    figure.dataset.state = 'loading';
    button.textContent = 'Loading the live chart';
    try {
      await Promise.all([
        load(new URL('live/vega.js', assets)),
        load(figure.dataset.spec),
      ]);
      await draw(figure);
      figure.dataset.state = 'live';
      button.textContent = 'Back to the picture';
      // The controls stand before the button, where a keyboard would not look for them.
      if (button.matches(':focus-visible')) figure.querySelector('.chart-live :is(input, select)')?.focus();
    } catch (problem) {
      figure.dataset.state = 'still';
      button.textContent = 'Explore this chart';
      console.warn('The chart stays a picture:', problem);
    }
  }

  document.addEventListener('click', (event) => {
    const figure = event.target.closest?.('.chart-explore, .chart-picture')?.closest('.chart[data-spec]');
    if (figure) explore(figure);
  });
  let pause;
  window.addEventListener('resize', () => {
    clearTimeout(pause);
    pause = setTimeout(() => {
      for (const figure of all('.chart[data-state=live]')) {
        const views = specifications.get(figure.dataset.chart);
        const before = figure.drawn;
        const width = widthOf(figure);
        const room = roomOf(figure.querySelector('.chart-frame'), width);
        if (before.split(' ')[0] !== width || (views.fluid && before !== `${width} ${room}`)) draw(figure);
      }
    }, 150);
  });

  /* ---- evidence: cards on hover, focus and tap, when the reader wants them ---- */
  const remembered = {
    get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* a private window */ } },
  };
  const body = document.body;
  const entryOf = (link) => document.getElementById(link.hash.slice(1));
  const NUMBER = 'a.num[href^="#"]';
  const linkAt = ({ target }) => !target.closest?.('.card') && target.closest?.(NUMBER);
  let card = null;
  let shownFor = null;
  let timer = 0;
  let dismissed = false;

  function close() {
    clearTimeout(timer);
    shownFor?.removeAttribute('aria-describedby');
    const gone = card;
    card = shownFor = null; // first: taking a focused card away calls this again
    gone?.remove();
  }
  function open(link) {
    if (shownFor === link) return;
    close();
    const entry = entryOf(link);
    if (!entry) return;
    const text = make('p', { className: 'evidence-line', id: 'evidence-card-text' });
    text.append(...entry.querySelector('.evidence-line').cloneNode(true).childNodes);
    const facts = entry.querySelector('.evidence-facts').cloneNode(true);
    const more = make('a', { href: link.hash, textContent: 'In the list of evidence' });
    card = make('div', { className: 'card', role: 'group' }, text, facts, more);
    card.setAttribute('aria-label', `Evidence for ${link.textContent}`);
    link.setAttribute('aria-describedby', text.id);
    shownFor = link;
    link.after(card);
    const at = link.getClientRects()[0];
    const home = (card.offsetParent ?? body).getBoundingClientRect();
    const room = document.documentElement.clientWidth - card.offsetWidth - 8;
    card.style.left = `${Math.max(8, Math.min(at.left, room)) - home.left}px`;
    const below = at.bottom + card.offsetHeight + 8 < innerHeight || at.top < card.offsetHeight;
    card.style.top = `${(below ? at.bottom : at.top - card.offsetHeight) - home.top}px`;
    card.addEventListener('mouseenter', () => clearTimeout(timer));
    card.addEventListener('mouseleave', later);
    card.addEventListener('focusout', (event) => leave(event));
  }
  const later = () => { clearTimeout(timer); timer = setTimeout(close, 300); };
  const leave = (event) => {
    const to = event.relatedTarget;
    if (card && to !== shownFor && !card.contains(to)) close();
  };
  const on = () => body.classList.contains('evidence-on');
  document.addEventListener('mouseover', (event) => {
    const link = on() && linkAt(event);
    if (link && !link.contains(event.relatedTarget)) { clearTimeout(timer); timer = setTimeout(open, 120, link); }
  });
  document.addEventListener('mouseout', (event) => {
    const link = on() && linkAt(event);
    if (link && !link.contains(event.relatedTarget)) later();
  });
  document.addEventListener('focusin', (event) => {
    const link = on() && !dismissed && linkAt(event);
    if (link && link.matches(':focus-visible')) open(link);
  });
  document.addEventListener('focusout', (event) => { if (linkAt(event)) leave(event); });
  document.addEventListener('click', (event) => {
    const link = on() && linkAt(event);
    if (link && shownFor !== link) { event.preventDefault(); open(link); }
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && card) {
      const back = card.contains(document.activeElement) ? shownFor : null;
      close();
      dismissed = true;
      back?.focus();
      dismissed = false;
    }
  });
  document.addEventListener('pointerdown', (event) => {
    if (card && !card.contains(event.target) && event.target !== shownFor) close();
  });
  /* A switch: a class on the body, said by the button and remembered for the next page. */
  function remember(name, effect = () => {}) {
    const button = document.querySelector(`.${name}-switch`);
    const set = (state) => {
      body.classList.toggle(`${name}-on`, state);
      button?.setAttribute('aria-pressed', String(state));
      effect(state);
    };
    set(remembered.get(`shockbook-${name}`) === 'on');
    button?.addEventListener('click', () => {
      const state = !body.classList.contains(`${name}-on`);
      set(state);
      remembered.set(`shockbook-${name}`, state ? 'on' : 'off');
    });
  }
  remember('evidence', (state) => {
    // While the cards are off, a keyboard does not stop at every number; the list holds them all.
    for (const link of all(NUMBER)) link.tabIndex = state ? 0 : -1;
    if (!state) close();
  });
  remember('code');
  const unfold = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let fold = target.closest('details'); fold; fold = fold.parentElement.closest('details')) fold.open = true;
    const more = target.querySelector(':scope > .evidence-more');
    if (more) more.open = true;
  };
  window.addEventListener('hashchange', unfold);
  unfold();

  /* ---- the ledger: search and sort what already stands there ---- */
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

  /* ---- code: copy, and a stop for the keyboard where it scrolls ---- */
  const copier = (block) => {
    const code = block.querySelector('pre');
    if (block.closest('.cell_output') || !navigator.clipboard || block.querySelector('.copy')) return;
    const button = make('button', { type: 'button', className: 'copy', textContent: 'Copy' });
    button.setAttribute('aria-label', 'Copy this code');
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = 'Copied';
      setTimeout(() => { button.textContent = 'Copy'; }, 1500);
    });
    block.append(button);
  };
  const stop = (box) => {
    if (box.matches('pre')) copier(box.parentElement);
    const scrolls = box.scrollWidth > box.clientWidth;
    if (scrolls) {
      box.tabIndex = 0;
      box.setAttribute('role', 'group');
      box.setAttribute('aria-label', box.matches('pre') ? 'Code, scrolls sideways' : 'Formula, scrolls sideways');
    } else {
      for (const name of ['tabindex', 'role', 'aria-label']) box.removeAttribute(name);
    }
  };
  // A box is measured when it comes near the window: to measure it means to lay it out. What is
  // watched is the cell around it, which has a place on the page even while it is skipped.
  const boxes = new Map();
  for (const box of all('.highlight pre, .math')) {
    const cell = box.closest('.cell_input') ?? box;
    boxes.set(cell, [...(boxes.get(cell) ?? []), box]);
  }
  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) boxes.get(entry.target).forEach(stop);
  }, { rootMargin: '100% 0px' });
  for (const cell of boxes.keys()) near.observe(cell);
  window.addEventListener('resize', () => {
    for (const cell of boxes.keys()) { near.unobserve(cell); near.observe(cell); }
  });
})();
