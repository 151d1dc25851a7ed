/** ONNX Runtime's session settings that both runtimes share, by its own names for them. */
export const SESSION_CONFIG: Readonly<Record<string, string>> = {
  // Operators are short, so a thread that sleeps between two of them wakes too late (+20 % a pass); one that spins for
  // as long as it likes halves the speed of a machine with other work to do. 50 us is as fast as endless spinning
  // alone, and fair to others.
  'session.intra_op.spin_duration_us': '50',
  // Not at all between passes.
  'session.force_spinning_stop': '1',
}
