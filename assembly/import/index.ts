// Dense steps of import over float32 matrices, row-major: turning rows or columns by an orthogonal matrix, and rounding
// to 8 bits. The same additions and products in the same order as plain loops, two of them side by side.

/** First byte that the host may use; it grows the memory and places everything itself. */
export function free_from(): usize {
  return (__heap_base + 63) & ~63
}

/** Multiplies every m values of `work` by the transpose of `block` f64 [m, m]; `lanes` vectors lie side by side. */
function mix(work: usize, size: i32, lanes: i32, m: i32, block: usize, group: usize): void {
  const row = <usize>lanes << 3
  if (m == 1) {
    const factor = f64x2.splat(load<f64>(block))
    const end = work + <usize>size * row
    for (let at = work; at < end; at += 16) v128.store(at, f64x2.mul(v128.load(at), factor))
    return
  }
  for (let base = 0; base < size; base += m) {
    const at = work + <usize>base * row
    memory.copy(group, at, <usize>m * row)
    for (let j = 0; j < m; j++) {
      const factors = block + ((<usize>j * <usize>m) << 3)
      for (let lane: usize = 0; lane < row; lane += 16) {
        let sum = f64x2.splat(0)
        for (let i: usize = 0; i < <usize>m; i++) {
          sum = f64x2.add(sum, f64x2.mul(v128.load(group + i * row + lane), f64x2.splat(load<f64>(factors + (i << 3)))))
        }
        v128.store(at + <usize>j * row + lane, sum)
      }
    }
  }
}

/** Unnormalized Hadamard transform of `bytes` of f64 at `work` over groups of `stride` bytes, two stages at a time. */
function hadamard(work: usize, bytes: usize, stride: usize): void {
  let half = stride
  for (; half << 2 <= bytes; half <<= 2) {
    for (let base = work; base < work + bytes; base += half << 2) {
      for (let at = base; at < base + half; at += 16) {
        const a = v128.load(at)
        const b = v128.load(at + half)
        const c = v128.load(at + (half << 1))
        const d = v128.load(at + half + (half << 1))
        const even = f64x2.add(a, b)
        const odd = f64x2.sub(a, b)
        const nextEven = f64x2.add(c, d)
        const nextOdd = f64x2.sub(c, d)
        v128.store(at, f64x2.add(even, nextEven))
        v128.store(at + half, f64x2.add(odd, nextOdd))
        v128.store(at + (half << 1), f64x2.sub(even, nextEven))
        v128.store(at + half + (half << 1), f64x2.sub(odd, nextOdd))
      }
    }
  }
  if (half == bytes) return
  for (let at = work; at < work + half; at += 16) {
    const a = v128.load(at)
    const b = v128.load(at + half)
    v128.store(at, f64x2.add(a, b))
    v128.store(at + half, f64x2.sub(a, b))
  }
}

/**
 * Turns rows of `size` values, two at a time, in place. signs f64 [size], block f64 [m, m], factors f32 [size] that
 * values are multiplied by before (0: none), work f64 [2, size + m].
 */
export function rotate_rows(
  data: usize,
  rows: i32,
  size: i32,
  m: i32,
  signs: usize,
  block: usize,
  factors: usize,
  work: usize,
): void {
  const row = <usize>size << 2
  const group = work + (<usize>size << 4)
  for (let r = 0; r < rows; r += 2) {
    const a = data + <usize>r * row
    const b = r + 1 < rows ? a + row : a
    for (let i: usize = 0; i < <usize>size; i++) {
      let x = load<f32>(a + (i << 2))
      let y = load<f32>(b + (i << 2))
      if (factors != 0) {
        const factor = load<f32>(factors + (i << 2))
        x *= factor
        y *= factor
      }
      const pair = f64x2.replace_lane(f64x2.splat(<f64>x), 1, <f64>y)
      v128.store(work + (i << 4), f64x2.mul(pair, f64x2.splat(load<f64>(signs + (i << 3)))))
    }
    mix(work, size, 2, m, block, group)
    hadamard(work, <usize>size << 4, <usize>m << 4)
    for (let i: usize = 0; i < <usize>size; i++) {
      const pair = f32x4.demote_f64x2_zero(v128.load(work + (i << 4)))
      store<f32>(a + (i << 2), f32x4.extract_lane(pair, 0))
      store<f32>(b + (i << 2), f32x4.extract_lane(pair, 1))
    }
  }
}

/** Columns that are turned together: a cache line holds two times as many. */
const LANES: i32 = 8

