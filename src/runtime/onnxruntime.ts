/**
 * ONNX Runtime's JavaScript package, loaded with its telemetry off. From version 1.30 on the library reports to its
 * maker unless it is told not to: it leaves files in the user's cache folder and asks for its data host's name.
 */
const SWITCH = 'ORT_DISABLE_TELEMETRY'

/**
 * Turns telemetry off for a library that is loaded later, unless the user has set `ORT_DISABLE_TELEMETRY`. Returns
 * whether it is off. The library reads the process's own environment, which worker threads cannot write.
 */
export function silenceTelemetry(): boolean {
  process.env[SWITCH] ??= '1'
  return !['', '0', 'false'].includes(process.env[SWITCH].toLowerCase())
}

export type OnnxRuntime = typeof import('onnxruntime-node')

/** The package, loaded at first use. Rejects with Node's own error where it does not load. */
export function loadOnnxRuntime(): Promise<OnnxRuntime> {
  silenceTelemetry()
  return import('onnxruntime-node')
}
