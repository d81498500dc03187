import { type ComponentProps, lazy, Suspense } from 'react'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import type { CodeEditor } from './code-editor.tsx'
import { cx } from '../../ui/cx.ts'

const Loaded = lazy(() => import('./code-editor.tsx').then((module) => ({ default: module.CodeEditor })))

/** The code editor, and bars in its place until it has come. */
export function Code(props: ComponentProps<typeof CodeEditor>) {
  return (
    <Suspense
      fallback={
        <Loading what="the editor" className={cx('space-y-2 overflow-hidden p-4', props.className)}>
          <Bar className="w-2/5" />
          <Bar className="w-3/5" />
          <Bar className="w-1/3" />
        </Loading>
      }
    >
      <Loaded {...props} />
    </Suspense>
  )
}