/** Turns `size` values down each of `cols` columns, in place; arrays as of `rotate_rows`, work f64 [8, size + m]. */
export function rotate_columns(
  data: usize,
  cols: i32,
  size: i32,
  m: i32,
  signs: usize,
  block: usize,
  work: usize,
): void {
  const row = <usize>cols << 2
  const lanes = <usize>LANES << 3
  const group = work + <usize>size * lanes
  for (let c = 0; c < cols; c += LANES) {
    const count = <usize>min(LANES, cols - c)
    const first = data + (<usize>c << 2)
    for (let i: usize = 0; i < <usize>size; i++) {
      const from = first + i * row
      const to = work + i * lanes
      const sign = load<f64>(signs + (i << 3))
      if (count == <usize>LANES) {
        for (let lane: usize = 0; lane < <usize>LANES; lane += 2) {
          const pair = f64x2.promote_low_f32x4(v128.load64_zero(from + (lane << 2)))
          v128.store(to + (lane << 3), f64x2.mul(pair, f64x2.splat(sign)))
        }
      } else {
        memory.fill(to, 0, lanes)
        for (let lane: usize = 0; lane < count; lane++) {
          store<f64>(to + (lane << 3), <f64>load<f32>(from + (lane << 2)) * sign)
        }
      }
    }
    mix(work, size, LANES, m, block, group)
    hadamard(work, <usize>size * lanes, <usize>m * lanes)
    for (let i: usize = 0; i < <usize>size; i++) {
      const to = first + i * row
      const from = work + i * lanes
      if (count == <usize>LANES) {
        for (let lane: usize = 0; lane < <usize>LANES; lane += 2) {
          v128.store64_lane(to + (lane << 2), f32x4.demote_f64x2_zero(v128.load(from + (lane << 3))), 0)
        }
      } else {
        for (let lane: usize = 0; lane < count; lane++) {
          store<f32>(to + (lane << 2), <f32>load<f64>(from + (lane << 3)))
        }
      }
    }
  }
}

/**
 * Rounds rows to whole steps, `levels` either way, one step a row: values i8 [rows, cols], raised by `zero`; steps f32
 * [rows]. A row of zeros has step 1.
 */
export function round_rows(
  data: usize,
  rows: i32,
  cols: i32,
  levels: f64,
  zero: i32,
  values: usize,
  steps: usize,
): void {
  const bytes = <usize>cols << 2
  const fours = bytes & ~15
  const half = f64x2.splat(0.5)
  const zeros = i32x4.splat(zero)
  for (let r = 0; r < rows; r++) {
    const row = data + <usize>r * bytes
    let most = f32x4.splat(0)
    for (let at: usize = 0; at < fours; at += 16) most = f32x4.pmax(most, f32x4.abs(v128.load(row + at)))
    let largest = max(
      max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
      max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
    )
    for (let at = fours; at < bytes; at += 4) {
      const magnitude = abs(load<f32>(row + at))
      if (magnitude > largest) largest = magnitude
    }
    const step: f32 = largest == 0 ? 1 : <f32>(<f64>largest / levels)
    store<f32>(steps + (<usize>r << 2), step)
    const out = values + <usize>r * <usize>cols
    const each = f64x2.splat(<f64>step)
    for (let at: usize = 0; at < fours; at += 16) {
      const four = v128.load(row + at)
      const low = f64x2.promote_low_f32x4(four)
      const high = f64x2.promote_low_f32x4(v128.shuffle<u32>(four, four, 2, 3, 2, 3))
      const first = i32x4.trunc_sat_f64x2_s_zero(f64x2.floor(f64x2.add(f64x2.div(low, each), half)))
      const last = i32x4.trunc_sat_f64x2_s_zero(f64x2.floor(f64x2.add(f64x2.div(high, each), half)))
      const all = i32x4.add(v128.shuffle<u32>(first, last, 0, 1, 4, 5), zeros)
      const packed = v128.shuffle<u8>(all, all, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12)
      v128.store32_lane(out + (at >> 2), packed, 0)
    }
    for (let at = fours; at < bytes; at += 4) {
      const level = <i32>floor(<f64>load<f32>(row + at) / <f64>step + 0.5)
      store<u8>(out + (at >> 2), <u8>(level + zero))
    }
  }
}

/** Columns of a tile: its rows and theirs stay in the nearest cache. */
const TILE: i32 = 64

/** bytes [rows, cols] -> column c to out[c * stride ... + rows]. */
export function transpose_bytes(data: usize, rows: i32, cols: i32, out: usize, stride: i32): void {
  for (let c0 = 0; c0 < cols; c0 += TILE) {
    const end = min(cols, c0 + TILE)
    for (let c = c0; c < end; c++) {
      const to = out + <usize>c * <usize>stride
      for (let r: usize = 0; r < <usize>rows; r++) store<u8>(to + r, load<u8>(data + r * <usize>cols + <usize>c))
    }
  }
}
