// @process own
/**
 * What deploy/ says of the server, held against the server: ports, probes, settings, files; and that no document links
 * to what is not there.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'
import { newKey } from '../src/cli/api-keys.js'
import { parse } from '../src/cli/flags.js'
import { readServeConfig, serveFlags } from '../src/cli/serve-config.js'
import { type ServeConfig } from '../src/cli/serve-schema.js'
import { startServer } from '../src/cli/server.js'
import { workerCommand } from '../src/cli/worker.js'
import { queueMetrics } from '../src/metrics/index.js'
import { scriptedEngine } from './support/scripted-engine.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const usual = readServeConfig([], {})
const packageJson = JSON.parse(read('package.json'))

interface Probe {
  httpGet: { path: string; port: string }
}

/** The settings that `serve` starts with where `file` has this text. */
function settings(text: string): ServeConfig {
  const folder = mkdtempSync(join(tmpdir(), 'sequoia-deploy-'))
  try {
    writeFileSync(join(folder, 'sequoia.json'), text)
    return readServeConfig(['--config', join(folder, 'sequoia.json')], {})
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Statuses of `paths` while models load, and when they are there; keys are set, and none is sent. */
async function statuses(paths: readonly string[]): Promise<[number[], number[]]> {
  const server = await startServer({ host: '127.0.0.1', port: 0, apiKeys: { ci: newKey().hash } })
  const ask = (): Promise<number[]> => Promise.all(paths.map(async (path) => (await fetch(server.url + path)).status))
  const loading = await ask()
  server.serve([{ engine: scriptedEngine() }])
  const ready = await ask()
  await server.drain()
  return [loading, ready]
}

test('the Kubernetes manifest listens and probes where the server answers, and lets it drain', async () => {
  const [config, deployment, service] = parseAllDocuments(read('deploy/kubernetes.yaml')).map((document) => {
    assert.equal(document.errors, [])
    return document.toJS()
  })
  const { containers, terminationGracePeriodSeconds, enableServiceLinks, volumes } = deployment.spec.template.spec
  const [container] = containers
  const { port, drainSeconds, threads, host } = settings(config.data['sequoia.json'])
  assert.equal(container.ports, [{ name: 'http', containerPort: port }])
  assert.is(host, '0.0.0.0')
  assert.is(String(threads), container.resources.limits.cpu)
  assert.ok(terminationGracePeriodSeconds > drainSeconds + Number(container.lifecycle.preStop.exec.command[1]))
  const probes = ['startupProbe', 'readinessProbe', 'livenessProbe'].map((name) => container[name] as Probe)
  for (const { httpGet } of probes) assert.is(httpGet.port, 'http')
  assert.equal(await statuses(probes.map(({ httpGet }) => httpGet.path)), [
    [503, 503, 200],
    [200, 200, 200],
  ])

  const [command, flag, file] = container.args
  assert.equal([command, flag], ['serve', '--config'])
  const mounted = container.volumeMounts.find(
    ({ name }: { name: string }) =>
      name ===
      volumes.find((volume: { configMap?: { name: string } }) => volume.configMap?.name === config.metadata.name).name,
  )
  assert.is(file, `${mounted.mountPath}/sequoia.json`)
  for (const { name } of container.env) readServeConfig([], { [name]: `ci=${newKey().hash}` })
  // A Service whose name begins with "sequoia" would bring variables that look like settings.
  assert.is(enableServiceLinks, false)
  assert.throws(() => readServeConfig([], { SEQUOIA_ONNX_SERVICE_HOST: '10.0.0.1' }), /unknown environment variable/)
  assert.equal(service.spec.selector, deployment.spec.template.metadata.labels)
  assert.is(service.spec.ports[0].targetPort, 'http')
})

interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string }
}

interface PodManifest extends Manifest {
  spec: {
    replicas?: number
    template: {
      metadata: { labels: Record<string, string> }
      spec: {
        terminationGracePeriodSeconds?: number
        containers: { args: string[]; env: { name: string; value?: string; valueFrom?: object }[] }[]
      }
    }
  }
}

function manifestsOf(path: string): Manifest[] {
  return parseAllDocuments(read(path)).map((document) => {
    assert.equal(document.errors, [], path)
    return document.toJS()
  })
}

for (const path of ['deploy/kubernetes.yaml', 'deploy/kubernetes-queue.yaml'])
  test(`${path} is what Kubernetes' own schemas allow`, async () => {
    for (const manifest of manifestsOf(path)) {
      const { apiVersion, kind } = manifest
      const module = await import(`kubernetes-models/${apiVersion}/${kind}`)
      new module[kind](manifest).validate()
      const wrong = { ...manifest, spec: { replicas: 'many', metrics: 7, ports: 7, podSelector: 7 }, data: 7 }
      assert.throws(() => new module[kind](wrong).validate(), undefined, `${kind} is not validated`)
    }
  })

