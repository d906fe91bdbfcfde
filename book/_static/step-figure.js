/* <step-figure>: moves the highlights and the text of a steppable figure.
   Every number and every text was computed when the book was built (book/figures); this script
   only chooses which step shows. The markup is written by book/figures/element.py. */
(() => {
  if (customElements.get('step-figure')) return; // a notebook may load this file twice

  const PAUSE = 1200; // milliseconds between steps while playing

  class StepFigure extends HTMLElement {
    connectedCallback() {
      if (this.data) return;
      if (document.readyState === 'loading') { // the element's content is not there yet
        document.addEventListener('DOMContentLoaded', () => this.connectedCallback(), { once: true });
        return;
      }
      this.data = JSON.parse(this.querySelector('script').textContent);
      this.texts = [...this.querySelectorAll('details li')].map((item) => item.textContent);
      this.grids = [...this.querySelectorAll('svg')];
      this.slider = this.querySelector('input');
      this.output = this.querySelector('output');
      this.button = (name) => this.querySelector(`[data-do=${name}]`);
      this.listen();
      this.go(0);
    }

    disconnectedCallback() {
      this.pause();
    }

    listen() {
      const pick = this.querySelector(`svg[data-grid="${this.data.pick}"]`);
      const cells = [...pick.querySelectorAll('.cell')];
      pick.addEventListener('click', (event) => {
        const cell = cells.indexOf(event.target.closest('.cell'));
        const step = this.data.steps.findIndex((each) => each.at === cell);
        if (step < 0) return;
        this.moveTo(step);
        this.slider.focus({ preventScroll: true }); // so that the arrow keys go on from here
      });
      this.slider.addEventListener('input', () => this.moveTo(Number(this.slider.value)));
      this.button('previous').addEventListener('click', () => this.moveTo(this.step - 1));
      this.button('next').addEventListener('click', () => this.moveTo(this.step + 1));
      this.button('play').addEventListener('click', () => (this.timer ? this.pause() : this.play()));
      this.querySelector('.controls').addEventListener('keydown', (event) => this.key(event));
    }

    key(event) {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const target = {
        ArrowLeft: this.step - 1,
        ArrowRight: this.step + 1,
        ArrowUp: this.step - this.data.columns,
        ArrowDown: this.step + this.data.columns,
        Home: 0,
        End: this.texts.length - 1,
      }[event.key];
      if (target === undefined) return;
      event.preventDefault();
      event.stopPropagation(); // the theme and JupyterLab have uses of their own for arrow keys
      this.moveTo(target);
    }

    /* The reader moves: playing ends, and a step outside the figure changes nothing. */
    moveTo(step) {
      this.pause();
      this.go(step);
    }

    play() {
      if (this.step === this.texts.length - 1) this.go(0);
      this.output.setAttribute('aria-live', 'off'); // do not read out what nobody asked to stop at
      this.button('play').textContent = 'Pause';
      this.timer = setInterval(() => {
        this.go(this.step + 1);
        if (this.step === this.texts.length - 1) this.pause();
      }, PAUSE);
    }

    pause() {
      if (!this.timer) return;
      clearInterval(this.timer);
      this.timer = null;
      this.output.setAttribute('aria-live', 'polite');
      this.button('play').textContent = 'Play';
    }

    go(step) {
      const now = this.data.steps[step];
      if (!now) return;
      this.step = step;
      this.grids.forEach((svg) => this.draw(svg, now));
      this.output.textContent = this.texts[step];
      const place = `${step + 1} of ${this.texts.length}`;
      this.querySelector('.count').textContent = place;
      this.slider.value = step;
      this.slider.setAttribute('aria-valuetext', place);
      this.dataset.step = step;
      this.dataset.result = now.result;
    }

    draw(svg, now) {
      const name = svg.dataset.grid;
      const marks = now.marks[name] || {};
      const labels = now.labels[name] || {};
      const values = this.values(name);
      svg.setAttribute('aria-label', now.descriptions[name]);
      svg.querySelectorAll('.cell').forEach((cell, i) => {
        for (const kind of ['here', 'used']) {
          cell.classList.toggle(kind, Boolean(marks[kind] && marks[kind].includes(i)));
        }
        cell.querySelector('.value').textContent = values[i];
        const label = cell.querySelector('.label');
        if (label) label.textContent = labels[i] ?? '';
      });
    }

    /* The grid's own values and all that the steps up to this one wrote. */
    values(name) {
      const values = [...this.data.values[name]];
      for (const step of this.data.steps.slice(0, this.step + 1)) Object.assign(values, step.writes[name]);
      return values;
    }
  }

  customElements.define('step-figure', StepFigure);
})();
