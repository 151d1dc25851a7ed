/**
 * Figures between markers in a text: what stands between `<!-- figures NAME -->` and `<!-- /figures -->` is what the
 * figure of that name comes to.
 */

const MARKED = /(<!-- figures ([\w-]+) -->\n)[\s\S]*?(<!-- \/figures -->)/g

export type Figures = Readonly<Record<string, () => string>>

/** The text with all its figures made anew. Throws for a name that no figure has, and for a marker without its end. */
export function filled(text: string, figures: Figures): string {
  const [begun, ended] = [/<!-- figures /g, /<!-- \/figures -->/g].map((marker) => [...text.matchAll(marker)].length)
  if (begun !== ended) throw new Error(`${begun} markers of figures begin and ${ended} end; each needs both`)
  return text.replace(MARKED, (_, before: string, name: string, after: string) => {
    const figure = figures[name]
    if (!figure) throw new Error(`no figure is called ${name}; there are ${Object.keys(figures).join(', ')}`)
    return `${before}${figure()}\n${after}`
  })
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

export interface Source {
  date: string
  command: string
  machine: { cpu: string; cores: number; node: string }
}

/** Where figures are from, in a sentence. */
export function from(source: Source, file: string, folder: string): string {
  const { date, command, machine } = source
  return (
    `${machine.cores} cores of ${machine.cpu}, Node ${machine.node}, ${date}, \`${command}\`, ` +
    `[figures](${folder}bench/results/${file})`
  )
}

export const two = (value: number): string => value.toFixed(2)
export const range = (least: number, most: number): string => `(${two(least)} to ${two(most)})`
