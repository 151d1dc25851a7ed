/** What deploy/ says of the server, held against the server: ports, probes, settings, files; and that no document links to what is not there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'
import { readServeConfig } from '../src/cli/serve-config.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const usual = readServeConfig([], {})

interface Probe {
  httpGet: { path: string; port: string }
}

test('the Kubernetes manifest listens and probes where the server answers, and lets it drain', () => {
  const [deployment, service] = parseAllDocuments(read('deploy/kubernetes.yaml')).map((document) => {
    assert.equal(document.errors, [])
    return document.toJS()
  })
  const { containers, terminationGracePeriodSeconds } = deployment.spec.template.spec
  const [container] = containers
  assert.equal(container.ports, [{ name: 'http', containerPort: usual.port }])
  assert.ok(terminationGracePeriodSeconds > usual.drainSeconds)
  const app = read('src/cli/app.ts')
  for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'].map((name) => container[name] as Probe)) {
    assert.is(probe.httpGet.port, 'http')
    assert.ok(app.includes(`app.get('${probe.httpGet.path}'`), probe.httpGet.path)
  }
  assert.is(readServeConfig(container.args, {}).model, 'smollm2-135m')
  assert.equal(service.spec.selector, deployment.spec.template.metadata.labels)
})

test('the image has the files it copies, and settings that the server knows', () => {
  const dockerfile = read('deploy/Dockerfile')
  const env = Object.fromEntries(Array.from(dockerfile.matchAll(/(SEQUOIA_\w+)=(\S+)/g), ([, name, value]) => [name, value]))
  assert.is(readServeConfig([], env).host, '0.0.0.0')
  assert.match(dockerfile, `EXPOSE ${usual.port}\n`)
  for (const [, folder] of dockerfile.matchAll(/\/app\/(models|playground|package\.json)/g)) assert.ok(existsSync(join(root, folder)), folder)
})

test('systemd waits for longer than the server drains', () => {
  const seconds = Number(/^TimeoutStopSec=(\d+)$/m.exec(read('deploy/sequoia.service'))?.[1])
  assert.ok(seconds > usual.drainSeconds)
})

test('every link of our documents to a file leads to one', () => {
  const documents = ['README.md', 'CONTRIBUTING.md', 'bench/README.md', 'models/recipe/README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)]
  for (const document of documents) {
    for (const [, target] of read(document).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)) assert.ok(existsSync(join(root, dirname(document), target)), `${document} links to ${target}`)
  }
})

test.run()
