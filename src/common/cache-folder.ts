/** Where pulled and imported models are kept: the user's cache folder on each platform. */
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

const NAME = 'sequoia-onnx'

/**
 * The folder itself may not exist yet. `XDG_CACHE_HOME` (or `LOCALAPPDATA` on Windows) moves it. Throws an `Error` for
 * a user without a home.
 */
export function cacheFolder(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, NAME)
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(home(), 'AppData', 'Local'), NAME, 'cache')
  if (platform === 'darwin') return join(home(), 'Library', 'Caches', NAME)
  return join(home(), '.cache', NAME)
}

function home(): string {
  const dir = homedir()
  if (!isAbsolute(dir)) throw new Error(`the home folder is ${JSON.stringify(dir)}`)
  return dir
}
