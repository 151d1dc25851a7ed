/**
 * The house's directions (docs/architecture.md): a room may import from itself and from rooms below it; nothing imports
 * in a circle. `npm run rooms` checks it.
 */

/** Top to bottom. A nested list is one floor: its rooms do not know each other. */
const FLOORS = [
  'src/index.ts',
  'src/cli',
  'adapters',
  'src/scale',
  ['src/serve', 'src/metrics'],
  'src/open',
  'src/engine',
  'src/speculation',
  'src/observe',
  'src/api',
  'plugins',
  'src/sampling',
  'src/grammar',
  'src/strategies',
  'src/passes',
  'src/heads',
  'src/import',
  'src/text',
  'src/architectures',
  'src/graph',
  'src/formats',
  'src/onnx',
  'src/checkpoint',
  'src/runtime',
  'src/core',
  'src/spec',
  'src/common',
].map((floor) => [floor].flat())

const pattern = (rooms) => `^(${rooms.join('|')})(/|$)`

const directions = FLOORS.flatMap((floor, at) =>
  floor.map((room) => {
    const notBelow = [...FLOORS.slice(0, at).flat(), ...floor.filter((other) => other !== room)]
    return {
      name: `${room} imports downwards`,
      severity: 'error',
      from: { path: pattern([room]) },
      to: { path: pattern(notBelow) },
    }
  }),
).filter(({ to }) => to.path !== pattern([]))

export default {
  forbidden: [
    { name: 'no circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'sources know no tests or benches',
      severity: 'error',
      from: { path: '^(src|plugins|adapters)/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    ...directions,
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
  },
}
