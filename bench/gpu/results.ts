/** Results in a file, written anew with each of them: a run that is cut short leaves what it has. */
import { renameSync, writeFileSync } from 'node:fs'

export class Results {
  readonly #values: Record<string, unknown> = {}

  constructor(
    private readonly path: string,
    private readonly now: () => Date = () => new Date(),
  ) {
    this.#values.started = now().toISOString()
    this.#write()
  }

  get values(): Readonly<Record<string, unknown>> {
    return this.#values
  }

  record(name: string, value: unknown): void {
    this.#values[name] = value
    this.#values.written = this.now().toISOString()
    this.#write()
  }

  #write(): void {
    writeFileSync(`${this.path}.part`, `${JSON.stringify(this.#values, null, 1)}\n`)
    renameSync(`${this.path}.part`, this.path)
  }
}
