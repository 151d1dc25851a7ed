/** The engine's own side of its events: sends them, and tells whether anyone listens. */
import { EventEmitter } from 'node:events'
import type { EngineEventMap, EngineEventName, EngineEvents } from '../api/types.js'

export class Emitter {
  private readonly emitter = new EventEmitter<EngineEventMap>()

  get listeners(): EngineEvents {
    return this.emitter
  }

  /** Whether an event is worth making. */
  isHeard(name: EngineEventName): boolean {
    return this.emitter.listenerCount(name) > 0
  }

  /** No listener's fault reaches the request, or another listener. */
  emit<K extends EngineEventName>(name: K, event: EngineEventMap[K][0]): void {
    for (const listener of this.emitter.rawListeners(name)) {
      try {
        Reflect.apply(listener, this.emitter, [event])
      } catch (error) {
        process.nextTick(() => {
          throw error
        })
      }
    }
  }
}
