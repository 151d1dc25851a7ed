/** Variables by name. A body of a loop, a macro or a block has a scope of its own, within the one around it. */
import type { Value } from './values.js'

export class Scope {
  private readonly held = new Map<string, Value>()
  constructor(private readonly outer: Scope | null = null) {}

  get(name: string): Value | undefined {
    const value = this.held.get(name)
    return value === undefined ? this.outer?.get(name) : value
  }

  set(name: string, value: Value): void {
    this.held.set(name, value)
  }
}
