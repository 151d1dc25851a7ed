/** What a known model is, and where it may come from. */

export interface PullContext {
  /** Folder that pulled models are kept in; it exists. */
  dir: string
  onProgress: (line: string) => void
  signal?: AbortSignal
}

/** One way to get a model. */
export interface PullSource {
  /** For messages: whose it is and how it is reached. */
  label: string
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
  /** Tried in this order. */
  sources: readonly PullSource[]
}
