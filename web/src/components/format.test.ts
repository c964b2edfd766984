import { expect, test } from 'vitest'
import { sentence } from './format'

test.each([
  ['the mask is empty', 'The mask is empty.'],
  ['it failed: why?', 'It failed: why?'],
  ['photo.png cannot be read', 'photo.png cannot be read.'],
  ['input/a is a folder', 'input/a is a folder.'],
  ['json.loads was replaced.', 'json.loads was replaced.'],
  ['ölbild', 'Ölbild.'],
])('%s', (words, written) => expect(sentence(words)).toBe(written))
