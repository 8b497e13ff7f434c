import { FileText, X } from 'lucide-react'
import { bytes } from '@/lib/format'
import type { Attachment } from '../state/types'

/** A file of a prompt. */
export function FileChip({ file, onRemove }: { file: Attachment; onRemove?: () => void }) {
  return (
    <li className="flex max-w-60 items-center gap-2 rounded-md border border-line bg-surface py-1 pr-2 pl-1 text-sm">
      {file.type.startsWith('image/') ? (
        <img src={file.url} alt="" className="size-8 shrink-0 rounded-sm object-cover" />
      ) : (
        <span className="grid size-8 shrink-0 place-items-center rounded-sm bg-sunken">
          <FileText className="size-4 text-muted" aria-hidden />
        </span>
      )}
      <span className="min-w-0">
        <span className="block truncate leading-4">{file.name}</span>
        <span className="num block text-xs leading-4 text-muted">{bytes(file.size)}</span>
      </span>
      {onRemove && (
        <button type="button" aria-label={`Remove ${file.name}`} onClick={onRemove} className="grid size-6 shrink-0 place-items-center rounded-sm text-muted hover:bg-hover hover:text-ink">
          <X className="size-4" aria-hidden />
        </button>
      )}
    </li>
  )
}
