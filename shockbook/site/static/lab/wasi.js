/* Python as one WebAssembly file.  Another runtime takes this one's place by offering the same:
   start(base, manifest, progress) gives { run }, and run(text) gives a text. */
import { ConsoleStdout, Directory, File, OpenFile, PreopenDirectory, WASI } from './wasi/index.js';

const OPEN = `
import os, sys
sys.path.insert(0, '/book')
os.chdir('/book')
from shockbook import inpage
inpage.stand_in()
def answer():
    with open('/talk/asked', encoding='utf-8') as asked:
        said = inpage.answer(asked.read())
    with open('/talk/answer', 'w', encoding='utf-8') as answered:
        answered.write(said)
`;

/* A part, unpacked while it comes; kept by the browser from page to page. */
async function part(base, name, { version }, progress) {
  const url = new URL(`${name}?${version}`, base).href;
  const kept = await self.caches?.open('shockbook-lab').catch(() => null);
  let response = await kept?.match(url);
  if (!response) {
    response = await fetch(url);
    if (!response.ok) throw new Error(`${name} did not load (${response.status})`);
    if (kept) {
      for (const old of await kept.keys()) if (old.url.split('?')[0] === url.split('?')[0]) kept.delete(old);
      await kept.put(url, response.clone()).catch(() => {}); // no room: it is fetched again next time
    }
  }
  let got = 0;
  const counted = response.body.pipeThrough(new TransformStream({
    transform(chunk, to) { got += chunk.byteLength; progress(got); to.enqueue(chunk); },
  }));
  return new Response(counted.pipeThrough(new DecompressionStream('gzip')));
}

/* A file of data: fetched when it is first opened, and only then. */
class Remote extends File {
  constructor(url, size) { super(new ArrayBuffer(0)); Object.assign(this, { url, bytes: size }); }
  get size() { return BigInt(this.url ? this.bytes : this.data.byteLength); }
  path_open(...how) {
    if (this.url) {
      const request = new XMLHttpRequest(); // Python waits, as for a disk
      request.open('GET', this.url, false);
      request.responseType = 'arraybuffer';
      request.send();
      if (request.status !== 200) throw new Error(`${this.url} did not load (${request.status})`);
      this.data = new Uint8Array(request.response);
      this.url = null;
    }
    return super.path_open(...how);
  }
}

function folder(files) {
  const top = new Map();
  for (const [path, file] of Object.entries(files)) {
    const names = path.split('/');
    let at = top;
    for (const name of names.slice(0, -1)) {
      if (!at.has(name)) at.set(name, new Directory(new Map()));
      at = at.get(name).contents;
    }
    at.set(names.at(-1), file);
  }
  return top;
}

export async function start(base, { parts, data }, progress) {
  const done = {};
  const whole = Object.values(parts).reduce((sum, one) => sum + one.bytes, 0);
  const get = (name) => part(base, name, parts[name], (got) => {
    done[name] = got;
    progress(Object.values(done).reduce((sum, one) => sum + one, 0) / whole);
  });
  const texts = (name) => get(name).then((packed) => packed.json());
  const [module, library, book, exercises] = await Promise.all([
    get('python.wasm.gz').then(({ body }) => WebAssembly.compileStreaming(
      new Response(body, { headers: { 'Content-Type': 'application/wasm' } }))),
    get('library.zip.gz').then((library) => library.arrayBuffer()),
    texts('book.json.gz'), texts('exercises.json.gz'),
  ]);
  const files = {};
  for (const [path, text] of Object.entries({ ...book, ...exercises })) files[path] = new File(new TextEncoder().encode(text));
  for (const [name, size] of Object.entries(data)) {
    files[`data/${name}`] = new Remote(new URL(`data/${name}`, base).href, size);
  }
  const asked = new File(new ArrayBuffer(0));
  const answer = new File(new ArrayBuffer(0));
  const said = [];
  const out = () => ConsoleStdout.lineBuffered((line) => { said.push(line); });
  const archive = new File(library, { readonly: true });
  const empty = () => new Directory(new Map());
  const wasi = new WASI([], ['HOME=/tmp', 'TMPDIR=/tmp', 'TZ=UTC', 'PYTHONHASHSEED=0'], [
    new OpenFile(new File([])), out(), out(),
    new PreopenDirectory('/usr/local/lib', [['python3.15.zip', archive], ['python315.zip', archive]]),
    new PreopenDirectory('/', [
      ['usr', new Directory([['local', new Directory([['lib', empty()]])]])], ['tmp', empty()],
      ['talk', new Directory([['asked', asked], ['answer', answer]])], ['book', new Directory(folder(files))],
    ]),
  ], { debug: false });
  wasi.wasiImport.sched_yield = () => 0;
  const instance = await WebAssembly.instantiate(module, {
    wasi_snapshot_preview1: wasi.wasiImport, host: { call: () => -1 },
  });
  wasi.inst = instance;
  const { memory, host_alloc: allocate, turn, _initialize: initialize } = instance.exports;
  const run = (source) => {
    const text = new TextEncoder().encode(source);
    const place = allocate(text.length) >>> 0;
    new Uint8Array(memory.buffer).set(text, place);
    said.length = 0;
    if (turn(place, text.length) !== 0) throw new Error(said.join('\n') || 'Python stopped');
  };
  initialize();
  run(OPEN);
  return {
    memory: () => memory.buffer.byteLength,
    run(text) {
      asked.data = new TextEncoder().encode(text);
      run('answer()');
      return new TextDecoder().decode(answer.data);
    },
  };
}
