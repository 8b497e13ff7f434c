// Programs that make a request, to copy. The key is never in them.

export type SampleKind = 'curl' | 'python' | 'typescript' | 'go'

export const sampleKinds: readonly { value: SampleKind; label: string }[] = [
  { value: 'curl', label: 'curl' },
  { value: 'python', label: 'Python' },
  { value: 'typescript', label: 'TypeScript' },
  { value: 'go', label: 'Go' },
]

/** A chat completion of the model by OpenAI's SDK, or curl. */
export function chatSample(kind: SampleKind, model: string, base = location.origin + '/api/v1'): string {
  const name = JSON.stringify(model)
  switch (kind) {
    case 'curl':
      return `curl ${base}/chat/completions \\
  -H "Authorization: Bearer $DRAGOMAN_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{
    "model": ${name.replaceAll("'", "'\\''")},
    "messages": [{"role": "user", "content": "Hello!"}]
  }'`
    case 'python':
      return `import os
from openai import OpenAI

client = OpenAI(base_url="${base}", api_key=os.environ["DRAGOMAN_KEY"])
answer = client.chat.completions.create(
    model=${name},
    messages=[{"role": "user", "content": "Hello!"}],
)
print(answer.choices[0].message.content)`
    case 'typescript':
      return `import OpenAI from 'openai'

const client = new OpenAI({ baseURL: '${base}', apiKey: process.env.DRAGOMAN_KEY })
const answer = await client.chat.completions.create({
  model: ${name},
  messages: [{ role: 'user', content: 'Hello!' }],
})
console.log(answer.choices[0]?.message.content)`
    case 'go':
      return `client := openai.NewClient(
	option.WithBaseURL("${base}"),
	option.WithAPIKey(os.Getenv("DRAGOMAN_KEY")),
)
answer, err := client.Chat.Completions.New(ctx, openai.ChatCompletionNewParams{
	Model:    ${name},
	Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Hello!")},
})`
  }
}
