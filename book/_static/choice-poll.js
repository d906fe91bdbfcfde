/* <choice-poll>: checks the reader's choice, then shows each option's verdict and explanation.
   Question, options and explanations stand in the page already (book/_ext/poll_directive.py);
   without this script each explanation is a closed <details>. */
(() => {
  if (customElements.get('choice-poll')) return; // a notebook may load this file twice

  class ChoicePoll extends HTMLElement {
    connectedCallback() {
      if (this.form) return;
      if (document.readyState === 'loading') { // the element's content is not there yet
        document.addEventListener('DOMContentLoaded', () => this.connectedCallback(), { once: true });
        return;
      }
      this.form = this.querySelector('form');
      this.options = [...this.querySelectorAll('.options > li')];
      this.form.addEventListener('submit', (event) => {
        event.preventDefault();
        this.check();
      });
      this.form.addEventListener('reset', () => this.show('unanswered', ''));
    }

    check() {
      const chosen = this.options.map((option) => option.querySelector('input').checked);
      if (!chosen.includes(true)) {
        this.show('unanswered', 'Choose an answer first.');
        return;
      }
      const agrees = this.options.map((option, i) => chosen[i] === ('right' in option.dataset));
      const right = !agrees.includes(false);
      this.show(right ? 'right' : 'wrong', right ? '✓ Right.' : '✗ Not yet. See what each option says.');
    }

    show(state, message) {
      const answered = state !== 'unanswered';
      const hadFocus = this.contains(document.activeElement); // ask before disabling takes it away
      this.dataset.state = state;
      this.querySelector('output').textContent = message;
      for (const option of this.options) {
        option.querySelector('input').disabled = answered;
        option.querySelector('details').open = answered;
      }
      const [check, again] = this.querySelectorAll('button');
      check.hidden = answered;
      again.hidden = !answered;
      // The button that was pressed is gone: its successor takes the focus over.
      if (hadFocus && answered) again.focus();
      if (hadFocus && !answered && !message) this.querySelector('input').focus();
    }
  }

  customElements.define('choice-poll', ChoicePoll);
})();
