/** Runs a function of the command line in this process and keeps what it prints. */

export interface Printed {
  code: number
  out: string
  err: string
}

export async function printed(run: () => Promise<number>): Promise<Printed> {
  const { log, error } = console
  const kept = { out: '', err: '' }
  console.log = (text: unknown) => void (kept.out += `${String(text)}\n`)
  console.error = (text: unknown) => void (kept.err += `${String(text)}\n`)
  try {
    return { code: await run(), ...kept }
  } finally {
    Object.assign(console, { log, error })
  }
}
