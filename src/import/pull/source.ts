/** What a known model is, and where it may come from. */

import type { OnProgress } from '../../common/progress.js'
import type { FileFacts } from '../file-facts.js'
import type { FreeBytes } from '../storage.js'

export interface PullContext {
  /** Folder that pulled models are kept in; it exists. */
  dir: string
  onProgress: OnProgress
  signal?: AbortSignal
  /** Tells what is free on the disk of a folder; the system does if left out. */
  freeBytes?: FreeBytes
}

/** Why a source failed that never got to answer: no network, or nothing to ask it with. Another may do. */
export class Unreachable extends Error {}

/** One way to get a model. */
export interface PullSource {
  /** For messages: whose it is and how it is reached. */
  label: string
  /** Where below the folder of sources it keeps the model, and the hashes it knows of its files; by name. */
  place?: string
  files?: Readonly<Record<string, FileFacts>>
  /** The path of the whole, checked file or folder if it is there already, else null. */
  find(dir: string): Promise<string | null>
  /**
   * Gets it and returns that path. Any error is a failure of this source alone; what is kept appears under its name
   * only when whole.
   */
  fetch(context: PullContext): Promise<string>
}

export interface KnownModel {
  name: string
  summary: string
  /** Terms of use that are no usual free licence: shown when it is pulled. */
  terms?: { name: string; url: string }
  /** Tried in this order. */
  sources: readonly PullSource[]
}
