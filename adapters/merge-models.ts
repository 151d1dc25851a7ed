/** Adds our models to a list of the host's, in OpenAI's shape. */

interface ModelList {
  object: 'list'
  data: { id: string }[]
}

/** The host's list with ours behind it, each id once; null where the host's body is no such list. */
export function mergedModels(hostBody: string, own: object): object | null {
  const host = parsed(hostBody)
  if (!host) return null
  const known = new Set(host.data.map((model) => model?.id))
  return { ...host, data: [...host.data, ...(own as ModelList).data.filter(({ id }) => !known.has(id))] }
}

function parsed(text: string): ModelList | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && 'data' in value && Array.isArray(value.data)
      ? (value as ModelList)
      : null
  } catch {
    return null
  }
}
