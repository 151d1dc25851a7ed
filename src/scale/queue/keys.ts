/** Names of what lies in Redis. All begin with one prefix; BullMQ's own keys lie under the same. */

export const PREFIX = 'sequoia'

/** BullMQ's queue of a model's requests. */
export const queueName = (model: string): string => `requests-${encodeURIComponent(model)}`

/** BullMQ's queue of the requests that are for one worker alone. */
export const ownQueueName = (worker: string): string => `worker-${worker}`

/**
 * A stream of what was said of one answer, its entries numbered `1-1`, `2-1`, and beside it a hash: which attempt may
 * write, what its reader has taken, whose fingerprint it has.
 */
export const answerKeys = (id: string): { stream: string; state: string } => ({
  stream: `${PREFIX}:answer:{${id}}`,
  state: `${PREFIX}:answer:{${id}}:state`,
})

/** A set: ids of the answers that a gateway waits for. It expires where the gateway does not say that it lives. */
export const gatewayKey = (id: string): string => `${PREFIX}:gateway:${id}`

/** A stream that interrupts a gateway's waiting for answers. */
export const wakeKey = (gateway: string): string => `${PREFIX}:wake:${gateway}`

/** A channel on which workers hear of requests that were given up. */
export const ABORTS = `${PREFIX}:aborts`

/** There while a worker lives: what it serves and how much it does. */
export const workerKey = (id: string): string => `${PREFIX}:worker:${id}`

/** A set of the workers' ids. */
export const WORKERS = `${PREFIX}:workers`

/** A hash: up to which turn each caller's requests of one class of urgency have been placed. */
export const turnsKey = (model: string, urgency: string): string =>
  `${PREFIX}:turns:${encodeURIComponent(model)}:${urgency}`

/** The worker that read a text which began so. */
export const prefixKey = (model: string, hash: string): string =>
  `${PREFIX}:prefix:${encodeURIComponent(model)}:${hash}`
