/* <code-editor>: write a function in the page, run it, have it judged.
   The markup stands in the page (book/_ext/editor_directive.py). The editor itself is loaded when
   it comes near the window, Python when something is run for the first time. */
(() => {
  if (customElements.get('code-editor')) return;

  const STATIC = new URL('.', document.currentScript.src); // the site's _static/
  const ROOT = new URL('..', STATIC);
  const key = (task) => `${ROOT.pathname}code/${task}`; // read by carry-over.js too

  /* Storage may be full or forbidden: then nothing is kept, and all else works. */
  const kept = {
    get(task) {
      try { return localStorage.getItem(key(task)); } catch { return null; }
    },
    set(task, code) {
      try { localStorage.setItem(key(task), code); } catch { /* not kept */ }
    },
    remove(task) {
      try { localStorage.removeItem(key(task)); } catch { /* not kept */ }
    },
  };

  /* The page's one Python: started by the first request, ended and started anew by stop(). */
  const python = {
    worker: null,
    waiting: new Map(),
    next: 0,

    ask(request, say) {
      this.worker ??= this.begin();
      const id = this.next++;
      return new Promise((answer, fail) => {
        this.waiting.set(id, { answer, fail, say });
        this.worker.postMessage({ id, ...request });
      });
    },

    begin() {
      const worker = new Worker(new URL('python-worker.js', STATIC));
      worker.onmessage = ({ data }) => {
        const asked = this.waiting.get(data.id);
        if (!asked) return;
        if (data.progress) return asked.say(data.progress, data.part);
        this.waiting.delete(data.id);
        if (data.failure) asked.fail(new Error(data.failure));
        else asked.answer(data.answer);
      };
      worker.onerror = (event) => {
        event.preventDefault();
        this.end(new Error(event.message || 'Python could not be started.'));
      };
      return worker;
    },

    end(reason) {
      this.worker?.terminate();
      this.worker = null;
      for (const { fail } of this.waiting.values()) fail(reason);
      this.waiting.clear();
    },

    stop() {
      this.end(new Error('stopped'));
      this.ask({ what: 'start' }, () => {}).catch(() => {}); // ready again for the next click
    },
  };

  let library = null; // the promise of CodeMirror
  const loadLibrary = () => (library ??= import(new URL('vendor/codemirror.js', STATIC)));

  class CodeEditor extends HTMLElement {
    connectedCallback() {
      if (this.tasks) return;
      if (document.readyState === 'loading') { // the element's content is not there yet
        document.addEventListener('DOMContentLoaded', () => this.connectedCallback(), { once: true });
        return;
      }
      this.tasks = JSON.parse(this.querySelector('script').textContent);
      this.area = this.querySelector('.code');
      this.output = this.querySelector('output');
      this.bar = this.querySelector('progress');
      this.result = this.querySelector('.result');
      this.button = (name) => this.querySelector(`[data-do=${name}]`);
      this.button('run').addEventListener('click', () => this.ask('run'));
      this.button('check').addEventListener('click', () => this.ask('check'));
      this.button('stop').addEventListener('click', () => this.stop());
      this.button('reset').addEventListener('click', () => this.reset());
      this.button('notebook').addEventListener('click', () => this.save());
      this.querySelector('select')?.addEventListener('change', (event) => this.choose(event.target.value));
      this.choose(this.querySelector('select')?.value ?? Object.keys(this.tasks)[0]);
      const near = new IntersectionObserver((entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        near.disconnect();
        this.wake();
      }, { rootMargin: '500px' });
      near.observe(this);
    }

    get code() {
      return this.editor ? this.editor.text : (kept.get(this.task) ?? this.tasks[this.task]);
    }

    /* Show another task; each keeps its own code. */
    choose(task) {
      this.save();
      this.task = task;
      this.button('notebook').href = this.dataset.notebook + `&carry=${task}`;
      this.say('');
      this.show({});
      if (this.editor) this.edit();
      else this.area.querySelector('pre').textContent = this.code;
    }

    async wake() {
      await loadLibrary();
      if (!this.editor) this.edit();
      this.dataset.awake = '';
    }

    async edit() {
      const { makeEditor } = await loadLibrary();
      const text = kept.get(this.task) ?? this.tasks[this.task];
      this.editor?.destroy();
      this.area.replaceChildren();
      this.editor = makeEditor({
        parent: this.area,
        text,
        attributes: {
          'aria-label': `Your code for ${this.task}`,
          tabindex: '0', // it has the focus anyway; this says so to whoever asks the markup
          'aria-describedby': this.querySelector('.keys').id,
        },
        keys: [
          { key: 'Mod-Enter', run: () => (this.ask('run'), true) },
          { key: 'Shift-Enter', run: () => (this.ask('check'), true) },
        ],
        changed: () => {
          clearTimeout(this.saving);
          this.saving = setTimeout(() => this.save(), 300);
        },
      });
    }

    save() {
      clearTimeout(this.saving);
      if (!this.editor) return;
      if (this.code === this.tasks[this.task]) kept.remove(this.task);
      else kept.set(this.task, this.code);
    }

    reset() {
      if (this.dataset.state === 'busy') return;
      if (this.code !== this.tasks[this.task] && !confirm('Throw your code away and start over?')) return;
      kept.remove(this.task);
      if (this.editor) this.editor.text = this.tasks[this.task];
      this.show({});
      this.say('Back to the beginning.');
    }

    async ask(what) {
      if (this.dataset.state === 'busy') return;
      this.save();
      this.state('busy');
      this.show({});
      const task = this.task;
      const began = performance.now();
      const say = (text, part) => this.say(text, part);
      say(python.worker ? 'Asking Python …' : 'Starting Python …', 0);
      try {
        const answer = await python.ask({ what, code: this.code, task }, say);
        this.dataset.seconds = ((performance.now() - began) / 1000).toFixed(2);
        this.show(answer);
        this.say(answer.status);
        this.state('done');
      } catch (error) {
        this.say(error.message === 'stopped' ? 'Stopped.' : error.message);
        this.state(error.message === 'stopped' ? 'stopped' : 'failed');
      }
    }

    stop() {
      if (this.dataset.state === 'busy') python.stop();
    }

    /* Buttons stay reachable while Python works: who has the focus on one does not lose it. */
    state(state) {
      const busy = state === 'busy';
      this.dataset.state = state;
      for (const name of ['run', 'check', 'reset']) this.button(name).setAttribute('aria-disabled', busy);
      this.button('stop').setAttribute('aria-disabled', !busy);
      this.querySelector('select')?.toggleAttribute('disabled', busy);
    }

    say(text, part) {
      this.output.textContent = text;
      this.bar.hidden = part === undefined;
      if (part !== undefined) this.bar.value = part;
    }

    show({ printed = '', problem = '', html = '', score, points }) {
      const part = (text, className) => {
        const pre = document.createElement('pre');
        pre.className = className;
        pre.textContent = text;
        return text ? [pre] : [];
      };
      const report = document.createElement('div');
      report.innerHTML = html; // the judge's: what came from the learner's code is escaped in it
      this.result.replaceChildren(...part(printed, 'printed'), ...part(problem, 'problem'), report);
      for (const pre of this.result.querySelectorAll('pre')) {
        pre.tabIndex = 0; // wider than a phone: the keyboard must be able to scroll it
        pre.setAttribute('role', 'group');
        pre.setAttribute('aria-label', pre.className === 'problem' ? 'Error' : 'Output');
      }
      this.result.hidden = !(printed || problem || html);
      if (score === undefined) delete this.dataset.score;
      else this.dataset.score = `${score} of ${points}`;
    }
  }

  customElements.define('code-editor', CodeEditor);
})();
