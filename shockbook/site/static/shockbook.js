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
    all('.chart-picture svg', figure).find((svg) => getComputedStyle(svg).display !== 'none')?.classList[0] ?? 'wide';

  const roomOf = (frame, width) => {
    const { paddingLeft, paddingRight } = getComputedStyle(frame);
    const room = frame.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
    const [least, most] = { narrow: [340, 460], wide: [0, 700], broad: [0, 1000] }[width];
    return Math.max(least, Math.min(room, most)); // a narrower window scales it
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
    for (const source of views.mode ? [] : spec.data) {
      if (views.data[source.name]) source.values = rowsOf(views.data[source.name]);
    }
    if (views.fluid) spec.width = roomOf(frame, width);
    const picture = frame.querySelector('.chart-picture');
    spec.description = picture.getAttribute('aria-label');
    figure.view?.finalize();
    figure.classList.remove('moved'); // it begins anew
    const result = await window.vegaEmbed(place, spec, {
      mode: views.mode ?? 'vega', renderer: 'svg', actions: false, defaultStyle: false, logLevel: 1,
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
    if (drawing && width === 'narrow') drawing.style.cssText = views.fluid ? 'max-width:100%;height:auto' : 'width:100%;height:auto';
    figure.view = result.view;
    figure.drawn = `${width} ${spec.width}`;
    control(place);
    recall(figure);
  }

  /* How its controls are set stands in the address, so that a link shows the same. */
  const fields = (figure) => all('.vega-bindings [name]', figure);
  const keep = (figure) => {
    const now = new URLSearchParams(location.search);
    for (const field of fields(figure)) {
      const key = `${figure.id}.${field.name}`;
      if (figure.dataset.state === 'live' && field.value !== figure.first[field.name]) now.set(key, field.value);
      else now.delete(key);
    }
    const search = String(now);
    try { history.replaceState(null, '', `${search ? `?${search}` : location.pathname}${location.hash}`); } catch { /* from disk */ }
  };
  const recall = (figure) => {
    figure.first = Object.fromEntries(fields(figure).map((field) => [field.name, field.value]));
    const now = new URLSearchParams(location.search);
    for (const field of fields(figure)) {
      const value = now.get(`${figure.id}.${field.name}`);
      if (value === null) continue;
      field.value = value;
      for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, { bubbles: true }));
    }
  };

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
        slider.dispatchEvent(new Event('input', { bubbles: true }));
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
        keep(place.closest('.chart'));
        const now = words();
        const changed = now.filter((text) => !before.includes(text));
        if (changed.length) said.textContent = changed.slice(0, 3).join('; ');
        before = now;
      }, 400);
    });
  }

  async function explore(figure, unasked) {
    const button = figure.querySelector('.chart-explore');
    button.dataset.word ??= button.textContent;
    if (figure.dataset.state === 'loading') return;
    if (figure.dataset.state === 'live') {
      figure.dataset.state = 'still';
      button.textContent = button.dataset.word;
      keep(figure);
      return;
    }
    figure.dataset.state = 'loading';
    button.textContent = 'Loading the live chart';
    try {
      await Promise.all([
        load(new URL('live/vega.js', assets)),
        load(figure.dataset.spec),
      ]);
      const { bottom } = figure.getBoundingClientRect();
      if (unasked && bottom <= innerHeight / 2 && bottom + scrollY > innerHeight / 2) {
        // the reader has passed it: growing now it would push what they read
        delete figure.dataset.state;
        button.textContent = button.dataset.word;
        returned.observe(figure);
        return;
      }
      await draw(figure);
      figure.dataset.state = 'live';
      button.textContent = 'Back to the picture';
      // The controls stand before the button, where a keyboard would not look for them.
      if (button.matches(':focus-visible')) figure.querySelector('.chart-live :is(input, select)')?.focus();
    } catch (problem) {
      figure.dataset.state = 'still';
      button.textContent = button.dataset.word;
      console.warn('The chart stays a picture:', problem);
    }
  }

  document.addEventListener('click', (event) => {
    const figure = event.target.closest?.('.chart-explore, .chart-picture')?.closest('.chart[data-spec]');
    if (figure) explore(figure);
  });

  /* A calculator needs no click: its controls open as the reader comes near. */
  const opened = (entries, observer) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      if (!target.dataset.state) explore(target, true);
    }
  };
  const awaited = new IntersectionObserver(opened, { rootMargin: '50% 0px' });
  const returned = new IntersectionObserver(opened, { rootMargin: '-50% 0px 0px' });
  for (const figure of all('.chart.alive[data-spec]')) awaited.observe(figure);
  for (const key of new URLSearchParams(location.search).keys()) {
    const figure = document.getElementById(key.split('.')[0]);
    if (figure?.matches('.chart[data-spec]') && !figure.dataset.state) explore(figure);
  }
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

  /* ---- charts in steps, sharing and the ledger bring scripts of their own ---- */
  const own = (name) => load(new URL(name, assets));
  const copies = (button, text) => {
    const word = button.textContent;
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(text());
      button.textContent = 'Copied';
      setTimeout(() => { button.textContent = word; }, 1500);
    });
    return button;
  };
  window.shockbookTools = { load, specifications, all, make, copies, draw, assets };
  document.addEventListener('toggle', ({ target }) => {
    if (target.open && target.matches('.chart-share')) own('share.js').then(() => window.shockbookShare(target));
  }, true);
  if (document.querySelector('.ledger-box')) own('ledger.js');
  if (document.querySelector('.steps')) {
    load(new URL('steps.js', assets).href).catch(() => document.documentElement.classList.remove('scripted'));
  }

  /* ---- a chapter that runs in its page: nothing of it is fetched before it is asked for ---- */
  const runner = document.querySelector('.lab-start');
  runner?.addEventListener('click', async () => {
    await load(new URL('../lab/lab.js', assets).href);
    window.shockbookLab.start(runner);
  });

  /* The rest waits for a task of its own, so that none is long enough to hold up a tap. */
  setTimeout(() => {
  /* ---- cards: what stands behind a number, a figure, a term, a source or a claim, in place ---- */
  const remembered = {
    get: (key) => { try { return localStorage.getItem(`shockbook-${key}`); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(`shockbook-${key}`, value); } catch { /* a private window */ } },
  };
  const body = document.body;
  const here = (link) => link.hash && link.href.split('#')[0] === location.href.split('#')[0];
  const targetOf = (link) => (here(link) ? document.getElementById(decodeURIComponent(link.hash.slice(1))) : null);
  const texts = new Map(all('.card-texts [data-for]').map((text) => [text.dataset.for, text]));
  const LINK = '#main a[href]:not(.card a, .headerlink)';

  const about = (name) => document.querySelector(`meta[name="${name}"], meta[property="${name}"]`)?.content;
  const page = () => document.querySelector('link[rel=canonical]')?.href ?? location.href.split(/[?#]/)[0];
  const citation = (link) => {
    const what = targetOf(link).querySelector('.evidence-what').textContent;
    return `${link.textContent}: ${what}. In “${about('og:title').replace(/^\d+ /, '')}”. ${about('citation') ?? about('og:site_name')} ${page()}${link.hash}`;
  };
  /* What a card would hold for a link, or nothing if the link has none. */
  function contents(link) {
    const target = targetOf(link);
    if (link.matches('.num')) {
      const line = target?.querySelector('.evidence-line');
      if (!line) return null;
      const text = make('p', { className: 'evidence-line' });
      text.append(...line.cloneNode(true).childNodes);
      const facts = target.querySelector('.evidence-facts').cloneNode(true);
      const back = facts.querySelector('a[href^="#at-"]')?.closest('dd');
      if (back) { back.previousElementSibling.remove(); back.remove(); } // one is in the text
      const list = make('a', { href: link.hash, textContent: 'In the list of evidence' });
      const cite = copies(make('button', { type: 'button', textContent: 'Copy a citation' }), () => citation(link));
      const parts = [text, facts, ...(navigator.clipboard ? [cite] : []), list];
      return { label: `Evidence for ${link.textContent}`, parts };
    }
    if (target?.matches('figure.chart')) {
      const title = make('p', { className: 'card-title', textContent: target.querySelector('.chart-title').textContent });
      const picture = target.querySelector('.chart-picture .narrow')?.cloneNode(true);
      for (const element of all('[id]', picture ?? title)) element.removeAttribute('id');
      picture?.setAttribute('aria-hidden', 'true');
      const go = make('a', { href: link.hash, textContent: 'Go to the figure' });
      return { label: link.textContent, parts: [title, ...(picture ? [picture] : []), go], wide: true };
    }
    const row = target?.closest('.ledger tr');
    if (row) {
      const verdict = make('p', {}, ...all('.badge, .ledger-why', row).reverse().flatMap((part) => [part.cloneNode(true), ' ']));
      return { label: link.textContent, parts: [verdict, make('a', { href: link.hash, textContent: 'In the list of claims' })] };
    }
    const known = texts.get(link.getAttribute('href'));
    if (!known) return null;
    const text = make('div');
    text.append(...known.cloneNode(true).childNodes);
    return { label: link.textContent, parts: [text, make('a', { href: link.href, textContent: known.dataset.go })] };
  }

  let card = null;
  let shownFor = null;
  let timer = 0;
  let dismissed = false;
  const plain = () => body.classList.contains('plain-on');

  function close() {
    clearTimeout(timer);
    shownFor?.removeAttribute('aria-describedby');
    const gone = card;
    card = shownFor = null; // first: taking a focused card away calls this again
    gone?.remove();
  }
  function open(link) {
    if (shownFor === link) return true;
    const found = contents(link);
    if (!found) return false;
    close();
    card = make('div', { className: 'card', role: 'group' }, ...found.parts);
    card.setAttribute('aria-label', found.label);
    found.parts[0].id = 'card-text';
    link.setAttribute('aria-describedby', 'card-text');
    shownFor = link;
    // A section that is laid out late clips what hangs out of it, so a card stands outside of all.
    document.getElementById('main').append(card);
    const [at, last] = [0, -1].map((line) => [...link.getClientRects()].at(line));
    const home = (card.offsetParent ?? body).getBoundingClientRect();
    const room = document.documentElement.clientWidth - card.offsetWidth - 8;
    const below = last.bottom + card.offsetHeight + 8 < innerHeight || at.top < card.offsetHeight;
    card.style.left = `${Math.max(8, Math.min((below ? last : at).left, room)) - home.left}px`;
    card.style.top = `${(below ? last.bottom : at.top - card.offsetHeight) - home.top}px`;
    card.addEventListener('mouseenter', () => clearTimeout(timer));
    card.addEventListener('mouseleave', later);
    card.addEventListener('focusout', leave);
    return true;
  }
  const later = () => { clearTimeout(timer); timer = setTimeout(close, 300); };
  const leave = (event) => {
    const to = event.relatedTarget;
    if (card && to && to !== shownFor && !card.contains(to)) close();
  };
  const linkAt = ({ target }) => (plain() ? null : target.closest?.(LINK));
  document.addEventListener('mouseover', (event) => {
    const link = linkAt(event);
    if (link && !link.contains(event.relatedTarget)) { clearTimeout(timer); timer = setTimeout(open, 160, link); }
  });
  document.addEventListener('mouseout', (event) => {
    const link = linkAt(event);
    if (link && !link.contains(event.relatedTarget)) later();
  });
  document.addEventListener('focusin', (event) => {
    const link = !dismissed && linkAt(event);
    if (link && link.matches(':focus-visible')) open(link);
  });
  document.addEventListener('focusout', (event) => { if (linkAt(event)) leave(event); });
  let touched = false;
  document.addEventListener('pointerdown', (event) => {
    touched = event.pointerType !== 'mouse';
    if (card && !card.contains(event.target) && event.target.closest?.('a') !== shownFor) close();
  });
  document.addEventListener('click', (event) => {
    const link = linkAt(event);
    // A number has nowhere better to lead than its card; other links lead on, but a finger asks first.
    if (link && event.detail && (link.matches('.num') || (touched && shownFor !== link)) && open(link)) event.preventDefault();
  });
  document.addEventListener('keydown', (event) => {
    const link = event.target.closest?.('a.num');
    if (event.key === 'Escape' && card) {
      const back = card.contains(document.activeElement) ? shownFor : null;
      close();
      dismissed = true;
      back?.focus();
      dismissed = false;
    } else if (event.key === 'Tab' && card && (event.target === shownFor || card.contains(event.target))) {
      // The card is not beside its link, so the tabulator is led into it and back.
      const stops = all('a, button', card);
      const at = stops.indexOf(event.target);
      if (event.target === shownFor ? event.shiftKey : at === stops.length - 1 && !event.shiftKey) {
        shownFor.focus(); // and on from there
      } else {
        event.preventDefault();
        (stops[at + (event.shiftKey ? -1 : 1)] ?? shownFor).focus();
      }
    } else if ((event.key === 'ArrowRight' || event.key === 'ArrowLeft') && link) {
      const group = groups.get(link);
      const next = group[group.indexOf(link) + (event.key === 'ArrowRight' ? 1 : -1)];
      if (!next) return;
      event.preventDefault();
      link.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    }
  });
  /* A keyboard stops once a section at its numbers, and moves among them with the arrows. */
  const groups = new Map();
  for (const section of all('#main section')) {
    const group = all('a.num[href^="#"]', section).filter((link) => link.closest('section') === section && !link.closest('.evidence'));
    group.forEach((link, i) => { groups.set(link, group); link.tabIndex = i ? -1 : 0; });
  }

  /* ---- how a reader likes to read: remembered from page to page ---- */
  const settings = document.querySelector('.settings');
  const applied = {
    theme: (value) => window.shockbookTheme?.(value),
    size: (value) => { document.documentElement.style.fontSize = { small: '100%', large: '128%' }[value] ?? ''; },
    code: (value) => { for (const fold of all('details.hide, .verdict-more')) fold.open = value === 'on'; },
    plain: (value) => { body.classList.toggle('plain-on', value === 'on'); close(); },
  };
  for (const [name, apply] of Object.entries(applied)) {
    const now = remembered.get(name) ?? '';
    if (now && name !== 'theme') apply(now);
    for (const input of all(`[name="${name}"]`, settings ?? document.createElement('div'))) {
      input.checked = input.type === 'radio' ? input.value === now : now === 'on';
      input.addEventListener('change', () => {
        const value = input.type === 'radio' ? input.value : input.checked ? 'on' : '';
        remembered.set(name, value);
        apply(value);
      });
    }
  }
  document.addEventListener('click', (event) => {
    if (settings?.open && !settings.contains(event.target)) settings.open = false;
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !settings?.open) return;
    settings.open = false;
    settings.querySelector('summary').focus();
  });

  /* ---- the contents of the book, as a drawer where the window has no room for them ---- */
  const menu = document.getElementById('contents');
  const opener = document.querySelector('.to-menu');
  const drawer = (state) => {
    body.classList.toggle('drawer-on', state);
    opener.setAttribute('aria-expanded', String(state));
    (state ? menu.querySelector('a') : opener).focus();
  };
  if (menu && opener) {
    opener.setAttribute('role', 'button');
    opener.setAttribute('aria-expanded', 'false');
    opener.addEventListener('click', (event) => { event.preventDefault(); drawer(!body.classList.contains('drawer-on')); });
    menu.addEventListener('keydown', (event) => { if (event.key === 'Escape' && body.classList.contains('drawer-on')) drawer(false); });
    menu.addEventListener('click', (event) => {
      if (body.classList.contains('drawer-on') && (event.target === menu || event.target.closest('a'))) drawer(false);
    });
    menu.addEventListener('focusout', (event) => {
      if (body.classList.contains('drawer-on') && event.relatedTarget && !menu.contains(event.relatedTarget)) drawer(false);
    });
  }

  /* ---- a guess before the figure: the answer stays covered until the reader has one ---- */
  for (const box of all('.guess')) {
    const answer = box.querySelector('.guess-answer');
    const field = box.querySelector('input');
    const value = box.querySelector('output');
    const tell = () => { value.textContent = field.value.replace(/\B(?=(\d{3})+$)/, ','); }; // toLocaleString takes 80 ms
    const figure = all('figure.chart').find((one) => box.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
    figure?.classList.add('covered');
    field.addEventListener('input', tell);
    tell();
    const reveal = (guessed) => {
      answer.classList.add('shown');
      figure?.classList.remove('covered');
      const off = Number(field.value) - Number(box.dataset.answer);
      if (guessed) {
        const how = Math.abs(off) < Number(box.dataset.near) ? 'Close.' : off > 0 ? 'Too high.' : 'Too low.';
        answer.prepend(make('strong', { textContent: `You said ${value.textContent}. ${how} ` }));
      }
      for (const button of all('button', box)) button.remove();
      field.disabled = true;
      answer.tabIndex = -1;
      answer.focus();
    };
    box.querySelector('.guess-set').addEventListener('click', () => reveal(true));
    box.querySelector('.guess-skip').addEventListener('click', () => reveal(false));
  }

  /* ---- the retold article: a verdict of its key shows where it was given ---- */
  for (const box of all('.article')) {
    for (const key of all('.said-key>span', box)) {
      const kind = key.querySelector('.badge').className.replace(/.*badge-/, 'said-');
      const button = make('button', { type: 'button', className: 'said-pick' }, ...key.childNodes);
      button.setAttribute('aria-pressed', 'false');
      button.addEventListener('click', () => {
        const on = button.getAttribute('aria-pressed') === 'false';
        for (const other of all('.said-pick', box)) other.setAttribute('aria-pressed', String(on && other === button));
        for (const said of all('.said', box)) said.classList.toggle('dim', on && !said.classList.contains(kind));
      });
      key.replaceWith(button);
    }
    box.querySelector('.said-key').append(make('span', { className: 'unit', textContent: 'Press one to see it alone.' }));
  }

  /* What the address names is opened; it is gone to where the browser does not bring the reader back. */
  const unfold = (afresh) => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    target.classList.remove('covered');
    for (let fold = target.closest('details'); fold; fold = fold.parentElement.closest('details')) fold.open = true;
    const more = target.querySelector(':scope > .evidence-more');
    if (more) more.open = true;
    if (afresh) target.scrollIntoView();
  };
  let followed = false; // by a link, and not by the buttons of the browser
  document.addEventListener('click', (event) => { followed = Boolean(event.target.closest?.('a[href*="#"]')); });
  window.addEventListener('hashchange', () => { unfold(followed); followed = false; });
  if (location.hash) unfold(performance.getEntriesByType('navigation')[0]?.type === 'navigate');

  /* ---- code: copy, and a stop for the keyboard where it scrolls ---- */
  const copier = (block) => {
    const code = block.querySelector('pre');
    if (block.closest('.cell_output') || !navigator.clipboard || block.querySelector('.copy')) return;
    const button = make('button', { type: 'button', className: 'copy', textContent: 'Copy' });
    button.setAttribute('aria-label', 'Copy this code');
    block.append(copies(button, () => code.textContent));
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
  });
})();
