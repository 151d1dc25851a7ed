export { ensureImported, type EnsureOptions } from './ensure-imported.js'
export { embeddedModel, graphsOf, streamedModel, type ImportedModel } from './open-files.js'
export { importModel, type ImportOptions } from './import-model.js'
export { CONTRACT_VERSION, loadManifest, verifyFiles } from './manifest-file.js'
