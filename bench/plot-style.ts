/** What all plots look like: a page, grey grid, the same colours, and a dark look where the reader's system has one. */

/** Told apart by people who see colours differently as well (Okabe and Ito). */
export const COLORS = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#8a8f94',
  '#e69f00',
  '#56b4e9',
  '#b8860b',
  '#7b68ee',
]

const STYLE = [
  'text{font:12px system-ui,sans-serif;fill:#1f2328}.strong{font-weight:600}.page{fill:#f6f8fa}',
  '.grid{stroke:#8884}.mark{stroke:#57606a;stroke-dasharray:4 3}.range{stroke:#57606a;stroke-width:1.5}',
  '@media(prefers-color-scheme:dark){text{fill:#e6edf3}.page{fill:#161b22}.mark,.range{stroke:#9aa4ae}}',
].join('\n')

/** A whole drawing; `title` is its heading and what is read aloud in its place. */
export function page(width: number, height: number, title: string, drawn: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="page" width="${width}" height="${height}" rx="8"/>`,
    `<text x="14" y="24" class="strong">${escaped(title)}</text>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n')
}

export function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}
