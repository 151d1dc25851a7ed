/** Progress of pulls, imports and timing: bars with rate and time left on a terminal, lines elsewhere. */
import { SingleBar, type Options, type Params } from 'cli-progress'
import type { OnProgress, Progress } from '../common/progress.js'
import { leftText, megabytes, progressLines } from '../common/progress-lines.js'

/** Characters of a bar: less where the line would not fit the terminal. */
const [WIDTH, NARROWEST] = [24, 6]
const MB = 1e6
/** Clears the line that the cursor is in; remembers its place, to which a bar's end goes back. */
const [CLEAR_LINE, SAVE_CURSOR] = ['\r\x1b[2K', '\x1b7']

export interface ProgressDisplay {
  onProgress: OnProgress
  /** Writes lines, each with its end, above the bar that is shown. */
  above(lines: string): void
  /** Leaves what is shown as it is; what comes after begins a new line. */
  end(): void
}

export function progressDisplay(stream: NodeJS.WriteStream = process.stderr): ProgressDisplay {
  const lines = progressLines((line) => void stream.write(`${line}\n`))
  const write = (text: string): void => void stream.write(text)
  if (!stream.isTTY) return { onProgress: lines, above: write, end: () => undefined }
  let bar: SingleBar | null = null
  let text = ''
  const end = (): void => {
    bar?.stop()
    bar = null
  }
  const onProgress: OnProgress = (progress) => {
    if (progress.total === 0) {
      end()
      return lines(progress)
    }
    if (bar === null || text !== progress.text) {
      // What is told once more after its end has been shown.
      if (bar === null && text === progress.text && progress.done >= progress.total) return
      end()
      text = progress.text
      bar = new SingleBar({ stream, format: barText, hideCursor: false, forceRedraw: true })
      bar.start(progress.total, progress.done, { progress, first: progress.done, columns: stream.columns })
    }
    bar.update(progress.done, { progress })
    if (progress.done >= progress.total) end()
  }
  const above = (text: string): void => {
    if (bar === null) return write(text)
    write(`${CLEAR_LINE}${text}${SAVE_CURSOR}`)
    bar.render()
  }
  return { onProgress, above, end }
}

/** The display for as long as `work` takes. */
export async function showingProgress<T>(work: (onProgress: OnProgress) => Promise<T>): Promise<T> {
  const { onProgress, end } = progressDisplay()
  try {
    return await work(onProgress)
  } finally {
    end()
  }
}

/** What is told to a bar beside its value. `first`: what was there when it began, which is nobody's pace. */
interface Told {
  progress: Progress
  first: number
  /** Of the terminal; unknown in some. */
  columns?: number
}

/** `pulling x [=====-----] 50.0 of 100.0 MB, 5.0 MB/s, 10 s left`; `now`: milliseconds since 1970. */
export function barText(
  _options: Options,
  params: Params,
  { progress, first, columns = Infinity }: Told,
  now = Date.now(),
): string {
  const { stage, text, part, done, total } = progress
  const perSecond = (1000 * (done - first)) / Math.max(1, now - params.startTime)
  const counted =
    stage === 'pull'
      ? `${megabytes(done, total)}, ${(perSecond / MB).toFixed(1)} MB/s`
      : (part ?? `${done} of ${total}`)
  const end = `${counted}${leftText(done, total, perSecond)}`
  // Two brackets and two spaces; a full line would break.
  const width = Math.max(NARROWEST, Math.min(WIDTH, columns - text.length - end.length - 5))
  const full = Math.round(width * Math.min(1, done / total))
  return `${text} [${'='.repeat(full)}${'-'.repeat(width - full)}] ${end}`
}
