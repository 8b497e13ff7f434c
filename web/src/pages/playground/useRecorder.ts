import { useEffect, useRef, useState } from 'react'

const longest = 10 * 60_000 // milliseconds; a forgotten recording ends

/** Records from the microphone until it is stopped, then gives a file. */
export function useRecorder(onFile: (file: File) => void) {
  const recorder = useRef<MediaRecorder>(null)
  const [since, setSince] = useState<number>()
  const [problem, setProblem] = useState('')
  const stop = () => recorder.current?.state === 'recording' && recorder.current.stop()
  useEffect(() => () => void stop(), [])
  useEffect(() => {
    if (since === undefined) return
    const timer = setTimeout(stop, longest)
    return () => clearTimeout(timer)
  }, [since])

  const start = async () => {
    setProblem('')
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true })
      const pieces: Blob[] = []
      const own = (recorder.current = new MediaRecorder(stream))
      own.ondataavailable = (e) => pieces.push(e.data)
      own.onstop = () => {
        for (const track of stream.getTracks()) track.stop()
        setSince(undefined)
        const type = own.mimeType.split(';', 1)[0] || 'audio/webm'
        onFile(new File(pieces, `recording.${type.split('/')[1] ?? 'webm'}`, { type }))
      }
      own.start()
      setSince(Date.now())
    } catch (e) {
      setProblem(e instanceof DOMException && e.name === 'NotAllowedError' ? 'The browser does not allow the microphone here; allow it in its settings' : 'There is no microphone that could be used')
    }
  }
  return { recording: since !== undefined, problem, start: () => void start(), stop, possible: 'mediaDevices' in navigator && 'MediaRecorder' in window }
}
