export { readArchive } from './open-archive.js'