test('servers and workers of the queue are told what they understand, and workers grow with who waits', () => {
  const all = manifestsOf('deploy/kubernetes-queue.yaml')
  const podsOf = (name: string): PodManifest =>
    all.find((one) => one.metadata.name === name && 'template' in (one as PodManifest).spec) as PodManifest
  const [server, worker] = ['sequoia-onnx-server', 'sequoia-onnx-worker'].map(podsOf)
  const [{ args, env }] = server.spec.template.spec.containers
  const given = Object.fromEntries(env.flatMap(({ name, value }) => (name === 'PASSWORD' ? [] : [[name, value]])))
  const password = 'p'
  given.SEQUOIA_REDIS = given.SEQUOIA_REDIS!.replace('$(PASSWORD)', password)
  const config = readServeConfig(args.slice(1), given)
  assert.is(config.maxWaitMs, 60_000)
  const [command, ...flags] = worker.spec.template.spec.containers[0].args
  assert.is(command, 'worker')
  const { values } = parse(
    workerCommand.flags,
    flags.map((flag) => flag.replace('$(PASSWORD)', password)),
    null,
  )
  assert.is(values.redis, config.redis)
  assert.ok(worker.spec.template.spec.terminationGracePeriodSeconds! > Number(values['drain-seconds']))
  // The autoscaler says how many there are.
  assert.is(worker.spec.replicas, undefined)
  const scaler = all.find(({ kind }) => kind === 'HorizontalPodAutoscaler') as unknown as {
    spec: { scaleTargetRef: object; metrics: { external: { metric: { name: string } } }[] }
  }
  assert.equal(scaler.spec.scaleTargetRef, { apiVersion: 'apps/v1', kind: 'Deployment', name: worker.metadata.name })
  const { registry } = queueMetrics({ engines: {} })
  assert.ok(registry.getSingleMetric(scaler.spec.metrics[0].external.metric.name))
})

test('the image has what it copies, peers of our versions, settings the server knows, a health check', async () => {
  const dockerfile = read('deploy/Dockerfile')
  const env = Object.fromEntries(
    Array.from(dockerfile.matchAll(/(SEQUOIA_\w+)=(\S+)/g), ([, name, value]) => [name, value]),
  )
  assert.is(readServeConfig([], env).host, '0.0.0.0')
  assert.match(dockerfile, `EXPOSE ${usual.port}\n`)
  for (const [, folder] of dockerfile.matchAll(/\/app\/(models|playground|package\.json)/g))
    assert.ok(existsSync(join(root, folder)), folder)
  const [, peers] = /--prefix \/peers --ignore-scripts (.*)/.exec(dockerfile)!
  for (const [name, major] of peers.split(' ').map((peer) => peer.split('@')))
    assert.match(packageJson.peerDependencies[name], new RegExp(`\\^${major}\\.`))
  const [, port, path] = /fetch\('http:\/\/127\.0\.0\.1:(\d+)(\/[^']*)'\)/.exec(dockerfile)!
  assert.is(Number(port), usual.port)
  assert.equal(await statuses([path]), [[503], [200]])
})

test("the image's build sees what it needs, and no more", () => {
  const [everything, ...kept] = read('deploy/Dockerfile.dockerignore')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
  assert.is(everything, '*')
  const seen = kept.map((line) => line.slice(1))
  for (const path of seen) assert.ok(existsSync(join(root, path)), path)
  const { include } = JSON.parse(read('tsconfig.build.json'))
  const packed = packageJson.files.filter((path: string) => /^(models|playground)/.test(path))
  for (const path of [
    ...include,
    ...packed,
    'assembly',
    'asconfig.json',
    'tsconfig.build.json',
    'tsconfig.json',
    'package.json',
    'package-lock.json',
    '.npmrc',
  ])
    assert.ok(seen.includes(path), path)
})

test('systemd waits for longer than the server drains, and does not start wrong settings again and again', async () => {
  const unit = Object.fromEntries(
    Array.from(read('deploy/sequoia.service').matchAll(/^(\w+)=(.*)$/gm), ([, name, value]) => [name, value]),
  )
  assert.ok(Number(unit.TimeoutStopSec) > usual.drainSeconds)
  assert.match(unit.ExecStart, /dist\/src\/cli\/main\.js serve --config \S+\.json$/)
  assert.ok(unit.ExecStart.includes(packageJson.bin.sequoia.slice(2)))
  // Exit code of a wrong setting: test/cli/serve-config.test.ts.
  assert.is(unit.RestartPreventExitStatus, '2')
})

test('the config files that the documents show are read as they stand', () => {
  for (const document of ['docs/standalone.md', 'docs/operations.md']) {
    const blocks = Array.from(read(document).matchAll(/```json\n([\s\S]*?)```/g), ([, text]) => text)
    assert.ok(blocks.length > 0, document)
    for (const text of blocks) settings(text)
  }
})

test('docs/standalone.md has every setting, as the help words it', () => {
  const cell = (text: string): string => text.replaceAll('|', '\\|')
  const expected = Object.entries(serveFlags).map(
    ([flag, { takes, help }]) => `| \`--${flag} ${cell(takes ?? '')}\` | ${cell(help)} |`,
  )
  assert.equal(
    read('docs/standalone.md')
      .split('\n')
      .filter((line) => line.startsWith('| `--')),
    expected,
  )
})

test('every link of our documents to a file leads to one', () => {
  const documents = [
    'README.md',
    'CONTRIBUTING.md',
    'bench/README.md',
    'models/recipe/README.md',
    ...readdirSync(join(root, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ]
  for (const document of documents) {
    for (const [, target] of read(document).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g))
      assert.ok(existsSync(join(root, dirname(document), target)), `${document} links to ${target}`)
  }
})

test.run()
