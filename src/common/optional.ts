/** Optional peers: packages that a host may install beside the product. */

/**
 * What `load` imports, or null where the package `name` is not installed; whatever else goes wrong with it is thrown.
 */
export function ifInstalled<T>(name: string, load: () => Promise<T>): Promise<T | null> {
  return load().catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes(`'${name}'`)) return null
    throw error
  })
}
