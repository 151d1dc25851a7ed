/**
 * A server behind a gateway, as a proxy reaches it: sends back the bytes it got, and lists models, and describes
 * itself, where it has some.
 */
import type { RequestListener } from 'node:http'

export interface UpstreamModels {
  object: 'list'
  data: { id: string; object: 'model'; owned_by: string }[]
}

export function upstream(models?: UpstreamModels): RequestListener {
  return (request, response) => {
    response.setHeader('x-upstream', 'yes')
    if (request.method !== 'POST') {
      const own: Record<string, object | undefined> = {
        '/v1/models': models,
        '/v1/openapi.json': models && { openapi: "the host's" },
        '/v1/other': { other: true },
      }
      const body = own[request.url!]
      return void response
        .writeHead(body ? 200 : 404, { 'content-type': 'application/json', etag: '"list"' })
        .end(JSON.stringify(body ?? { upstream: 'not found' }))
    }
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => response.end(Buffer.concat(chunks)))
  }
}
