/** What `--KEY=` was given as among a benchmark's arguments; undefined where it was not. */
export function optionOf(args: readonly string[], key: string): string | undefined {
  return args.find((arg) => arg.startsWith(`--${key}=`))?.slice(key.length + 3)
}

/** The names among a benchmark's arguments, or the `usual` ones where none is given. Throws for one not `known`. */
export function namesOf(
  args: readonly string[],
  { what, known, usual }: { what: string; known: readonly string[]; usual: readonly string[] },
): readonly string[] {
  const given = args.filter((arg) => !arg.startsWith('--'))
  const unknown = given.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`there is no ${what} "${unknown}"; there are ${known.join(', ')}`)
  return given.length === 0 ? usual : given
}
