/** ONNX Runtime's session settings that both runtimes share, by its own names for them. */
export const SESSION_CONFIG: Readonly<Record<string, string>> = {
  // Spin while a pass runs (its operators are short), but leave the cores to others between passes.
  'session.force_spinning_stop': '1',
}
