// Plays the golden rounds in the page and writes the outcome into its <output>.
import { playAll } from '../javascript/rounds.js'

const output = document.querySelector('output')

/** A file's response; a server's error page must not reach the parsers. */
async function load(url) {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`)
  return response
}

try {
  const wasm = new URL(new URLSearchParams(location.search).get('wasm') ?? '/dist/core.wasm', location.href)
  const golden = new URL('../golden.json', import.meta.url)
  const rounds = await playAll(await (await load(wasm)).arrayBuffer(), await (await load(golden)).json())
  output.value = `${rounds} rounds, all equal`
  output.dataset.state = 'equal'
} catch (error) {
  output.value = error.message
  output.dataset.state = 'failed'
}
