/** Typed access to GGUF metadata: a missing or wrongly typed key is a `ModelError` that names it. */
import { ModelError } from '../../spec/errors.js'

export class Metadata {
  constructor(
    readonly path: string,
    private readonly values: Readonly<Record<string, unknown>>,
  ) {}

  has(key: string): boolean {
    return Object.hasOwn(this.values, key)
  }

  number(key: string, fallback?: number): number {
    const value = this.get(key, fallback)
    const number = typeof value === 'bigint' ? Number(value) : value
    return typeof number === 'number' && Number.isFinite(number) ? number : this.refuse(key, value, 'a number')
  }

  count(key: string, fallback?: number): number {
    const value = this.number(key, fallback)
    return Number.isSafeInteger(value) && value > 0 ? value : this.refuse(key, value, 'a whole number above 0')
  }

  string(key: string, fallback?: string): string {
    const value = this.get(key, fallback)
    return typeof value === 'string' ? value : this.refuse(key, value, 'text')
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.get(key, fallback)
    return typeof value === 'boolean' ? value : this.refuse(key, value, 'true or false')
  }

  strings(key: string): string[] {
    const value = this.get(key)
    return Array.isArray(value) && value.every((item) => typeof item === 'string')
      ? value
      : this.refuse(key, value, 'a list of text')
  }

  numbers(key: string): number[] {
    const value = this.get(key)
    return Array.isArray(value) && value.every((item) => typeof item === 'number')
      ? value
      : this.refuse(key, value, 'a list of numbers')
  }

  /** Entries whose key starts with `prefix`, as plain data (64-bit integers as numbers). */
  under(prefix: string): Record<string, unknown> {
    const entries = Object.entries(this.values).filter(([key]) => key.startsWith(prefix))
    return Object.fromEntries(entries.map(([key, value]) => [key, typeof value === 'bigint' ? Number(value) : value]))
  }

  private get(key: string, fallback?: unknown): unknown {
    if (this.has(key)) return this.values[key]
    if (fallback !== undefined) return fallback
    throw new ModelError(
      'model_invalid',
      this.path,
      `${this.path} lacks the metadata "${key}", which the model needs; convert or download the file again`,
    )
  }

  private refuse(key: string, value: unknown, expected: string): never {
    const found = Array.isArray(value)
      ? `a list of ${value.length}`
      : JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? Number(item) : item))
    throw new ModelError(
      'model_invalid',
      this.path,
      `${this.path} has ${found} as metadata "${key}"; expected ${expected}`,
    )
  }
}
