/**
 * Asks the server for a streamed answer with traces; yields one object per chunk. Throws with the server's own words.
 */

/** @returns {AsyncGenerator<{ text: string, trace?: object, finish?: string }>} */
export async function* chatStream({ body, key, signal }) {
  const response = await fetch('v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
    body: JSON.stringify({ ...body, stream: true }),
    signal,
  })
  if (!response.ok) throw new Error(await messageOf(response))
  for await (const event of events(response.body)) {
    if (event.error) throw new Error(event.error.message)
    const [choice] = event.choices
    if (choice)
      yield { text: choice.delta.content ?? '', trace: event.sequoia?.trace, finish: choice.finish_reason ?? undefined }
  }
}

/** The models that the server lists. */
export async function listModels(key) {
  const response = await fetch('v1/models', { headers: key ? { authorization: `Bearer ${key}` } : {} })
  if (!response.ok) throw new Error(await messageOf(response))
  return (await response.json()).data
}

async function messageOf(response) {
  const said = await response.json().catch(() => null)
  return said?.error?.message ?? `the server answered ${response.status}`
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
