/** What `--KEY=` was given as among a benchmark's arguments; undefined where it was not. */
export function optionOf(args: readonly string[], key: string): string | undefined {
  return args.find((arg) => arg.startsWith(`--${key}=`))?.slice(key.length + 3)
}
