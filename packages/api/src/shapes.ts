import { z } from 'zod'

/** RFC 3339, UTC. */
export const time = z.iso.datetime()
export const id = z.string().min(1).max(200)
export const byId = z.object({ id })
/** Any JSON object. */
export const members = z.record(z.string(), z.unknown())
export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/)

/** A page of a list: `cursor` is the `next_cursor` of the page before. */
export const paging = {
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
}

/** A list, newest first. Without `next_cursor` there is no more. */
export const page = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item), next_cursor: z.string().optional() })
