// deno run --allow-read examples/hosts/deno/main.ts dist/core.wasm examples/hosts/golden.json
import { playAll } from '../javascript/rounds.js'

const [wasm, golden] = Deno.args
try {
  const rounds = await playAll(await Deno.readFile(wasm), JSON.parse(await Deno.readTextFile(golden)))
  console.log(`${rounds} rounds, all equal`)
} catch (error) {
  console.error((error as Error).message)
  Deno.exit(1)
}
