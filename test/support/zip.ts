/** Builds zip archives for tests. */
import { deflateRawSync } from 'node:zlib'

/**
 * Entries by name, deflated unless asked not to be. Checksums are left zero: whoever reads these archives checks the
 * contents.
 */
export function buildZip(entries: Readonly<Record<string, Uint8Array>>, { deflates = true } = {}): Buffer {
  const locals: Buffer[] = []
  const centrals: Buffer[] = []
  let at = 0
  for (const [name, content] of Object.entries(entries)) {
    const data = deflates ? deflateRawSync(content) : content
    const common = Buffer.concat([
      u16(20, 0, deflates ? 8 : 0, 0, 0),
      u32(0, data.length, content.length),
      u16(name.length, 0),
    ])
    const local = Buffer.concat([u32(0x04034b50), common, Buffer.from(name), data])
    centrals.push(Buffer.concat([u32(0x02014b50), u16(20), common, u16(0, 0, 0), u32(0, at), Buffer.from(name)]))
    locals.push(local)
    at += local.length
  }
  const central = Buffer.concat(centrals)
  return Buffer.concat([
    ...locals,
    central,
    u32(0x06054b50),
    u16(0, 0, centrals.length, centrals.length),
    u32(central.length, at),
    u16(0),
  ])
}

function u16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  values.forEach((value, i) => bytes.writeUInt16LE(value, i * 2))
  return bytes
}

function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, i) => bytes.writeUInt32LE(value, i * 4))
  return bytes
}
