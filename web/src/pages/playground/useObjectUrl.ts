import { useEffect, useState } from 'react'

/** An address of data in the page, as long as the component shows it. */
export function useObjectUrl(data: Blob | undefined): string | undefined {
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    if (!data) return
    const made = URL.createObjectURL(data)
    setUrl(made)
    return () => {
      URL.revokeObjectURL(made)
      setUrl(undefined)
    }
  }, [data])
  return url
}
