/* Runs Python beside the page, which stays free.  A message has an id, and so has its reply. */
import { start } from './wasi.js';

let runtime;
onmessage = async ({ data: { id, base, manifest, asked } }) => {
  const reply = (what) => postMessage({ id, ...what });
  try {
    if (manifest) {
      runtime = await start(base, manifest, (progress) => postMessage({ progress }));
      reply({ answer: true });
    } else {
      reply({ answer: JSON.parse(runtime.run(JSON.stringify(asked))), memory: runtime.memory() });
    }
  } catch (problem) {
    reply({ error: String(problem.message ?? problem) });
  }
};
