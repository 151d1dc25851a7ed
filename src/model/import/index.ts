export { ensureDraftImported } from './ensure-draft.js'
export { ensureImported, type EnsureOptions, type ImportedModel } from './ensure-imported.js'
export { importModel, type ImportOptions } from './import-model.js'
export { CONTRACT_VERSION, loadManifest, verifyFiles } from './manifest-file.js'
