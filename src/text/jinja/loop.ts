/** Going through a list in `{% for %}`: one item ahead is known, and the template sees the place as `loop`. */
import { equals } from './compare.js'
import { bind } from './arguments.js'
import { iterate, lengthOf, Native, orElse, Stream, TemplateError, Undefined, type Call, type Value } from './values.js'

export class Loop {
  private readonly items: Iterator<Value>
  private ahead: { value: Value } | null = null
  /** What is left of a stream that was read to its end; null: it was not. */
  private rest: Value[] | null = null
  private index = -1
  private current: Value | undefined
  private previous: Value | undefined
  /** What `changed` was asked with last. */
  private seen: readonly Value[] | undefined

  constructor(
    private readonly over: Value,
    private readonly depth: number,
    private readonly recurse: Call | undefined,
  ) {
    this.items = iterate(over)[Symbol.iterator]()
  }

  /** The next item, or undefined at the end. */
  advance(): Value | undefined {
    const next = this.peek()
    this.ahead = null
    if (next === undefined) return undefined
    this.index++
    this.previous = this.current
    this.current = next
    return next
  }

  private peek(): Value | undefined {
    if (this.ahead) return this.ahead.value
    const step = this.rest ? this.rest.shift() : this.pull()
    if (step !== undefined) this.ahead = { value: step }
    return step
  }

  private pull(): Value | undefined {
    const step = this.items.next()
    return step.done ? undefined : step.value
  }

  /** A generator is read to its end for this, as jinja2 does. */
  private get length(): number {
    if (!(this.over instanceof Stream)) return lengthOf(this.over)
    if (!this.rest) {
      this.rest = []
      for (let item = this.pull(); item !== undefined; item = this.pull()) this.rest.push(item)
    }
    return this.index + 1 + (this.ahead ? 1 : 0) + this.rest.length
  }

  /** The value of `loop`. */
  readonly view = new Native('LoopContext', {
    attribute: (name) => this.attribute(name),
    call: (args, named) => {
      if (!this.recurse) throw new TemplateError("The loop must have the 'recursive' marker to be called recursively.")
      return this.recurse(args, named)
    },
  })

  private attribute(name: string): Value | undefined {
    switch (name) {
      case 'index':
        return BigInt(this.index + 1)
      case 'index0':
        return BigInt(this.index)
      case 'revindex':
        return BigInt(this.length - this.index)
      case 'revindex0':
        return BigInt(this.length - this.index - 1)
      case 'first':
        return this.index === 0
      case 'last':
        return this.peek() === undefined
      case 'length':
        return BigInt(this.length)
      case 'depth':
        return BigInt(this.depth + 1)
      case 'depth0':
        return BigInt(this.depth)
      case 'previtem':
        return orElse(this.previous, () => new Undefined('there is no previous item'))
      case 'nextitem':
        return orElse(this.peek(), () => new Undefined('there is no next item'))
      case 'cycle':
        return method((values) => {
          if (values.length === 0) throw new TemplateError('no items for cycling given')
          return values[this.index % values.length]
        })
      case 'changed':
        return method((values) => {
          const same = this.seen?.length === values.length && values.every((value, i) => equals(value, this.seen![i]))
          this.seen = values
          return !same
        })
    }
    return undefined
  }
}

function method(run: (values: readonly Value[]) => Value): Native {
  return new Native('method', { call: (args, named) => (bind('loop', [], [], named), run(args)) })
}
