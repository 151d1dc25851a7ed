/**
 * Chat templates that public Python packages ship: their source archives and wheels as pip fetches them, and in them
 * all files that end with `.jinja`.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface PublicTemplate {
  /** The package and the file. */
  name: string
  source: string
}

/** Writes the archives' templates as JSON: a list of names and sources. */
const LIST = `
import json, sys, tarfile, zipfile
found = []
for path in sys.argv[1:]:
    if path.endswith((".whl", ".zip")):
        archive = zipfile.ZipFile(path)
        files = [(name, archive.read(name)) for name in archive.namelist() if name.endswith(".jinja")]
    else:
        archive = tarfile.open(path)
        wanted = [one for one in archive if one.isfile() and one.name.endswith(".jinja")]
        files = [(one.name, archive.extractfile(one).read()) for one in wanted]
    found += [{"name": name, "source": source.decode()} for name, source in files]
json.dump(found, sys.stdout)
`

/** `packages`: as pip names them, or paths of archives. Throws with pip's words where one cannot be had. */
export function publicTemplates(bin: string, packages: readonly string[]): PublicTemplate[] {
  const dir = join(tmpdir(), 'sequoia-templates', packages.join('+').replace(/[^\w.+-]/g, '-'))
  mkdirSync(dir, { recursive: true })
  if (readdirSync(dir).length < packages.length) {
    const args = ['download', '--quiet', '--no-deps', '--no-binary', 'llama-cpp-python', '--dest', dir, ...packages]
    const { status, error, stderr } = spawnSync(join(bin, 'pip'), args, { encoding: 'utf8' })
    if (status !== 0)
      throw new Error(
        `pip cannot fetch ${packages.join(', ')}: ${(error?.message ?? stderr).trim()}; ` +
          'set TEMPLATE_PACKAGES to packages or archives that it can',
      )
  }
  const archives = readdirSync(dir).map((file) => join(dir, file))
  const { status, stdout, stderr } = spawnSync(join(bin, 'python'), ['-c', LIST, ...archives], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (status !== 0) throw new Error(`the packages' archives cannot be read: ${stderr}`)
  return JSON.parse(stdout) as PublicTemplate[]
}

/** The template file of this folder that renders a job. */
export const RENDERER = readFileSync(new URL('templates.py', import.meta.url), 'utf8')
