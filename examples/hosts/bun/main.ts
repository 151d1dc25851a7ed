// bun examples/hosts/bun/main.ts dist/core.wasm examples/hosts/golden.json
import { playAll } from '../javascript/rounds.js'

const [wasm, golden] = Bun.argv.slice(2)
try {
  const rounds = await playAll(await Bun.file(wasm).arrayBuffer(), await Bun.file(golden).json())
  console.log(`${rounds} rounds, all equal`)
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}
