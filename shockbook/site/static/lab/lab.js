/* A chapter that runs in its page: cells become editable, and what they make takes its place. */
(() => {
  'use strict';
  const { all, make, load, specifications, draw, assets } = window.shockbookTools;
  const base = new URL('../lab/', assets).href;
  const NUMBERS = 'application/vnd.shockbook.numbers+json';
  const VERDICT = 'application/vnd.shockbook.verdict+json';
  const TABLE = 'application/vnd.shockbook.table+json';
  const CHART = 'application/vnd.vegalite.v5+json';
  const KINDS = { [NUMBERS]: 'number', [VERDICT]: 'verdict', [CHART]: 'figure', [TABLE]: 'table' };

  /* ---- what a browser must have ---- */
  // the smallest module with a try_table: exception handling as the runtime uses it
  const TRY = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 8, 1, 6, 0, 31, 64, 0, 11, 11]);
  function lacking() {
    if (location.protocol === 'file:') {
      return 'A page opened from disk may not start Python: open the site from a server (make serve), or the notebook in JupyterLab.';
    }
    const lacks = [
      [self.WebAssembly?.validate?.(TRY), 'WebAssembly with exception handling'],
      [self.Worker, 'workers'], [self.DecompressionStream, 'DecompressionStream'],
    ].find(([has]) => !has);
    return lacks && `This browser has no ${lacks[1]}, which Python in a page needs: a newer one may have it. Nothing was downloaded.`;
  }

  /* ---- Python, beside the page ---- */
  let worker;
  let last = 0;
  const waiting = new Map();
  function post(message) {
    return new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      worker.postMessage({ id: last, ...message });
    });
  }
  async function python(manifest, progress) {
    worker = new Worker(new URL('worker.js', base), { type: 'module' });
    worker.onmessage = ({ data }) => {
      if (data.progress !== undefined) { progress(data.progress); return; }
      const { resolve, reject } = waiting.get(data.id);
      waiting.delete(data.id);
      lab.memory = data.memory ?? lab.memory;
      if (data.error) reject(new Error(data.error)); else resolve(data.answer);
    };
    worker.onerror = (event) => { for (const { reject } of waiting.values()) reject(new Error(event.message)); };
    await post({ base, manifest });
  }
  const ask = (what, how = {}) => post({ asked: { do: what, ...how } });

  /* ---- what cells made, now and as printed ---- */
  const canon = (value) => JSON.stringify(value, (_, one) => (
    one && typeof one === 'object' && !Array.isArray(one)
      ? Object.fromEntries(Object.keys(one).sort().map((key) => [key, one[key]])) : one));
  const joined = (text) => (Array.isArray(text) ? text.join('') : text);
  /* Every number, verdict, figure and table among some outputs, by kind and name. */
  function things(outputs) {
    const found = new Map();
    for (const { data = {} } of outputs) {
      for (const [type, kind] of Object.entries(KINDS)) {
        const content = data[type];
        if (!content) continue;
        for (const one of kind === 'number' ? content.numbers : [content]) {
          const name = one.key ?? one.claim ?? one.name ?? one.usermeta?.shockbook?.name;
          found.set(`${kind} ${name}`, { kind, name, content: one });
        }
      }
    }
    return found;
  }
  const textOf = (outputs) => outputs.map(({ text, data }) => (
    text !== undefined ? joined(text)
      : Object.keys(data).some((type) => KINDS[type]) ? '' : joined(data['text/plain'] ?? ''))).join('\n').trim();
  const close = (one, other) => one.value === other.value
    || (typeof one.value === 'number' && Math.abs(one.value - other.value) <= 1e-9 * Math.abs(other.value));
  const alike = ({ kind, content }, { content: other }) => (kind === 'number'
    ? content.text === other.text && close(content, other) : canon(content) === canon(other));

  const lab = { ask, cells: [], answers: [], memory: 0, times: {} };
  /* How many of each kind came out as printed, to the last digit, and which did not. */
  lab.compare = () => {
    const out = { same: {}, differ: [] };
    for (const cell of lab.cells) {
      const [now, printed] = [things(cell.outputs ?? []), things(cell.printed)];
      for (const key of new Set([...now.keys(), ...printed.keys()])) {
        const [one, other] = [now.get(key), printed.get(key)];
        const { kind } = one ?? other;
        if (one && other && canon(one.content) === canon(other.content)) out.same[kind] = (out.same[kind] ?? 0) + 1;
        else out.differ.push({ cell: cell.id, key, now: one?.content, printed: other?.content });
      }
      const [said, was] = [textOf(cell.outputs ?? []), textOf(cell.printed)];
      if (said !== was || cell.error) out.differ.push({ cell: cell.id, key: 'text', now: cell.error?.said ?? said, printed: was });
      else if (was) out.same.text = (out.same.text ?? 0) + 1;
    }
    return out;
  };

  /* ---- changed parts of the page, each with the way back ---- */
  const undo = new Map(); // key of a thing, to what puts its printed form back
  const keep = (key, element) => {
    const [nodes, name] = [[...element.childNodes].map((node) => node.cloneNode(true)), element.className];
    const before = undo.get(key);
    undo.set(key, () => { before?.(); element.replaceChildren(...nodes); element.className = name; });
  };
  const mark = (element) => element.classList.add('lab-moved');

  const SENTENCE = /^.*[.?!][)”]?\s(?=\S)/s;
  function around(link) {
    const block = link.closest('p, li, td, th, dd, h1, h2, h3, figcaption') ?? link.parentElement;
    const [start, end] = [document.createRange(), document.createRange()];
    start.setStart(block, 0);
    start.setEndBefore(link);
    end.setStartAfter(link);
    end.setEnd(block, block.childNodes.length);
    return { before: start.toString().replace(SENTENCE, ''), after: end.toString().replace(/[.?!]\s.*$/s, '') };
  }
  async function showNumbers(moved) {
    const links = moved.flatMap(({ name }) => all(`#main a.num[href="#ev-${name}"]`)
      .filter((link) => !link.closest('.card, .evidence')).map((link) => ({ link, name })));
    const said = await ask('say', { links: links.map(({ link, name }) => ({ key: name, text: link.textContent, ...around(link) })) });
    links.forEach(({ link, name }, i) => {
      const was = link.textContent;
      const { text, fits, now } = said[i];
      if (fits && text === was.replaceAll('\u00a0', ' ')) return; // the words still hold
      keep(`number ${name}`, link);
      if (fits) link.textContent = text;
      else link.replaceChildren(make('s', { textContent: was }), ` ${now}`);
      link.append(make('span', { className: 'visually-hidden', textContent: fits ? ` (changed, printed: ${was})` : ' (changed)' }));
      mark(link);
    });
    for (const { name, content } of moved) {
      const entry = document.getElementById(`ev-${name}`)?.querySelector('.evidence-more');
      if (!entry || !content) continue;
      keep(`number ${name}`, entry);
      entry.querySelector('.evidence-line strong').textContent = content.text;
      const value = entry.querySelector('.evidence-facts code');
      if (value) value.textContent = String(content.value);
      mark(entry);
    }
  }
  async function showVerdict({ name, content }) {
    const block = document.getElementById(`verdict-${name}`);
    if (!block || !content) return;
    keep(`verdict ${name}`, block);
    const { rows, shape } = await ask('verdict', { record: content });
    const slug = content.verdict.toLowerCase().replace(/[^a-z]+/g, '-');
    block.className = block.className.replace(/\bverdict-[a-z-]+/, `verdict-${slug}`);
    const badge = block.querySelector('.badge');
    badge.className = `badge badge-${slug}`;
    badge.lastChild.textContent = content.verdict;
    badge.querySelector('path')?.setAttribute('d', shape);
    const body = block.querySelector('.verdict-parts tbody');
    [...(body?.rows ?? [])].forEach((row, i) => rows[i]?.forEach((text, j) => { row.cells[j + 1].textContent = text; }));
    const rule = block.querySelector('.verdict-rule');
    rule?.replaceChildren(make('strong', { textContent: `Rule ${content.rule}. ` }), content.condition);
    block.querySelector('.verdict-why')?.append(make('em', { textContent: ' (This reason was written for the printed verdict.)' }));
    mark(block);
  }
  async function showFigure({ name, content }) {
    const figure = all(`figure.chart[id="${name}"]`)[0];
    if (!figure || !content) return;
    const views = await ask('views', { spec: content });
    await load(new URL('live/vega.js', assets));
    const printed = specifications.get(name);
    const state = figure.dataset.state;
    const box = figure.querySelector('.steps');
    const before = undo.get(`figure ${name}`);
    if (box) {
      const size = box.clientWidth < 640 ? 'narrow' : 'wide';
      const places = all('.step-picture', box);
      for (const [i, place] of places.entries()) {
        const drawn = make('div', { className: 'lab-step' });
        place.append(drawn);
        await window.vegaEmbed(drawn, views.steps[i][size], { mode: 'vega-lite', renderer: 'svg', actions: false, defaultStyle: false, ast: true, logLevel: 1 });
      }
      box.classList.remove('moving');
      undo.set(`figure ${name}`, () => {
        for (const drawn of all('.lab-step', box)) drawn.remove();
        box.classList.add('moving');
        figure.classList.remove('lab-moved');
      });
    } else {
      specifications.set(name, views);
      figure.dataset.chart = name;
      await draw(figure);
      figure.dataset.state = 'live';
      undo.set(`figure ${name}`, before ?? (() => {
        if (printed) specifications.set(name, printed); else specifications.delete(name);
        figure.dataset.state = state === 'live' ? 'still' : state ?? '';
        figure.classList.remove('lab-moved');
      }));
    }
    mark(figure);
  }
  function showTable({ name, content }) {
    const place = document.getElementById(name);
    const table = place?.matches('table') ? place : place?.querySelector('table');
    if (!table || !content) return;
    keep(`table ${name}`, table);
    table.tBodies[0].replaceChildren(...content.rows.map((row) => make('tr', {}, ...row.map((text, i) => make(i ? 'td' : 'th', {
      textContent: text, className: content.numbers[i] ? 'num' : '', ...(i ? {} : { scope: 'row' }) })))));
    mark(table);
  }

  /* Put what moved into the page, what moved back out of it, and list it. */
  async function show() {
    for (const back of [...undo.values()].reverse()) back();
    undo.clear();
    const moved = [];
    for (const cell of lab.cells) {
      const [now, printed] = [things(cell.outputs ?? []), things(cell.printed)];
      for (const [key, was] of printed) {
        const one = now.get(key);
        if (one && alike(one, was)) continue;
        if (!one && !cell.ran) continue;
        moved.push({ ...was, content: one?.content, was: was.content, cell });
      }
      const text = textOf(cell.outputs ?? []);
      cell.said(cell.error ? '' : text !== textOf(cell.printed) ? text : '', cell.error);
    }
    const of = (kind) => moved.filter((one) => one.kind === kind);
    await showNumbers(of('number'));
    for (const one of of('verdict')) await showVerdict(one);
    for (const one of of('figure')) await showFigure(one);
    for (const one of of('table')) showTable(one);
    list(moved);
    lab.moved = moved.map(({ kind, name }) => `${kind} ${name}`);
    return moved;
  }
  const plural = (count, word) => `${count} ${word}${count === 1 ? '' : 's'}`;
  const counted = (counts) => Object.values(KINDS).filter((kind) => counts[kind]).map((kind) => plural(counts[kind], kind)).join(', ');
  function list(moved) {
    const counts = {};
    for (const { kind } of moved) counts[kind] = (counts[kind] ?? 0) + 1;
    bar.moved.hidden = !moved.length;
    bar.summary.textContent = `What moved: ${counted(counts)}`;
    bar.list.replaceChildren(...moved.map(({ kind, name, content, was }) => {
      const gone = 'not made by the code as it is now';
      const [address, told] = {
        number: [document.getElementById(`at-ev-${name}`) ? `at-ev-${name}` : `ev-${name}`, `${was.text} → ${content?.text ?? gone}: ${was.what}`],
        verdict: [`verdict-${name}`, `${name}: ${was.verdict}${content?.verdict === was.verdict ? ', with other values' : ` → ${content?.verdict ?? gone}`}`],
        figure: [name, document.getElementById(name)?.querySelector('.chart-title')?.textContent ?? name],
        table: [name, `Table ${name}`],
      }[kind];
      return make('li', {}, make('a', { href: `#${address}`, textContent: told }));
    }));
  }

  /* ---- cells ---- */
  /* A field for code with its buttons and what it says; gives the element that holds them. */
  function writable(cell, name, go, undone) {
    const field = make('textarea', { className: 'lab-code', value: cell.source, spellcheck: false, wrap: cell.kind === 'answer' ? 'soft' : 'off' });
    field.setAttribute('aria-label', `${name}; Shift and Enter run it`);
    const size = () => { field.rows = field.value.split('\n').length; };
    const run = make('button', { type: 'button', textContent: 'Run' });
    const back = make('button', { type: 'button', textContent: `Reset this ${cell.kind}`, hidden: true });
    const said = make('pre', { className: 'lab-said', hidden: true, tabIndex: 0 });
    said.setAttribute('role', 'status');
    run.setAttribute('aria-label', `Run: ${name}`);
    run.addEventListener('click', go);
    back.addEventListener('click', () => { cell.set(cell.source); field.focus(); undone(); });
    field.addEventListener('input', () => { size(); back.hidden = field.value === cell.source; });
    field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.shiftKey || event.ctrlKey)) { event.preventDefault(); go(); }
    });
    size();
    Object.assign(cell, {
      text: () => field.value,
      set: (text) => { field.value = text; size(); back.hidden = text === cell.source; },
      said: (text, error) => {
        said.hidden = !text && !error;
        said.classList.toggle('lab-error', Boolean(error));
        said.textContent = error ? `${error.said}${error.line ? ` (line ${error.line})` : ''}` : text;
        if (error) for (let fold = said.closest('details'); fold; fold = fold.parentElement.closest('details')) fold.open = true;
      },
    });
    return make('div', { className: 'lab-cell' }, field, make('div', { className: 'lab-tools' }, run, back), said);
  }
  function editor(cell, box) {
    const go = () => act(() => change([cell]));
    box.classList.add('lab-under');
    box.after(writable(cell, `Code of the cell ${cell.id.replaceAll('-', ' ')}`, go, go));
  }

  /* ---- exercises ---- */
  /* Each exercise gets a cell as the student edition has it, or says that no machine checks it. */
  async function offerAnswers() {
    const cells = await ask('exercises', { chapter: lab.chapter });
    for (const box of all('#main .exercise')) {
      if (!(box.id in cells)) {
        box.append(make('p', { className: 'lab-open', textContent: 'No machine checks this exercise: it asks for a judgement, which a person has to read.' }));
        continue;
      }
      const title = (box.querySelector('.admonition-title')?.textContent ?? box.id).trim();
      const answer = { id: box.id, kind: 'answer', source: cells[box.id] };
      const told = make('div', { className: 'lab-checked' });
      told.setAttribute('role', 'status'); // there before it speaks, so that it is heard
      const tell = (...lines) => told.replaceChildren(...lines.map(([right, textContent]) => (
        make('p', { className: right ? 'lab-right' : 'lab-wrong', textContent }))));
      const go = (check) => act(() => attempt(answer, check, tell));
      const cell = writable(answer, `Your answer to ${title}`, () => go(false), () => {
        answer.said('', null);
        tell();
        remember();
      });
      const check = make('button', { type: 'button', className: 'lab-check', textContent: 'Check my answer' });
      check.setAttribute('aria-label', `Check my answer to ${title}`);
      check.addEventListener('click', () => go(true));
      cell.querySelector('.lab-tools button').after(check);
      cell.prepend(make('p', { className: 'lab-yours', textContent: 'Your answer' }));
      cell.append(told);
      box.append(cell);
      lab.answers.push(answer);
    }
  }
  async function attempt(answer, check, tell) {
    const source = answer.text();
    tell();
    const cells = lab.cells.filter(({ solves }) => !solves);
    const needs = await ask('needed', { source, cells: cells.map((cell) => [cell.id, cell.text()]) });
    const stale = cells.filter((cell) => needs.includes(cell.id) && cell.holds !== cell.text());
    if (stale.length) await change(stale);
    const stopped = cells.find((cell) => needs.includes(cell.id) && cell.holds !== cell.text());
    if (stopped) {
      tell([false, `Your answer needs the cell ${stopped.id.replaceAll('-', ' ')}, which ${stopped.error ? `stopped: ${stopped.error.said}` : 'did not run'}.`]);
      return;
    }
    bar.say('Running your answer');
    const { outputs, error, checked } = await ask('attempt', { chapter: lab.chapter, label: answer.id, source, check });
    answer.said(textOf(outputs), error);
    remember();
    const found = Object.entries(checked);
    if (check && error) tell([false, 'Your cell stopped with an error, so nothing was checked.']);
    else tell(...found.map(([name, wrong]) => [!wrong, wrong ? `Not yet: ${wrong}` : `Right: ${name} passes the check.`]));
    const right = found.filter(([, wrong]) => !wrong).length;
    bar.say(error ? 'Your answer stopped with an error.' : check ? `${right} of ${plural(found.length, 'answer')} right.` : 'Your answer ran.');
  }
  async function runCell(cell) {
    const source = cell.text();
    const { outputs, error } = await ask('run', { cell: cell.id, source, beside: cell.solves ? 'solutions' : '' });
    Object.assign(cell, { outputs, error, ran: true, holds: error ? null : source });
    return !error;
  }
  async function runEach(cells) {
    for (const cell of cells) cell.holds = null; // what its names hold is not yet what its code says
    for (const [i, cell] of cells.entries()) {
      bar.say(`Running cell ${i + 1} of ${cells.length}: ${cell.id.replaceAll('-', ' ')}`, i / cells.length);
      if (!(await runCell(cell))) return cell;
    }
    return null;
  }
  async function change(cells) {
    const begun = performance.now();
    const every = lab.cells.map((cell) => [cell.id, cell.text()]);
    const ids = await ask('following', { changed: cells.map((cell) => cell.id), cells: every });
    const fault = await runEach(lab.cells.filter((cell) => ids.includes(cell.id)));
    lab.times.python = performance.now() - begun;
    await finish(fault, `${plural(ids.length, 'cell')} ran`, begun);
  }
  async function runAll() {
    const begun = performance.now();
    const fault = await runEach(lab.cells);
    await finish(fault, `All ${lab.cells.length} cells ran`, begun);
  }
  async function finish(fault, told, begun) {
    const moved = await show();
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    lab.times.last = performance.now() - begun;
    await lab.after?.(fault);
    remember();
    const { same } = lab.compare();
    bar.say(fault && lab.after && fault.id === 'study' ? 'There is no result for this choice; the reason stands beside the control.'
      : fault ? `The cell ${fault.id.replaceAll('-', ' ')} stopped: ${fault.error.said}`
      : lab.after ? `${told} in ${seconds} s.` : `${told} in ${seconds} s. ${moved.length ? `${plural(moved.length, 'thing')} moved.`
        : `Everything is as printed: ${counted(same)}.`}`);
  }
  /* What was written stands in the address: a link carries it. */
  function remember() {
    const edits = Object.fromEntries([...lab.cells, ...lab.answers].filter((cell) => cell.text() !== cell.source).map((cell) => [cell.id, cell.text()]));
    const kept = Object.keys(edits).length ? `#run=${encodeURIComponent(JSON.stringify(edits))}` : '';
    if (lab.address) history.replaceState(null, '', lab.address(edits));
    else if (kept || location.hash.startsWith('#run=')) history.replaceState(null, '', kept || location.pathname + location.search);
  }
  let soon = 0; // what is typed is kept before it is run, too
  addEventListener('input', ({ target }) => {
    if (!lab.cells.length || !target.matches('textarea')) return;
    clearTimeout(soon);
    soon = setTimeout(remember, 500);
  });
  // a link within the page takes the place of the edits in the address
  addEventListener('hashchange', () => { if (lab.cells.length && !location.hash.startsWith('#run=')) setTimeout(remember); });
  let busy = Promise.resolve();
  function act(what) {
    bar.busy(true);
    busy = busy.then(what).catch((problem) => bar.say(`Python stopped: ${problem.message}`)).finally(() => bar.busy(false));
    return busy;
  }
  async function reset() {
    const edited = lab.cells.filter((cell) => cell.text() !== cell.source || cell.error);
    for (const cell of lab.cells) cell.set(cell.source);
    if (edited.length) await change(edited);
  }

  /* What a link that somebody sent changes: the edits stand in the address. */
  function edit() {
    const sent = new URLSearchParams(location.hash.slice(1)).get('run');
    try {
      for (const [id, text] of Object.entries(JSON.parse(sent ?? '{}'))) [...lab.cells, ...lab.answers].find((cell) => cell.id === id).set(String(text));
    } catch {
      history.replaceState(null, '', location.pathname); // the link was cut: the chapter as printed
    }
  }
  /* The notebook as it is now; an edited cell has no outputs until it runs there. */
  function download() {
    const cells = lab.notebook.cells.map((one) => {
      const own = lab.cells.find((cell) => cell.id === one.id);
      return !own || own.text() === own.source ? one : { ...one, source: own.text(), outputs: [], execution_count: null };
    });
    const file = new Blob([JSON.stringify({ ...lab.notebook, cells }, null, 1)], { type: 'application/x-ipynb+json' });
    const link = make('a', { href: URL.createObjectURL(file), download: location.pathname.match(/([^/]*?)(\.html)?$/)[1] + '.ipynb' });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  /* ---- the bar ---- */
  const bar = {};
  function makeBar() {
    const status = make('p', { className: 'lab-status' });
    status.setAttribute('role', 'status');
    const meter = make('progress', { max: 1, value: 0 });
    meter.setAttribute('aria-label', 'Progress');
    const button = (textContent, what) => {
      const one = make('button', { type: 'button', textContent });
      one.addEventListener('click', what);
      return one;
    };
    const tools = make('div', { className: 'lab-tools', hidden: true },
      button('Run all', () => act(runAll)), button('Reset all', () => act(reset)), button('Download notebook', download));
    bar.summary = make('summary');
    bar.list = make('ul');
    bar.moved = make('details', { hidden: true }, bar.summary, bar.list);
    const box = make('section', { className: 'lab-bar' }, status, meter, tools, bar.moved);
    box.setAttribute('aria-label', 'This chapter, running here');
    box.tabIndex = -1;
    document.getElementById('main').append(box);
    box.focus({ preventScroll: true }); // the button that was pressed goes out
    bar.say = (text, progress) => {
      status.textContent = text;
      meter.hidden = progress === undefined;
      meter.value = progress ?? 1;
    };
    bar.busy = (now) => {
      const at = document.activeElement;
      for (const one of all('.lab-tools button')) one.disabled = now;
      if (now) bar.at = at;
      else if (document.activeElement === document.body) bar.at?.focus({ preventScroll: true });
    };
    bar.ready = () => { tools.hidden = false; };
  }

  async function start(button) {
    const offer = button.closest('.lab-offer');
    const why = lacking();
    if (why) {
      const told = make('strong', { textContent: why });
      told.setAttribute('role', 'status');
      offer.replaceChildren(told);
      return;
    }
    const begun = performance.now();
    button.disabled = true;
    makeBar();
    bar.say('Fetching Python', 0);
    try {
      const get = async (address, how) => {
        const answer = await fetch(address);
        if (!answer.ok) throw new Error(`${address} did not load`);
        return answer[how]();
      };
      const [manifest, notebook, style] = await Promise.all([
        get(new URL('lab.json', base), 'json'), get(button.dataset.notebook, 'json'), get(new URL('lab.css', base), 'text')]);
      document.head.append(make('style', { textContent: style }));
      await python(manifest, (progress) => bar.say(progress < 1 ? `Fetching Python, ${Math.round(100 * progress)}%` : 'Starting Python', progress));
      lab.times.python = performance.now() - begun;
      for (const { id, cell_type: type, source, outputs } of notebook.cells) {
        if (type !== 'code') continue;
        const text = joined(source);
        const place = document.getElementById(`cell-${id}`);
        const cell = { id, kind: 'cell', source: text, printed: outputs, solves: Boolean(place?.closest('.solution')),
          text: () => text, set: () => {}, said: () => {} };
        lab.cells.push(cell);
        const box = place && all('.cell_input', place).find((one) => one.closest('[id^="cell-"]') === place);
        if (box) editor(cell, box);
      }
      lab.notebook = notebook;
      lab.chapter = button.dataset.notebook.match(/([^/]*)\.ipynb$/)[1];
      await offerAnswers();
      edit();
      if (document.querySelector('.lab-study')) {
        await load(new URL('study.js', base).href);
        window.shockbookStudy(lab, ask, (cell) => act(() => change([cell])));
      }
      bar.ready();
      await act(runAll);
      await lab.names?.();
      lab.times.first = performance.now() - begun;
      button.hidden = true;
      offer.querySelector('span').textContent = lab.after ? 'Choose below, or change the code.' : `Open a code cell below, change it and press Run.${lab.answers.length ? ' Below the exercises is room for your answers.' : ''}`;
      document.documentElement.dataset.lab = 'ready';
    } catch (problem) {
      bar.say(`Python did not start: ${problem.message}`);
      button.disabled = false;
    }
  }
  window.shockbookLab = Object.assign(lab, { start });
})();
