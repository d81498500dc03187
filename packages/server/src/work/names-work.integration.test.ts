import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer } from '../test-server.ts'
import { namesWork } from './names-work.ts'

const installed = (() => {
  try {
    return createRequire(import.meta.url).resolve('@huggingface/transformers') !== ''
  } catch {
    return false
  }
})()

const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'my', 'name', 'is', 'qix', '##quux', 'of', 'zorblat', '.']
const labels = ['O', 'B-PER', 'I-PER', 'B-LOC']
const labelOf: { readonly [word: string]: string } = { qix: 'B-PER', '##quux': 'I-PER', zorblat: 'B-LOC' }

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'agentgate-ner-'))
  writeModel(join(folder, 'tiny'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(!installed)('a token classifier of a local folder, in ONNX', () => {
  it('names what it was made to name, in texts of any length', async () => {
    const work = namesWork(join(folder, 'tiny'))
    try {
      const long = `${'name of '.repeat(500)}qixquux.`
      const texts = ['My name is Qixquux of Zorblat.', 'my name', long, '']
      const found = await work.find(texts, new AbortController().signal)
      const names = found.map((each, index) => each.map(({ kind, start, end }) => `${kind} ${texts[index]?.slice(start, end)}`))
      expect(names).toEqual([['PERSON Qixquux', 'LOCATION Zorblat'], [], ['PERSON qixquux'], []])
      expect(await work.health()).toEqual({ ok: true })
    } finally {
      await work.close()
    }
  })

  it('has a server mask what it names, and deny what it cannot judge', async () => {
    for (const [model, verdict] of [
      ['tiny', 'allow'],
      ['nothing-here', 'deny'],
    ] as const) {
      const server = await startTestServer({ env: { AGENTGATE_NER_MODEL: join(folder, model) } })
      try {
        const user = await server.signIn('requester')
        const input = { type: 'object', properties: { text: { type: 'string' } } }
        await user.client.tools.put({ params: { name: 'ask' }, query: {}, body: { input, effect: 'read' } })
        const decided = await user.client.calls.decide({ body: { action: 'ask', input: { text: 'my name is qixquux' } } })
        expect(decided.verdict).toBe(verdict)
        expect(JSON.stringify(decided)).not.toContain('qixquux')
        if (verdict === 'allow') expect(decided.call.input).toEqual({ text: 'my name is <PERSON_1>' })
        else expect(decided.reason?.code).toBe('control-failed')
      } finally {
        await server.stop()
      }
    }
  })

  it('cannot tell without its files, and says so', async () => {
    const work = namesWork(join(folder, 'nothing-here'))
    try {
      await expect(work.find(['x'], new AbortController().signal)).rejects.toThrow()
      expect(await work.health()).toMatchObject({ ok: false })
    } finally {
      await work.close()
    }
  })
})

/** A classifier of one layer: each word of its vocabulary has its label. */
function writeModel(at: string): void {
  mkdirSync(join(at, 'onnx'), { recursive: true })
  const json = (name: string, value: unknown) => writeFileSync(join(at, name), JSON.stringify(value))
  const ids = Object.fromEntries(vocabulary.map((word, id) => [word, id]))
  const special = vocabulary
    .slice(0, 4)
    .map((content, id) => ({ id, content, special: true, single_word: false, lstrip: false, rstrip: false, normalized: false }))
  json('config.json', {
    model_type: 'bert',
    architectures: ['BertForTokenClassification'],
    id2label: Object.fromEntries(labels.map((label, id) => [id, label])),
    label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
  })
  json('tokenizer_config.json', {
    tokenizer_class: 'BertTokenizer',
    model_max_length: 512,
    pad_token: '[PAD]',
    unk_token: '[UNK]',
    cls_token: '[CLS]',
    sep_token: '[SEP]',
  })
  json('tokenizer.json', {
    version: '1.0',
    added_tokens: special,
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab: ids },
  })
  writeFileSync(join(at, 'onnx', 'model.onnx'), gatherModel())
}

/** `logits = weights[input_ids]` as an ONNX model (onnx.proto3): protocol buffers, written by hand. */
function gatherModel(): Buffer {
  const weights = Buffer.from(
    Float32Array.from(vocabulary.flatMap((word) => labels.map((label) => (label === (labelOf[word] ?? 'O') ? 9 : 0)))).buffer,
  )
  const dim = (text: string) => bytes(1, bytes(2, Buffer.from(text)))
  const value = (name: string, type: number, dims: readonly Buffer[]) =>
    Buffer.concat([bytes(1, Buffer.from(name)), bytes(2, bytes(1, Buffer.concat([number(1, type), bytes(2, Buffer.concat(dims))])))])
  const tensor = Buffer.concat([
    number(1, vocabulary.length),
    number(1, labels.length),
    number(2, 1),
    bytes(8, Buffer.from('weights')),
    bytes(9, weights),
  ])
  const node = Buffer.concat([
    bytes(1, Buffer.from('weights')),
    bytes(1, Buffer.from('input_ids')),
    bytes(2, Buffer.from('logits')),
    bytes(4, Buffer.from('Gather')),
  ])
  const graph = Buffer.concat([
    bytes(1, node),
    bytes(2, Buffer.from('tiny')),
    bytes(5, tensor),
    bytes(11, value('input_ids', 7, [dim('batch'), dim('length')])),
    bytes(12, value('logits', 1, [dim('batch'), dim('length'), bytes(1, number(1, labels.length))])),
  ])
  return Buffer.concat([number(1, 8), bytes(7, graph), bytes(8, number(2, 13))])
}

function varint(value: number): Buffer {
  return value < 128 ? Buffer.from([value]) : Buffer.concat([Buffer.from([(value & 127) | 128]), varint(value >>> 7)])
}

function number(field: number, value: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)])
}

function bytes(field: number, value: Buffer): Buffer {
  return Buffer.concat([varint((field << 3) | 2), varint(value.length), value])
}
