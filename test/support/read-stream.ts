/** Reads an answer's events as a client of any endpoint does, and says whether it came to its proper end. */

export interface ReadStream {
  text: string
  chunks: number
  /** The last event that there has to be came, once. */
  ended: boolean
  /** Why the connection broke, or the error event. */
  failure: string | null
}

/**
 * Posts `body`; `onChunk` is told how many events have come. Never throws: leaving (by `signal`) and failing show in
 * what it returns.
 */
export async function readStream(
  url: string,
  body: object,
  signal: AbortSignal,
  onChunk?: (chunks: number) => void,
): Promise<ReadStream> {
  const read: ReadStream = { text: '', chunks: 0, ended: false, failure: null }
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    })
    if (response.status !== 200) return { ...read, failure: `${response.status} ${await response.text()}` }
    let pending = ''
    for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
      const events = (pending + piece).split('\n\n')
      pending = events.pop()!
      for (const event of events) take(event, read)
      onChunk?.(read.chunks)
    }
    if (pending !== '') read.failure = `half an event at the end: ${pending}`
  } catch (error) {
    read.failure = String(error)
  }
  return read
}

function take(event: string, read: ReadStream): void {
  const data = event
    .split('\n')
    .find((line) => line.startsWith('data: '))
    ?.slice(6)
  if (data === undefined) return
  if (read.ended) read.failure = `an event after the last: ${event}`
  read.chunks += 1
  if (data === '[DONE]') return void (read.ended = true)
  const { error, type, delta, choices } = JSON.parse(data)
  if (error) read.failure = JSON.stringify(error)
  if (type === 'response.completed' || type === 'response.incomplete') read.ended = true
  if (type === 'response.output_text.delta') read.text += delta
  if (choices?.[0]) read.text += choices[0].text ?? choices[0].delta.content ?? ''
}
