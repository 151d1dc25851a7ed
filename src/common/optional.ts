/** Optional peers: packages that a host may install beside the product. */

/**
 * What `load` imports, or null where one of the packages `names` is not installed; whatever else goes wrong with it is
 * thrown.
 */
export function ifInstalled<T>(names: string | readonly string[], load: () => Promise<T>): Promise<T | null> {
  return load().catch((error: NodeJS.ErrnoException) => {
    const missing = [names].flat().some((name) => error.message.includes(`'${name}'`))
    if (error.code === 'ERR_MODULE_NOT_FOUND' && missing) return null
    throw error
  })
}
