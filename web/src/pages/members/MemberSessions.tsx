import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { messageOf } from '@/lib/api'
import { browserOf } from '@/lib/browser'
import { Button } from '@/ui/Button'
import { Time } from '@/ui/Format'
import { Loaded } from '@/ui/Loaded'
import { toast } from '@/ui/Toast'
import { type Member, memberSessionsQuery, useMemberActions } from './queries'

/** Where a member is signed in to this organisation, for who may end that. */
export function MemberSessions({ of: member }: { of: Member }) {
  const sessions = useQuery(memberSessionsQuery(member.id))
  const { signOut } = useMemberActions()
  const [ending, setEnding] = useState<string | null>(null)
  const end = async (session?: string) => {
    setEnding(session ?? 'all')
    try {
      await signOut(member.id, session)
      toast(session ? 'The session has ended' : 'Every session has ended')
    } catch (e) {
      toast(messageOf(e), { bad: true })
    } finally {
      setEnding(null)
    }
  }
  return (
    <section aria-label="Sessions" className="flex flex-col gap-2 border-t border-line pt-4">
      <h3 className="font-semibold">Signed in</h3>
      <Loaded of={sessions} lines={2}>
        {(list) =>
          list.length === 0 ? (
            <p className="text-sm text-muted">Nowhere in this organisation.</p>
          ) : (
            <>
              <ul className="flex flex-col divide-y divide-line">
                {list.map((s) => (
                  <li key={s.id} className="flex items-center gap-3 py-1.5 text-sm">
                    <span className="min-w-0 flex-1">
                      <span className="block truncate">{browserOf(s.user_agent ?? '')}</span>
                      <span className="block truncate text-xs text-muted">
                        {s.address && `${s.address}, `}
                        {s.method}, used <Time at={s.last_used_at} />
                      </span>
                    </span>
                    {s.current ? (
                      <span className="text-muted">this one</span>
                    ) : (
                      <Button small kind="quiet" busy={ending === s.id} onClick={() => void end(s.id)}>
                        End
                      </Button>
                    )}
                  </li>
                ))}
              </ul>
              {!list.some((s) => s.current) && (
                <Button small className="self-start" busy={ending === 'all'} onClick={() => void end()}>
                  Sign out everywhere
                </Button>
              )}
            </>
          )
        }
      </Loaded>
    </section>
  )
}
