export { llamaGraph, type GraphOptions, type LlamaWeights } from './model-graph.js'
