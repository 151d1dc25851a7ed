/** Names of what lies in Redis. All begin with one prefix; BullMQ's own keys lie under the same. */

export const PREFIX = 'sequoia'

/** BullMQ's queue of a model's requests. */
export const queueName = (model: string): string => `requests-${encodeURIComponent(model)}`

/**
 * A stream of what was said of one answer, and beside it a hash: which attempt may write, what its reader has taken.
 */
export const answerKeys = (id: string): { stream: string; state: string } => ({
  stream: `${PREFIX}:answer:{${id}}`,
  state: `${PREFIX}:answer:{${id}}:state`,
})

/** There while a gateway lives; its requests are dropped when it is gone. */
export const gatewayKey = (id: string): string => `${PREFIX}:gateway:${id}`

/** A channel on which workers hear of requests that were given up. */
export const ABORTS = `${PREFIX}:aborts`

/** There while a worker lives: what it serves and how much it does. */
export const workerKey = (id: string): string => `${PREFIX}:worker:${id}`

/** A set of the workers' ids. */
export const WORKERS = `${PREFIX}:workers`
