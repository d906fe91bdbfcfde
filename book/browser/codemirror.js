/* What the page's editor needs of CodeMirror, bundled by book/vendor.py into one module.
   Tab is not bound: it leaves the editor, as everywhere on a page. Enter indents by itself. */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { python } from '@codemirror/lang-python';
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const colour = (name) => ({ color: `var(--book-${name})` });
const highlighting = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], ...colour('here-line') },
  { tag: [tags.string, tags.docString], ...colour('right') },
  { tag: [tags.number, tags.bool, tags.null], ...colour('used-line') },
  { tag: tags.comment, ...colour('muted'), fontStyle: 'italic' },
  { tag: tags.definition(tags.function(tags.variableName)), fontWeight: '700' },
]);

/* An editor in `parent`: `text` to begin with, `attributes` of what is edited, `changed(text)`. */
export function makeEditor({ parent, text, attributes, keys, changed }) {
  const extensions = [
    lineNumbers(),
    history(),
    drawSelection(),
    highlightActiveLine(),
    indentOnInput(),
    bracketMatching(),
    indentUnit.of('    '),
    EditorState.tabSize.of(4),
    python(),
    syntaxHighlighting(highlighting),
    keymap.of([...keys, ...defaultKeymap, ...historyKeymap]),
    EditorView.contentAttributes.of(attributes),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) changed(update.state.doc.toString());
    }),
  ];
  const view = new EditorView({ parent, state: EditorState.create({ doc: text, extensions }) });
  return {
    get text() {
      return view.state.doc.toString();
    },
    set text(all) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: all } });
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}
