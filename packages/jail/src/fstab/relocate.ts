/**
 * The text of an fstab with every path at or below `from` moved to `to`; both are absolute paths. Comments and spacing
 * stay as they are. In fstabs a space is written `\040`, fstab(5).
 */
export function relocateFstab(text: string, from: string, to: string): string {
  const [old, moved] = [escaped(from), escaped(to)]
  const relocate = (field: string): string => {
    return field === old || field.startsWith(`${old}/`) ? moved + field.slice(old.length) : field
  }
  return text
    .split('\n')
    .map((line) => (/^\s*#/.test(line) ? line : line.replace(/[^\s]+/g, relocate)))
    .join('\n')
}

function escaped(path: string): string {
  return path.replace(/[\\\s]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`)
}
