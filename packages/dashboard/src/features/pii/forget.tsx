import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../../app/client.ts'
import { Button } from '../../ui/button.tsx'
import { Confirm } from './confirm.tsx'

/** Destroys the key of a session, after the word for it was typed. */
export function Forget({ session }: { session: string }) {
  const [open, setOpen] = useState(false)
  const client = useQueryClient()
  const navigate = useNavigate()
  return (
    <>
      <Button kind="danger" onClick={() => setOpen(true)}>
        Forget this session…
      </Button>
      {open && (
        <Confirm
          title="Forget this session"
          word="forget"
          does="Destroy its key"
          close={() => setOpen(false)}
          act={() => api.pii.forget({ params: { id: session } })}
          done={async () => {
            await navigate({ to: '/pii', search: {}, replace: true })
            await client.invalidateQueries({ queryKey: ['pii'] })
          }}
        >
          Its key is destroyed, and nobody can ever read its values again: tokens that are still somewhere stand for nothing from then on. A
          certificate of the erasure goes into the ledger.
        </Confirm>
      )}
    </>
  )
}
