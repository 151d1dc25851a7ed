/** The planner's page: which tree is best for an acceptance, costs and a budget, planned by `core.wasm` right here. */
import { acceptanceOf, bestChain, MOST_NODES, passOf, Planner } from './planner-core.js'
import { drawLines, drawTree } from './planner-view.js'
import { keepFields } from './settings.js'

const $ = (id) => document.getElementById(id)
const BUDGETS = Array.from({ length: Math.log2(MOST_NODES) + 1 }, (_, i) => 2 ** i)
const percent = (value) => `${value} %`
/** Fields, and how their values are told. */
const FIELDS = {
  first: percent,
  others: percent,
  draft: (value) => `${value} % of a pass`,
  row: (value) => `${value} % of a pass`,
  budget: (value) => `${2 ** value} nodes`,
}

const share = (id) => Number($(id).value) / 100

function sentence({ nodes, depth, tokens, speedup }, { row, draft }) {
  const step = passOf(nodes, row) + depth * draft
  return (
    `${nodes} nodes in ${depth} ${depth === 1 ? 'level' : 'levels'}: ${tokens.toFixed(2)} tokens a step, which takes ` +
    `${step.toFixed(2)} times as long as a token of plain decoding. ${speedup.toFixed(2)} times the speed.`
  )
}

function show(planner) {
  for (const [id, word] of Object.entries(FIELDS)) $(`${id}-shown`).textContent = word(Number($(id).value))
  const costs = { row: share('row'), draft: share('draft') }
  const budget = 2 ** Number($('budget').value)
  planner.plan(acceptanceOf(share('first'), share('others')))
  const best = planner.best(budget, costs)
  $('best').textContent = best.nodes === 1 ? 'No tree pays: plain decoding is fastest.' : sentence(best, costs)
  $('tree').replaceChildren(drawTree(planner.tree(best.nodes, best.depth), $('tree').clientWidth))
  const trees = BUDGETS.map((nodes) => planner.best(nodes, costs).speedup)
  const chains = BUDGETS.map((nodes) => bestChain(share('first'), nodes, costs))
  const lines = [
    { label: 'best tree', kind: 'tree-line', values: trees },
    { label: 'best chain', kind: 'chain-line', values: chains },
  ]
  $('plot').replaceChildren(drawLines(BUDGETS, lines, budget, $('plot').clientWidth))
}

const fields = Object.keys(FIELDS).map($)
keepFields(fields)
try {
  const answer = await fetch('vendor/core.wasm')
  if (!answer.ok) throw new Error(`core.wasm: status ${answer.status}`)
  const planner = await Planner.from(await answer.arrayBuffer())
  for (const field of fields) field.addEventListener('input', () => show(planner))
  addEventListener('resize', () => show(planner))
  show(planner)
} catch (error) {
  $('best').textContent = `The planner did not load: ${error.message}`
}
