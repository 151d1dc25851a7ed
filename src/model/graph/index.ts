export { llamaGraph, type GraphOptions, type LlamaWeights } from './llama-graph.js'
