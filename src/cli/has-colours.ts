/** Whether a stream is a terminal that shows colours, and neither `NO_COLOR` nor `TERM` says otherwise. */
export function hasColours(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv = process.env): boolean {
  return stream.isTTY && stream.hasColors(env)
}
