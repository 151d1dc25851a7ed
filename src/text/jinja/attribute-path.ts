/** What filters call an attribute: `name`, `name.inner` or `0`, looked up in each item. */
import { subscript } from './members.js'
import { str } from './print.js'
import type { Value } from './values.js'

export function attributePath(item: Value, path: Value): Value {
  if (typeof path === 'bigint') return subscript(item, path)
  return str(path)
    .split('.')
    .reduce<Value>((value, part) => subscript(value, /^\d+$/.test(part) ? BigInt(part) : part), item)
}
