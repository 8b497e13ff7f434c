// Programs that make a request, to copy. The key is never in them.
import type { Schemas } from '../api'
import type { SampleKind } from './kinds'
import { type Json, json, literal, python, quote, shellWord, typescript } from './literal'
import { toMessages } from './messages'

export { type SampleKind, sampleKinds, sampleLanguages } from './kinds'

/** A request of chat completions. */
export type Completion = Schemas['ChatRequest']

const environment = 'DRAGOMAN_KEY' // the variable that has the key

/** A program that makes a request of a gateway at `origin`, streamed where the request says so, and prints the text of the answer. */
export function sample(kind: SampleKind, request: Completion, origin = location.origin): string {
  return makers[kind](request, origin)
}

type Maker = (request: Completion, origin: string) => string

const makers: Record<SampleKind, Maker> = {
  curl: (r, origin) => `curl ${shellWord(`${origin}/api/v1/chat/completions`)}${r.stream ? ' -N' : ''} \\
  -H "Authorization: Bearer $${environment}" \\
  -H "Content-Type: application/json" \\
  -d ${shellWord(literal(r as Json, json))}
`,

  python: (r, origin) => {
    const { known, own } = split(r)
    return `import os
from openai import OpenAI

client = OpenAI(base_url=${quote(`${origin}/api/v1`)}, api_key=os.environ["${environment}"])
answer = client.chat.completions.create(
${keywords({ ...known, ...(has(own) ? { extra_body: own } : {}) })})
${r.stream ? pythonStream : 'print(answer.choices[0].message.content)'}
`
  },

  'python-openrouter': (r, origin) => `import os
from openrouter import OpenRouter

with OpenRouter(server_url=${quote(`${origin}/api/v1`)}, api_key=os.environ["${environment}"]) as client:
    answer = client.chat.send(
${keywords(r as { [name: string]: Json }, 2)}    )
${indented(r.stream ? pythonStream : 'print(answer.choices[0].message.content)', '    ')}
`,

  'python-anthropic': (r, origin) => {
    const { body, own } = toMessages(r)
    const fields = keywords({ ...body, ...(has(own) ? { extra_body: own } : {}) })
    const start = `import os
from anthropic import Anthropic

client = Anthropic(base_url=${quote(`${origin}/api`)}, api_key=os.environ["${environment}"])
`
    return r.stream
      ? `${start}with client.messages.stream(
${fields}) as stream:
    for text in stream.text_stream:
        print(text, end="", flush=True)
`
      : `${start}message = client.messages.create(
${fields})
print("".join(block.text for block in message.content if block.type == "text"))
`
  },

  typescript: (r, origin) => {
    const { known, own } = split(r)
    const type = `OpenAI.ChatCompletionCreateParams${r.stream ? 'Streaming' : 'NonStreaming'}`
    return `import OpenAI from "openai"

const client = new OpenAI({ baseURL: ${quote(`${origin}/api/v1`)}, apiKey: process.env.${environment} })
const request: ${type}${has(own) ? ' & Record<string, unknown>' : ''} = ${literal({ ...known, ...own }, typescript)}
const answer = await client.chat.completions.create(request)
${r.stream ? typescriptStream : 'console.log(answer.choices[0]?.message.content)'}
`
  },

  'typescript-openrouter': (r, origin) => `import { OpenRouter } from "@openrouter/sdk"

const client = new OpenRouter({ serverURL: ${quote(`${origin}/api/v1`)}, apiKey: process.env.${environment} })
const answer = await client.chat.send({
  chatRequest: ${literal(camel(r as Json), typescript, 1)},
})
${r.stream ? `if (Symbol.asyncIterator in answer) {\n${indented(typescriptStream, '  ')}\n}` : 'if ("choices" in answer) console.log(answer.choices[0]?.message.content)'}
`,

  'typescript-anthropic': (r, origin) => {
    const { body, own } = toMessages(r)
    const request = literal({ ...body, ...own }, typescript)
    const type = `Anthropic.MessageCreateParams${r.stream ? '' : 'NonStreaming'}${has(own) ? ' & Record<string, unknown>' : ''}`
    return `import Anthropic from "@anthropic-ai/sdk"

const client = new Anthropic({ baseURL: ${quote(`${origin}/api`)}, apiKey: process.env.${environment} })
const request: ${type} = ${request}
${
  r.stream
    ? `for await (const event of client.messages.stream(request)) {
  if (event.type === "content_block_delta" && event.delta.type === "text_delta") process.stdout.write(event.delta.text)
}`
    : `const message = await client.messages.create(request)
for (const block of message.content) if (block.type === "text") console.log(block.text)`
}
`
  },

  go: (r, origin) => {
    const body: { [name: string]: Json | undefined } = { ...(r as { [name: string]: Json }), stream: undefined }
    return goProgram({
      imports: ['github.com/openai/openai-go/v3', 'github.com/openai/openai-go/v3/option', 'github.com/openai/openai-go/v3/packages/param'],
      client: `openai.NewClient(option.WithBaseURL(${quote(`${origin}/api/v1`)}), option.WithAPIKey(os.Getenv("${environment}")))`,
      params: 'openai.ChatCompletionNewParams',
      body,
      call: 'client.Chat.Completions.New',
      stream: r.stream ? 'client.Chat.Completions.NewStreaming' : undefined,
      print: 'fmt.Println(answer.Choices[0].Message.Content)',
      printEvent: `if c := stream.Current().Choices; len(c) > 0 {
			fmt.Print(c[0].Delta.Content)
		}`,
    })
  },

  'go-anthropic': (r, origin) => {
    const { body, own } = toMessages(r)
    return goProgram({
      imports: ['github.com/anthropics/anthropic-sdk-go', 'github.com/anthropics/anthropic-sdk-go/option', 'github.com/anthropics/anthropic-sdk-go/packages/param'],
      client: `anthropic.NewClient(option.WithBaseURL(${quote(`${origin}/api`)}), option.WithAPIKey(os.Getenv("${environment}")))`,
      params: 'anthropic.MessageNewParams',
      body: { ...body, ...own },
      call: 'client.Messages.New',
      stream: r.stream ? 'client.Messages.NewStreaming' : undefined,
      print: `for _, block := range answer.Content {
		fmt.Print(block.Text)
	}`,
      printEvent: 'fmt.Print(stream.Current().Delta.Text)',
    })
  },
}

