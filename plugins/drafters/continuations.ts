/**
 * How a text may go on: where its end has occurred before, as it did then. Continuations of several places are one
 * trie, looked up as it is asked for.
 */
import type { PastOutputs, PastPlace } from './past-outputs.js'

/** A guessed token: a node of the trie of continuations. */
export interface Guess {
  token: number
  /** Tokens before this one that matched, capped. */
  match: number
  /** Tokens from the places' ends to this one. */
  depth: number
  /** Places whose continuations come along here. */
  places: PastPlace[]
}

export class Continuations {
  constructor(
    private readonly maxMatch: number,
    private readonly maxPlaces: number,
    private readonly past: PastOutputs | null,
  ) {}

  /**
   * What follows earlier occurrences of the text's end, longest match first, then this text's own, then most recent.
   */
  of(history: readonly number[]): Guess[] {
    const end = history.length - 1
    const places: PastPlace[] = []
    for (let at = end - 1; at >= 0; at--) {
      if (history[at] !== history[end]) continue
      let match = 1
      while (match < this.maxMatch && at - match >= 0 && history[at - match] === history[end - match]) match++
      if (this.isAmongBest(places, match)) this.insert(places, { match, next: (depth) => history[at + 1 + depth] })
    }
    for (const place of this.past?.find(history, this.maxMatch, this.maxPlaces) ?? [])
      if (this.isAmongBest(places, place.match)) this.insert(places, place)
    return this.after(places, 0)
  }

  private isAmongBest(places: readonly PastPlace[], match: number): boolean {
    return places.length < this.maxPlaces || places[places.length - 1].match < match
  }

  /** Behind those that match as long. */
  private insert(places: PastPlace[], place: PastPlace): void {
    if (places.length === this.maxPlaces) places.pop()
    let at = places.length
    while (at > 0 && places[at - 1].match < place.match) at--
    places.splice(at, 0, place)
  }

  childrenOf({ places, depth }: Guess): Guess[] {
    return this.after(places, depth + 1)
  }

  /** What comes next at these places, `depth` tokens on. */
  private after(places: readonly PastPlace[], depth: number): Guess[] {
    const guesses: Guess[] = []
    for (const place of places) {
      const token = place.next(depth)
      if (token === undefined) continue
      const known = guesses.find((other) => other.token === token)
      if (known) known.places.push(place)
      else guesses.push({ token, match: Math.min(place.match + depth, this.maxMatch), depth, places: [place] })
    }
    return guesses
  }
}
