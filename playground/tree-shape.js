/**
 * A tree of a given size to pin: the nodes likeliest to be reached, if guesses of each rank are right as often as
 * drafts are by experience.
 */

/** [rank] how often the child of that rank is right. */
const RIGHT = [0.6, 0.14, 0.07, 0.04, 0.03, 0.02]

/** Parent index of each of `size` nodes, -1 first. */
export function treeShape(size) {
  const parents = [-1]
  const open = [{ parent: 0, rank: 0, reached: RIGHT[0] }]
  while (parents.length < size) {
    open.sort((a, b) => b.reached - a.reached)
    const { parent, rank, reached } = open.shift()
    const node = parents.push(parent) - 1
    open.push({ parent: node, rank: 0, reached: reached * RIGHT[0] })
    if (rank + 1 < RIGHT.length)
      open.push({ parent, rank: rank + 1, reached: (reached / RIGHT[rank]) * RIGHT[rank + 1] })
  }
  return parents
}
