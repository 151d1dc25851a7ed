/**
 * K/V rows of earlier texts, by their tokens: a trie whose edges are blocks of tokens. What a new prompt shares with
 * any of them is copied in instead of computed; in W8A8 the rows have the very bits that computing would give. Texts
 * that were not used for longest go first when the bytes run out.
 */

/** Tokens of one block: prompts share whole blocks only. */
export const BLOCK = 16

/**
 * What is kept of one block: K and V of every layer, the target's features where a draft reads them, and what the draft
 * had read.
 */
export interface BlockRows {
  kv: Uint8Array
  /** float32 [BLOCK, features.written]; empty where nobody reads them. */
  features: Float32Array
  draft: { drafter: string; saved: Uint8Array } | null
}

interface Node {
  readonly parent: Node | null
  readonly key: string
  readonly rows: BlockRows
  readonly children: Map<string, Node>
  /** Clock of the last use. */
  used: number
}

export class PrefixCache {
  private readonly roots = new Map<string, Node>()
  private readonly nodes = new Set<Node>()
  private clock = 0
  private held = 0

  /** `maxBytes` 0 keeps nothing. `evicted` is told of each block that is dropped. */
  constructor(
    private readonly maxBytes: number,
    private readonly evicted?: (tokens: number, bytes: number) => void,
  ) {}

  /** Bytes of all rows kept. */
  get bytes(): number {
    return this.held
  }

  /**
   * Rows of the longest prefix of `tokens` that is known, block by block; never all of it: the last token has to be
   * computed for its logits.
   */
  match(tokens: readonly number[]): BlockRows[] {
    const found: BlockRows[] = []
    let level = this.roots
    for (let from = 0; from + BLOCK < tokens.length; from += BLOCK) {
      const node = level.get(keyOf(tokens, from))
      if (!node) break
      node.used = ++this.clock
      found.push(node.rows)
      level = node.children
    }
    return found
  }

  /**
   * Keeps the whole blocks of a text. `read` gives the rows of the block that starts at a token, and is asked for new
   * blocks only. One text at a time.
   */
  async insert(tokens: readonly number[], read: (from: number) => Promise<BlockRows>): Promise<void> {
    let level = this.roots
    let parent: Node | null = null
    for (let from = 0; from + BLOCK <= tokens.length; from += BLOCK) {
      const key = keyOf(tokens, from)
      let node = level.get(key)
      if (!node) {
        const rows = await read(from)
        const size = bytesOf(rows)
        // The path down to here was used just now, so what is dropped is another text's; if nothing else is left the
        // rest does not fit.
        if (!this.makeRoom(size, parent)) return
        node = { parent, key, rows, children: new Map(), used: 0 }
        level.set(key, node)
        this.nodes.add(node)
        this.held += size
      }
      node.used = ++this.clock
      parent = node
      level = node.children
    }
  }

  private makeRoom(size: number, path: Node | null): boolean {
    if (size > this.maxBytes) return false
    const inUse = new Set<Node>()
    for (let node = path; node; node = node.parent) inUse.add(node)
    while (this.held + size > this.maxBytes) {
      let oldest: Node | null = null
      for (const node of this.nodes)
        if (node.children.size === 0 && !inUse.has(node) && (!oldest || node.used < oldest.used)) oldest = node
      if (!oldest) return false
      ;(oldest.parent?.children ?? this.roots).delete(oldest.key)
      this.nodes.delete(oldest)
      this.held -= bytesOf(oldest.rows)
      this.evicted?.(BLOCK, bytesOf(oldest.rows))
    }
    return true
  }
}

function keyOf(tokens: readonly number[], from: number): string {
  return tokens.slice(from, from + BLOCK).join(' ')
}

function bytesOf({ kv, features, draft }: BlockRows): number {
  return kv.byteLength + features.byteLength + (draft?.saved.byteLength ?? 0)
}
