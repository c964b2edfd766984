/** The colour and shape of each socket type, and the tint of each category: dyes of the loom, by CSS variable. */

const TYPES: Record<string, [colour: string, shape: SocketForm]> = {
  MODEL: ['indigo', 'round'],
  CLIP: ['weld', 'round'],
  VAE: ['madder', 'round'],
  CONDITIONING: ['saffron', 'ring'],
  LATENT: ['cochineal', 'diamond'],
  IMAGE: ['woad', 'square'],
  MASK: ['moss', 'square'],
  INT: ['slate', 'pill'],
  FLOAT: ['slate', 'pill'],
  STRING: ['walnut', 'pill'],
  BOOLEAN: ['slate', 'pill'],
  COMBO: ['slate', 'pill'],
  BODY: ['weld', 'pill'],
  '*': ['ash', 'round'],
}
const DYES = ['indigo', 'weld', 'madder', 'saffron', 'cochineal', 'woad', 'moss', 'walnut']

export type SocketForm = 'round' | 'ring' | 'diamond' | 'square' | 'pill'

const CATEGORIES: Record<string, string> = {
  loaders: 'indigo',
  conditioning: 'saffron',
  latent: 'cochineal',
  sampling: 'madder',
  image: 'woad',
  mask: 'moss',
  primitive: 'slate',
  text: 'walnut',
  'Sub-workflows': 'weld',
}

function pick(text: string): string {
  let sum = 0
  for (let at = 0; at < text.length; at++) sum = (sum * 31 + text.charCodeAt(at)) >>> 0
  return DYES[sum % DYES.length] as string
}

/** The name of the dye of a socket type; a union takes the colour of its first member. */
export function dyeOfType(type: string): string {
  const first = type.split(',')[0] as string
  return TYPES[first]?.[0] ?? pick(first)
}

export function formOfType(type: string): SocketForm {
  return TYPES[type.split(',')[0] as string]?.[1] ?? 'round'
}

export function dyeOfCategory(category: string): string {
  const top = category.split('/')[0] as string
  return CATEGORIES[top] ?? (top ? pick(top) : 'ash')
}

export const dye = (name: string) => `var(--dye-${name})`
