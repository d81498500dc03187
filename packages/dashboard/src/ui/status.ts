import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleHelp,
  CirclePause,
  EyeOff,
  LoaderCircle,
  type LucideIcon,
  Minus,
  Scissors,
  TriangleAlert,
} from 'lucide-react'

/** Every state that a call, a finding or an approval can be in, as people read it. */
export const statuses = [
  'allowed',
  'held',
  'refused',
  'failed',
  'withheld',
  'shadow',
  'passed',
  'running',
  'cut',
  'lost',
  'expired',
] as const
export type Status = (typeof statuses)[number]

/** What a verdict is called, of a finding or a decision. */
export function ofVerdict(verdict: 'pass' | 'allow' | 'hold' | 'deny'): Status {
  switch (verdict) {
    case 'pass':
      return 'passed'
    case 'allow':
      return 'allowed'
    case 'hold':
      return 'held'
    case 'deny':
      return 'refused'
  }
}

/** What a call's status is called. One that this page does not know is never called a success. */
export function ofStatus(status: string): Status {
  switch (status) {
    case 'succeeded':
      return 'allowed'
    case 'waiting':
      return 'held'
    case 'failed':
    case 'refused':
    case 'withheld':
    case 'cut':
    case 'lost':
    case 'running':
      return status
    default:
      return 'lost'
  }
}

/** What an approval's state is called, and the word for it. One that nobody answered in time is expired, whoever noticed first. */
export function ofApproval(
  { state, expires_at }: { readonly state: 'pending' | 'approved' | 'denied' | 'expired'; readonly expires_at: string },
  now: number,
): { status: Status; word: string } {
  switch (state === 'pending' && Date.parse(expires_at) <= now ? 'expired' : state) {
    case 'pending':
      return { status: 'held', word: 'pending' }
    case 'approved':
      return { status: 'allowed', word: 'approved' }
    case 'denied':
      return { status: 'refused', word: 'denied' }
    case 'expired':
      return { status: 'expired', word: 'expired' }
  }
}

interface Look {
  readonly icon: LucideIcon
  /** Text on the page's own ground. */
  readonly text: string
  /** Text, ground and border of a badge. */
  readonly badge: string
  readonly bar: string
  /** One sentence for the tooltip. */
  readonly means: string
}

const grey = { text: 'text-shadow', badge: 'text-shadow bg-shadow-soft border-shadow-line', bar: 'bg-shadow-fill' }
const orange = { text: 'text-failed', badge: 'text-failed bg-failed-soft border-failed-line', bar: 'bg-failed-fill' }
const violet = { text: 'text-withheld', badge: 'text-withheld bg-withheld-soft border-withheld-line', bar: 'bg-withheld-fill' }

export const looks: { readonly [status in Status]: Look } = {
  allowed: {
    icon: CircleCheck,
    text: 'text-allowed',
    badge: 'text-allowed bg-allowed-soft border-allowed-line',
    bar: 'bg-allowed-fill',
    means: 'The call was allowed.',
  },
  held: {
    icon: CirclePause,
    text: 'text-held',
    badge: 'text-held bg-held-soft border-held-line',
    bar: 'bg-held-fill',
    means: 'The call waits for a person to decide.',
  },
  refused: {
    icon: Ban,
    text: 'text-refused',
    badge: 'text-refused bg-refused-soft border-refused-line',
    bar: 'bg-refused-fill',
    means: 'The call was refused and never ran.',
  },
  failed: { ...orange, icon: TriangleAlert, means: 'The call was allowed, ran, and reported an error.' },
  withheld: { ...violet, icon: EyeOff, means: 'The call ran; its output is kept back.' },
  shadow: { ...grey, icon: CircleDashed, means: 'Evaluated and reported, not enforced.' },
  passed: { ...grey, icon: Minus, means: 'The control had nothing to object to, and permits nothing by itself.' },
  running: { ...grey, icon: LoaderCircle, means: 'Allowed; its outcome has not been reported yet.' },
  cut: { ...violet, icon: Scissors, means: 'The stream was stopped after its first byte.' },
  lost: { ...orange, icon: CircleHelp, means: 'Nobody reported what became of the call before its allow expired.' },
  expired: { ...grey, icon: CircleHelp, means: 'Nobody decided in time.' },
}
