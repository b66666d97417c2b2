/* The lab: the controls write the settings of one cell, and show what it makes. */
(() => {
  'use strict';
  const { all, make, load, assets } = window.shockbookTools;
  const CHART = 'application/vnd.vegalite.v5+json';
  const SETTINGS = /^TICKER, DAY, BENCHMARK = (.*), (.*), (.*)\nMODEL, ESTIMATION, WINDOW = (.*), \((.*), (.*)\), \((.*), (.*)\)$/m;
  const NAMES = ['ticker', 'day', 'benchmark', 'model', 'from', 'to', 'first', 'last'];
  const ALONE = ['mean', 'ff3', 'carhart', 'ff5', 'ff6']; // models that ask for no fund
  const KNOWN = `
import json as _json
_names = catalog.load("tickers").set_index("ticker")["name"]
print(_json.dumps([[t, _names.get(t, "")] for t in closes.columns]))`;

  window.shockbookStudy = (lab, ask, run) => {
    const form = document.querySelector('.lab-study');
    const [words, picture] = [form.querySelector('.lab-words'), form.querySelector('.lab-picture')];
    const cell = lab.cells.find(({ id }) => id === 'study');
    const field = (name) => form.elements[name];
    let asked = null; // the control that was changed last

    const read = (text) => SETTINGS.exec(text)?.slice(1).map((part) => part.replace(/^(["'])(.*)\1$/, '$2'));
    const first = read(cell.source);
    const fill = (values) => NAMES.forEach((name, i) => {
      if (field(name).value !== values[i]) field(name).value = values[i];
    });
    const settings = () => {
      const [ticker, day, benchmark, model] = NAMES.slice(0, 4).map((name) => JSON.stringify(field(name).value.trim()));
      const [from, to, start, end] = NAMES.slice(4).map((name) => Math.trunc(Number(field(name).value)));
      return `TICKER, DAY, BENCHMARK = ${ticker}, ${day}, ${benchmark}\nMODEL, ESTIMATION, WINDOW = ${model}, (${from}, ${to}), (${start}, ${end})`;
    };
    const write = (text) => (SETTINGS.test(text) ? text : cell.source).replace(SETTINGS, settings);

    /* Only what differs from the printed study stands in the address; so does code that was edited. */
    lab.address = (edits) => {
      const { study, ...others } = edits;
      const now = new URLSearchParams();
      NAMES.forEach((name, i) => { if (field(name).value !== first[i]) now.set(name, field(name).value); });
      if (study && study !== write(cell.source)) others.study = study;
      const search = String(now);
      return (search ? `?${search}` : location.pathname)
        + (Object.keys(others).length ? `#run=${encodeURIComponent(JSON.stringify(others))}` : '');
    };
    const blame = (said) => {
      for (const old of all('.lab-fault', form)) old.remove();
      for (const one of all('[aria-invalid]', form)) { one.removeAttribute('aria-invalid'); one.removeAttribute('aria-describedby'); }
      if (!said) return;
      const at = asked ?? field('ticker');
      at.setAttribute('aria-invalid', 'true');
      at.setAttribute('aria-describedby', 'lab-fault');
      const told = make('p', { className: 'lab-fault', id: 'lab-fault', textContent: said });
      told.setAttribute('role', 'alert');
      at.closest('.lab-field').append(told);
    };
    /* After a run: its words and its picture, or the sentence of what is wrong. */
    lab.after = async (fault) => {
      const values = read(cell.text());
      if (values) fill(values);
      field('benchmark').disabled = ALONE.includes(field('model').value);
      blame(fault === cell ? fault.error.said.replace(/^[\w.]*Error: /, '') : '');
      for (const one of lab.cells) if (one !== fault || one === cell) one.said('', null);
      form.classList.toggle('lab-stale', Boolean(fault));
      if (fault) { words.replaceChildren(); picture.replaceChildren(); return; }
      const said = cell.outputs.map(({ text }) => text ?? '').join('').replace(/(^|[\s(])-(?=\d)/g, '$1\u2212').trim();
      words.replaceChildren(...said.split('\n').map((textContent) => make('p', { textContent })));
      const made = lab.cells.flatMap(({ outputs = [] }) => outputs).find(({ data }) => data?.[CHART]);
      if (!made) return;
      const views = await ask('views', { spec: made.data[CHART] });
      await load(new URL('live/vega.js', assets));
      const view = views[picture.clientWidth < 640 && views.narrow ? 'narrow' : 'wide'];
      const width = views.fluid ? { width: picture.clientWidth - 48 } : {};
      await window.vegaEmbed(picture, { ...view, ...width }, { mode: 'vega-lite', renderer: 'svg', actions: false, defaultStyle: false, ast: true, logLevel: 1 });
      for (const mark of all('[role^=graphics], [aria-roledescription]', picture)) {
        for (const name of ['role', 'aria-roledescription', 'aria-label']) mark.removeAttribute(name);
      }
      const drawing = picture.querySelector('svg');
      drawing?.setAttribute('role', 'img');
      drawing?.setAttribute('aria-label', `How many ordinary days had which abnormal return, and where this day lies. ${said.replaceAll('\n', ' ')}`);
    };
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('change', ({ target }) => {
      asked = target;
      if (target.name === 'ticker') target.value = target.value.trim().toUpperCase();
      if (!target.checkValidity()) { blame(target.validationMessage); return; }
      cell.set(write(cell.text()));
      run(cell);
    });

    const sent = new URLSearchParams(location.search);
    fill(read(cell.text()) ?? first);
    for (const name of NAMES) if (sent.has(name)) field(name).value = sent.get(name);
    cell.set(write(cell.text()));
    form.hidden = false;
    lab.value = async (name) => {
      const { outputs } = await ask('run', { cell: 'value', source: `print(repr(float(${name})))` });
      return Number(outputs[0].text);
    };
    lab.names = async () => {
      const { outputs } = await ask('run', { cell: 'names', source: KNOWN });
      document.getElementById('lab-tickers').replaceChildren(...JSON.parse(outputs[0].text)
        .map(([value, label]) => make('option', { value, label: label ? `${value}, ${label}` : value })));
    };
  };
})();
