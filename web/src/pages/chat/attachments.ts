import { plural } from '@/lib/format'
import { type Attachment, newId } from './state/types'

export const accepted = 'image/png,image/jpeg,image/webp,image/gif,application/pdf'

const largest = 15 << 20 // bytes of one file
const largestTogether = 30 << 20 // of a prompt's files; as data URLs, four thirds of it, they stay below the gateway's limit
const mostFiles = 10

/** Files as a prompt takes them, and what was wrong with the others. */
export async function read(files: Iterable<File>, there: readonly Attachment[]): Promise<{ attachments: Attachment[]; problems: string[] }> {
  const attachments: Attachment[] = []
  const problems: string[] = []
  let room = largestTogether - there.reduce((n, f) => n + f.size, 0)
  for (const file of files) {
    const problem = problemOf(file, there.length + attachments.length, room)
    if (problem) {
      problems.push(problem)
      continue
    }
    room -= file.size
    attachments.push({ id: newId(), conversation: '', name: file.name || 'Pasted picture', type: file.type, size: file.size, url: await dataUrl(file) })
  }
  return { attachments, problems }
}

function problemOf(file: File, before: number, room: number): string | undefined {
  if (!accepted.split(',').includes(file.type)) return `${file.name} is neither a picture (PNG, JPEG, WebP, GIF) nor a PDF`
  if (file.size > largest) return `${file.name} is larger than ${largest >> 20} MB`
  if (file.size > room) return `${file.name} would make the files larger than ${largestTogether >> 20} MB together`
  if (before >= mostFiles) return `A prompt has at most ${plural(mostFiles, 'file')}`
  return undefined
}

function dataUrl(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(reader.result as string)
    reader.onerror = () => reject(reader.error ?? new Error('The file could not be read'))
    reader.readAsDataURL(file)
  })
}