const pythonStream = `for chunk in answer:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)`

const typescriptStream = `for await (const chunk of answer) {
  process.stdout.write(chunk.choices[0]?.delta.content ?? "")
}`

/** The request stands in the program as JSON, which the SDK sends as it is: its typed parameters have no place for what only this gateway knows. */
function goProgram(p: {
  imports: readonly string[]
  client: string
  params: string
  body: { [name: string]: Json | undefined }
  call: string
  stream?: string
  print: string
  printEvent: string
}): string {
  const request = '`' + literal(p.body as Json, json).replaceAll('`', '` + "`" + `') + '`'
  const ending = p.stream
    ? `stream := ${p.stream}(ctx, request)
	for stream.Next() {
		${p.printEvent}
	}
	if err := stream.Err(); err != nil {
		log.Fatal(err)
	}`
    : `answer, err := ${p.call}(ctx, request)
	if err != nil {
		log.Fatal(err)
	}
	${p.print}`
  return `package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"

${p.imports.map((i) => `\t"${i}"`).join('\n')}
)

func main() {
	ctx := context.Background()
	client := ${p.client}
	request := param.Override[${p.params}](json.RawMessage(${request}))
	${ending}
}
`
}

/** What OpenAI's SDKs know of a request, and what they do not. */
function split(r: Completion): { known: { [name: string]: Json }; own: { [name: string]: Json } } {
  const known: { [name: string]: Json } = {}
  const own: { [name: string]: Json } = {}
  for (const [name, value] of Object.entries(r)) (openais.has(name) ? known : own)[name] = value as Json
  return { known, own }
}

const openais = new Set(['model', 'messages', 'stream', 'tools', 'tool_choice', 'temperature', 'top_p', 'max_tokens', 'max_completion_tokens', 'seed', 'stop', 'response_format'])

/** Arguments of a call in Python, each on a line of its own. */
function keywords(fields: { [name: string]: Json }, depth = 1): string {
  const inner = python.indent.repeat(depth)
  return Object.entries(fields).map(([name, v]) => `${inner}${name}=${literal(v, python, depth)},\n`).join('')
}

/** Names as OpenRouter's TypeScript SDK has them; what is inside of schemas, tools and data stays as it is. */
function camel(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(camel)
  if (typeof value !== 'object' || value === null) return value
  const kept = new Set(['parameters', 'schema', 'reasoning_details'])
  return Object.fromEntries(
    Object.entries(value).map(([name, v]) => [name.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase()), v === undefined || kept.has(name) ? v : camel(v as Json)]),
  )
}

function has(fields: object): boolean {
  return Object.keys(fields).length > 0
}

function indented(text: string, by: string): string {
  return text.split('\n').map((l) => by + l).join('\n')
}
