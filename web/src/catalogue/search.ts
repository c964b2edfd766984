/** Finding node types by words: title first, then the technical name, aliases, category and help. */
import type { NodeType } from '../api/types'

const plain = (text: string) => text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '')

/** How well one word matches one text: at the start beats the start of a word beats anywhere; 0 is no match. */
function weigh(word: string, text: string): number {
  const at = plain(text).indexOf(word)
  if (at < 0) return 0
  if (at === 0) return text.length === word.length ? 4 : 3
  return /[\s_/()-]/.test(text[at - 1] ?? '') || text[at] === text[at]?.toUpperCase() ? 2 : 1
}

function score(words: string[], node: NodeType): number {
  let total = 0
  for (const word of words) {
    const best = Math.max(
      weigh(word, node.title) * 10,
      weigh(word, node.id) * 8,
      ...node.aliases.map((alias) => weigh(word, alias) * 7),
      weigh(word, node.category) * 3,
      // short words are in every text
      word.length > 3 && weigh(word, node.help) ? 1 : 0,
    )
    if (!best) return 0
    total += best
  }
  return total - (node.deprecated ? 15 : 0) - (node.experimental ? 3 : 0)
}

/** Node types that match all words, best first; without words, all of them in the order of the catalogue. */
export function searchNodes(query: string, nodes: readonly NodeType[]): NodeType[] {
  const words = plain(query).split(/\s+/).filter(Boolean)
  if (!words.length) return nodes.filter((node) => !node.deprecated)
  return nodes
    .map((node) => ({ node, score: score(words, node) }))
    .filter((found) => found.score > 0)
    .sort((a, b) => b.score - a.score)
    .map((found) => found.node)
}
