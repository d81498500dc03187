/** A sentence of the server: what stands in backticks is set as code. Always text. */
export function Said({ text }: { text: string }) {
  return text.split(/`([^`]*)`/).map((part, at) =>
    at % 2 === 0 ? (
      part
    ) : (
      <code key={at} className="font-mono text-[0.92em] font-medium">
        {part}
      </code>
    ),
  )
}
