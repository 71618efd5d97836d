// The completion script for PowerShell: the same words, asked for as its native commands' are.
import type { Node } from "./completion.ts";

/** `everywhere`: flags of the program itself; `withValue`: flags whose next word is their value. */
export function powershell(
  nodes: readonly Node[],
  { everywhere, withValue }: { everywhere: readonly string[]; withValue: readonly string[] },
): string {
  const known = nodes.map(({ path, words, flags }) => {
    const own = path === "" ? [] : flags.map(({ long }) => long);
    return `    '${path}' = ${list([...words.map(({ word }) => word), ...own])}`;
  });
  return `# PowerShell completion for opsmedic
Register-ArgumentCompleter -Native -CommandName opsmedic -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @{
${known.join("\n")}
  }
  $everywhere = ${list(everywhere)}
  $withValue = ${list(withValue)}
  $path = ''
  $isValue = $false
  foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
    if ($element.Extent.EndOffset -ge $cursorPosition) { break }
    $word = $element.ToString()
    if ($isValue) { $isValue = $false; continue }
    if ($withValue -contains $word) { $isValue = $true; continue }
    if ($word.StartsWith('-')) { continue }
    $next = "$path $word".Trim()
    if ($words.ContainsKey($next)) { $path = $next }
  }
  ($words[$path] + $everywhere) | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`;
}

function list(words: readonly string[]): string {
  return `@(${words.map((one) => `'${one}'`).join(", ")})`;
}
