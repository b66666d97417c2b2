/* The same marks in several states: they move as the reader goes from step to step.
   Where they stand is read from the pictures of the steps, which are all there is without scripts. */
(() => {
  'use strict';
  const { load, specifications, all, make } = window.shockbookTools;
  const shape = (name, attributes = {}) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  const dotsOf = (svg) => all('.mark-symbol path', svg).flatMap((path) => {
    const look = path.hasAttribute('stroke') ? path : path.parentElement;
    let [right, down] = [0, 0];
    for (let at = path; at !== svg; at = at.parentElement) {
      const by = at.getAttribute('transform')?.match(/translate\(([-\d.]+),([-\d.]+)\)/);
      if (by) { right += +by[1]; down += +by[2]; }
    }
    return [...path.getAttribute('d').matchAll(/M([-\d.]+),([-\d.]+)h0/g)].map(([, x, y]) => (
      { x: +x + right, y: +y + down, r: look.getAttribute('stroke-width') / 2, fill: look.getAttribute('stroke') }));
  });
  const still = matchMedia('(prefers-reduced-motion: reduce)');

  function stepped(box) {
    const figure = box.closest('.chart');
    const items = all('.step-list > li', box);
    const count = make('span');
    const back = make('button', { type: 'button', textContent: '\u2190' });
    const on = make('button', { type: 'button', textContent: 'Next \u2192' });
    back.setAttribute('aria-label', 'Step before');
    const field = make('input', { type: 'search', placeholder: 'Find a name' });
    field.setAttribute('aria-label', 'Find a name among the dots');
    const said = make('output');
    const tip = make('div', { className: 'step-tip', hidden: true });
    const stage = make('div', { className: 'step-stage chart-frame' },
      make('div', { className: 'step-tools' }, back, count, on, field, said), tip);
    let width, dots, grounds, circles, svg, now = -1, found = -1;
    let labels = [];
    const named = async () => {
      await load(figure.dataset.spec);
      labels = specifications.get(figure.dataset.chart).labels;
    };
    const point = (i) => {
      circles[found]?.classList.remove('found');
      found = i;
      tip.hidden = i < 0 || !labels[i];
      if (i < 0) return;
      circles[i].classList.add('found');
      svg.append(circles[i]); // on top of its neighbours
      const { x, y, r } = dots[now][i];
      const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
      tip.textContent = labels[i] ?? '';
      tip.style.left = `${Math.max(0, Math.min(x * scale - tip.offsetWidth / 2, stage.clientWidth - tip.offsetWidth))}px`;
      tip.style.top = `${Math.max(0, (y - r) * scale - tip.offsetHeight - 6)}px`;
    };
    const show = (step) => {
      if (step === now) return;
      now = step;
      grounds.forEach((ground, i) => ground.classList.toggle('on', i === step));
      circles.forEach((circle, i) => {
        const { x, y, r, fill } = dots[step][i];
        circle.style.transform = `translate(${x}px,${y}px) scale(${r})`;
        circle.setAttribute('fill', fill);
      });
      items.forEach((item, i) => item.classList.toggle('now', i === step));
      count.textContent = `Step ${step + 1} of ${items.length}`;
      const ends = [!step, step === items.length - 1];
      const at = [back, on].indexOf(document.activeElement);
      [back.disabled, on.disabled] = ends;
      if (ends[at]) [on, back][at].focus({ preventScroll: true }); // a button that goes out takes no focus with it
      point(-1);
    };
    const build = () => {
      const fits = box.clientWidth < 640 ? 'narrow' : 'wide';
      if (fits === width) return;
      width = fits;
      const pictures = items.map((item) => item.querySelector(`svg.${fits}`));
      dots = pictures.map(dotsOf);
      const boxes = pictures.map((picture) => picture.viewBox.baseVal);
      svg?.remove();
      svg = shape('svg', { viewBox: `0 0 ${boxes[0].width} ${Math.max(...boxes.map((view) => view.height))}`, 'aria-hidden': true });
      grounds = pictures.map((picture) => {
        const ground = shape('g', { class: 'step-ground' });
        for (const child of picture.childNodes) ground.append(child.cloneNode(true));
        ground.querySelector('.mark-symbol')?.remove();
        return ground;
      });
      circles = dots[0].map(() => shape('circle', { r: 1 }));
      svg.append(...grounds, ...circles);
      stage.prepend(svg);
      const step = Math.max(now, 0);
      now = found = -1;
      show(step);
    };
    // The step is the one whose words have come to a line below the stage, where it sticks.
    let held = 0; // until when a step that was asked for stays, whatever the window scrolls past
    const line = () => stage.offsetHeight + Math.min((innerHeight - stage.offsetHeight) * 0.45, innerHeight * 0.26);
    const follow = () => {
      if (performance.now() < held) return;
      const at = line();
      show(Math.max(0, items.findLastIndex((item) => item.getBoundingClientRect().top <= at)));
    };
    const go = (step) => {
      held = performance.now() + 1200;
      show(step);
      scrollBy({
        top: items[step].getBoundingClientRect().top - line() + 24,
        behavior: still.matches ? 'instant' : 'smooth',
      });
    };
    const nearest = (clientX, clientY) => {
      const { left, top, width: across } = svg.getBoundingClientRect();
      const scale = across / svg.viewBox.baseVal.width;
      let [best, least] = [-1, 10];
      dots[now].forEach(({ x, y, r }, i) => {
        const gap = Math.hypot(clientX - left - x * scale, clientY - top - y * scale) - r * scale;
        if (gap < least) [best, least] = [i, gap];
      });
      return best;
    };
    box.prepend(stage);
    box.classList.add('moving');
    build();
    back.addEventListener('click', () => go(now - 1));
    on.addEventListener('click', () => go(now + 1));
    stage.addEventListener('keydown', ({ key, target }) => {
      const to = now + { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (target !== field && items[to]) go(to);
    });
    for (const kind of ['pointermove', 'pointerdown']) {
      stage.addEventListener(kind, async ({ target, clientX, clientY }) => {
        if (!target.closest('svg')) return;
        await named();
        point(nearest(clientX, clientY));
      });
    }
    stage.addEventListener('pointerleave', () => { if (!field.value) point(-1); });
    field.addEventListener('input', async () => {
      await named();
      const words = field.value.trim().toLowerCase();
      const at = labels.map((label, i) => [label.toLowerCase().indexOf(words), i]).filter(([place]) => words && place >= 0);
      at.sort(([a], [b]) => a - b); // what begins with the words comes first
      point(at.length ? at[0][1] : -1);
      said.textContent = !words ? '' : !at.length ? 'Nobody of that name'
        : labels[at[0][1]] + (at.length > 1 ? `, and ${at.length - 1} more` : '');
    });
    let asked = false;
    addEventListener('scroll', () => {
      if (!asked) requestAnimationFrame(() => { asked = false; follow(); });
      asked = true;
    }, { passive: true });
    addEventListener('resize', () => { build(); follow(); });
    follow();
  }
  all('.steps').forEach(stepped);
})();
