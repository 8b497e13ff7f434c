/** The mark: a way in, turned into a way out. */
export function Logo({ className = 'size-6' }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden>
      <rect width="32" height="32" rx="7" className="fill-accent" />
      <path d="M8 8h8a8 8 0 0 1 0 16H8v-5.5h3V21h5a5 5 0 0 0 0-10h-5v2.5H8zM6 14.7h9l-2.2-2.2 1.5-1.5 5 5-5 5-1.5-1.5 2.2-2.2H6z" className="fill-on-accent" />
    </svg>
  )
}
