/** In what two tokenizers differ, for whoever paired models that do not speak the same tokens. */
import type { TokenizerFiles } from '../spec/manifest.js'
import { tokenizerTable, type TokenizerTable } from './tokenizer-table.js'

/** The first token that differs, by its id, else the first merge; null where there is none. */
export function tokenizerDifference(target: TokenizerFiles, draft: TokenizerFiles): string | null {
  const [ours, theirs] = [tokenizerTable(target), tokenizerTable(draft)]
  const ids = [...new Set([...ours.spellings.keys(), ...theirs.spellings.keys()])].sort((a, b) => a - b)
  const [ourKinds, theirKinds] = [kindsOf(ours), kindsOf(theirs)]
  for (const id of ids) {
    const [mine, other] = [ours.spellings.get(id), theirs.spellings.get(id)]
    if (mine !== other) return `token ${id} is ${named(mine)} in the target and ${named(other)} in the draft`
    const [kind, otherKind] = [ourKinds.get(id) ?? 'plain', theirKinds.get(id) ?? 'plain']
    if (kind !== otherKind) return `token ${id}, ${named(mine)}, is ${kind} in the target and ${otherKind} in the draft`
  }
  const [merges, otherMerges] = [mergesOf(ours), mergesOf(theirs)]
  const at = merges.findIndex((merge, i) => merge !== otherMerges[i])
  const first = at >= 0 ? at : merges.length
  if (at < 0 && otherMerges.length <= merges.length) return null
  return `merge ${first} is ${named(merges[first])} in the target and ${named(otherMerges[first])} in the draft`
}

const named = (text: string | undefined): string => (text === undefined ? 'missing' : JSON.stringify(text))

const kindsOf = ({ added }: TokenizerTable): Map<number, string> =>
  new Map(added.map(({ id, special }) => [id, special ? 'special' : 'added']))

/** Of SentencePiece the scores, which stand for merges there. */
const mergesOf = ({ merges, scores }: TokenizerTable): string[] => (scores ? scores.map(String) : merges.map(String))
