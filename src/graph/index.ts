export { modelGraph, type GraphOptions, type ModelWeights } from './model-graph.js'
