/* Python in a thread of its own, so that the page stays alive and can stop it (code-editor.js).
   Asked {id, what: "run" | "check", code, task}; answers {id, progress} and then {id, answer} or
   {id, failure}. What runs is autograder/in_page.py; all files come from the site itself. */
const HOME = new URL('../pyodide/', self.location.href).href;
const ABSENT =
  'Python is not part of this copy of the book: whoever built it had no source for it. ' +
  'The exercise works in Jupyter on your own machine, and in Colab or Binder.';

let starting = null;

async function start(say) {
  say('Loading Python (10 MB; your browser keeps it) …', 0.1);
  const found = await fetch(`${HOME}pyodide-lock.json`, { cache: 'no-cache' }).catch(() => ({ ok: false }));
  if (!found.ok) throw new Error(ABSENT);
  importScripts(`${HOME}pyodide.js`);
  const quiet = { messageCallback() {} };
  const pyodide = await loadPyodide({ indexURL: HOME, lockFileURL: `${HOME}pyodide-lock.json`, stdout() {} });
  say('Loading NumPy and the judge …', 0.5);
  await pyodide.loadPackage(['cnn-backprop'], quiet);
  say('Starting the judge …', 0.8);
  const page = pyodide.pyimport('autograder.in_page');
  pyodide.pyimport('autograder.tasks').all_tasks().destroy();
  return { pyodide, page, quiet };
}

self.onmessage = async ({ data: { id, what, code, task } }) => {
  const say = (progress, part) => self.postMessage({ id, progress, part });
  try {
    starting ??= start(say);
    const { pyodide, page, quiet } = await starting;
    if (what === 'start') return self.postMessage({ id, answer: {} });
    await pyodide.loadPackagesFromImports(code, quiet).catch(() => {}); // Python reports it better
    say(what === 'check' ? 'Checking …' : 'Running …', 1);
    const answer = page[what](code, task);
    self.postMessage({ id, answer: answer.toJs({ dict_converter: Object.fromEntries }) });
    answer.destroy();
  } catch (error) {
    if (error.message === ABSENT) starting = null;
    self.postMessage({ id, failure: error.message || String(error) });
  }
};
