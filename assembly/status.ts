// Status codes: every exported function that can fail returns one of these (all negative) instead of its result.

/** A number is out of its range (negative size, NaN temperature, unknown kind, malformed tree). */
export const INVALID: i32 = -1
/** A pointer is unaligned or its region does not lie inside the heap. */
export const BAD_POINTER: i32 = -2
/** Memory cannot grow any further. */
export const NO_MEMORY: i32 = -3
/** A row of logits has no token that could be chosen: every entry is NaN or -infinity. */
export const NO_SUPPORT: i32 = -4
/** No tree has this many nodes within this depth and these ranks. */
export const INFEASIBLE: i32 = -5
