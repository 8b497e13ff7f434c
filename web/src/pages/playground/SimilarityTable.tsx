/** How alike vectors are, each with each, and which two are the most and the least. */
export function similarities(vectors: readonly (readonly number[])[]) {
  const matrix = vectors.map((a) => vectors.map((b) => cosine(a, b)))
  const pairs = vectors.flatMap((_, i) => vectors.slice(i + 1).map((_, j): [number, number] => [i, i + 1 + j]))
  const at = ([i, j]: [number, number]) => matrix[i]?.[j] ?? 0
  pairs.sort((p, q) => at(q) - at(p))
  return { matrix, nearest: pairs[0], farthest: pairs.at(-1) }
}

function cosine(a: readonly number[], b: readonly number[]): number {
  let [dot, aa, bb] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] ?? 0, b[i] ?? 0]
    dot += x * y
    aa += x * x
    bb += y * y
  }
  return aa && bb ? dot / Math.sqrt(aa * bb) : 0
}

/** Every text against every text; the deeper the colour, the more alike within this table. */
export function SimilarityTable({ texts, matrix }: { texts: readonly string[]; matrix: readonly (readonly number[])[] }) {
  const others = matrix.flatMap((row, i) => row.filter((_, j) => j !== i))
  const least = Math.min(...others)
  const span = Math.max(...others) - least || 1
  const share = (v: number) => Math.round(Math.min(1, Math.max(0, (v - least) / span)) * 38)
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Similarity of the texts">
      <table className="border-separate border-spacing-0.5 text-sm">
        <thead>
          <tr>
            <td className="sticky left-0 bg-surface" />
            {texts.map((t, i) => (
              <th key={i} scope="col" title={t} className="num pb-1 text-center text-xs font-medium text-muted">
                {i + 1}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {matrix.map((row, i) => (
            <tr key={i}>
              <th scope="row" title={texts[i]} className="sticky left-0 z-10 bg-surface pr-3 text-left font-normal">
                <span className="flex w-32 items-baseline gap-2 md:w-72">
                  <span className="num w-4 shrink-0 text-right text-xs text-muted">{i + 1}</span>
                  <span className="truncate">{texts[i]}</span>
                </span>
              </th>
              {row.map((v, j) => (
                <td
                  key={j}
                  title={`${texts[i]} – ${texts[j]}`}
                  className="num h-8 min-w-13 rounded-sm text-center"
                  style={i === j ? undefined : { backgroundColor: `color-mix(in oklab, var(--color-accent) ${share(v)}%, var(--color-sunken))` }}
                >
                  {i === j ? <span className="text-muted">1</span> : v.toFixed(2)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
