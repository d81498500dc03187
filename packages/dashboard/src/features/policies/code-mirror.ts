import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { bracketMatching } from '@codemirror/language'
import { type Diagnostic as Mark, lintGutter, nextDiagnostic, previousDiagnostic, setDiagnostics } from '@codemirror/lint'
import { Compartment, EditorState, type Extension, RangeSetBuilder, type Text } from '@codemirror/state'
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view'
import { type Kind, tokensOf } from './tokens.ts'

/** What is wrong at a place; both count from 1. Without a line it is about the whole text. */
export interface Complaint {
  readonly message: string
  readonly line?: number | undefined
  readonly column?: number | undefined
  /** The offending text, to mark all of it. */
  readonly text?: string | undefined
}

export interface CodeOptions {
  readonly label: string
  readonly text: string
  readonly change: (text: string) => void
  readonly save: () => void
}

export interface Code {
  readonly setText: (text: string) => void
  readonly setReadOnly: (readOnly: boolean) => void
  readonly complain: (complaints: readonly Complaint[]) => void
  readonly goTo: (line: number, column: number) => void
  readonly destroy: () => void
}

/**
 * CodeMirror in a shadow root of `host`: there it styles itself by constructed style sheets, which `style-src 'self'` allows;
 * in the page itself it would need inline styles. Tab leaves the editor, so that nobody is caught in it.
 */
export function openCode(host: HTMLElement, { label, text, change, save }: CodeOptions): Code {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
  const editable = new Compartment()
  const locked = (readOnly: boolean): Extension => [EditorState.readOnly.of(readOnly), EditorView.editable.of(true)]
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        lintGutter(),
        history(),
        drawSelection(),
        bracketMatching(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        EditorView.lineWrapping,
        colours,
        theme,
        editable.of(locked(false)),
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0', spellcheck: 'false', autocapitalize: 'off' }),
        replacing,
        EditorView.updateListener.of((update) => {
          if (update.docChanged) change(update.state.doc.toString())
        }),
        keymap.of([
          { key: 'Mod-s', run: () => (save(), true), preventDefault: true },
          { key: 'F8', run: nextDiagnostic },
          { key: 'Shift-F8', run: previousDiagnostic },
          {
            key: 'Escape',
            run: ({ contentDOM }) => (contentDOM.blur(), true),
          },
          ...defaultKeymap,
          ...historyKeymap,
        ]),
      ],
    }),
  })
  return {
    setText: (next) => {
      if (view.state.doc.toString() !== next) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } })
    },
    setReadOnly: (readOnly) => view.dispatch({ effects: editable.reconfigure(locked(readOnly)) }),
    complain: (complaints) =>
      view.dispatch(
        setDiagnostics(
          view.state,
          complaints.flatMap((complaint) => markOf(view.state.doc, complaint)),
        ),
      ),
    goTo: (line, column) => {
      const at = offsetOf(view.state.doc, line, column)
      view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) })
      view.focus()
    },
    destroy: () => view.destroy(),
  }
}

/** Typing over a selection: left to itself, Chromium keeps the replaced text's colours by an inline style, which the policy forbids. */
const replacing = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    const { inputType, data } = event
    if (inputType !== 'insertText' || data === null || view.composing || view.state.readOnly || view.state.selection.main.empty)
      return false
    event.preventDefault()
    view.dispatch(view.state.replaceSelection(data), { scrollIntoView: true, userEvent: 'input.type' })
    return true
  },
})

function offsetOf(doc: Text, line: number, column: number): number {
  const { from, to } = doc.line(Math.max(1, Math.min(doc.lines, line)))
  return Math.min(to, from + Math.max(0, column - 1))
}

function markOf(doc: Text, { message, line, column = 1, text = '' }: Complaint): readonly Mark[] {
  if (line === undefined) return []
  const from = offsetOf(doc, line, column)
  const whole = text.endsWith('…') ? text.slice(0, -1) : text
  const to = Math.min(doc.length, from + Math.max(1, whole.length), doc.lineAt(from).to)
  return [{ from: Math.min(from, to), to: Math.max(from, to), severity: 'error', message }]
}

const classes: { readonly [kind in Kind]: Decoration } = {
  comment: Decoration.mark({ class: 'tok-comment' }),
  string: Decoration.mark({ class: 'tok-string' }),
  annotation: Decoration.mark({ class: 'tok-annotation' }),
  permit: Decoration.mark({ class: 'tok-permit' }),
  forbid: Decoration.mark({ class: 'tok-forbid' }),
  keyword: Decoration.mark({ class: 'tok-keyword' }),
  entity: Decoration.mark({ class: 'tok-entity' }),
  number: Decoration.mark({ class: 'tok-number' }),
}

const colours = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet
    constructor(view: EditorView) {
      this.decorations = coloured(view)
    }
    update(update: ViewUpdate) {
      if (update.docChanged || update.viewportChanged) this.decorations = coloured(update.view)
    }
  },
  { decorations: ({ decorations }) => decorations },
)

function coloured({ visibleRanges, state: { doc } }: EditorView): DecorationSet {
  const built = new RangeSetBuilder<Decoration>()
  for (const { from, to } of visibleRanges) {
    for (let at = from; at <= to; ) {
      const line = doc.lineAt(at)
      for (const token of tokensOf(line.text)) built.add(line.from + token.from, line.from + token.to, classes[token.kind])
      at = line.to + 1
    }
  }
  return built.finish()
}

/** Every colour is one of the page's own: custom properties reach into the shadow root. No image: the policy allows none but files. */
const theme = EditorView.theme({
  '&': { color: 'var(--ink)', backgroundColor: 'var(--surface)', fontSize: '12.5px', height: '100%' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-scroller': {
    fontFamily: 'ui-monospace, "SF Mono", SFMono-Regular, "JetBrains Mono", Menlo, Consolas, "Liberation Mono", monospace',
    lineHeight: '20px',
    overflow: 'auto',
  },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--ink)' },
  '.cm-line': { padding: '0 12px 0 6px' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'var(--sunken)', color: 'var(--ink-3)', borderRight: '1px solid var(--line)' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 8px 0 12px' },
  '.cm-activeLine': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--hover) 55%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--ink)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'light-dark(#cdd9fb, #2b3d73)',
  },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--accent-soft)', outline: '1px solid var(--line-strong)' },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'transparent', color: 'var(--refused)' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--refused)', textUnderlineOffset: '3px' },
  '.cm-lintPoint::after': { borderBottomColor: 'var(--refused)' },
  '.cm-gutter-lint': { width: '14px' },
  '.cm-lint-marker': { width: '9px', height: '9px', marginTop: '5px' },
  '.cm-lint-marker-error': {
    content: 'normal',
    background: 'var(--refused)',
    clipPath: 'polygon(50% 0, 100% 100%, 0 100%)',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--surface)',
    color: 'var(--ink)',
    border: '1px solid var(--line-strong)',
    borderRadius: '6px',
    maxWidth: '36rem',
  },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--refused)' },
  '.tok-comment': { color: 'var(--ink-3)', fontStyle: 'italic' },
  '.tok-string': { color: 'var(--allowed)' },
  '.tok-annotation': { color: 'var(--withheld)' },
  '.tok-permit': { color: 'var(--allowed)', fontWeight: '600' },
  '.tok-forbid': { color: 'var(--refused)', fontWeight: '600' },
  '.tok-keyword': { color: 'var(--accent)' },
  '.tok-entity': { color: 'var(--held)' },
  '.tok-number': { color: 'var(--failed)' },
})
