/**
 * Finds answers that will not come: their job is gone though they have not ended (the store lost it when it was
 * started again), or it was put where only a worker takes it that is gone. Their readers ask anew.
 */
import type { AnswerReader } from './answer-reader.js'
import type { Placing } from './placing.js'
import type { WorkerPresence } from './presence.js'

export class Losses {
  /** Answers without a job at the last look, and their last entries: the end of one may be on its way. */
  private suspects = new Map<string, number>()

  constructor(
    private readonly reader: AnswerReader,
    private readonly placing: Placing,
  ) {}

  async look(workers: readonly WorkerPresence[]): Promise<void> {
    const there = new Set(workers.map(({ id }) => id))
    for (const worker of this.placing.workers()) {
      if (there.has(worker)) continue
      this.placing.ofWorker(worker).forEach((id) => this.reader.lose(id))
      await this.placing.sweep(worker)
    }
    const before = new Map(this.reader.underWay().map(({ id, last }) => [id, last]))
    const gone = await this.placing.gone([...before.keys()])
    const suspects = new Map(gone.map((id) => [id, before.get(id)!]))
    for (const [id, last] of suspects) if (this.suspects.get(id) === last) this.reader.lose(id)
    this.suspects = suspects
  }
}
