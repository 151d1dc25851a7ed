/**
 * Asks the server for a streamed answer with traces; yields one object per chunk. Throws with the server's own words.
 */

/** What the server refused, with its status. */
class Refusal extends Error {
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

const headersOf = (key) => (key ? { authorization: `Bearer ${key}` } : {})

/** @returns {AsyncGenerator<{ text: string, thought: string, trace?: object, finish?: string, usage?: object }>} */
export async function* chatStream({ body, key, signal }) {
  const response = await fetch('v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headersOf(key) },
    body: JSON.stringify({ ...body, stream: true, stream_options: { include_usage: true } }),
    signal,
  })
  if (!response.ok) throw await refusalOf(response)
  for await (const { error, choices, usage, sequoia } of events(response.body)) {
    if (error) throw new Error(error.message)
    const [choice] = choices
    yield {
      text: choice?.delta.content ?? '',
      thought: choice?.delta.reasoning_content ?? '',
      trace: sequoia?.trace,
      finish: choice?.finish_reason ?? undefined,
      usage: usage ?? undefined,
    }
  }
}

/** The models that the server lists. */
export async function listModels(key) {
  const response = await fetch('v1/models', { headers: headersOf(key) })
  if (!response.ok) throw await refusalOf(response)
  return (await response.json()).data
}

/**
 * What the server says of itself: `status`, and while it loads `progress`. A host without that page counts as ready.
 */
export async function readiness() {
  const response = await fetch('health/ready')
  return response.json().catch(() => ({ status: 'ok' }))
}

async function refusalOf(response) {
  const said = await response.json().catch(() => null)
  return new Refusal(response.status, said?.error?.message ?? `the server answered ${response.status}`)
}

/** Server-sent events whose data is JSON; comments and `[DONE]` are left out. */
async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const blocks = (rest + value).split('\n\n')
    rest = blocks.pop()
    for (const block of blocks) if (block.startsWith('data: {')) yield JSON.parse(block.slice('data: '.length))
  }
}
