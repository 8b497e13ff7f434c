import type { Schemas } from './api'

export type Health = Schemas['EndpointHealth']
type State = Health['state']

/** How an endpoint is, in the words that every page uses, the gravest last. */
export const states: Record<State, readonly [name: string, tone: 'good' | 'warn' | 'bad']> = {
  normal: ['normal', 'good'],
  probing: ['on probation', 'warn'],
  rate_limited: ['rate-limited', 'warn'],
  outage: ['failing', 'bad'],
  paused: ['out of service', 'bad'],
}

/** All states, the gravest first. */
export const gravest = (Object.keys(states) as State[]).reverse()

/** How grave a state is; more is worse. */
export const gravity = (state: State) => -gravest.indexOf(state)

const ofStatus: Record<number, State> = { 0: 'normal', [-1]: 'rate_limited', [-2]: 'probing', [-3]: 'outage', [-5]: 'paused' }

/** The state that the number `status` of a model's endpoint stands for; undefined where it is another gateway's. */
export const stateOf = (status: number): State | undefined => ofStatus[status]
