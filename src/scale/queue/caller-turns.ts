/**
 * Whose request is next. Callers take turns: each request stands as far back as its caller has requests before it, so
 * one that sends a hundred at once does not hold up one that sends one (start-time fair queueing, Goyal et al. 1996, a
 * request's cost taken as 1). Interactive requests stand before those of batches.
 */
import type { Redis } from 'ioredis'
import type { Urgency } from '../../api/request.js'
import { runScript, script } from './script.js'

/** BullMQ's priorities are 1 to 2^21 - 1; each class of urgency has half of them. */
const CLASS = 2 ** 20
const FIRST: Readonly<Record<Urgency, number>> = { interactive: 1, batch: CLASS }
const LAST_TURN = CLASS - 2

/**
 * KEYS: the queue's sorted set, its plain list, the callers' hash. ARGV: the class's first priority, its last turn,
 * caller, most that may wait. The turn that is due is that of the first who waits; where nobody does all begin anew.
 */
const PLACE = script(`
local first = tonumber(ARGV[1])
local lowest, highest = first * 4294967296, (first + tonumber(ARGV[2]) + 1) * 4294967296
local waiting = redis.call('ZCOUNT', KEYS[1], lowest, highest) + redis.call('LLEN', KEYS[2])
if waiting >= tonumber(ARGV[4]) then return { waiting, -1 } end
local head = redis.call('ZRANGEBYSCORE', KEYS[1], lowest, highest, 'WITHSCORES', 'LIMIT', 0, 1)
local due = 0
if head[2] then due = math.floor(tonumber(head[2]) / 4294967296) - first else redis.call('DEL', KEYS[3]) end
local turn = math.max(due, tonumber(redis.call('HGET', KEYS[3], ARGV[3]) or '0'))
redis.call('HSET', KEYS[3], ARGV[3], turn + 1)
redis.call('PEXPIRE', KEYS[3], 60000)
return { waiting, first + math.min(turn, tonumber(ARGV[2])) }`)

export interface Turn {
  /** Requests of this urgency that wait now. */
  waiting: number
  /** BullMQ's priority; null: too many wait. */
  priority: number | null
}

export interface TurnKeys {
  prioritized: string
  wait: string
  turns: string
}

/** The turn of an interactive request where workers have room for all there are: nobody stands before it. */
export const AT_ONCE: Turn = { waiting: 0, priority: FIRST.interactive }

/** Finds the place of one more request of a caller. */
export async function nextTurn(
  redis: Redis,
  { prioritized, wait, turns }: TurnKeys,
  { caller, urgency, mostWaiting }: { caller: string; urgency: Urgency; mostWaiting: number },
): Promise<Turn> {
  const args = [FIRST[urgency], LAST_TURN, caller, mostWaiting]
  const [waiting, priority] = (await runScript(redis, PLACE, [prioritized, wait, turns], args)) as [number, number]
  return { waiting, priority: priority < 0 ? null : priority }
}
