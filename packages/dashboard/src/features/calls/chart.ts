/** One bar: how many calls of each verdict began in it. */
export interface Bucket {
  readonly from: string
  readonly allow: number
  readonly hold: number
  readonly deny: number
}

export const order = ['allow', 'hold', 'deny'] as const

export interface Segment {
  readonly verdict: (typeof order)[number]
  readonly y: number
  readonly height: number
}

/** The top of the scale: the next of 1, 2, 5, 10, 20, 50, … */
export function scaleTop(most: number): number {
  if (most <= 1) return 1
  const power = 10 ** Math.floor(Math.log10(most))
  return [1, 2, 5, 10].map((step) => step * power).find((top) => top >= most) ?? most
}

/** Segments of a stacked bar, from the bottom of `height`. What is there is at least one pixel high; what is not, is not drawn. */
export function segments(bucket: Bucket, top: number, height: number): readonly Segment[] {
  let y = height
  return order.flatMap((verdict) => {
    if (bucket[verdict] <= 0) return []
    const tall = Math.max(1, (bucket[verdict] / top) * height)
    y -= tall
    return [{ verdict, y, height: tall }]
  })
}
