// top-k, top-p and min-p by one order of tokens: greater logit first, lower id among equals. A token is one u64 in that
// order (the greater the better): its logit's bits made sortable above, the complement of its id below.

/** Order of a token. -0 counts as 0. */
// prettier-ignore
@inline function rank(logit: f32, token: i32): u64 {
  const bits = reinterpret<i32>(logit + 0)
  const sortable = <u32>(bits ^ ((bits >> 31) | i32.MIN_VALUE))
  return (<u64>sortable << 32) | <u64>(~(<u32>token))
}

// prettier-ignore
@inline function tokenOf(item: u64): i32 { return <i32>~(<u32>item) }
// prettier-ignore
@inline function weightAt(weights: usize, token: i32): f32 { return load<f32>(weights + (<usize>token << 2)) }
// prettier-ignore
@inline function item(heap: usize, i: i32): u64 { return load<u64>(heap + (<usize>i << 3)) }
// prettier-ignore
@inline function setItem(heap: usize, i: i32, value: u64): void { store<u64>(heap + (<usize>i << 3), value) }

/**
 * Zeroes the weights that top-k, then top-p, then min-p cut; returns the sum of the others. At least one token stays.
 */
export function truncate(
  logits: usize, weights: usize, vocab: i32, total: f64, topK: i32, topP: f64, minP: f32, heap: usize
): f64 {
  let count: i32
  let mass = total
  if (topK > 0 && topK < vocab) {
    count = selectTop(logits, vocab, topK, heap)
    mass = 0
    for (let i = 0; i < count; i++) mass += weightAt(weights, tokenOf(item(heap, i)))
  } else {
    // What lies below this cannot together hold the mass that top-p drops, so it cannot reach into what is kept.
    const bound = max<f64>(minP, ((1 - topP) * total * 0.999) / vocab)
    count = gather(logits, weights, vocab, <f32>bound, heap)
  }
  for (let i = (count >> 1) - 1; i >= 0; i--) siftDown(heap, i, count, false)

  let kept = 0
  let sum: f64 = 0
  for (let left = count; left > 0 && (kept == 0 || (topP >= 1 || sum < topP * mass)); left--) {
    const best = item(heap, 0)
    const weight = weightAt(weights, tokenOf(best))
    if (kept > 0 && (weight < minP || weight <= 0)) break
    setItem(heap, 0, item(heap, left - 1))
    siftDown(heap, 0, left - 1, false)
    setItem(heap, left - 1, (<u64>reinterpret<u32>(weight) << 32) | <u64>tokenOf(best))
    sum += weight
    kept++
  }
  memory.fill(weights, 0, <usize>vocab << 2)
  for (let i = count - kept; i < count; i++) {
    const saved = item(heap, i)
    store<u32>(weights + (<usize><u32>saved << 2), <u32>(saved >> 32))
  }
  return sum
}

/** Writes the `k` first tokens that have any logit above -infinity, in order; returns how many there are. */
export function topTokens(logits: usize, vocab: i32, k: i32, heap: usize, out: usize): i32 {
  const count = selectTop(logits, vocab, k, heap)
  for (let left = count; left > 0; left--) {
    store<i32>(out + (<usize>(left - 1) << 2), tokenOf(item(heap, 0)))
    setItem(heap, 0, item(heap, left - 1))
    siftDown(heap, 0, left - 1, true)
  }
  return count
}

/** Fills `heap` with the (at most) k first tokens, the last of them on top. */
function selectTop(logits: usize, vocab: i32, k: i32, heap: usize): i32 {
  let count = 0
  let bound: f32 = -Infinity
  for (let x = 0; x < vocab; ) {
    if (x + 4 <= vocab && !v128.any_true(f32x4.gt(v128.load(logits + (<usize>x << 2)), f32x4.splat(bound)))) {
      x += 4
      continue
    }
    const end = min(x + 4, vocab)
    for (; x < end; x++) {
      const logit = load<f32>(logits + (<usize>x << 2))
      if (!(logit > bound)) continue
      if (count < k) {
        setItem(heap, count++, rank(logit, x))
        if (count < k) continue
        for (let i = (k >> 1) - 1; i >= 0; i--) siftDown(heap, i, k, true)
      } else {
        setItem(heap, 0, rank(logit, x))
        siftDown(heap, 0, k, true)
      }
      bound = load<f32>(logits + (<usize>tokenOf(item(heap, 0)) << 2))
    }
  }
  if (count < k) for (let i = (count >> 1) - 1; i >= 0; i--) siftDown(heap, i, count, true)
  return count
}

/** Fills `heap` (unordered) with the tokens whose weight is positive and reaches `bound`. */
function gather(logits: usize, weights: usize, vocab: i32, bound: f32, heap: usize): i32 {
  const least = max<f32>(bound, f32.MIN_NORMAL_VALUE)
  let count = 0
  for (let x = 0; x < vocab; x += 4) {
    // The weights are padded with zeros, so the last block may be read whole.
    if (!v128.any_true(f32x4.ge(v128.load(weights + (<usize>x << 2)), f32x4.splat(least)))) continue
    const end = min(x + 4, vocab)
    for (let i = x; i < end; i++) {
      if (weightAt(weights, i) >= least) setItem(heap, count++, rank(load<f32>(logits + (<usize>i << 2)), i))
    }
  }
  return count
}

/** Restores the heap below `i`: smallest on top (`least`) or greatest. */
function siftDown(heap: usize, i: i32, count: i32, least: bool): void {
  const moving = item(heap, i)
  for (;;) {
    let child = 2 * i + 1
    if (child >= count) break
    if (child + 1 < count && item(heap, child + 1) < item(heap, child) == least) child++
    if ((moving < item(heap, child)) == least) break
    setItem(heap, i, item(heap, child))
    i = child
  }
  setItem(heap, i, moving)
}
