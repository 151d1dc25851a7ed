/** The parts of `WebAssembly` that are used, typed by ourselves so that users need no DOM types. */

export interface WebAssemblyApi {
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  /** An instance's exports are the module's own, which only its sources type. */
  Instance: new (module: object, imports: Record<string, never>) => { exports: object }
}

export const { Module, Instance }: WebAssemblyApi = WebAssembly
