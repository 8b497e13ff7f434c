export const inputs: string[]
export const generated: string
export function sourceHash(root: string): string
